"""Multipart packages: what is a part, which one is the envelope, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.soap.multipart import MAX_HEADER_BYTES, MAX_PARTS, PackageRefused, read_package

TYPE = "multipart/related; boundary=b"


def package(*parts: bytes, boundary: bytes = b"b", end: bytes = b"\r\n--b--\r\n") -> bytes:
    return b"".join(b"\r\n--" + boundary + b"\r\n" + part for part in parts) + end


@pytest.mark.parametrize(
    ("content_type", "root"),
    [
        (TYPE, b"first"),
        (f'{TYPE}; start="<2@x>"', b"second"),
        (f"{TYPE}; start=2@x", b"second"),
        (f"{TYPE}; start=<1@x>", b"first"),
        (f"{TYPE}; start=<3@x>", b"first"),
        (f'{TYPE}; start-info="<2@x>"', b"first"),
    ],
)
def test_which_part_is_the_envelope(content_type: str, root: bytes) -> None:
    body = package(b"Content-ID: <1@x>\r\n\r\nfirst", b"content-id:<2@x>\r\nA: b\r\n\r\nsecond")
    found = read_package(body, content_type)
    assert (found.root.content, len(found.others)) == (root, 1)


def test_a_delimiter_is_a_line_of_its_own() -> None:
    content = b"--bb\r\n --b\r\nx--b\r\n--b x\r\n--"
    found = read_package(package(b"\r\n" + content), TYPE)
    assert found.root.content == content
    assert found.content_type is None


def test_the_last_delimiter_may_lack_its_dashes() -> None:
    assert read_package(b"--b\r\n\r\nx\r\n--b", TYPE).root.content == b"x"


def test_headers_may_be_folded_and_the_first_of_a_name_counts() -> None:
    part = b"Content-Type: text/xml;\r\n\tcharset=utf-8\r\nbroken\r\ncontent-type: text/plain\r\n\r\nx"
    assert read_package(package(part), TYPE).content_type == "text/xml; charset=utf-8"


def test_what_a_reference_stands_for() -> None:
    encoded = b"Content-ID: <c>\r\nContent-Transfer-Encoding: BASE64\r\n\r\nMQ=="
    found = read_package(package(b"\r\nroot", b"Content-ID: <a b>\r\n\r\n\x00", encoded), TYPE)
    assert [found.base64_of(href) for href in ("cid:a%20b", "CID:c", "cid:d", "a b")] == ["AA==", "MQ==", None, None]


@pytest.mark.parametrize(
    ("content_type", "body", "too_large"),
    [
        ("multipart/related", b"<x/>", False),
        ("multipart/related", b"", False),
        (TYPE, b"", False),
        (TYPE, b"--c\r\n\r\nx\r\n--c--", False),
        (TYPE, b"--b--\r\n", False),
        (TYPE, b"--b\r\n\r\nx", False),
        (f"multipart/related; boundary={'b' * 300}", b"", False),
        (TYPE, package(*[b"\r\nx"] * (MAX_PARTS + 1)), True),
        (TYPE, package(b"A: " + b"b" * MAX_HEADER_BYTES + b"\r\n\r\nx"), True),
    ],
)
def test_what_is_refused(content_type: str, body: bytes, too_large: bool) -> None:
    with pytest.raises(PackageRefused) as refused:
        read_package(body, content_type)
    assert refused.value.too_large is too_large


@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_bytes_are_read_or_refused(body: bytes, more: str) -> None:
    for content_type in (f"multipart/related;{more}", f"{TYPE};{more}"):
        try:
            read_package(b"--b\r\n" + body + b"\r\n--b--", content_type)
        except PackageRefused:
            continue
