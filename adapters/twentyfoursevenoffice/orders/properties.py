"""The properties of an order or row as plain values under the vendor's names, and back.

That form is what a document keeps beside its canonical fields, and what the rules about orders work on: a property that holds
its "not set" value is simply not there. Enumerations and GUIDs are texts, nested types are dictionaries, moments and amounts
stay what they are. Source: R-60.
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
    """One property. keep, restore: between a message's value and the plain one; None where they are the same."""

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
        """What a message sets."""
        values = message.__dict__
        found: Values = {}
        for attribute, name, unset, keep in self._plan:
            value = values[attribute]
            if value is unset or value == unset or value is None:
                continue
            if value.__class__ is datetime and value.year == 1 and value.replace(tzinfo=None) == DATEMIN:
                continue  # "not set" with a zone
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
        """A message with these attributes set, all others not; nothing is validated."""
        return self._blank.model_copy(update=attributes)

    def restorer(self, name: str) -> Convert | None:
        """How a plain value becomes a message's; None where they are the same."""
        return self.by_name[name].restore

    def too_long(
        self, values: Mapping[str, Any], longer: Mapping[str, int], path: str = ""
    ) -> Iterator[tuple[str, int]]:
        """Texts above their limits as (path, limit); `longer` names limits that hold instead of the type's."""
        for name, value in values.items():
            known = self.by_name[name]
            where = path + name
            limit = longer.get(where, known.max_length)
            if limit is not None and len(value) > limit:
                yield where, limit
            elif known.nested is not None:
                yield from known.nested.too_long(value, longer, f"{where}.")


def without(values: Mapping[str, Any], names: Collection[str]) -> Values:
    """The values but for some."""
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
    """The seventh fraction digit has no place in a datetime as it is kept."""
    return _MOMENT.write(moment) if isinstance(moment, FineDateTime) else moment


def _restore_moment(kept: Any) -> Any:
    return _MOMENT.read(kept) if isinstance(kept, str) else kept


ORDER: Final = Properties(InvoiceOrder)
ROW: Final = Properties(InvoiceRow)
