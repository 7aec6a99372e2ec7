"""What the core needs from outside: a store, a clock, and a place for tokens. Protocols only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, overload

from gateway.core.catalogue import Catalogue
from gateway.core.commands import (
    Command,
    CreateSeries,
    GetDocuments,
    GetSeries,
    Issue,
    ListSeries,
    PeekNext,
    SaveCatalogue,
    SaveDocuments,
    SearchDocumentIds,
    SearchDocuments,
    SetDefault,
    SetNext,
    UpdateSeries,
    Void,
)
from gateway.core.ledger import Entry
from gateway.core.results import (
    CatalogueSaved,
    DefaultSet,
    DocumentIdsFound,
    DocumentsFound,
    DocumentsRead,
    DocumentsSaved,
    NextPeeked,
    NextSet,
    NumberIssued,
    NumberVoided,
    Result,
    SeriesCreated,
    SeriesListed,
    SeriesRead,
    SeriesUpdated,
)
from gateway.core.values import TenantId


class StoreUnavailableError(Exception):
    """The store cannot answer now. `committed` is None when nobody knows whether the command took effect."""

    def __init__(self, message: str, committed: bool | None = False) -> None:
        super().__init__(message)
        self.committed = committed


class StoreOverloadedError(StoreUnavailableError):
    """More commands wait than the store is willing to queue; nothing was written."""


class Clock(Protocol):
    """The only source of time. UTC, aware."""

    def now(self, tenant: TenantId | None = None) -> datetime: ...


class Store(Protocol):
    """Durable state. `read` never waits for a write; `execute` returns only when the effect is durable.

    What `read` answers holds every effect acknowledged before it was asked.
    """

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def ready(self) -> bool:
        """True when a commit is possible right now."""
        ...

    @overload
    async def read(self, query: PeekNext) -> NextPeeked: ...
    @overload
    async def read(self, query: GetSeries) -> SeriesRead: ...
    @overload
    async def read(self, query: ListSeries) -> SeriesListed: ...
    @overload
    async def read(self, query: GetDocuments) -> DocumentsRead: ...
    @overload
    async def read(self, query: SearchDocuments) -> DocumentsFound: ...
    @overload
    async def read(self, query: SearchDocumentIds) -> DocumentIdsFound: ...

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue as committed; from memory."""
        ...

    async def execute(self, command: Command) -> Result:
        """Decide and make durable. Raises Refused, StoreUnavailableError, StoreOverloadedError."""
        ...

    def ledger(self, tenant: TenantId | None = None) -> AsyncIterator[Entry]:
        """All ledger entries in chain and index order, of one tenant or all."""
        ...


class TokenVault(Protocol):
    """Short-lived secrets that outlive a restart: access tokens, sessions. Kept under a hash, never in clear."""

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token; durable when it returns."""
        ...

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired."""
        ...

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Let a token live until `expires`, unless that is less than `slack` longer than it does; durable when it returns.

        Its facts stay what they are, whoever changes them at the same time. What is unknown or expired stays so.
        """
        ...

    async def drop(self, kind: str, token: str) -> None: ...


class Service(Protocol):
    """The only door to numbers, as adapters see it. Raises Refused and StoreUnavailableError."""

    async def peek_next(self, query: PeekNext) -> NextPeeked: ...
    async def get_series(self, query: GetSeries) -> SeriesRead: ...
    async def list_series(self, query: ListSeries) -> SeriesListed: ...
    async def set_next(self, command: SetNext) -> NextSet: ...
    async def create_series(self, command: CreateSeries) -> SeriesCreated: ...
    async def update_series(self, command: UpdateSeries) -> SeriesUpdated: ...
    async def set_default(self, command: SetDefault) -> DefaultSet: ...
    async def issue(self, command: Issue) -> NumberIssued: ...
    async def void(self, command: Void) -> NumberVoided: ...
    async def save_documents(self, command: SaveDocuments) -> DocumentsSaved: ...
    async def get_documents(self, query: GetDocuments) -> DocumentsRead: ...
    async def search_documents(self, query: SearchDocuments) -> DocumentsFound: ...
    async def search_document_ids(self, query: SearchDocumentIds) -> DocumentIdsFound: ...
    async def save_catalogue(self, command: SaveCatalogue) -> CatalogueSaved: ...

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue, from memory."""
        ...
