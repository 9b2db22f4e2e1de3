"""People's work in the formats of others, read back: each row becomes a correction with an author.

Every module has a ``read_…`` that applies a file or folder to a store and returns an ``Account``: which rows were
accepted, corrected, inserted, rejected, refused (with the reason), or orphaned (their words are no longer in the
article). No row is left out of it.
"""

from __future__ import annotations

from dragoman.imports.account import Account, Outcome
from dragoman.imports.brat import read_brat
from dragoman.imports.labelstudio import read_label_studio
from dragoman.imports.table import read_csv

__all__ = ["Account", "Outcome", "read_brat", "read_csv", "read_label_studio"]
