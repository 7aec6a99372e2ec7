"""Forms and query strings: pairs, name normalisation, conversions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.aspnet.contract import Contract, Member, Scalar
from gateway.wire.aspnet.form import UnreadableForm, first_value, member_key, read_form, read_pairs

LINE = Contract("Line", "urn:x", (Member("Count", Scalar.INT32), Member("Open", Scalar.BOOLEAN)))
SHEET = Contract(
    "Sheet", "urn:x", (Member("Number", Scalar.INT32), Member("Text", Scalar.STRING), Member("Line", LINE))
)
INVALID = "The value '{}' is not valid for Number."


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"", []),
        (b"a", [("a", "")]),
        (b"a=", [("a", "")]),
        (b"=b", [("", "b")]),
        (b"a=b&c=d", [("a", "b"), ("c", "d")]),
        (b"a=b&a=c", [("a", "b"), ("a", "c")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"a+b=c+d%20e%2B", [("a b", "c d e+")]),
        (b"a=%C3%A9%E9", [("a", "é\ufffd")]),
        (b"a=%&b=%g1&c=%4", [("a", "%"), ("b", "%g1"), ("c", "%4")]),
        (b"a;b=c;d", [("a;b", "c;d")]),
        (b"?a=b", [("?a", "b")]),
    ],
)
def test_pairs(body: bytes, pairs: list[tuple[str, str]]) -> None:
    assert read_pairs(body) == pairs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", ""),
        ("x", "x"),
        ("x.y", "x.y"),
        ("x[]", "x"),
        ("[]", ""),
        ("x[y]", "x.y"),
        ("[y]", ".y"),
        ("x[0]", "x[0]"),
        ("x[12][y]", "x[12].y"),
        ("x[][y]", "x.y"),
        ("x[y]z", "x.yz"),
        ("x[y][z][]", "x.y.z"),
        ("x]y", "x]y"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert member_key(name) == expected


@pytest.mark.parametrize("name", ["x[", "x[y", "a[b][c"])
def test_a_missing_bracket_is_unreadable(name: str) -> None:
    with pytest.raises(UnreadableForm):
        member_key(name)


def test_too_many_names_are_unreadable() -> None:
    assert read_form(b"&".join([b"a=1"] * 1000), SHEET).errors == []
    with pytest.raises(UnreadableForm):
        read_form(b"&".join([b"a=1"] * 1001), SHEET)


@pytest.mark.parametrize(
    ("body", "number", "errors"),
    [
        ("Number=5", 5, []),
        ("number=+5", 5, []),
        ("NUMBER=%2B5", 5, []),
        ("Number=-5", -5, []),
        ("Number=%09007%20", 7, []),
        ("Number=0x1F", 31, []),
        ("Number=0Xff", 255, []),
        ("Number=%26h10", 16, []),
        ("Number=%26H10", 16, []),
        ("Number=%2310", 16, []),
        ("Number=0xFFFFFFFF", -1, []),
        ("Number=1&Number=2", 1, []),
        ("Number=", 0, ["A value is required."]),
        ("Number=+", 0, ["A value is required."]),
        ("Number=1.0", 0, [INVALID.format("1.0")]),
        ("Number=1e3", 0, [INVALID.format("1e3")]),
        ("Number= 1 2 ", 0, [INVALID.format(" 1 2 ")]),
        ("Number=0xZZ", 0, [INVALID.format("0xZZ")]),
        ("Number=%D9%A1", 0, [INVALID.format("١")]),
        ("Number=2147483647", 2147483647, []),
        ("Number=2147483648", 0, ["An error has occurred."]),
        ("Number=-2147483649", 0, ["An error has occurred."]),
        ("Number=0x100000000", 0, ["An error has occurred."]),
    ],
)
def test_integers(body: str, number: int, errors: list[str]) -> None:
    read = read_form(body.encode(), SHEET)
    assert read.value["Number"] == number
    assert read.errors == [("Number", text) for text in errors]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Text=", None),
        ("Text", None),
        ("Text=%20+", None),
        ("Text=+a+", " a "),
        ("Text[]=a&Text[]=b", "a"),
        ("x=1", None),
    ],
)
def test_strings(body: str, text: str | None) -> None:
    read = read_form(body.encode(), SHEET)
    assert (read.value["Text"], read.errors) == (text, [])


def test_nested_members() -> None:
    assert read_form(b"line[count]=3&Line.Open=TRUE", SHEET).value["Line"] == {"Count": 3, "Open": True}
    read = read_form(b"Line.Count=x&Line.Open=1", SHEET)
    assert read.value["Line"] == {"Count": 0, "Open": False}
    assert [path for path, _ in read.errors] == ["Line.Count", "Line.Open"]
    assert read_form(b"Number=1", SHEET).value["Line"] is None


def test_first_value_in_any_case() -> None:
    assert first_value([("A", "1"), ("a", "2")], "a") == "1"
    assert first_value([], "a") is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read = read_form(body, SHEET)
    except UnreadableForm:
        return
    assert set(read.value) == {"Number", "Text", "Line"}
