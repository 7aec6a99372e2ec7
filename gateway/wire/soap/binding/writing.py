"""Writers: a record's description becomes a closure that appends strings.

The rules are XmlSerializer's. Elements come in schema order. A value that equals its default is left out. None is left
out, or written as nil where the element is nillable and required. An empty text is `<X />`. A value that a type cannot
hold raises ValueError, so that no broken message goes out. A `Style` has what other serialisers write otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from gateway.wire.soap.binding.datetimes import same_moment, write_datetime, write_local_time
from gateway.wire.soap.binding.describe import ArrayType, Element, EnumType, RecordType, WireType
from gateway.wire.soap.binding.scalars import Scalar
from gateway.wire.xml import XSI

Append: TypeAlias = Callable[[str], None]
WriteElement: TypeAlias = Callable[[Any, Append], None]

_WRITTEN: Final = object()
"""An object that no field can hold, for elements that are never left out."""


@dataclass(frozen=True, slots=True)
class Style:
    """What serialisers write differently.

    empty: what stands behind the name of an empty element.
    nil: the same for one that is nil.
    time: the text of a moment.
    """

    empty: str
    nil: str
    time: Callable[[datetime], str]


DOTNET: Final = Style(" />", ' xsi:nil="true" />', write_datetime)
JAXB: Final = Style("/>", f' xsi:nil="true" xmlns:xsi="{XSI}"/>', write_local_time)


class Compiler:
    """Makes writers. Element names are written without prefix, so they are in the default namespace around them.

    indent: each element stands on a line of its own, with so many spaces for each level; 0 writes no lines.
    """

    def __init__(self, style: Style = DOTNET, indent: int = 0) -> None:
        self._style = style
        self._indent = indent
        self._records: dict[tuple[type[BaseModel], int], WriteElement] = {}
        self._making: set[type[BaseModel]] = set()

    def record(self, record: RecordType, level: int) -> WriteElement:
        """A writer of an instance's children, which stand at a level; made once."""
        found = self._records.get((record.model, level))
        if found is not None:
            return found
        if record.model in self._making:
            return self._later(record, level)
        self._making.add(record.model)
        written = self._records[record.model, level] = self._children(record, level)
        self._making.remove(record.model)
        return written

    def _later(self, record: RecordType, level: int) -> WriteElement:
        """A writer for a record inside a record of its own type: each level is made when a message has it."""

        def write_later(value: Any, append: Append) -> None:
            self.record(record, level)(value, append)

        return write_later

    def message(self, record: RecordType, level: int) -> Callable[[Any], str]:
        """A writer of an instance's children as one text."""
        level = level if self._indent else 0
        write_children = self.record(record, level)

        def write(message: Any) -> str:
            parts: list[str] = []
            write_children(message, parts.append)
            return "".join(parts)

        return write

    def _line(self, level: int) -> str:
        return "\n" + " " * (self._indent * level) if self._indent else ""

    def _children(self, record: RecordType, level: int) -> WriteElement:
        plan = tuple((e.attribute, _left_out(e), self._member(e, level)) for e in record.elements)

        def write(instance: Any, append: Append) -> None:
            values = instance.__dict__
            for attribute, left_out, write_member in plan:
                value = values[attribute]
                if value is not left_out:
                    write_member(value, append)

        return write

    def _member(self, element: Element, level: int) -> WriteElement:
        """A writer of one element of a record. Where the element has a default, a value that equals it is left out."""
        write = self._element(element, level)
        if element.repeated:
            return _repeating(write)
        if element.required and not element.nillable:
            return _refusing_none(write, element)
        if element.default is None:
            return write
        differs = _differs(element)

        def write_if_given(value: Any, append: Append) -> None:
            if value is not None and differs(value):
                write(value, append)

        return write_if_given

    def _element(self, element: Element, level: int) -> WriteElement:
        """A writer of the element itself; None is nil."""
        name, style, line = element.name, self._style, self._line(level)
        nil, empty, start = f"{line}<{name}{style.nil}", f"{line}<{name}{style.empty}", f"{line}<{name}>"
        write_type = self._content(element.type, level + 1)
        end = f"</{name}>" if write_type is None else f"{line}</{name}>"
        if write_type is None:
            text = self._text(element.type)

            def write_text(value: Any, append: Append) -> None:
                if value is None:
                    append(nil)
                else:
                    inside = text(value)
                    append(f"{start}{inside}{end}" if inside else empty)

            return write_text

        def write_nested(value: Any, append: Append) -> None:
            if value is None:
                append(nil)
                return
            parts: list[str] = []
            write_type(value, parts.append)
            if parts:
                append(start)
                append("".join(parts))
                append(end)
            else:
                append(empty)

        return write_nested

    def _content(self, wire_type: WireType, level: int) -> WriteElement | None:
        if isinstance(wire_type, RecordType):
            return self.record(wire_type, level if self._indent else 0)
        if not isinstance(wire_type, ArrayType):
            return None
        return _repeating(self._element(wire_type.item, level))

    def _text(self, wire_type: WireType) -> Callable[[Any], str]:
        if isinstance(wire_type, EnumType):
            return lambda member: str(member.value)
        if not isinstance(wire_type, Scalar):
            raise TypeError(f"{wire_type.name} is no text")
        return self._style.time if wire_type.python is datetime else wire_type.write


def _left_out(element: Element) -> Any:
    """The object that can be left out without comparing values: the default, or None where no element stands for it."""
    return _WRITTEN if element.required else element.default


def _refusing_none(write: WriteElement, element: Element) -> WriteElement:
    def write_required(value: Any, append: Append) -> None:
        if value is None:
            raise ValueError(f"{element.name} must have a value")
        write(value, append)

    return write_required


def _repeating(write: WriteElement) -> WriteElement:
    def write_all(values: Any, append: Append) -> None:
        for value in values or ():
            write(value, append)

    return write_all


def _differs(element: Element) -> Callable[[Any], bool]:
    """Whether a value differs from the schema's default. Values are compared, since `1.0` and `1.00` are equal."""
    default = element.default
    if isinstance(default, datetime):
        return lambda value: not same_moment(value, default)
    return lambda value: bool(value != default)
