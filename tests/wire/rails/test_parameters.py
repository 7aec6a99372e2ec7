"""How request bodies become values: each convention of `Hash.from_xml` is a row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.rails.parameters import MAX_DIGITS, ParametersRefused, parameters_from_xml, to_f, to_i
from gateway.wire.xml import XmlProblem, XmlRefused


def read(inner: str) -> Any:
    """The value of <v> inside a root."""
    return parameters_from_xml(f"<r><k>0</k>{inner}</r>".encode())["r"]["v"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<v>2009</v>", "2009"),
        ("<v> 7 </v>", " 7 "),
        ("<v>  </v>", "  "),
        ("<v></v>", None),
        ("<v/>", None),
        ('<v nil="true"/>', None),
        ('<v nil="true">5</v>', "5"),
        ('<v type="integer">5</v>', 5),
        ('<v type="integer"> 12abc</v>', 12),
        ('<v type="integer">abc</v>', 0),
        ('<v type="integer">-3</v>', -3),
        ('<v type="integer"/>', None),
        ('<v type="float">3.5</v>', 3.5),
        ('<v type="double">1e2x</v>', 100.0),
        ('<v type="float">abc</v>', 0.0),
        ('<v type="decimal">3.10</v>', Decimal("3.10")),
        ('<v type="decimal">abc</v>', Decimal(0)),
        ('<v type="boolean"> 1 </v>', True),
        ('<v type="boolean">true</v>', True),
        ('<v type="boolean">yes</v>', False),
        ('<v type="date">2013-05-30</v>', date(2013, 5, 30)),
        ('<v type="date">30/05/2013</v>', date(2013, 5, 30)),
        ('<v type="date">2013-05-30T23:30:00+01:00</v>', date(2013, 5, 30)),
        ('<v type="datetime">2013-05-30T12:00:00Z</v>', datetime(2013, 5, 30, 12, tzinfo=UTC)),
        ('<v type="datetime">2013-05-30T12:00:00+01:00</v>', datetime(2013, 5, 30, 11, tzinfo=UTC)),
        ('<v type="dateTime">2013-05-30 12:00:00 UTC</v>', datetime(2013, 5, 30, 12, tzinfo=UTC)),
        ('<v type="string">1</v>', "1"),
        ('<v type="string"></v>', ""),
        ('<v type="string" nil="true"/>', None),
        ('<v type="other">1</v>', "1"),
        ('<v type="array"><a>1</a><a>2</a></v>', ["1", "2"]),
        ('<v type="array"><a>1</a></v>', ["1"]),
        ('<v type="array"><a><b>1</b></a></v>', [{"b": "1"}]),
        ('<v type="array">\n</v>', []),
        ('<v type="array"/>', []),
        ("<v>1</v><v>2</v>", ["1", "2"]),
        ("<v><a>1</a>\n  <b/></v>", {"a": "1", "b": None}),
        ("<v>text<a>1</a></v>", {"a": "1"}),
        ('<v x="1"/>', {"x": "1"}),
        ('<v x="1">5</v>', "5"),
        ('<v x-y="1"><a-b>2</a-b></v>', {"x_y": "1", "a_b": "2"}),
        ('<v a="1"><a>2</a></v>', {"a": ["1", "2"]}),
        ("<v>44<!-- hidden -->5</v>", "445"),
        ("<v><![CDATA[<&>]]></v>", "<&>"),
        ("<v>S&#233;rie &amp; &lt;</v>", "Série & <"),
        ('<n:v xmlns:n="urn:x">5</n:v>', "5"),
    ],
)
def test_values(inner: str, expected: object) -> None:
    value = read(inner)
    assert value == expected
    assert type(value) is type(expected)


def test_root_name_with_dashes_and_an_empty_root() -> None:
    assert parameters_from_xml(b"<my-sequence/>") == {"my_sequence": None}


def test_later_spelling_of_a_name_wins() -> None:
    assert parameters_from_xml(b"<r><a-b>1</a-b><a_b>2</a_b></r>") == {"r": {"a_b": "2"}}


@pytest.mark.parametrize(
    "inner",
    [
        '<v type="symbol">x</v>',
        '<v type="yaml">--- x</v>',
        '<v><a type="symbol"/></v>',
        '<v type="array"><a type="yaml">1</a></v>',
        '<v type="array" x="1"><a>1</a></v>',
        '<v type="date">tomorrow</v>',
        '<v type="date">2013-02-30</v>',
        '<v type="datetime">noon</v>',
    ],
)
def test_refused_types(inner: str) -> None:
    with pytest.raises(ParametersRefused):
        read(inner)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<r><a></r>", XmlProblem.MALFORMED),
        (b"", XmlProblem.EMPTY),
        (b'<!DOCTYPE r [<!ENTITY x "1">]><r>&x;</r>', XmlProblem.DOCTYPE),
        (b"<r>\xff</r>", XmlProblem.ENCODING),
    ],
)
def test_the_hardened_parser_decides(body: bytes, problem: XmlProblem) -> None:
    with pytest.raises(XmlRefused) as caught:
        parameters_from_xml(body)
    assert caught.value.problem is problem


def test_declared_encoding_is_the_documents_own() -> None:
    body = '<?xml version="1.0" encoding="ISO-8859-1"?><r><v>Série</v></r>'.encode("latin-1")
    assert parameters_from_xml(body) == {"r": {"v": "Série"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("1_000", 1000), ("+5", 5), ("1e2", 1), ("3.9", 3), ("0x10", 0), ("0" * 60 + "7", 7), ("٣", 0)],
)
def test_to_i(text: str, expected: int) -> None:
    assert to_i(text) == expected


def test_to_i_of_a_giant_is_cut() -> None:
    assert to_i("9" * 100_000) == int("9" * MAX_DIGITS)


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_to_i_reads_what_integers_write(number: int) -> None:
    assert to_i(str(number)) == number


@given(st.text())
def test_to_i_and_to_f_take_any_text(text: str) -> None:
    assert isinstance(to_i(text), int)
    assert isinstance(to_f(text), float)
