"""How the statements of one article answer, repeat, deny, support and contradict each other."""

from dragoman.links.choice import find_links, reasons

__all__ = ["find_links", "reasons"]
