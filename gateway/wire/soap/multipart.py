"""SOAP in a multipart/related package: MTOM/XOP, or a message with attachments. One part is the envelope.

Read as Apache CXF reads it: lines may end with LF alone, the boundary may stand without quotes whatever it holds, and what
stands before the first delimiter does not count. Unlike CXF, the part must end at a delimiter, because a package that was cut
off must not be taken for a whole one. Must not know: operations, vendors, XML.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

RELATED: Final = "multipart/related"
"""What the Content-Type of a package begins with, in lower case."""
XOP: Final = "http://www.w3.org/2004/08/xop/include"
MAX_PARTS: Final = 50
MAX_HEADER_BYTES: Final = 8 * 1024
_BOUNDARY: Final = re.compile(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)
_START: Final = re.compile(r';\s*start\s*=\s*(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)
_LONGEST_BOUNDARY: Final = 256
_BLANK_LINE: Final = re.compile(rb"(?:\A|\r?\n)\r?\n")
_HEADER: Final = re.compile(r"^([!-9;-~]+)[ \t]*:[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)


class PackageRefused(Exception):
    """A package cannot be read.

    text: why, in the manner of CXF.
    too_large: it has more parts, or longer headers, than is allowed.
    """

    def __init__(self, text: str, *, too_large: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.too_large = too_large


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    headers: by their names in lower case.
    content: the bytes, in their transfer encoding.
    """

    headers: Mapping[str, str]
    content: bytes

    @property
    def id(self) -> str:
        """The Content-ID without its angle brackets; "" without one."""
        return _bare(self.headers.get("content-id", ""))


@dataclass(frozen=True, slots=True)
class Package:
    """A package.

    root: the part that is the envelope: the one that `start` names, else the first.
    others: all other parts.
    """

    root: Part
    others: tuple[Part, ...]

    @property
    def content_type(self) -> str | None:
        """The Content-Type of the root part; None without one."""
        return self.root.headers.get("content-type")

    def base64_of(self, href: str) -> str | None:
        """The content of the part that a `cid:` address names, as Base64; None when there is no such part."""
        if not href.lower().startswith("cid:"):
            return None
        wanted = _bare(unquote(href[4:]))
        found = next((part for part in self.others if part.id == wanted), None)
        if found is None:
            return None
        if found.headers.get("content-transfer-encoding", "").lower() == "base64":
            return found.content.decode("latin-1")
        return base64.b64encode(found.content).decode()


def read_package(body: bytes, content_type: str) -> Package:
    """Read a package. Raises PackageRefused.

    content_type: the header of the whole request.
    """
    boundary = _parameter(_BOUNDARY, content_type) or _first_line_boundary(body)
    if not boundary or len(boundary) > _LONGEST_BOUNDARY:
        raise PackageRefused("Couldn't determine the boundary from the message!")
    parts = [_part(content) for content in _contents(body, boundary)]
    start = _bare(_parameter(_START, content_type))
    root = next((part for part in parts if start and part.id == start), parts[0])
    return Package(root, tuple(part for part in parts if part is not root))


def _parameter(pattern: re.Pattern[str], content_type: str) -> str:
    found = pattern.search(content_type)
    return (found[1] or found[2] or "") if found else ""


def _first_line_boundary(body: bytes) -> str:
    """The boundary as the first delimiter shows it, for a Content-Type that does not name it."""
    found = re.match(rb"\s*--(\S{1,256})\s", body)
    return found[1].decode("utf-8", "surrogateescape") if found else ""


def _contents(body: bytes, boundary: str) -> Iterator[bytes]:
    """What stands between delimiters. Something that no delimiter ends is not a part."""
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    delimiters = re.finditer(rb"(?:\A|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)", body)
    before = next(delimiters, None)
    if before is None or before[1]:
        raise PackageRefused(f"Couldn't find MIME boundary: --{boundary}")
    count = 0
    for after in delimiters:
        count += 1
        if count > MAX_PARTS:
            raise PackageRefused("The message contains more attachments than are permitted", too_large=True)
        yield body[before.end() : after.start()]
        before = after
        if after[1]:
            break
    if not count:
        raise PackageRefused(f"Couldn't find the end of the part: --{boundary}")


def _part(content: bytes) -> Part:
    """Split a part. `content` begins with the line end of its delimiter."""
    content = content.removeprefix(b"\r").removeprefix(b"\n")
    blank = _BLANK_LINE.search(content)
    if blank is None:
        return Part({}, b"")
    if blank.start() > MAX_HEADER_BYTES:
        raise PackageRefused("The headers of a part are too long", too_large=True)
    head = content[: blank.start()].replace(b"\r", b"").decode("latin-1")
    headers = {name.lower(): " ".join(value.split()) for name, value in reversed(_HEADER.findall(head))}
    return Part(headers, content[blank.end() :])


def _bare(text: str) -> str:
    return text.strip().removeprefix("<").removesuffix(">")
