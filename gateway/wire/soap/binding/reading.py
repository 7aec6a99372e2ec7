"""Readers: a record's description becomes a closure that walks an element's children once.

The rules are XmlSerializer's, as classic ASMX has them:

* Children may come in any order. Unknown children, wrong namespaces and attributes are skipped.
* Of an element that comes more than once, the first one counts.
* `<X/>` of a value type with a default keeps the default; `<X></X>` is an empty text.
* A nillable element may be nil. The items of an array are gathered.

`strict` instead demands the schema's order, and refuses unknown children and missing required ones. `validated` leaves out
what a schema has checked before, and reads nil and empty elements as the schema's defaults.

A reader makes instances without pydantic's validation: every value comes from the type's own reading.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from lxml import etree
from pydantic import BaseModel

from gateway.wire.soap.binding.describe import ArrayType, Element, EnumType, RecordType, WireType
from gateway.wire.soap.binding.problems import BadValueError, ReadProblem, ReadRefusedError
from gateway.wire.soap.binding.scalars import ANY_TYPE, SCALARS
from gateway.wire.soap.binding.source import Source
from gateway.wire.xml import XSI


class ReadElement(Protocol):
    """Reads one element into a value."""

    def __call__(self, element: etree._Element, source: Source, /) -> Any: ...


_NIL: Final = f"{{{XSI}}}nil"
_TYPE: Final = f"{{{XSI}}}type"
_read_boolean: Final = SCALARS["boolean"].read
_set: Final = object.__setattr__


class _Kept(enum.Enum):
    """A value of its own type: no message can hold it, and None already means nil."""

    DEFAULT = enum.auto()


_DEFAULT: Final = _Kept.DEFAULT
"""What a reader gives for `<X/>` of a value type: the field keeps the schema's default."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How messages are read; `BindingOptions` explains each.

    merge_arrays: of arrays that come more than once, all items count.
    strict: order and occurrence are checked.
    validated: a schema has checked the message before.
    blind_enums: names of enum types whose texts are read in any letter case.
    """

    merge_arrays: bool
    strict: bool
    validated: bool
    blind_enums: frozenset[str]


class Compiler:
    """Makes readers for one namespace and one set of rules."""

    def __init__(self, namespace: str, element_namespace: str, rules: Rules) -> None:
        self._namespace = namespace
        self._prefix = f"{{{element_namespace}}}" if element_namespace else ""
        self._rules = rules
        self._records: dict[type[BaseModel], ReadElement] = {}
        self._making: set[type[BaseModel]] = set()

    def record(self, record: RecordType) -> ReadElement:
        """A reader of the record's instances; made once."""
        model = record.model
        found = self._records.get(model)
        if found is not None:
            return found
        if model in self._making:
            return self._later(model)
        self._making.add(model)
        read = self._children(record)
        self._making.remove(model)
        self._records[model] = read if self._rules.validated else self._checked(record, read)
        return self._records[model]

    def _later(self, model: type[BaseModel]) -> ReadElement:
        """A reader for a record inside a record of its own type: it looks the real one up when a message comes."""

        def read_later(element: etree._Element, source: Source) -> Any:
            return self._records[model](element, source)

        return read_later

    # Everything that does not depend on the message is decided here, once, and bound into the closures below: a reader
    # then does no look-up of types or options for each element.

    # --- one element ---

    def _reader(self, element: Element) -> ReadElement:
        validated = self._rules.validated
        keeps_default = element.default is not None or validated
        wire_type: WireType = element.type
        if isinstance(wire_type, RecordType):
            read = self.record(wire_type)
        elif isinstance(wire_type, ArrayType):
            return self._array(wire_type)
        elif wire_type is ANY_TYPE:
            return _skipped
        elif isinstance(wire_type, EnumType):
            read = _text_reader(
                _enum_parser(wire_type, wire_type.name in self._rules.blind_enums), keeps_default, validated
            )
        else:
            read = _text_reader(wire_type.read, keeps_default and wire_type.is_value_type, validated)
        return _nillable(read, _DEFAULT if validated else None) if element.nillable else read

    def _array(self, array: ArrayType) -> ReadElement:
        tag = self._prefix + array.item.name
        read_item = self._reader(array.item)
        strict = self._rules.strict

        def read(element: etree._Element, source: Source) -> list[Any] | None:
            if element.keys() and _is_nil(element):
                return None
            if not strict:
                return [read_item(child, source) for child in element if child.tag == tag]
            for child in element:
                if child.tag != tag:
                    raise ReadRefusedError(ReadProblem.UNEXPECTED, "", child)
            return [read_item(child, source) for child in element]

        return read

    # --- a record ---

    def _checked(self, record: RecordType, read: ReadElement) -> ReadElement:
        """With .NET's check of xsi:type: the type's own name or none."""
        name, namespace = record.name, self._namespace

        def read_checked(element: etree._Element, source: Source) -> Any:
            if element.keys():
                given = element.get(_TYPE)
                if given is not None and _resolved(given, element) != (namespace, name):
                    raise _unknown_type(given, element)
            return read(element, source)

        return read_checked

    def _children(self, record: RecordType) -> ReadElement:
        model = record.model
        blank = {element.attribute: element.blank for element in record.elements}
        fresh = [element.attribute for element in record.elements if isinstance(element.blank, list)]
        fill = self._strict_filler(record) if self._rules.strict else self._free_filler(record)
        new = model.__new__

        def read(element: etree._Element, source: Source) -> BaseModel:
            values = blank.copy()
            for attribute in fresh:
                values[attribute] = []
            given: set[str] = set()
            fill(element, source, values, given)
            # The same four attributes that pydantic's `model_construct` sets, without its walk over all fields.
            instance = new(model)
            _set(instance, "__dict__", values)
            _set(instance, "__pydantic_fields_set__", given)
            _set(instance, "__pydantic_extra__", None)
            _set(instance, "__pydantic_private__", None)
            return instance

        return read

    def _free_filler(self, record: RecordType) -> Callable[..., None]:
        merge = self._rules.merge_arrays
        table = {
            self._prefix + e.name: (e.attribute, self._reader(e), e.repeated, isinstance(e.type, ArrayType) and merge)
            for e in record.elements
        }
        find = table.get

        def fill(element: etree._Element, source: Source, values: dict[str, Any], given: set[str]) -> None:
            for child in element:
                found = find(child.tag)
                if found is None:
                    continue
                attribute, read, repeated, merges = found
                if attribute not in given:
                    given.add(attribute)
                    value = read(child, source)
                    if value is not _DEFAULT:
                        values[attribute] = [value] if repeated else value
                elif repeated:
                    value = read(child, source)
                    if value is not _DEFAULT:
                        values[attribute].append(value)
                elif merges:
                    values[attribute] = _merged(values[attribute], read(child, source))

        return fill

    def _strict_filler(self, record: RecordType) -> Callable[..., None]:
        table = {self._prefix + e.name: (place, e, self._reader(e)) for place, e in enumerate(record.elements)}
        required = tuple(e for e in record.elements if e.required)

        def fill(element: etree._Element, source: Source, values: dict[str, Any], given: set[str]) -> None:
            last = -1
            for child in element:
                place, known, read = table.get(child.tag, (-1, None, None))
                if known is None or read is None or place < last or (place == last and not known.repeated):
                    raise ReadRefusedError(ReadProblem.UNEXPECTED, "", child)
                value = read(child, source)
                if value is not _DEFAULT:
                    if known.repeated and place == last:
                        values[known.attribute].append(value)
                    else:
                        values[known.attribute] = [value] if known.repeated else value
                given.add(known.attribute)
                last = place
            for known in required:
                if known.attribute not in given:
                    raise ReadRefusedError(ReadProblem.MISSING, "", None, known.name)

        return fill


