"""All documents together: who is the same party, which reports are copies, which statements react to which, which
events are one, and where every party stands. Each module is pure; ``gather`` makes the tables of a store from them."""

from dragoman.across.gather import gather

__all__ = ["gather"]
