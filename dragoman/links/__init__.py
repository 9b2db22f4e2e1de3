"""How the statements of one article answer, repeat, deny, support and contradict each other."""

from dragoman.links.choice import disputes, find_links, reasons

__all__ = ["disputes", "find_links", "reasons"]