def _merged(first: list[Any] | None, more: list[Any] | None) -> list[Any] | None:
    if first is None or more is None:
        return first if more is None else more
    first.extend(more)
    return first


# --- texts ---


def _text_reader(parse: Callable[[str], Any], keeps_default: bool, both_forms: bool) -> ReadElement:
    """A reader of one text.

    keeps_default: an empty element stands for the default.
    both_forms: `<X></X>` does so too; otherwise only `<X/>`.
    """

    def read(element: etree._Element, source: Source) -> Any:
        text = element.text
        if len(element):
            raise ReadRefusedError(ReadProblem.CONTENT, _CONTENT, element)
        if text is None:
            if keeps_default and (both_forms or source.is_self_closed(element)):
                return _DEFAULT
            text = ""
        try:
            return parse(text)
        except BadValueError as error:
            raise ReadRefusedError(ReadProblem.VALUE, str(error), element) from None

    return read


def _skipped(_element: etree._Element, _source: Source, /) -> None:
    """The value of an element that may hold anything."""


_CONTENT: Final = "Unexpected node type Element."


def _nillable(read: ReadElement, nil: Any) -> ReadElement:
    """A reader that gives `nil` for an element that is nil."""

    def read_nillable(element: etree._Element, source: Source) -> Any:
        return nil if element.keys() and _is_nil(element) else read(element, source)

    return read_nillable


def _enum_parser(wire_type: EnumType, is_blind: bool) -> Callable[[str], Any]:
    members = {member.value.lower() if is_blind else member.value: member for member in wire_type.python}
    name = wire_type.name

    def parse(text: str) -> Any:
        member = members.get(text.lower() if is_blind else text)
        if member is None:
            raise BadValueError(f"Instance validation error: '{text}' is not a valid value for {name}.")
        return member

    return parse


# --- attributes of the schema instance ---


def _is_nil(element: etree._Element) -> bool:
    given = element.get(_NIL)
    if given is None:
        return False
    try:
        return bool(_read_boolean(given))
    except BadValueError as error:
        raise ReadRefusedError(ReadProblem.NIL, str(error), element) from None


def _resolved(given: str, element: etree._Element) -> tuple[str, str]:
    """Namespace and local name of a QName in its element's context."""
    prefix, _, local = given.strip().rpartition(":")
    return element.nsmap.get(prefix or None) or "", local


def _unknown_type(given: str, element: etree._Element) -> ReadRefusedError:
    namespace, local = _resolved(given, element)
    own = etree.QName(element)
    text = (
        f"The specified type was not recognized: name='{local}', namespace='{namespace}', "
        f"at <{own.localname} xmlns='{own.namespace or ''}'>."
    )
    return ReadRefusedError(ReadProblem.TYPE, text, element)
