"""Answers: XML, headers, blanks, conditional GET, static pages; and the reading of paths and content types."""

from __future__ import annotations

from decimal import Decimal
from hashlib import md5

import pytest

from gateway.wire.rails.builder import decimal_to_s, errors_to_xml, escape
from gateway.wire.rails.paths import Route, is_xml, split_path
from gateway.wire.rails.responses import BLANK, RailsServer
from gateway.wire.xml import XmlRefused, parse

SERVER = RailsServer("nginx")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2009", b"2009"),
        ("A & B <c>", b"A &amp; B &lt;c&gt;"),
        ("nº 1 não", b"n&#186; 1 n&#227;o"),
        ("€ 😀", b"&#8364; &#128512;"),
        ('it\'s "raw"', b'it\'s "raw"'),
        ("a\x00b\x1fc", b"a*b*c"),
        ("a\ud800b\uffff", b"a*b*"),
        ("a\tb\nc", b"a\tb\nc"),
    ],
)
def test_escape(text: str, written: bytes) -> None:
    assert escape(text) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("30", b"30.0"),
        ("30.00", b"30.0"),
        ("7.4048", b"7.4048"),
        ("-0.50", b"-0.5"),
        ("0", b"0.0"),
        ("-0.00", b"0.0"),
        ("1E+3", b"1000.0"),
        ("1E-7", b"0.0000001"),
        ("100", b"100.0"),
        ("123456789012345678.9", b"123456789012345678.9"),
    ],
)
def test_decimal_to_s(amount: str, written: bytes) -> None:
    assert decimal_to_s(Decimal(amount)) == written


def test_errors_one_element_per_message() -> None:
    assert errors_to_xml(["Serie can't be blank", "Série & <b>"]) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<errors>\n'
        b"  <error>Serie can't be blank</error>\n  <error>S&#233;rie &amp; &lt;b&gt;</error>\n</errors>\n"
    )


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/sequences.xml", Route(("sequences",), "xml")),
        ("/sequences/7.xml", Route(("sequences", "7"), "xml")),
        ("/sequences/7/set_current.xml", Route(("sequences", "7", "set_current"), "xml")),
        ("/sequences/7", Route(("sequences", "7"), "")),
        ("/sequences/7.tar.xml", Route(("sequences", "7"), "tar.xml")),
        ("/sequences/a%2Fb.xml", Route(("sequences", "a/b"), "xml")),
        ("/", Route(("",), "")),
    ],
)
def test_split_path(path: str, route: Route) -> None:
    assert split_path(path) == route


@pytest.mark.parametrize(
    ("content_type", "xml"),
    [
        ("application/xml", True),
        ("application/xml; charset=utf-8", True),
        ("Application/XML;charset=utf8", True),
        ("text/xml", True),
        ("application/x-xml", True),
        ("application/json", False),
        ("application/soap+xml", False),
        ("application/x-www-form-urlencoded", False),
        ("", False),
        (None, False),
    ],
)
def test_is_xml(content_type: str | None, xml: bool) -> None:
    assert is_xml(content_type) is xml


def test_rendered_headers() -> None:
    answer = SERVER.rendered(201, b"<a/>")
    assert answer.headers == (
        ("Content-Type", "application/xml; charset=utf-8"),
        ("Status", "201"),
        ("Cache-Control", "no-cache"),
        ("Server", "nginx"),
    )
    assert answer.from_action
    assert SERVER.rendered(422, b"").headers[1] == ("Status", "422")


def test_blank_is_one_space_and_may_carry_a_header() -> None:
    answer = SERVER.blank(405, (("Allow", "GET"),))
    assert answer.body == BLANK == b" "
    assert answer.headers[-1] == ("Allow", "GET")
    assert ("Allow", "GET") not in SERVER.blank(405).headers


def test_conditional_get() -> None:
    tag = f'"{md5(b"<a/>").hexdigest()}"'
    first = SERVER.fresh(b"<a/>", None)
    assert (first.status, first.body) == (200, b"<a/>")
    assert ("Etag", tag) in first.headers
    assert ("Cache-Control", "private, max-age=0, must-revalidate") in first.headers
    again = SERVER.fresh(b"<a/>", tag)
    assert (again.status, again.body) == (304, b"")
    assert ("Status", "304") in again.headers
    assert SERVER.fresh(b"<b/>", tag).status == 200


@pytest.mark.parametrize("status", [404, 408, 413, 500, 503, 504])
def test_static_pages_name_the_status_and_are_no_xml(status: int) -> None:
    page = SERVER.page(status)
    assert str(status).encode() in page.body
    assert ("Status", str(status)) in page.headers
    assert page.headers[0] == ("Content-Type", "text/html; charset=utf-8")
    assert not page.from_action
    with pytest.raises(XmlRefused):
        parse(page.body.partition(b"\n")[2])


def test_failsafe_has_no_headers_of_the_application() -> None:
    assert SERVER.failsafe(500).headers == (("Content-Type", "text/html"), ("Server", "nginx"))
    assert SERVER.plain(429, "Retry later\n").headers == (("Content-Type", "text/plain"), ("Server", "nginx"))
    assert RailsServer("").failsafe(500).headers == (("Content-Type", "text/html"),)
