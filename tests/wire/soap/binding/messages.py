"""Instances of any described model, for hypothesis: each element is absent, at its default, or has a value of its type."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.wire.soap.binding import ArrayType, Element, EnumType, FineDateTime, RecordType, Scalar, describe

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8
)
TEXTS |= st.sampled_from(["", " ", "a\r\nb\tc", "<&>\"']]>", "&amp;amp;", "æøå ÆØÅ ção"])


def fine(moment: datetime, tick: int) -> datetime:
    return FineDateTime.of(moment, tick) if tick else moment


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXTS,
    "int": st.integers(-(2**31), 2**31 - 1),
    "short": st.integers(-(2**15), 2**15 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "integer": st.integers(),
    "unsignedByte": st.integers(0, 255),
    "double": st.floats(allow_nan=False),
    "anyType": st.none(),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15)
    | st.integers(-(2**96) + 1, 2**96 - 1).map(Decimal),
    "boolean": st.booleans(),
    "dateTime": st.builds(fine, st.datetimes(timezones=st.none() | st.just(UTC)), st.integers(0, 9)),
    "date": st.dates(),
    "guid": st.uuids(allow_nil=True),
    "base64Binary": st.binary(max_size=20),
}


def values(wire_type: Scalar | EnumType | ArrayType | RecordType) -> st.SearchStrategy[Any]:
    if isinstance(wire_type, Scalar):
        return VALUES[wire_type.name]
    if isinstance(wire_type, EnumType):
        return st.sampled_from(list(wire_type.python))
    if isinstance(wire_type, RecordType):
        return instances(wire_type.model)
    item = values(wire_type.item.type)
    return st.lists(item | st.none() if wire_type.item.nillable else item, max_size=3)


def member(element: Element) -> st.SearchStrategy[Any]:
    made = values(element.type)
    if element.repeated:
        return st.lists(made, max_size=2)
    if element.nillable or (element.default is None and not element.required):
        made |= st.none()
    return made if element.default is None else made | st.just(element.default)


@st.composite
def instances(draw: st.DrawFn, model: type[BaseModel]) -> BaseModel:
    """An instance with a few members given and the others blank, so that hypothesis draws large models quickly."""
    elements = describe(model).elements
    given = {element.attribute: element.blank for element in elements}
    for element in (
        draw(st.lists(st.sampled_from(elements), max_size=12, unique_by=lambda each: each.name)) if elements else ()
    ):
        given[element.attribute] = draw(member(element))
    return model.model_construct(**given)
