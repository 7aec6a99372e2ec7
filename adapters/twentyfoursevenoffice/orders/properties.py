"""The properties of an order or row as plain values under the vendor's names, and back to messages.

A document keeps this form beside its canonical fields, and the rules about orders work on it. A property with its "not
set" value is absent. Enumerations and GUIDs are texts, nested types are dictionaries, moments and amounts stay what they
are. Source: R-60.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast
from uuid import UUID

from gateway.wire.soap.binding import SCALARS, ArrayType, Element, EnumType, FineDateTime, RecordType, describe
from schemas.twentyfoursevenoffice.messages import DATEMIN, InvoiceOrder, InvoiceRow, Message

Values: TypeAlias = dict[str, Any]
"""Plain values by the vendor's names."""
Convert: TypeAlias = Callable[[Any], Any]
M = TypeVar("M", bound=Message)

_MOMENT: Final = SCALARS["dateTime"]


@dataclass(frozen=True, slots=True)
class Property:
    """One property.

    name: the vendor's.
    attribute: of the message.
    unset: the value that means "not set".
    keep: from the message's value to the plain one; None where they are the same.
    restore: from the plain value to the message's; None where they are the same.
    """

    name: str
    attribute: str
    unset: Any
    max_length: int | None
    keep: Convert | None
    restore: Convert | None
    nested: Properties[Any] | None = None


class Properties(Generic[M]):
    """All properties of one type, in the contract's order."""

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self._blank = cast("M", model.model_construct())
        self.by_name: Mapping[str, Property] = {e.name: _property(e) for e in describe(model).elements}
        self._plan = tuple((p.attribute, p.name, p.unset, p.keep) for p in self.by_name.values())

    def given(self, message: M) -> Values:
        """The properties that a message sets."""
        values = message.__dict__
        found: Values = {}
        for attribute, name, unset, keep in self._plan:
            value = values[attribute]
            if value is unset or value == unset or value is None:
                continue
            if value.__class__ is datetime and value.year == 1 and value.replace(tzinfo=None) == DATEMIN:
                continue  # DATEMIN with a zone does not equal DATEMIN, but is "not set", too
            found[name] = value if keep is None else keep(value)
        return found

    def message(self, values: Mapping[str, Any]) -> M:
        """The message that sets these values."""
        given = {}
        for name, value in values.items():
            known = self.by_name[name]
            given[known.attribute] = value if known.restore is None else known.restore(value)
        return self.filled(given)

    def filled(self, attributes: Mapping[str, Any]) -> M:
        """A message that sets these attributes and no others. Nothing is validated."""
        return self._blank.model_copy(update=attributes)

    def restorer(self, name: str) -> Convert | None:
        """How a plain value becomes a message's; None where they are the same."""
        return self.by_name[name].restore

    def too_long(
        self, values: Mapping[str, Any], longer: Mapping[str, int], path: str = ""
    ) -> Iterator[tuple[str, int]]:
        """Texts above their limits, as (path, limit).

        longer: limits by path that replace those of the type.
        """
        for name, value in values.items():
            known = self.by_name[name]
            where = path + name
            limit = longer.get(where, known.max_length)
            if limit is not None and len(value) > limit:
                yield where, limit
            elif known.nested is not None:
                yield from known.nested.too_long(value, longer, f"{where}.")


def without(values: Mapping[str, Any], names: Collection[str]) -> Values:
    """The values except some."""
    return {name: value for name, value in values.items() if name not in names}


def _property(element: Element) -> Property:
    keep, restore, nested = _converters(element)
    return Property(element.name, element.attribute, element.default, element.max_length, keep, restore, nested)


def _converters(element: Element) -> tuple[Convert | None, Convert | None, Properties[Any] | None]:
    kind = element.type
    if isinstance(kind, RecordType):
        record = Properties(cast("type[Message]", kind.model))
        return record.given, record.message, record
    if isinstance(kind, ArrayType):
        keep, restore, _ = _converters(kind.item)
        return _each(keep), _each(restore), None
    if isinstance(kind, EnumType):
        members = {member.value: member for member in kind.python}
        return (lambda member: member.value), members.__getitem__, None
    if kind.python is UUID:
        return str, UUID, None
    if kind.python is datetime:
        return _keep_moment, _restore_moment, None
    return None, None, None


def _each(convert: Convert | None) -> Convert:
    def converted(items: Any) -> list[Any]:
        return [item if item is None or convert is None else convert(item) for item in items]

    return converted


def _keep_moment(moment: datetime) -> Any:
    """The form in which a moment is kept: a text when it has a seventh fraction digit, which no datetime holds (D-17)."""
    return _MOMENT.write(moment) if isinstance(moment, FineDateTime) else moment


def _restore_moment(kept: Any) -> Any:
    return _MOMENT.read(kept) if isinstance(kept, str) else kept


ORDER: Final = Properties(InvoiceOrder)
ROW: Final = Properties(InvoiceRow)
