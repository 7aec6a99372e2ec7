"""The choice of formatter, media type and charset, and the grammar of the headers behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.aspnet.negotiation import (
    Formatter,
    negotiate,
    read_accept,
    read_accept_charset,
    read_media_type,
    reader_for,
)

JSON, TEXT_JSON, XML, TEXT_XML = "application/json", "text/json", "application/xml", "text/xml"
FORM = "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "request_type", "expected"),
    [
        # without a wish of the client: the request's own type, else JSON
        (None, None, JSON),
        (None, JSON, JSON),
        (None, TEXT_JSON, TEXT_JSON),
        (None, XML, XML),
        (None, TEXT_XML, TEXT_XML),
        (None, FORM, JSON),
        (None, "application/json; charset=utf-16", JSON),
        (None, "TEXT/XML", TEXT_XML),
        (None, "text/*", TEXT_JSON),
        (None, "*/*", JSON),
        (None, "image/png", JSON),
        # literals and ranges
        ("application/xml", JSON, XML),
        ("text/xml", JSON, TEXT_XML),
        ("*/*", XML, JSON),
        ("application/*", XML, JSON),
        ("text/*", XML, TEXT_JSON),
        ("*/xml", None, JSON),
        (BROWSER, None, XML),
        # q decides first
        ("application/json;q=0.4, application/xml;q=0.5", None, XML),
        ("text/json;q=0.2, application/xml;q=0.1", None, TEXT_JSON),
        ("text/json;q=0.2, application/json;q=0.3", None, JSON),
        ("*/*;q=0.9, application/xml;q=0.8", None, JSON),
        ("application/xml;q=1.5, application/json", None, XML),
        # at equal q: a literal before type/*, that before */*
        ("*/*, application/xml", None, XML),
        ("application/*, text/xml", None, TEXT_XML),
        ("*/*, text/*", None, TEXT_JSON),
        ("*/*;q=0.5, text/xml;q=0.5", None, TEXT_XML),
        # at equal q and kind: JSON, regardless of the order in the header
        ("application/xml, application/json", None, JSON),
        ("text/xml, application/json", None, JSON),
        ("application/xml;q=0.5, text/json;q=0.5", None, TEXT_JSON),
        # within one formatter the header's order counts
        ("text/json, application/json", None, TEXT_JSON),
        ("text/xml, application/xml", None, TEXT_XML),
        # q=0 is skipped, and there is always an answer
        ("application/json;q=0", None, JSON),
        ("application/json;q=0, application/xml;q=0.1", None, XML),
        ("application/json;q=0, */*", None, JSON),
        ("application/xml;q=0", XML, XML),
        ("text/html", XML, XML),
        ("text/html", FORM, JSON),
        # parameters except q do not count; suffixes do not match
        ("application/xml; charset=utf-16; level=1", None, XML),
        ("application/vnd.x+json", XML, XML),
        # a syntax error drops the header
        ("application/xml, nonsense", None, JSON),
        ("application/xml;", None, JSON),
        ("application/xml,", None, JSON),
        ("application/xml; q=", None, JSON),
        ("", XML, XML),
        ("*", XML, XML),
        # a q that is no number counts as 1
        ("application/xml;q=high, application/json;q=0.9", None, XML),
        ('application/xml;q="0.1", application/json;q=0.9', None, XML),
    ],
)
def test_media_type(accept: str | None, request_type: str | None, expected: str) -> None:
    lines = () if accept is None else (accept,)
    assert negotiate(lines, (), request_type, None).media_type == expected


def test_several_accept_lines_count_together_and_fail_apart() -> None:
    assert negotiate(("application/json;q=0.5", "application/xml"), (), None, None).media_type == XML
    assert negotiate(("nonsense", "application/xml"), (), None, None).media_type == XML


@pytest.mark.parametrize(
    ("accept", "requested_with", "request_type", "expected"),
    [
        (None, "XMLHttpRequest", XML, JSON),
        (None, "xmlhttprequest", XML, JSON),
        (None, "com.example, XMLHttpRequest/2", XML, JSON),
        (None, "com.example", XML, XML),
        ("*/*", "XMLHttpRequest", XML, JSON),
        ("*/*;q=0.1", "XMLHttpRequest", XML, JSON),
        ("nonsense", "XMLHttpRequest", XML, JSON),
        ("*/*, text/html", "XMLHttpRequest", XML, JSON),
        ("application/xml", "XMLHttpRequest", JSON, XML),
        ("*/*;q=2", "XMLHttpRequest", XML, XML),  # strictly above the mapping's 1
    ],
)
def test_script_requests(accept: str | None, requested_with: str, request_type: str, expected: str) -> None:
    lines = () if accept is None else (accept,)
    assert negotiate(lines, (), request_type, requested_with).media_type == expected


@pytest.mark.parametrize(
    ("accept_charset", "request_type", "expected"),
    [
        (None, None, "utf-8"),
        ("utf-8", None, "utf-8"),
        ("UTF-16", None, "utf-16"),
        ("iso-8859-1", None, "utf-8"),
        ("iso-8859-1, utf-16;q=0.1", None, "utf-16"),
        ("utf-8;q=0.5, utf-16;q=0.8", None, "utf-16"),
        ("utf-16;q=0.8, utf-8;q=0.8", None, "utf-16"),
        ("utf-16;q=0", None, "utf-8"),
        ("*", None, "utf-8"),
        ("*, utf-16", None, "utf-16"),
        ("*;q=0.9, utf-16;q=0.8", None, "utf-8"),
        ("utf-16;q=1.1", None, "utf-8"),
        ("utf-16;level=1", None, "utf-8"),
        (None, "application/json; charset=utf-16", "utf-16"),
        (None, 'application/json; charset="utf-16"', "utf-8"),
        (None, "application/json; charset=iso-8859-1", "utf-8"),
        ("utf-8", "application/json; charset=utf-16", "utf-8"),
        ("iso-8859-1", "application/json; charset=utf-16", "utf-16"),
    ],
)
def test_charset(accept_charset: str | None, request_type: str | None, expected: str) -> None:
    lines = () if accept_charset is None else (accept_charset,)
    chosen = negotiate((), lines, request_type, None)
    assert chosen.charset == expected
    assert chosen.content_type == f"application/json; charset={expected}"


def test_long_headers_are_not_remembered_but_decided_alike() -> None:
    padding = ", ".join(f"x/y{number}" for number in range(400))
    assert negotiate((f"{padding}, application/xml",), (), None, None).media_type == XML


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/json", ("application", "json", None)),
        (" Application / JSON ", ("application", "json", None)),
        ("application/json;charset=UTF-8", ("application", "json", "UTF-8")),
        ("application/json ; Charset = utf-16 ; charset=x", ("application", "json", "utf-16")),
        ("text/xml; encoding='utf-8'", ("text", "xml", None)),
        ('text/xml; a="b;c, d"', ("text", "xml", None)),
        ("text/xml; flag", ("text", "xml", None)),
        ("json", None),
        ("application/json;", None),
        ("application/json, text/xml", None),
        ("application/", None),
        ("/json", None),
        ("application/json; charset=", None),
        ('application/json; charset="utf-8', None),
        ("application/js on", None),
        ("", None),
    ],
)
def test_content_type_grammar(value: str, expected: tuple[str, str, str | None] | None) -> None:
    read = read_media_type(value)
    assert (None if read is None else (read.type, read.subtype, read.charset)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/json", Formatter.JSON),
        ("text/json", Formatter.JSON),
        ("APPLICATION/XML; x=y", Formatter.XML),
        (FORM, Formatter.FORM),
        ("application/*", Formatter.JSON),
        ("application/hal+json", None),
        ("multipart/form-data; boundary=x", None),
    ],
)
def test_reader_for(value: str, expected: Formatter | None) -> None:
    assert reader_for(read_media_type(value)) is expected


def test_q_order_is_stable_and_narrow_types_come_first() -> None:
    entries = read_accept(["a/b;q=0.5, c/d, e/*, */*, f/g;q=0.5, h/i"])
    ordered = sorted(entries, key=lambda entry: (-entry.quality, -entry.breadth))
    assert [entry.text for entry in ordered] == ["c/d", "h/i", "e/*", "*/*", "a/b", "f/g"]


@given(st.text(max_size=60), st.text(max_size=60), st.none() | st.text(max_size=60), st.none() | st.text(max_size=30))
def test_any_header_text_gets_an_answer(
    accept: str, accept_charset: str, content_type: str | None, requested_with: str | None
) -> None:
    chosen = negotiate((accept,), (accept_charset,), content_type, requested_with)
    assert chosen.formatter in {Formatter.JSON, Formatter.XML}
    assert chosen.charset in {"utf-8", "utf-16"}


@given(st.text(alphabet='ab/*;=,q01. \t"-', max_size=40))
def test_header_grammars_never_raise(text: str) -> None:
    read_accept([text])
    read_accept_charset([text])
    read_media_type(text)
