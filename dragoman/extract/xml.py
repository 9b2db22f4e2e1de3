"""XML without its dangers: no document types, entities of its own, or anything from outside. Pure."""

from __future__ import annotations

import re
from typing import Any

from dragoman.errors import RefusedInput

_DANGER = re.compile(rb"<!(?:DOCTYPE[^>\[]*\[|ENTITY)", re.IGNORECASE)


def refuse_entities(data: bytes, what: str) -> None:
    """Raises RefusedInput (broken_feed) for what defines entities of its own, which no feed needs and bombs do."""
    if _DANGER.search(data[:_LOOKED_AT].replace(b"\0", b"")):
        raise RefusedInput(f"{what} that defines entities of its own is not read", kind="broken_feed")


def parse_xml(data: bytes, what: str, *, recover: bool = True) -> Any:
    """The root of some XML, with ``recover`` also if it is damaged. Raises RefusedInput (broken_feed)."""
    from lxml import etree

    refuse_entities(data, what)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedInput(f"this is not {what}: {error}", kind="broken_feed") from None
    if root is None:
        raise RefusedInput(f"this is not {what}", kind="broken_feed")
    return root


_LOOKED_AT = 1_000_000
"""A document type stands in front; what stands further back is text."""


def local(element: Any) -> str:
    """The name of an element without its namespace, in small letters; empty for comments."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


_WHOLE = re.compile(r"(https?):(//[^/?#\s]+)([^?#\s]*)", re.IGNORECASE)


def absolute(link: object, base: str | None) -> str | None:
    """An http(s) address, made whole by the address of where it stands; None for anything else."""
    link = link.strip() if isinstance(link, str) else ""
    if _WHOLE.match(link):
        return link
    home = _WHOLE.match(base or "")
    if not link or not home or re.match(r"[a-zA-Z][\w+.-]*:|#|.*\s", link):
        return None
    scheme, host, path = home.groups()
    if link.startswith("//"):
        return f"{scheme}:{link}"
    if link.startswith("/"):
        return f"{scheme}:{host}{link}"
    return f"{scheme}:{host}{path.rpartition('/')[0]}/{link}"
