"""What a pydantic model looks like on the wire, worked out once from its fields. The package names the conventions."""

from __future__ import annotations

import enum
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.wire.soap.binding.scalars import SCALAR_OF_CLASS, SCALARS, Scalar


@dataclass(frozen=True, slots=True)
class EnumType:
    """A closed list of texts. The values of the enum's members are the texts, in schema order."""

    name: str
    python: type[enum.Enum]


@dataclass(frozen=True, slots=True)
class ArrayType:
    """A wrapper around 0..n elements."""

    name: str
    item: Element


@dataclass(frozen=True, slots=True)
class RecordType:
    """A sequence of elements, read into instances of `model`.

    Elements are worked out from the model when they are asked for, since a record may hold records of its own type.
    """

    name: str
    model: type[BaseModel]

    @property
    def elements(self) -> tuple[Element, ...]:
        """The elements in schema order. Those that the model inherits come first."""
        return _elements(self.model)

    @property
    def base(self) -> RecordType | None:
        """The record that this one extends: that of the model's parent, where the parent has fields.

        A parent of the same name is the same type in another contract, which has fewer elements.
        """
        parent = self.model.__base__
        if (
            parent is None
            or not issubclass(parent, BaseModel)
            or not parent.model_fields
            or parent.__name__ == self.name
        ):
            return None
        return RecordType(parent.__name__, parent)

    @property
    def own_elements(self) -> tuple[Element, ...]:
        """The elements that the record has beyond those of its base."""
        return self.elements if self.base is None else self.elements[len(self.base.elements) :]


WireType: TypeAlias = Scalar | EnumType | ArrayType | RecordType


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a record, or the item of an array.

    name: the element's name on the wire.
    attribute: the field's name in the model; "" for an item.
    type: what the element holds.
    required: the element must be there (minOccurs 1).
    nillable: the element may be `xsi:nil`.
    repeated: the element itself may come any number of times, without a wrapper.
    default: the schema's default; None when it has none.
    blank: the value in the model when the element is absent.
    max_length: a limit in characters that the documentation names, not the schema; None when it names none.
    """

    name: str
    attribute: str
    type: WireType
    required: bool = False
    nillable: bool = False
    repeated: bool = False
    default: Any = None
    blank: Any = None
    max_length: int | None = None


@cache
def describe(model: type[BaseModel]) -> RecordType:
    """The wire shape of a model. Raises TypeError for a field that the conventions do not cover."""
    record = RecordType(model.__name__, model)
    for _ in types_in_schema_order(record.elements):
        pass  # a field without a form is found here, and not by the first message that has it
    return record


@cache
def _elements(model: type[BaseModel]) -> tuple[Element, ...]:
    return tuple(_element(name, field, model) for name, field in model.model_fields.items())


def _element(attribute: str, field: FieldInfo, model: type[BaseModel]) -> Element:
    markers = _Markers(m for m in field.metadata if isinstance(m, str))
    wire_type, optional = _wire_type(field.annotation, markers, f"{model.__name__}.{attribute}")
    if markers.repeated and isinstance(wire_type, ArrayType):
        wire_type = wire_type.item.type
    default = None if field.default is PydanticUndefined else field.default
    required = markers.required or field.default is PydanticUndefined
    return Element(
        name=field.alias or attribute,
        attribute=attribute,
        type=wire_type,
        required=required,
        nillable=markers.nillable,
        repeated=markers.repeated,
        default=None if required else default,
        blank=default if default is not None or optional or markers.repeated else _blank(wire_type),
        max_length=markers.max_length,
    )


def _blank(wire_type: WireType) -> Any:
    """What .NET has in a field that nothing was assigned to."""
    if isinstance(wire_type, Scalar):
        return wire_type.blank
    return next(iter(wire_type.python)) if isinstance(wire_type, EnumType) else None


class _Markers:
    """The string metadata of a field, read."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = set(texts)
        values = dict(text.split(":", 1) for text in found if ":" in text)
        self.scalar = values.get("xsd")
        self.required = values.get("min") == "1"
        self.nillable = "nillable" in found
        self.repeated = "repeated" in found
        self.max_length = int(values["max"]) if "max" in values else None


_NO_MARKERS: Final = _Markers(())


def _wire_type(annotation: Any, markers: _Markers, where: str) -> tuple[WireType, bool]:
    """The type of an annotation, and whether it allows None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        return _wire_type(inner, _Markers(m for m in metadata if isinstance(m, str)), where)
    if origin in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1 and len(members) < len(get_args(annotation)):
            return _wire_type(members[0], markers, where)[0], True
    elif origin is list:
        return _array(get_args(annotation)[0], where), False
    elif isinstance(annotation, type):
        found = _named_type(annotation, markers)
        if found is not None:
            return found, False
    raise TypeError(f"{where}: {annotation!r} has no form on the wire")


def _named_type(python: type, markers: _Markers) -> WireType | None:
    if issubclass(python, BaseModel):
        return RecordType(python.__name__, python)
    if issubclass(python, enum.Enum):
        return EnumType(python.__name__, python)
    return SCALARS[markers.scalar] if markers.scalar else SCALAR_OF_CLASS.get(python)


def _array(item: Any, where: str) -> ArrayType:
    """.NET's names: the item element is called like the item's type, the wrapper's type ArrayOf and that name."""
    wire_type, optional = _wire_type(item, _NO_MARKERS, where)
    name = wire_type.name
    return ArrayType(f"ArrayOf{name[0].upper()}{name[1:]}", Element(name, "", wire_type, nillable=optional))


def types_in_schema_order(elements: Iterable[Element]) -> Iterator[ArrayType | RecordType | EnumType]:
    """Every named type that the elements need, once, before the types of its own elements.

    The base of a record comes behind it, before the types of the record's own elements.
    """
    seen: set[WireType] = set()
    for element in elements:
        yield from _named_below(element.type, seen)


def _named_below(wire_type: WireType, seen: set[WireType]) -> Iterator[ArrayType | RecordType | EnumType]:
    if isinstance(wire_type, Scalar) or wire_type in seen:
        return
    seen.add(wire_type)
    yield wire_type
    if isinstance(wire_type, ArrayType):
        yield from _named_below(wire_type.item.type, seen)
    elif isinstance(wire_type, RecordType):
        if wire_type.base is not None:
            yield from _named_below(wire_type.base, seen)
        for element in wire_type.own_elements:
            yield from _named_below(element.type, seen)
