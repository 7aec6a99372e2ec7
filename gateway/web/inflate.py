"""Undoes the content codings of a whole body. What has not reached its end, or goes on after it, is unreadable.

A decoder that hands out what it has got so far would take half a message for a whole one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, Final

_GZIP_BITS: Final = zlib.MAX_WBITS | 16
_STEP: Final = 64 * 1024
_MOST_MEMBERS: Final = 1000
"""A gzip file may be several in a row. Millions of tiny ones would only serve to keep the gateway busy."""


class UnreadableError(ValueError):
    """Not what the coding says, cut off, or followed by something else."""


class TooLargeError(ValueError):
    """More than the limit when decompressed."""


def inflate(data: bytes, coding: str, limit: int, took: Callable[[int], None] = lambda _: None) -> bytes:
    """Decompress a body.

    coding: gzip, x-gzip or deflate, in lower case.
    limit: the most bytes of the result.
    took: is informed of each further number of bytes that the result takes; may raise.
    Raises UnreadableError, TooLargeError.
    """
    if coding == "deflate":
        # RFC 9110 means zlib's format by this name; many clients send the bare one.
        return _members(data, zlib.MAX_WBITS if _is_zlib(data) else -zlib.MAX_WBITS, limit, took, several=False)
    return _members(data, _GZIP_BITS, limit, took, several=True)


def _is_zlib(data: bytes) -> bool:
    """True for the two bytes that begin zlib's format: method 8, and a multiple of 31."""
    return len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0


def _members(data: bytes, bits: int, limit: int, took: Callable[[int], None], *, several: bool) -> bytes:
    parts: list[bytes] = []
    size = position = 0
    for _ in range(_MOST_MEMBERS if several else 1):
        decoder = zlib.decompressobj(bits)
        rest = b""
        while not decoder.eof:
            if not rest:
                rest = data[position : position + _STEP]
                position += len(rest)
            part = _decompressed(decoder, rest, min(_STEP, limit + 1 - size))
            if not part and not rest:
                raise UnreadableError("it ends before its end")
            rest = decoder.unconsumed_tail
            size += len(part)
            if size > limit:
                raise TooLargeError
            took(len(part))
            parts.append(part)
        position -= len(decoder.unused_data)
        if position == len(data):
            return b"".join(parts)
    raise UnreadableError("something follows the end")


def _decompressed(decoder: Any, data: bytes, most: int) -> bytes:
    try:
        part: bytes = decoder.decompress(data, most)
    except zlib.error as error:
        raise UnreadableError(str(error)) from None
    return part
