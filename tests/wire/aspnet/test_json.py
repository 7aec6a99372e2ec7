"""JSON: what is accepted, where errors are reported, the differences between versions, and writing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.aspnet.contract import Contract, Member, Scalar
from gateway.wire.aspnet.json_binding import read_json
from gateway.wire.aspnet.json_numbers import text_of
from gateway.wire.aspnet.json_reader import PROFILES
from gateway.wire.aspnet.json_writer import write_json, write_message

PART = Contract("Part", "urn:x", (Member("Name", Scalar.STRING), Member("Count", Scalar.INT32)))
THING = Contract(
    "Thing",
    "urn:x",
    (
        Member("N", Scalar.INT32),
        Member("S", Scalar.STRING),
        Member("L", Scalar.INT64),
        Member("B", Scalar.BOOLEAN),
        Member("P", PART),
    ),
)
KEPT = {"N": 0, "S": None, "L": 0, "B": False, "P": None}


def thing(**members: Any) -> dict[str, Any]:
    return {**KEPT, **members}


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("{}", {}),
        ('{"N":1,"S":"a"}', {"N": 1, "S": "a"}),
        ('{"n":1,"s":"a"}', {"N": 1, "S": "a"}),
        ('{"s":"a","S":"b"}', {"S": "b"}),
        ('{"S":"b","s":"a"}', {"S": "a"}),
        ("{S:'it\\'s',N:'7'}", {"S": "it's", "N": 7}),
        ("/* a */ { // b\n N /**/ : 1 }", None),  # a comment may not stand before the colon
        ("/* a */ { // b\n N : /**/ 1 /* c */ , }", {"N": 1}),
        ('\ufeff{"N":1}', None),
        ('\u00a0\u2003{"N":1}', {"N": 1}),
        ('\0{"N":\0 1}', {"N": 1}),
        ('{"N":1} trailing', {"N": 1}),
        ('{"x":{"N":5,"y":[1,{"z":2}]},"N":1}', {"N": 1}),
        ('{"x":new Date(1, 2),"N":1}', {"N": 1}),
        ('{"x":[1,,2,],"N":1}', {"N": 1}),
        ('{"x":undefined,"N":1}', {"N": 1}),
        ('{"N":0x7f}', {"N": 127}),
        ('{"N":0XFFFFFFFF}', {"N": -1}),
        ('{"N":017}', {"N": 15}),
        ('{"N":-017}', {"N": -17}),
        ('{"N":"\t-7 "}', {"N": -7}),
        ('{"N":"007"}', {"N": 7}),
        ('{"N":2147483647}', {"N": 2147483647}),
        ('{"N":-2147483648}', {"N": -2147483648}),
        ('{"S":12}', {"S": "12"}),
        ('{"S":-Infinity}', {"S": "-Infinity"}),
        ('{"S":99999999999999999999}', {"S": "99999999999999999999"}),
        ('{"S":1e3}', {"S": "1000"}),
        ('{"S":1.10}', {"S": "1.1"}),
        ('{"S":0x10}', {"S": "16"}),
        ('{"S":null}', {}),
        ('{"S":""}', {"S": ""}),
        ('{"S":"\\u0041\\ud83d\\ude00\\/"}', {"S": "A😀/"}),
        ('{"S":"\\ud83dx\\ude00"}', {"S": "\ufffdx\ufffd"}),
        ('{"S":"\\ud83d\\ud83d\\ude00"}', {"S": "\ufffd😀"}),
        ('{"S":"\\ud83d\\u0041"}', {"S": "\ufffdA"}),
        ('{"S":"a\r\nb\u0001"}', {"S": "a\r\nb\u0001"}),
        ('{"L":9223372036854775807,"B":true}', {"L": 9223372036854775807, "B": True}),
        ('{"L":2.5,"B":"False"}', {"L": 2}),
        ('{"L":" 5 ","B":1}', {"L": 5, "B": True}),
        ('{"P":{"name":"x","Count":3}}', {"P": {"Name": "x", "Count": 3}}),
        ('{"P":null,"N":1}', {"N": 1}),
        ('{"P":{"$ref":"1"},"N":1}', {"N": 1}),
        ('{"$type":"X","$id":"1","N":1}', {"N": 1}),
        ('{"$id":7,"N":1}', {"N": 1}),
        ('{"$ref":null,"N":1}', {"N": 1}),
        ('{"N":1,"$ref":"1"}', {"N": 1}),
    ],
)
def test_accepted(text: str, members: dict[str, Any] | None) -> None:
    read = read_json(text, THING)
    if members is None:
        assert (read.value, len(read.errors)) == (None, 1)
    else:
        assert (read.value, read.errors) == (thing(**members), [])


@pytest.mark.parametrize("text", ["", "  ", "null", "// nothing\n", "undefined", '""', ",", '{"$ref":"1"}', "null x"])
def test_null_message_without_error(text: str) -> None:
    read = read_json(text, THING)
    assert (read.value, read.errors) == (None, [])


@pytest.mark.parametrize(
    ("text", "members", "errors"),
    [
        # no message at all: the error belongs to the whole
        ("[]", None, [""]),
        ('"x"', None, [""]),
        ("5", None, [""]),
        ("{", None, [""]),
        ("]", None, [""]),
        ("{]", None, [""]),
        ("{,}", None, [""]),
        ('{"N" 1}', None, [""]),
        ("nul", None, [""]),
        ("//", None, [""]),
        # between members: the last path, and no message
        ('{"N":1 "S":"x"}', None, ["N"]),
        ('{"N":1,,"S":"x"}', None, ["N"]),
        ('{"N":1]', None, [""]),
        ('{"N":1,5 5}', None, ["N"]),
        ('{"S":"a"/*', None, ["S"]),
        # the end of the text: what was read is kept
        ('{"N":1', {"N": 1}, ["N"]),
        ('{"N":1,', {"N": 1}, ["N"]),
        ('{"N":', {}, ["N", "N"]),
        ('{"S":"abc', {}, ["S", "S"]),
        ('{"x":[1', {}, ["x[0]"]),
        # a bad member is skipped
        ('{"N":"x","S":"y"}', {"S": "y"}, ["N"]),
        ('{"N":null,"S":"y"}', {"S": "y"}, ["N"]),
        ('{"N":"","S":"y"}', {"S": "y"}, ["N"]),
        ('{"N":true,"S":"y"}', {"S": "y"}, ["N"]),
        ('{"N":[1,[2]],"S":"y"}', {"S": "y"}, ["N"]),
        ('{"N":NaN,"S":"y"}', {"S": "y"}, ["N"]),
        ('{"N":,"S":"y"}', {"S": "y"}, ["N"]),
        ('{"S":{"a":1},"N":1}', {"N": 1}, ["S"]),
        ('{"P":[],"N":1}', {"N": 1}, ["P"]),
        ('{"P":{"Count":"x","Name":"n"},"N":1}', {"P": {"Name": "n", "Count": 0}, "N": 1}, ["P.Count"]),
        ('{"L":9223372036854775808,"N":1}', {"N": 1}, ["L"]),
        ('{"B":"yes","N":1}', {"N": 1}, ["B"]),
        # a bad literal takes the next name along
        ('{"N":1.5}', {}, ["N", ""]),
        ('{"N":1.5,"S":"x"}', None, ["N", "S"]),
        ('{"N":08,"S":"x"}', None, ["N", "S"]),
        ('{"N":1g,"S":"x"}', None, ["N", "N"]),
        ('{"N":+5}', None, ["N", "N"]),
        ('{"S":tru,"N":1}', None, ["S", "S"]),
        ('{"S":"\\q","N":1}', None, ["S", "S"]),
        ('{"S":"\\u12","N":1}', None, ["S", "S"]),
        # metadata in first place
        ('{"$ref":5}', None, ["$ref"]),
        ('{"$ref":"1","N":1}', None, ["N"]),
        ('{"$values":[]}', None, ["$values"]),
        ('{"$type":null}', None, ["$type"]),
        # names with special characters
        ('{"a b":tru}', None, ["['a b']", "['a b']"]),
        ('{"x":{"a.b":[0,tru]}}', None, ["x['a.b'][0]", "x['a.b'][0]"]),
    ],
)
def test_errors_and_their_paths(text: str, members: dict[str, Any] | None, errors: list[str]) -> None:
    read = read_json(text, THING)
    assert read.errors == errors
    assert read.value == (None if members is None else thing(**members))


@pytest.mark.parametrize(
    ("text", "by_version"),
    [
        ('{"N":1.5,"S":"x"}', {"5.0.8": "x", "6.0.8": None, "9.0.1": None, "10.0.3": "x"}),
        ('{"S":true}', {"5.0.8": "True", "6.0.8": "True", "9.0.1": "true", "10.0.3": "true"}),
        ('{"S":1.50}', {"5.0.8": "1.5", "6.0.8": "1.5", "9.0.1": "1.50", "10.0.3": "1.50"}),
        ('{"N":NaN,"S":"x"}', {"5.0.8": "x", "6.0.8": "x", "9.0.1": "x", "10.0.3": "x"}),
        ('{"S":nope}', {"5.0.8": None, "6.0.8": None, "9.0.1": None, "10.0.3": None}),
    ],
)
def test_versions(text: str, by_version: dict[str, str | None]) -> None:
    for version, expected in by_version.items():
        value = read_json(text, THING, PROFILES[version]).value
        assert (value["S"] if value else None) == expected, version


@pytest.mark.parametrize(
    ("literal", "old", "new"),
    [
        ("2147483648", None, None),
        ("4294967296", None, None),
        ("5000000000", 705032704, None),
        ("9999999999", 1410065407, None),
        ("-2147483649", None, None),
    ],
)
def test_overflow_that_old_versions_do_not_notice(literal: str, old: int | None, new: int | None) -> None:
    for version, expected in (("6.0.8", old), ("9.0.1", new)):
        read = read_json(f'{{"N":{literal}}}', THING, PROFILES[version])
        assert (read.value["N"] if read.value and not read.errors else None) == expected


def test_nesting_is_limited() -> None:
    deep = "[" * 255 + "]" * 255
    assert read_json(f'{{"x":{deep},"N":1}}', THING).value == thing(N=1)
    deeper = "[" * 256 + "]" * 256
    assert read_json(f'{{"x":{deeper},"N":1}}', THING).errors


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e15, "1E+15"),
        (123456789012345.0, "123456789012345"),
        (1.5e-5, "1.5E-05"),
        (0.0001, "0.0001"),
        (-2.5, "-2.5"),
        (0.0, "0"),
        (1e300, "1E+300"),
        (float("nan"), "NaN"),
        (True, "True"),
        (7, "7"),
    ],
)
def test_numbers_as_text(value: float, text: str) -> None:
    assert text_of(value) == text


def test_writing() -> None:
    value = {"Name": "\"\\\x00\x1f\t\b\f\r\n<>&'/é\x85\u2028\u2029\x7f😀", "Count": 0}
    assert write_message(PART, value) == (
        '{"Name":"\\"\\\\\\u0000\\u001f\\t\\b\\f\\r\\n<>&\'/é\\u0085\\u2028\\u2029\x7f😀","Count":0}'
    )
    assert write_message(PART, None) == "null"
    assert write_message(THING, thing(P={"Name": None, "Count": 1})).endswith('"P":{"Name":null,"Count":1}}')


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
INT32 = st.integers(-(2**31), 2**31 - 1)
MESSAGES = st.fixed_dictionaries(
    {
        "N": INT32,
        "S": st.none() | TEXT,
        "L": st.integers(-(2**63), 2**63 - 1),
        "B": st.booleans(),
        "P": st.none() | st.fixed_dictionaries({"Name": st.none() | TEXT, "Count": INT32}),
    }
)


@given(MESSAGES, st.sampled_from(sorted(PROFILES)))
def test_what_is_written_is_read_back(message: dict[str, Any], version: str) -> None:
    written = write_message(THING, message)
    assert json.loads(written) == message
    read = read_json(written, THING, PROFILES[version])
    assert (read.value, read.errors) == (message, [])


@given(TEXT)
def test_text_is_written_as_json(text: str) -> None:
    assert json.loads(write_json(text)) == text


FRAGMENTS = ['{', '}', '[', ']', ':', ',', '"', "'", '"N"', '"S"', "S", "$ref", '"$id"', "1", "-", "1.5", "0x", "08",
             "1e", "tru", "true", "null", "new", "new D(", ")", "undefined", "NaN", "-I", "/*", "*/", "//", "\n", "\\",
             "\\u", "\\ud83d", " ", "\0", "é", "x"]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12), st.sampled_from(sorted(PROFILES)))
def test_any_text_is_read_or_logged(parts: list[str], version: str) -> None:
    read = read_json("".join(parts), THING, PROFILES[version])
    assert read.value is None or set(read.value) == set(KEPT)
