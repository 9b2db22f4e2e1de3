"""What Dragoman knows before it reads: acts, issues, event types, predicates, parties and their names, titles, leaders.

Knowledge is data: the files lie in this folder, each with its source and licence on top; this package reads and checks
them. Tab-separated files have comment lines (``#``), one line of column names, then one row a line; empty means none.
``load_ontology()`` reads the folder that travels with the package, ``load_ontology(folder)`` one of the user's own;
``codebook`` is the categories of a project in one file (its keys: ``codebook.py``).
"""

from __future__ import annotations

from dragoman.ontology.loading import load_ontology
from dragoman.ontology.values import (
    FORMS,
    KINDS,
    LEADER_ROLES,
    LINK_TYPES,
    SECTORS,
    Act,
    Alias,
    Calibration,
    CameoCode,
    Codebook,
    CueRule,
    EventType,
    Issue,
    Leader,
    Mode,
    Ontology,
    Party,
    Predicate,
    TermRule,
    Title,
    alias_key,
    beginnings,
)

__all__ = [
    "FORMS",
    "KINDS",
    "LEADER_ROLES",
    "LINK_TYPES",
    "SECTORS",
    "Act",
    "Alias",
    "Calibration",
    "CameoCode",
    "Codebook",
    "CueRule",
    "EventType",
    "Issue",
    "Leader",
    "Mode",
    "Ontology",
    "Party",
    "Predicate",
    "TermRule",
    "Title",
    "alias_key",
    "beginnings",
    "load_ontology",
]
