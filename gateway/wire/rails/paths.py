"""Paths with a format suffix, and which content types have a parser."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import unquote

_XML_TYPES: Final = frozenset({"application/xml", "text/xml", "application/x-xml"})


class Route(NamedTuple):
    """A path cut up: `segments` without the suffix, and the suffix without its dot ("" when there is none)."""

    segments: tuple[str, ...]
    format: str


def split_path(path: str) -> Route:
    """Cut `/sequences/7.xml` into ("sequences", "7") and "xml". A segment is decoded after cutting."""
    parts = path.lstrip("/").split("/")
    last, _, suffix = parts[-1].partition(".")
    segments = (*parts[:-1], last)
    if "%" in path:
        segments = tuple(unquote(segment) for segment in segments)
    return Route(segments, suffix)


def is_xml(content_type: str | None) -> bool:
    """True when Rails has an XML parser for this Content-Type; parameters and letter case do not matter."""
    return content_type is not None and content_type.partition(";")[0].strip().lower() in _XML_TYPES
