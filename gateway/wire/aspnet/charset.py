"""Request bytes to text.

The JSON formatter trusts a byte order mark more than the header. The XML formatter wants byte order mark, header and
declaration to agree.
"""

from __future__ import annotations

from typing import Final

from gateway.wire.aspnet.negotiation import UTF_8, UTF_16

# The UTF-32 marks come first: the one of UTF-32 little-endian begins with that of UTF-16.
_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


class Undecodable(Exception):
    """The bytes are not text in the charset they should be in."""


def json_text(body: bytes, charset: str) -> str:
    """Decode as a .NET StreamReader does.

    Without a byte order mark, invalid bytes are refused. A mark that the header did not announce switches to a forgiving
    decoder, which puts U+FFFD where the bytes are invalid. Raises Undecodable.
    """
    for mark, codec in _MARKS:
        if body.startswith(mark):
            announced = charset == UTF_16 and codec == "utf-16-le"
            return _decoded(body[len(mark) :], codec, "strict" if announced else "replace")
    return _decoded(body, "utf-16-le" if charset == UTF_16 else "utf-8", "strict")


def xml_text(body: bytes, charset: str) -> str:
    """Decode as XmlDictionaryReader does: the bytes must look like what the header says. Raises Undecodable."""
    if len(body) < 4:
        raise Undecodable("fewer than four bytes")
    codec, mark = _looks(body)
    if codec != ("utf-16-le" if charset == UTF_16 else "utf-8"):
        raise Undecodable(f"{codec} where {charset} was expected")
    return _decoded(body[mark:], codec, "strict")


def _looks(body: bytes) -> tuple[str, int]:
    if body.startswith(b"\xef\xbb\xbf"):
        return "utf-8", 3
    if body.startswith(b"\xff\xfe"):
        return "utf-16-le", 2
    if body.startswith(b"\xfe\xff"):
        return "utf-16-be", 2
    if body.startswith(b"<\0"):
        return "utf-16-le", 0
    if body.startswith(b"\0<"):
        return "utf-16-be", 0
    return "utf-8", 0


def _decoded(body: bytes, codec: str, errors: str) -> str:
    try:
        return body.decode(codec, errors)
    except UnicodeDecodeError as error:
        raise Undecodable(str(error)) from None


def encoded(text: str, charset: str) -> bytes:
    """Answer text as bytes: utf-8 without a mark, utf-16 little-endian with one."""
    if charset == UTF_8:
        return text.encode("utf-8", "replace")
    return b"\xff\xfe" + text.encode("utf-16-le", "replace")
