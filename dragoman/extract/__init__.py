"""Bytes to documents: text, HTML, JSON, JSON Lines, CSV, Parquet, feeds, WARC files and archives of all these; from
files, folders and standard input.

Every input ends as a Document or as a RefusedInput that says why and where: what is read and what is refused add up
to what was given. ``files`` is the door to the file system, ``parsers`` the process in which pages and feeds are
parsed; all else is pure. The kinds of refusal:

==============  =====================================================================================================
empty           nothing but white space, a page without an article, a feed's item that only links to its page, or a
                list of pages or feeds
binary          NUL bytes, control characters or the mark of a known file type
encoding        no encoding gives text
language        not English (texts too short to tell are read)
too_large       more than ``MAX_BYTES`` a file or row, or more than ``MAX_CHARACTERS`` a text; an archive that makes
                more than it may; items of a feed beyond the 1,000th
broken_json     not JSON, or not an object or list of objects; the place is ``file:row``
broken_table    not CSV or Parquet as it should be, or without a column for the text
broken_feed     not a feed, or one that defines entities of its own
broken_archive  an archive or member that is damaged, encrypted, or nested too deep; the place is ``archive.zip!member``
damaged         bytes of a WARC file that cannot be read; the place is ``file:offset``
missing_text    an object or row without a text
missing_extra   Parquet, and pyarrow is not installed
bad_date        a publication date that is not an ISO date or datetime
too_slow        a page or feed that its parser did not get through in 10 seconds
too_heavy       a page or feed for which its parser asked for more than 1 GiB
crashed         a page or feed that crashed its parser
missing_file    no such file
unreadable      the system does not let us read it, or its parser gave up
unknown_type    a file in a folder or archive whose suffix is none of ``SUFFIXES``; named on its own, such a file is
                looked into. In a WARC file, an answer that is no page of text
no_input        a folder or archive without files
==============  =====================================================================================================
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dragoman.extract.documents import content_id, document, iso_date
from dragoman.extract.kinds import (
    MAX_BYTES,
    MAX_CHARACTERS,
    STDIN,
    SUFFIXES,
    Input,
    Kind,
    Outcome,
    Source,
    suffix_kind,
    unknown_type,
)

if TYPE_CHECKING:
    from dragoman.extract.encoding import decode
    from dragoman.extract.files import (
        Part,
        find_in,
        find_in_bytes,
        find_in_part,
        find_inputs,
        from_bytes,
        list_folder,
        read_inputs,
    )
    from dragoman.extract.html import Facts, Known, Page, page_facts
    from dragoman.extract.parsers import Parsers, shared_parsers

__all__ = [
    "MAX_BYTES",
    "MAX_CHARACTERS",
    "STDIN",
    "SUFFIXES",
    "Facts",
    "Input",
    "Kind",
    "Known",
    "Outcome",
    "Page",
    "Parsers",
    "Part",
    "Source",
    "content_id",
    "decode",
    "document",
    "find_in",
    "find_in_bytes",
    "find_in_part",
    "find_inputs",
    "from_bytes",
    "iso_date",
    "list_folder",
    "page_facts",
    "read_inputs",
    "shared_parsers",
    "suffix_kind",
    "unknown_type",
]

_HOMES = {
    "decode": "encoding",
    **dict.fromkeys(("Facts", "Known", "Page", "page_facts"), "html"),
    **dict.fromkeys(("Parsers", "shared_parsers"), "parsers"),
}
"""Modules of the names that are not needed to read a text; the others that are not here live in ``files``."""


def __getattr__(name: str) -> object:
    """Find a public name where it lives, when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'files')}"), name)
