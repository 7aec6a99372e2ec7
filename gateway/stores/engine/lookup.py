"""What a group asks the database for while it is decided, because memory does not hold it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from gateway.core.documents import Document, DocumentId
from gateway.core.values import CounterKey, Issued, TenantId
from gateway.core.work_rules import KnownWork
from gateway.stores.engine.conditions import Condition, Facts
from gateway.stores.engine.record_stage import RecordLookup


class IssuedLookup(Protocol):
    """Finds issued numbers in the database, because memory does not hold them."""

    def under(self, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]: ...
    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None: ...
    def number(self, counter: CounterKey, number: int) -> Issued | None: ...

    def first_free(self, counter: CounterKey, number: int) -> int:
        """The first number from this one on that the database does not have."""
        ...


class DocumentLookup(Protocol):
    """Finds documents in the database."""

    def documents(self, ids: Iterable[DocumentId]) -> Iterable[Document]: ...
    def created_under(self, keys: Iterable[tuple[TenantId, str]]) -> Iterable[Document]: ...

    def first_free_id(self, start: DocumentId) -> DocumentId:
        """The first id from `start` on that no document has; or an earlier one, if the database cannot be asked now."""
        ...

    def next_taken_id(self, start: DocumentId) -> DocumentId:
        """The first id from `start` on that a document has; the one behind the last id when there is none."""
        ...


class Lookup(IssuedLookup, DocumentLookup, RecordLookup, Protocol):
    """What is not in memory. work: the items of work that is due."""

    @property
    def work(self) -> KnownWork: ...

    def facts(self, condition: Condition) -> Facts | None:
        """What the row of a condition reads in the database; None when there is none."""
        ...

    def is_database_error(self, error: Exception) -> bool:
        """True for an error of the database itself, which concerns the whole group."""
        ...
