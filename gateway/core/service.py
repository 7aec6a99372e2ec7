"""The only door to numbers: typed methods over the store. No rule lives here; rules are in `rules`."""

from __future__ import annotations

from typing import TypeVar

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
from gateway.core.ports import Store
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

R = TypeVar("R", bound=Result)


class SequenceService:
    """Answers queries from committed state and executes commands durably. Raises Refused, StoreUnavailableError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def peek_next(self, query: PeekNext) -> NextPeeked:
        """The next number of a line, not consumed."""
        return await self._store.read(query)

    async def get_series(self, query: GetSeries) -> SeriesRead:
        """One series with its counters."""
        return await self._store.read(query)

    async def list_series(self, query: ListSeries) -> SeriesListed:
        """All series of a tenant."""
        return await self._store.read(query)

    async def set_next(self, command: SetNext) -> NextSet:
        """Set or clear the next number of a line."""
        return await self._run(command, NextSet)

    async def create_series(self, command: CreateSeries) -> SeriesCreated:
        """Create a series."""
        return await self._run(command, SeriesCreated)

    async def update_series(self, command: UpdateSeries) -> SeriesUpdated:
        """Change a series and several counters at once."""
        return await self._run(command, SeriesUpdated)

    async def set_default(self, command: SetDefault) -> DefaultSet:
        """Make a series the default."""
        return await self._run(command, DefaultSet)

    async def issue(self, command: Issue) -> NumberIssued:
        """Give a number to a document."""
        return await self._run(command, NumberIssued)

    async def void(self, command: Void) -> NumberVoided:
        """Void an issued number."""
        return await self._run(command, NumberVoided)

    async def save_documents(self, command: SaveDocuments) -> DocumentsSaved:
        """Save, issue and void documents, all or nothing."""
        return await self._run(command, DocumentsSaved)

    async def get_documents(self, query: GetDocuments) -> DocumentsRead:
        """Documents by id."""
        return await self._store.read(query)

    async def search_documents(self, query: SearchDocuments) -> DocumentsFound:
        """A page of documents that meet conditions."""
        return await self._store.read(query)

    async def search_document_ids(self, query: SearchDocumentIds) -> DocumentIdsFound:
        """The ids of documents that meet conditions."""
        return await self._store.read(query)

    async def save_catalogue(self, command: SaveCatalogue) -> CatalogueSaved:
        """Change the tenant's catalogue."""
        return await self._run(command, CatalogueSaved)

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue, from memory."""
        return self._store.catalogue(tenant)

    async def _run(self, command: Command, expected: type[R]) -> R:
        result = await self._store.execute(command)
        if not isinstance(result, expected):
            raise TypeError(f"{type(command).__name__} answered {type(result).__name__}")
        return result
