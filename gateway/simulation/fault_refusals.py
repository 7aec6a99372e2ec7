"""Refusals by name, made up for a call: what the core would say if it had a reason to refuse it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final, get_args

from gateway.core.catalogue_records import CUSTOMER
from gateway.core.documents import DocumentId, Status
from gateway.core.record_commands import SaveRecords
from gateway.core.refusals import Refusal
from gateway.core.values import INVOICE, MAX_NUMBER, MIN_NUMBER, CounterKey, SeriesId


def _members(family: Any) -> Iterator[type[Any]]:
    for member in get_args(family):
        yield from _members(member) if get_args(member) else (member,)


REFUSALS: Final[Mapping[str, type[Any]]] = MappingProxyType({kind.__name__: kind for kind in _members(Refusal)})
"""The closed family, by name."""


def refusal_named(name: str, command: Any, today: dt.date) -> Refusal:
    """A refusal whose facts fit the command as far as possible. Raises KeyError for an unknown name."""
    kind = REFUSALS[name]
    known = _facts(command, today)
    refusal: Refusal = kind(**{field.name: known[field.name] for field in fields(kind)})
    return refusal


def _facts(command: Any, today: dt.date) -> dict[str, Any]:
    series = getattr(command, "series", None) or SeriesId(0)
    counter = getattr(command, "counter", None) or CounterKey(series, INVOICE)
    asked = getattr(command, "next_number", None)
    number = asked if isinstance(asked, int) else getattr(command, "number", 1)
    return {
        "counter": counter,
        "series": counter.series,
        "requested": number,
        "number": number,
        "next_number": number + 1,
        "minimum": MIN_NUMBER,
        "maximum": min(MAX_NUMBER, max(MIN_NUMBER, number - 1)),
        "issued": 1,
        "owner": "",
        "name": str(getattr(command, "name", "")),
        "key": str(getattr(command, "key", "")),
        "document": DocumentId(1),
        "version": 1,
        "status": Status.ISSUED,
        "before": Status.ISSUED,
        "after": Status.DRAFT,
        "date": today,
        "latest": today + dt.timedelta(days=1),
        "kind": command.kind.name if isinstance(command, SaveRecords) else CUSTOMER.name,
        "record": next((save.record.id for save in getattr(command, "saves", ()) if hasattr(save, "record")), "1"),
        "field": "name",
        "what": "records",
        "limit": 1,
    }
