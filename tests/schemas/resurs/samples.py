"""A message of any model, made from the model alone: with every element, or with none that may be absent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from gateway.wire.soap.binding import ArrayType, Element, EnumType, RecordType, describe
from tests.schemas.resurs.structure import PAGES

Model = TypeVar("Model", bound=BaseModel)

_VALUES: Final[dict[str, Any]] = {
    "string": "Å 1",
    "boolean": False,
    "decimal": Decimal("12.50000"),
    "int": -7,
    "integer": 445,
    "nonNegativeInteger": 0,
    "positiveInteger": 3,
    "unsignedLong": 10,
    "date": date(2026, 11, 30),
    "dateTime": datetime(2026, 11, 30, 10, 0, 1, tzinfo=UTC),
    "base64Binary": b"%PDF-",
}
_BY_NAME: Final = {"token": "a" * 100}
"""Texts with a pattern that "Å 1" breaks."""
_ONLY_ON_PAGES: Final = {
    (name[0].upper() + name[1:], field.split()[0])
    for lines in PAGES.values()
    for name, field in (line.split(": ") for line in lines)
}


def sample(model: type[Model], full: bool) -> Model:
    """A message with every element of the contract, or with none that may be absent."""
    return model(**_fields(describe(model), full))


def _fields(record: RecordType, full: bool) -> dict[str, Any]:
    return {
        element.attribute: _value(element, full)
        for element in record.elements
        if (full or element.required) and (record.name, element.name) not in _ONLY_ON_PAGES
    }


def _value(element: Element, full: bool) -> Any:
    if element.required and element.nillable and not full:
        return None
    value = _one(element, full)
    return [value, value] if element.repeated else value


def _one(element: Element, full: bool) -> Any:
    kind = element.type
    assert not isinstance(kind, ArrayType)
    if isinstance(kind, RecordType):
        return kind.model(**_fields(kind, full))
    if isinstance(kind, EnumType):
        return list(kind.python)[-1]
    return _BY_NAME.get(element.name, _VALUES[kind.name])
