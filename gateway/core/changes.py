"""What a decision does to the state: plain facts that a store writes in one transaction.

Stores apply changes in order; nothing else may move a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeAlias

from gateway.core.catalogue import CatalogueItem, ItemKey
from gateway.core.commands import R_co
from gateway.core.documents import Document
from gateway.core.records import KindName, Record, RecordKey, RecordUsage
from gateway.core.values import Counter, CounterKey, Issued, Origin, Series, TenantId
from gateway.core.work import WorkId, WorkItem


class CounterMoved(NamedTuple):
    """The line now stands as `counter` says."""

    counter: Counter


@dataclass(frozen=True, slots=True)
class SeriesSaved:
    """The series is new, or now reads as given."""

    series: Series


class NumberGiven(NamedTuple):
    """A number now belongs to a document, or is reserved."""

    issued: Issued


@dataclass(frozen=True, slots=True)
class NumberChanged:
    """A number that was given out is void now, or was reserved and now belongs to a document."""

    issued: Issued


class Recorded(NamedTuple):
    """An entry for the ledger. The store adds index, time and hashes.

    chain: where the entry goes.
    operation: create, rename, default, set, clear, issue, claim, reserve, use, pass, bounds, void or import. restore: in the
        chain of a line, the store was put back to a copy, and the line moved past the numbers that may have been given out
        since; in the chain of a series, a test tenant was put back to a snapshot.
    before, after: the next number (None = unset).
    by: who asked.
    number: the number issued, claimed, reserved, used (a reserved one, by a document) or voided; for pass, the first of the
        numbers passed over, all of which were given out before.
    key: the idempotency key of the number; for bounds, the new bounds as `Bounds` writes them.
    """

    tenant: TenantId
    chain: CounterKey
    operation: str
    before: int | None
    after: int | None
    by: Origin
    number: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class DocumentSaved:
    """The document is new, or now reads as given."""

    document: Document


@dataclass(frozen=True, slots=True)
class CatalogueChanged:
    """Items of a tenant's catalogue are new, replaced or gone."""

    tenant: TenantId
    items: tuple[CatalogueItem, ...] = ()
    removed: tuple[ItemKey, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordSaved:
    """A record is new, or now reads as given, or is gone.

    before, record: either may be a tombstone; None when there is none.
    given_up, taken: unique values, by the names of their fields, that it does not have any more and that it has now.
    """

    key: RecordKey
    before: Record | None
    record: Record | None
    given_up: frozenset[tuple[str, str]] = frozenset()
    taken: frozenset[tuple[str, str]] = frozenset()


class RecordsCounted(NamedTuple):
    """A tenant now has so much of a kind."""

    tenant: TenantId
    kind: KindName
    usage: RecordUsage


@dataclass(frozen=True, slots=True)
class WorkAdded:
    """There is a new item of work."""

    item: WorkItem


@dataclass(frozen=True, slots=True)
class WorkSaved:
    """An item of work now reads as given."""

    item: WorkItem


@dataclass(frozen=True, slots=True)
class WorkLetGo:
    """An item of work is not kept any more."""

    tenant: TenantId
    work: WorkId


Change: TypeAlias = (
    CounterMoved
    | SeriesSaved
    | NumberGiven
    | NumberChanged
    | Recorded
    | DocumentSaved
    | CatalogueChanged
    | RecordSaved
    | RecordsCounted
    | WorkAdded
    | WorkSaved
    | WorkLetGo
)


class Decision(NamedTuple, Generic[R_co]):
    """What `rules.decide` says.

    result: the answer.
    changes: what makes it true; empty when nothing has to be written.
    """

    result: R_co
    changes: tuple[Change, ...] = ()
