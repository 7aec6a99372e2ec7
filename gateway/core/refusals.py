"""The closed family of refusals: why a command about numbers was not carried out.

A refusal holds facts only: no HTTP status, no text for a client. A dialect's `errors.py` has a total table from refusals to
the vendor's words. A refused command has changed nothing and consumed nothing (ADR-1).

    Refusal
    ├── NumberBehind        the number asked for is below what the line allows
    ├── NumberOutOfRange    outside of the line's bounds, below 0 or above what can be stored
    ├── NumberTaken         the number asked for, or the next one, was already given out
    ├── NumberUnknown       no such number was ever given out
    ├── CounterUnset        a number is needed but the line was never started
    ├── CounterExhausted    the line has reached its last number
    ├── ClearNotAllowed     the policy does not let this caller clear the line
    ├── SeriesUnknown       no such series for this tenant
    ├── SeriesInUse         documents were already issued from the series
    ├── SeriesOwned         a series of one dialect cannot be the default
    ├── NameTaken           another series of the tenant has this name or key
    ├── KeyReused           the idempotency key belongs to another number line, or to another number
    ├── AlreadyVoid         the number is void already
    ├── DocumentRefusal
    │   ├── DocumentUnknown       no such document for this tenant
    │   ├── DocumentExists        the id or key of a new document is another document's
    │   ├── DocumentChanged       somebody changed the document meanwhile
    │   ├── DocumentLocked        the document's status does not allow this change
    │   ├── TransitionNotAllowed  the document cannot go from its status to that one
    │   └── DateBehind            a later document was already issued from the line
    └── RecordRefusal
        ├── RecordUnknown         no such record for this tenant
        ├── RecordExists          the id of a new record is another record's
        ├── RecordChanged         somebody changed the record meanwhile
        ├── RecordTaken           another record has a value that must be unique
        └── RecordsFull           the tenant has as many records as it may have, or the record is too large
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.core.documents import DocumentId, Status
from gateway.core.records import KindName, RecordId
from gateway.core.values import CounterKey, SeriesId


@dataclass(frozen=True, slots=True)
class NumberBehind:
    """The requested next number is lower than the line's current next number."""

    counter: CounterKey
    requested: int
    next_number: int


@dataclass(frozen=True, slots=True)
class NumberOutOfRange:
    """The requested number cannot be held.

    minimum, maximum: both inclusive.
    """

    counter: CounterKey
    requested: int
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class NumberTaken:
    """The number asked for, or the one where the line stands, was given out before. In the second case somebody must move
    the line first, or a draw must pass over it (ADR-6, ADR-61).
    """

    counter: CounterKey
    number: int


@dataclass(frozen=True, slots=True)
class NumberUnknown:
    """No document has this number."""

    counter: CounterKey
    number: int


@dataclass(frozen=True, slots=True)
class CounterUnset:
    """The line was never started and the command names no start."""

    counter: CounterKey


@dataclass(frozen=True, slots=True)
class CounterExhausted:
    """No number is left on the line."""

    counter: CounterKey


@dataclass(frozen=True, slots=True)
class ClearNotAllowed:
    """This caller's policy does not include clearing."""

    counter: CounterKey


@dataclass(frozen=True, slots=True)
class SeriesUnknown:
    """The tenant has no such series.

    series: None when the default was asked for and there is none.
    """

    series: SeriesId | None


@dataclass(frozen=True, slots=True)
class SeriesInUse:
    """Documents were issued from the series, and the policy forbids a change then.

    issued: how many.
    """

    series: SeriesId
    issued: int


@dataclass(frozen=True, slots=True)
class SeriesOwned:
    """The series belongs to one dialect, so it cannot be the tenant's default.

    owner: the dialect.
    """

    series: SeriesId
    owner: str


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Another series of the tenant has this very name, or this very key."""

    name: str


@dataclass(frozen=True, slots=True)
class KeyReused:
    """The key already got a number on another line, or another number than the one asked for now.

    counter: the line of the number that it got.
    """

    key: str
    counter: CounterKey


@dataclass(frozen=True, slots=True)
class AlreadyVoid:
    """The number was voided before."""

    counter: CounterKey
    number: int


@dataclass(frozen=True, slots=True)
class DocumentUnknown:
    """The tenant has no such document."""

    document: DocumentId


@dataclass(frozen=True, slots=True)
class DocumentExists:
    """A new document was to have this id or key, and a document has it already."""

    document: DocumentId


@dataclass(frozen=True, slots=True)
class DocumentChanged:
    """Somebody has changed the document since the client read it (ADR-11).

    version: where the document stands now.
    """

    document: DocumentId
    version: int


@dataclass(frozen=True, slots=True)
class DocumentLocked:
    """The document cannot be changed so any more: issued (but for a few fields) or void."""

    document: DocumentId
    status: Status


@dataclass(frozen=True, slots=True)
class TransitionNotAllowed:
    """There is no way from one status to the other.

    before: None for a new document.
    """

    document: DocumentId
    before: Status | None
    after: Status


@dataclass(frozen=True, slots=True)
class DateBehind:
    """The document's date is before that of a document already issued from the line."""

    counter: CounterKey
    date: dt.date
    latest: dt.date


DocumentRefusal: TypeAlias = (
    DocumentUnknown | DocumentExists | DocumentChanged | DocumentLocked | TransitionNotAllowed | DateBehind
)
"""Only SaveDocuments meets these."""


@dataclass(frozen=True, slots=True)
class RecordUnknown:
    """The tenant has no such record."""

    kind: KindName
    record: RecordId


@dataclass(frozen=True, slots=True)
class RecordExists:
    """A new record was to have this id, and a record has it already."""

    kind: KindName
    record: RecordId


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """Somebody has changed the record since the client read it.

    version: where the record stands now.
    """

    kind: KindName
    record: RecordId
    version: int


@dataclass(frozen=True, slots=True)
class RecordTaken:
    """A value of this field must be unique, and another record has it.

    record: the other one.
    """

    kind: KindName
    field: str
    record: RecordId


@dataclass(frozen=True, slots=True)
class RecordsFull:
    """The tenant may not keep more of this kind.

    what: `records` (number of records), `bytes` (of all of them), or `body` (bytes of one).
    limit: the most there may be.
    """

    kind: KindName
    what: Literal["records", "bytes", "body"]
    limit: int


RecordRefusal: TypeAlias = RecordUnknown | RecordExists | RecordChanged | RecordTaken | RecordsFull
"""Only SaveRecords meets these."""

Refusal: TypeAlias = (
    NumberBehind
    | NumberOutOfRange
    | NumberTaken
    | NumberUnknown
    | CounterUnset
    | CounterExhausted
    | ClearNotAllowed
    | SeriesUnknown
    | SeriesInUse
    | SeriesOwned
    | NameTaken
    | KeyReused
    | AlreadyVoid
    | DocumentRefusal
    | RecordRefusal
)


class Refused(Exception):
    """Carries a refusal from the core to the exchange, which asks the dialect to word it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(repr(refusal))
        self.refusal = refusal
