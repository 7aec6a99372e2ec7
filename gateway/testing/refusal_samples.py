"""Samples of every refusal of the core, made from the types of their fields, so that nobody can forget a new one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, Final, get_args, get_type_hints

from gateway.core.documents import DocumentId, Status
from gateway.core.records import KindName, RecordId
from gateway.core.refusals import Refusal
from gateway.core.values import INVOICE, MAX_NUMBER, CounterKey, SeriesId

_PLAIN: Final[dict[Any, Any]] = {
    CounterKey: CounterKey(SeriesId(1), INVOICE),
    SeriesId: SeriesId(1),
    DocumentId: DocumentId(1),
    Status: Status.ISSUED,
    KindName: KindName("customer"),
    RecordId: RecordId("4711"),
    dt.date: dt.date(2024, 2, 29),
    int: 7,
    str: "main",
}
_EXTREME: Final[dict[Any, Any]] = {
    **_PLAIN,
    SeriesId: SeriesId(2**31),
    DocumentId: DocumentId(2**31 - 1),
    RecordId: RecordId("nº 2 & não <>"),
    int: MAX_NUMBER + 1,
    str: "nº 2 & não <>",
}


def one_of_each() -> list[Refusal]:
    """Two samples of each refusal: one with ordinary values, one with the largest, oddest and absent values."""
    kinds = get_args(Refusal)
    return [_sample(kind, values) for kind in kinds for values in (_PLAIN, _EXTREME)]


def _sample(kind: Any, values: dict[Any, Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(**{field.name: _value(hints[field.name], values) for field in dataclasses.fields(kind)})


def _value(hint: Any, values: dict[Any, Any]) -> Any:
    if isinstance(hint, str):  # one of the words of a Literal
        return hint
    if hint in values:
        return values[hint]
    options = [option for option in get_args(hint) if option is not type(None)]
    if not options:
        raise TypeError(f"no sample value of {hint}; gateway.testing.refusal_samples must learn one")
    return _value(options[0], values) if values is _PLAIN else None
