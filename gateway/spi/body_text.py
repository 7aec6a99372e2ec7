"""Reads a body of any encoding as text, so that the names of secrets can be found in it."""

from __future__ import annotations

import codecs
import re
from typing import Final

_ASCII_BASED: Final = re.compile(r"utf-8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d|cp125\d", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_OPENINGS: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"), (b"\0{", "utf-16-be"))


def charset_of(body: bytes, content_type: str) -> str | None:
    """The encoding for searching a body; None when names cannot be found in it."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    for opening, name in _OPENINGS:
        if body.startswith(opening):
            return name
    if b"\0" in body:
        return None
    declared = _DECLARED.match(body[:300].lstrip())
    named = [declared[1].decode()] if declared else []
    given = _CHARSET.search(content_type)
    named += [given[1]] if given else []
    if any(not _ASCII_BASED.fullmatch(name) for name in named):
        return None
    return "utf-8"


def read_text(body: bytes, charset: str, cut: bool) -> tuple[str | None, str]:
    """The text and its charset. A body that was cut may end within a character, so up to three bytes are left out."""
    for missing in range(4 if cut else 1):
        try:
            return body[: len(body) - missing].decode(charset), charset
        except UnicodeDecodeError:
            continue
    if charset != "utf-8":
        return None, charset
    return body.decode("iso-8859-1"), "iso-8859-1"  # not UTF-8, but names in ASCII are still found
