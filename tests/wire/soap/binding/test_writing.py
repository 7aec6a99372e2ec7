"""The rules of writing; what is written reads back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from gateway.wire.soap.binding import Binder, BindingOptions, Source, describe, types_in_schema_order
from gateway.wire.xml import XSI, XmlLimits, parse_document
from tests.wire.soap.binding.models import LEAST, NS, Colour, Part, Thing, read, thing, write

SURE, SINCE = '<Sure xsi:nil="true" />', "<Since>0001-01-01T00:00:00</Since>"
ALWAYS = f"<Size>0</Size>{SURE}{SINCE}"

WRITTEN: list[tuple[str, dict[str, Any], str]] = [
    ("only what is required", {}, ALWAYS),
    (
        "values equal to the default are left out",
        {"number": LEAST, "price": Decimal("-1.00"), "colour": Colour.RED},
        ALWAYS,
    ),
    ("a default moment with a zone too", {"when": datetime(1, 1, 1, tzinfo=UTC)}, ALWAYS),
    ("schema order", {"name": "b", "number": 1}, f"<Number>1</Number><Size>0</Size><Name>b</Name>{SURE}{SINCE}"),
    ("an empty text without default", {"note": ""}, f"<Size>0</Size><Note />{SURE}{SINCE}"),
    ("a nillable that is not required", {"maybe": None}, ALWAYS),
    (
        "nillables with values",
        {"sure": False, "maybe": True},
        f"<Size>0</Size><Sure>false</Sure><Maybe>true</Maybe>{SINCE}",
    ),
    ("an empty record", {"part": Part()}, f"{ALWAYS}<Part />"),
    ("an empty array", {"parts": []}, f"{ALWAYS}<Parts />"),
    (
        "nil items",
        {"parts": [None, Part(number=1)]},
        f'{ALWAYS}<Parts><Part xsi:nil="true" /><Part><Number>1</Number></Part></Parts>',
    ),
    (
        "nil texts",
        {"words": [None, "", "a&b"]},
        f'{ALWAYS}<Words><string xsi:nil="true" /><string /><string>a&amp;b</string></Words>',
    ),
    ("bare repeated elements", {"tags": ["a", "b"]}, f"{ALWAYS}<Tag>a</Tag><Tag>b</Tag>"),
    ("a key", {"key": UUID(int=1)}, f"{ALWAYS}<Key>00000000-0000-0000-0000-000000000001</Key>"),
    ("bytes", {"content": b"ABC"}, f"{ALWAYS}<Content>QUJD</Content>"),
]


@pytest.mark.parametrize(("values", "text"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_written(values: dict[str, Any], text: str) -> None:
    value = thing(**values)
    assert write(value) == text
    assert write(read(text)) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2020, 1, 2, 3, 4, 5, 999999, timezone(timedelta(hours=1))), "2020-01-02T03:04:05+01:00"),
        (datetime(2020, 1, 2, tzinfo=UTC), "2020-01-02T00:00:00+00:00"),
        (datetime(1, 1, 1, 0, 0, 1), "0001-01-01T00:00:01"),
    ],
)
def test_written_as_jaxb_does(moment: datetime, text: str) -> None:
    value = thing(since=moment, note="", part=Part(), price=Decimal("200.00000"))
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    assert write(value, BindingOptions(jaxb=True)) == (
        f'<Size>0</Size><Price>200.00000</Price><Note/><Sure xsi:nil="true" {xsi}/><Since>{text}</Since><Part/>'
    )


def test_written_on_lines() -> None:
    value = thing(note="a\nb", part=Part(number=1), parts=[None, Part()], tags=["x", "y"])
    lines = Binder(NS, BindingOptions(indent=2)).writer(Thing, level=1)(value)
    assert (
        lines
        == """
  <Size>0</Size>
  <Note>a
b</Note>
  <Sure xsi:nil="true" />
  <Since>0001-01-01T00:00:00</Since>
  <Part>
    <Number>1</Number>
  </Part>
  <Parts>
    <Part xsi:nil="true" />
    <Part />
  </Parts>
  <Tag>x</Tag>
  <Tag>y</Tag>"""
    )


def test_a_required_value_must_be_there() -> None:
    broken = thing()
    broken.size = None  # type: ignore[assignment]
    with pytest.raises(ValueError, match="Size must have a value"):
        write(broken)


def test_a_number_that_does_not_fit_is_not_written() -> None:
    with pytest.raises(ValueError, match="2147483648 does not fit int"):
        write(thing(number=2**31))


def test_a_model_that_the_conventions_do_not_cover_is_refused() -> None:
    class Odd(BaseModel):
        pair: tuple[int, int]

    class Choice(BaseModel):
        either: int | str

    for model in (Odd, Choice):
        with pytest.raises(TypeError, match="has no form on the wire"):
            Binder(NS).reader(model)


def test_limits_are_kept_for_others() -> None:
    limits = {element.name: element.max_length for element in describe(Thing).elements if element.max_length}
    assert limits == {"Name": 10}


def test_a_record_extends_another() -> None:
    class Painted(Part):
        colour: Colour = Colour.RED

    painted = describe(Painted)
    assert painted.base == describe(Part)
    assert [element.name for element in painted.own_elements] == ["colour"]
    assert [element.name for element in painted.elements] == ["Number", "Note", "colour"]
    assert describe(Part).base is None


class Folder(BaseModel):
    name: str | None = None
    folders: list[Folder | None] | None = None
    first: Folder | None = None


def nested(depth: int) -> Folder:
    folder = Folder(name="last")
    for number in range(depth):
        folder = Folder(folders=[folder, None], first=Folder(name=str(number)) if number == 2 else None)
    return folder


def test_a_record_may_hold_records_of_its_own_type() -> None:
    named = [each.name for each in types_in_schema_order(describe(Folder).elements)]
    assert named == ["ArrayOfFolder", "Folder"]
    text = Binder(NS, BindingOptions(indent=1)).writer(Folder)(nested(1))
    assert text == ('\n<folders>\n <Folder>\n  <name>last</name>\n </Folder>\n <Folder xsi:nil="true" />\n</folders>')


@pytest.mark.parametrize("depth", [0, 3, 126])
def test_what_holds_itself_reads_back_at_any_depth_that_the_parser_lets_through(depth: int) -> None:
    binder, folder = Binder(NS), nested(depth)
    body = f'<m xmlns="{NS}" xmlns:xsi="{XSI}">{binder.writer(Folder)(folder)}</m>'.encode()
    root = parse_document(body, XmlLimits(max_depth=255)).root
    assert binder.reader(Folder)(root, Source(root, body)) == folder
