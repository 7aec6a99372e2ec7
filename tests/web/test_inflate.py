"""Compressed bodies: whole ones are read, and whatever is cut, damaged or followed by something is refused."""

from __future__ import annotations

import gzip
import zlib

import pytest

from gateway.web.inflate import TooLargeError, UnreadableError, inflate

TEXT = bytes(range(256)) * 1200
MANY = gzip.compress(b"", mtime=0) * 1001
GZIP = gzip.compress(TEXT, mtime=0)
ZLIB = zlib.compress(TEXT)
RAW = zlib.compress(TEXT, wbits=-15)
ENOUGH = 1 << 20


@pytest.mark.parametrize(("coding", "data"), [("gzip", GZIP), ("x-gzip", GZIP), ("deflate", ZLIB), ("deflate", RAW)])
def test_a_whole_body_is_read_and_no_cut_one_is(coding: str, data: bytes) -> None:
    assert inflate(data, coding, ENOUGH) == TEXT
    for end in {0, 1, 2, 3, 9, 10, 11, len(data) // 2, *range(len(data) - 9, len(data))}:
        with pytest.raises(UnreadableError):
            inflate(data[:end], coding, ENOUGH)


def test_several_members_are_one_body() -> None:
    assert inflate(GZIP + GZIP, "gzip", ENOUGH) == TEXT + TEXT
    with pytest.raises(UnreadableError):
        inflate(GZIP + GZIP[:-1], "gzip", ENOUGH)


@pytest.mark.parametrize("data", [GZIP + b"x", GZIP[:-8] + bytes(8), GZIP[:-4] + bytes(4), b"<xml/>", MANY])
def test_damage_is_not_read(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        inflate(data, "gzip", 1 << 30)


@pytest.mark.parametrize("data", [ZLIB + b"x", ZLIB[:-1] + b"x", RAW + b"x", ZLIB + ZLIB, GZIP])
def test_damage_of_deflate_is_not_read(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        inflate(data, "deflate", ENOUGH)


def test_the_result_is_counted_while_it_grows() -> None:
    counted: list[int] = []
    bomb = gzip.compress(bytes(10_000_000), mtime=0)
    with pytest.raises(TooLargeError):
        inflate(bomb, "gzip", 1_000_000, counted.append)
    assert 900_000 < sum(counted) <= 1_000_000
    assert inflate(GZIP, "gzip", len(TEXT), counted.append) == TEXT
    with pytest.raises(TooLargeError):
        inflate(GZIP, "gzip", len(TEXT) - 1)
