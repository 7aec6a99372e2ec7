"""What a group asks of the database while it is decided: whatever is too much for memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from gateway.core.documents import Document, DocumentId
from gateway.core.values import CounterKey, Issued, TenantId


class IssuedLookup(Protocol):
    """Finds issued numbers in the database; they are too many for memory."""

    def under(self, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]: ...
    def number(self, counter: CounterKey, number: int) -> Issued | None: ...


class DocumentLookup(Protocol):
    """Finds documents in the database."""

    def documents(self, ids: Iterable[DocumentId]) -> Iterable[Document]: ...
    def document_under(self, tenant: TenantId, key: str) -> Document | None: ...

    def first_free_id(self, start: DocumentId) -> DocumentId:
        """The first id from `start` on that no document has, or an id before it that is not taken for certain."""
        ...


class Lookup(IssuedLookup, DocumentLookup, Protocol):
    """What is not in memory."""
