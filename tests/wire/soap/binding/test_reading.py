"""The rules of reading, one row each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.wire.soap.binding import BindingOptions, ReadProblem, ReadRefusedError
from tests.wire.soap.binding.models import LEAST, Colour, Part, read

STRICT = BindingOptions(qualified=False, strict=True)

READ: list[tuple[str, str, dict[str, Any]]] = [
    ("nothing", "", {}),
    ("any order", "<Name>a</Name><Number>1</Number>", {"name": "a", "number": 1}),
    ("unknown skipped", "<Other><Number>9</Number></Other><Number>1</Number>", {"number": 1}),
    ("unknown skipped below", "<Part><Type>x</Type><Number>1</Number></Part>", {"part": Part(number=1)}),
    ("other namespace is unknown", "<o:Number>1</o:Number>", {}),
    ("no namespace is unknown", '<Number xmlns="">1</Number>', {}),
    ("a prefix of the namespace", "<n:Number>1</n:Number>", {"number": 1}),
    ("names are case-sensitive", "<number>1</number>", {}),
    ("the first counts", "<Number>1</Number><Number>2</Number>", {"number": 1}),
    ("the first counts, empty or not", "<Number/><Number>2</Number>", {}),
    ("the first counts, unreadable or not", "<Number>1</Number><Number>x</Number>", {"number": 1}),
    ("the first record counts", "<Part><Number>1</Number></Part><Part><Note>b</Note></Part>", {"part": Part(number=1)}),
    ("self-closed keeps the default", "<Number/><Price/><Flag/><When/><Key/><Colour/>", {}),
    ("self-closed and nil keeps the default", '<Number xsi:nil="true"/>', {}),
    ("an empty text", "<Name></Name><Note></Note>", {"name": "", "note": ""}),
    ("a self-closed text", "<Name/><Note/>", {"name": "", "note": ""}),
    ("white space is text", "<Name> </Name><Note>\r\n</Note>", {"name": " ", "note": "\n"}),
    ("CDATA is text", "<Note><![CDATA[<a>]]>&amp;</Note>", {"note": "<a>&"}),
    ("comments part no text", "<Number>4<!-- -->4</Number>", {"number": 44}),
    ("nil", '<Sure xsi:nil="true"/><Maybe xsi:nil="1"></Maybe>', {}),
    ("nil with content", '<Sure xsi:nil="true">true</Sure>', {}),
    ("not nil", '<Sure xsi:nil="false">true</Sure><Maybe>0</Maybe>', {"sure": True, "maybe": False}),
    ("enumeration", "<Colour>Green</Colour>", {"colour": Colour.GREEN}),
    ("attributes are skipped", '<Number id="1" xsi:type="o:x">1</Number>', {"number": 1}),
    ("text between is skipped", "a<Number>1</Number>b", {"number": 1}),
    ("an empty record", "<Part/>", {"part": Part()}),
    ("a record of its own type", '<Part xsi:type="n:Part"><Number>1</Number></Part>', {"part": Part(number=1)}),
    ("a record is not nillable", '<Part xsi:nil="true"/>', {"part": Part()}),
    ("an empty array", "<Parts/><Numbers></Numbers>", {"parts": [], "numbers": []}),
    ("a nil array", '<Parts xsi:nil="true"/>', {}),
    (
        "items, nil ones too",
        '<Parts><Part><Number>1</Number></Part><x/><Part xsi:nil="true"/><Part/></Parts>',
        {"parts": [Part(number=1), None, Part()]},
    ),
    (
        "texts, nil ones too",
        '<Words><string>a</string><string xsi:nil="true"/><string/></Words>',
        {"words": ["a", None, ""]},
    ),
    ("numbers", "<Numbers><int>1</int><Int>2</Int><int> 3 </int></Numbers>", {"numbers": [1, 3]}),
    (
        "arrays merge",
        "<Numbers><int>1</int></Numbers><Name>a</Name><Numbers><int>2</int></Numbers>",
        {"numbers": [1, 2], "name": "a"},
    ),
    (
        "a nil array merges",
        '<Numbers xsi:nil="1"/><Numbers><int>2</int></Numbers><Numbers xsi:nil="1"/>',
        {"numbers": [2]},
    ),
    ("a bare repeated element", "<Tag>a</Tag><Number>1</Number><Tag>b</Tag>", {"tags": ["a", "b"], "number": 1}),
    ("decimals keep their scale", "<Price>1.50</Price>", {"price": Decimal("1.50")}),
]


@pytest.mark.parametrize(("children", "values"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_read(children: str, values: dict[str, Any]) -> None:
    got = read(children)
    blank = read("")
    for name in type(got).model_fields:
        assert getattr(got, name) == values.get(name, getattr(blank, name)), name


def test_blank_values() -> None:
    blank = read("")
    assert (blank.number, blank.size, blank.name, blank.note, blank.sure, blank.tags) == (LEAST, 0, "", None, None, [])
    assert str(blank.since) == "0001-01-01 00:00:00"
    assert blank.tags is not read("").tags


def test_which_elements_were_there_is_known() -> None:
    assert read("<Name/><Number/><Tag>a</Tag><Other/>").model_fields_set == {"name", "number", "tags"}


def test_instances_are_whole_models() -> None:
    got = read("<Number>1</Number><Parts><Part/></Parts>")
    assert got.model_copy(deep=True) == got
    assert type(got).model_validate(got.model_dump()) == got
    got.number = 5
    assert got.number == 5


INVALID = "Instance validation error: '{}' is not a valid value for Colour."
NUMBER = "Input string was not in a correct format."
REFUSED: list[tuple[str, str, ReadProblem, str]] = [
    ("an empty number", "<Number></Number>", ReadProblem.VALUE, NUMBER),
    ("an empty number with a comment", "<Number><!-- --></Number>", ReadProblem.VALUE, NUMBER),
    ("an empty moment", "<When></When>", ReadProblem.VALUE, "The string '' is not a valid AllXsd value."),
    ("an empty enumeration", "<Colour></Colour>", ReadProblem.VALUE, INVALID.format("")),
    ("an enumeration by case", "<Colour>red</Colour>", ReadProblem.VALUE, INVALID.format("red")),
    ("an enumeration is not trimmed", "<Colour> Red</Colour>", ReadProblem.VALUE, INVALID.format(" Red")),
    ("a self-closed number without default", "<Size/>", ReadProblem.VALUE, NUMBER),
    (
        "a self-closed moment without default",
        "<Since/>",
        ReadProblem.VALUE,
        "The string '' is not a valid AllXsd value.",
    ),
    ("an empty nillable", "<Sure/>", ReadProblem.VALUE, "The string '' is not a valid Boolean value."),
    ("an empty item", "<Numbers><int/></Numbers>", ReadProblem.VALUE, NUMBER),
    ("a nil number, written long", '<Number xsi:nil="true"></Number>', ReadProblem.VALUE, NUMBER),
    ("an unreadable nil", '<Sure xsi:nil="yes"/>', ReadProblem.NIL, "The string 'yes' is not a valid Boolean value."),
    ("an element in a text", "<Number>1<x/></Number>", ReadProblem.CONTENT, "Unexpected node type Element."),
    (
        "another type",
        '<Part xsi:type="o:Sub"/>',
        ReadProblem.TYPE,
        "The specified type was not recognized: name='Sub', namespace='urn:other', at <Part xmlns='urn:test'>.",
    ),
]


@pytest.mark.parametrize(("children", "problem", "text"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(children: str, problem: ReadProblem, text: str) -> None:
    with pytest.raises(ReadRefusedError) as caught:
        read(children)
    assert (caught.value.problem, caught.value.text) == (problem, text)
    assert caught.value.element is not None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_empty_elements_are_told_apart_in_any_encoding(encoding: str) -> None:
    assert read("<Note>é</Note><Number/>", encoding=encoding).note == "é"
    with pytest.raises(ReadRefusedError):
        read("<Note>é</Note><Number></Number>", encoding=encoding)


def test_the_first_array_counts_when_arrays_do_not_merge() -> None:
    children = "<Numbers><int>1</int></Numbers><Numbers><int>2</int></Numbers>"
    assert read(children, BindingOptions(merge_repeated_arrays=False)).numbers == [1]


@pytest.mark.parametrize(
    ("blind", "text", "colour"), [("Colour", "GREEN", Colour.GREEN), ("Colour", "red", Colour.RED)]
)
def test_enums_in_any_letter_case(blind: str, text: str, colour: Colour) -> None:
    options = BindingOptions(blind_enums=frozenset({blind}))
    assert read(f"<Colour>{text}</Colour>", options).colour is colour
    with pytest.raises(ReadRefusedError) as refused:
        read("<Colour>bleu</Colour>", options)
    assert str(refused.value) == INVALID.format("bleu")
    with pytest.raises(ReadRefusedError):
        read(f"<Colour>{text}</Colour>", BindingOptions(blind_enums=frozenset({"Other"})))


# --- strict and unqualified, as schema-first services are ---

NEEDED = "<Size>1</Size>"
LATER = "<Sure>1</Sure>"
REST = "<Since>2020</Since>"


def test_strict_reads_what_the_schema_allows() -> None:
    got = read(
        f"<Number>1</Number>{NEEDED}{LATER}{REST}<Words><string>a</string></Words><Tag>a</Tag><Tag>b</Tag>", STRICT
    )
    assert (got.number, got.size, got.words, got.tags) == (1, 1, ["a"], ["a", "b"])


STRICTLY_REFUSED = [
    ("another order", f"{NEEDED}<Number>1</Number>{LATER}{REST}", ReadProblem.UNEXPECTED, "Number"),
    ("twice", f"{NEEDED}{NEEDED}{LATER}{REST}", ReadProblem.UNEXPECTED, "Size"),
    ("unknown", f"<x/>{NEEDED}{LATER}{REST}", ReadProblem.UNEXPECTED, "x"),
    ("qualified", f"{NEEDED}{LATER}{REST}<n:Tag>a</n:Tag>", ReadProblem.UNEXPECTED, "Tag"),
    ("unknown item", f"{NEEDED}{LATER}{REST}<Words><s/></Words>", ReadProblem.UNEXPECTED, "s"),
    ("missing", f"{NEEDED}{LATER}", ReadProblem.MISSING, "Since"),
]


@pytest.mark.parametrize(
    ("children", "problem", "name"), [row[1:] for row in STRICTLY_REFUSED], ids=[row[0] for row in STRICTLY_REFUSED]
)
def test_strict_refuses(children: str, problem: ReadProblem, name: str) -> None:
    with pytest.raises(ReadRefusedError) as caught:
        read(children, STRICT)
    assert (caught.value.problem, caught.value.name) == (problem, name)


# --- what a schema has accepted before ---

ACCEPTED = BindingOptions(qualified=False, validated=True)

VALIDATED: list[tuple[str, str, dict[str, Any]]] = [
    ("a type of another namespace", '<Part xsi:type="o:part"><Number>1</Number></Part>', {"part": Part(number=1)}),
    ("a derived type", '<Part xsi:type="o:Sub"><Number>1</Number><Extra/></Part>', {"part": Part(number=1)}),
    ("nil stands for the default", '<Maybe xsi:nil="true"/><Note>a</Note>', {"maybe": None, "note": "a"}),
    ("empty stands for the default", "<Colour></Colour><Flag></Flag><Price/>", {}),
    ("an empty text is a text", "<Note></Note>", {"note": ""}),
    (
        "nil among repeated elements",
        '<Tag xsi:nil="1"/><Tag>a</Tag><Tag xsi:nil="true"/><Tag>b</Tag>',
        {"tags": ["a", "b"]},
    ),
    ("only nil repeated elements", '<Tag xsi:nil="1"/><Tag xsi:nil="1"/>', {"tags": []}),
]


@pytest.mark.parametrize(("children", "values"), [row[1:] for row in VALIDATED], ids=[row[0] for row in VALIDATED])
def test_validated(children: str, values: dict[str, Any]) -> None:
    got = read(children, ACCEPTED)
    assert got.model_dump() == read("", ACCEPTED).model_copy(update=values).model_dump()


def test_validated_and_strict_pass_over_nil_too() -> None:
    options = BindingOptions(qualified=False, strict=True, validated=True)
    tags = '<Tag xsi:nil="1"/><Tag>a</Tag><Tag xsi:nil="1"/><Tag>b</Tag>'
    assert read(f"{NEEDED}{LATER}{REST}{tags}", options).tags == ["a", "b"]


def test_nil_and_absent_differ_in_what_was_given() -> None:
    assert read('<Maybe xsi:nil="true"/>', ACCEPTED).model_fields_set == {"maybe"}
    assert read("", ACCEPTED).model_fields_set == set()
