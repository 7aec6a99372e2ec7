"""What a PDF shows."""

from __future__ import annotations

import base64
import re
import zlib


def texts(pdf: bytes) -> list[str]:
    """Every text that a PDF shows, page by page, without the word and line breaks of its layout."""
    pages = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        strings = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", _plain(stream.strip()))
        pages.append("|".join(_unescaped(string) for string in strings))
    return pages


def _plain(stream: bytes) -> bytes:
    return zlib.decompress(base64.a85decode(stream[:-2])) if stream.endswith(b"~>") else stream


def _unescaped(string: bytes) -> str:
    octal = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), string)
    return re.sub(rb"\\(.)", rb"\1", octal).decode("cp1252").strip()


def shown(text: str) -> str:
    """A text in the form in which `texts` finds it: a space that does not break looks like any other."""
    return text.replace("\N{NO-BREAK SPACE}", " ")
