"""Documents of this dialect in the core: finding one, saving it, and changing it while others change it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from adapters.invoicexpress.documents.lifecycle import DELETED, DIALECT, DocumentType, is_ours, state_of
from adapters.invoicexpress.operations import Handler, Target, origin_of
from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.commands import GetDocuments, SaveDocument, SaveDocuments, SearchDocuments
from gateway.core.document_commands import ChangeDocument, SeriesOf
from gateway.core.documents import MAX_DOCUMENT_ID, UNASSIGNED, Document, DocumentId
from gateway.core.refusals import DocumentChanged, DocumentUnknown, Refused
from gateway.core.results import Saved
from gateway.core.search import DocumentFilter
from gateway.core.values import Caller
from gateway.spi.adapter import Call, Context
from gateway.wire.rails.parameters import Parameters
from gateway.wire.rails.responses import Answer

ATTEMPTS: Final = 32
"""How often a change is decided again because somebody else saved the document first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about documents of one type.

    id: as it stands in the path.
    """

    kind: DocumentType
    call: Call
    caller: Caller
    id: str
    parameters: Parameters


def handler(kind: DocumentType, action: Callable[[Asked], Awaitable[Answer]]) -> Handler:
    """An action for one type of document."""

    def handle(call: Call, caller: Caller, target: Target, parameters: Parameters) -> Awaitable[Answer]:
        return action(Asked(kind, call, caller, target.id, parameters))

    return handle


class Access:
    """The door to documents."""

    def __init__(self, context: Context[Settings, Binding]) -> None:
        self._service = context.service
        self._clock = context.clock
        self._hides_deleted = context.settings.documents.deleted == "hidden"

    def now(self, asked: Asked) -> dt.datetime:
        """The time of the caller's tenant, UTC."""
        return self._clock.now(asked.caller.tenant)

    async def read(self, asked: Asked) -> Document:
        """Return the document of the path. Raises Refused(DocumentUnknown), also for one of another type or dialect."""
        wanted = document_id(asked.id)
        found = (await self._service.read(GetDocuments(asked.caller.tenant, (wanted,)))).documents
        document = found[0] if found else None
        if document is None or not self._is_shown(asked, document):
            raise Refused(DocumentUnknown(wanted))
        asked.call.number = document.number
        return document

    def _is_shown(self, asked: Asked, document: Document) -> bool:
        if document.kind != asked.kind.kind or not is_ours(document):
            return False
        return not (self._hides_deleted and state_of(document) == DELETED)

    async def with_reference(self, asked: Asked, where: DocumentFilter, reference: str) -> list[DocumentId]:
        """The ids of documents with exactly this reference; "" finds those without one.

        The core does not know references, so the documents themselves are read, page by page.
        """
        found: list[DocumentId] = []
        after = UNASSIGNED
        while True:
            page = await self._service.read(SearchDocuments(asked.caller.tenant, where, after))
            mine = filter(is_ours, page.documents)
            found += [one.id for one in mine if (one.extras[DIALECT].get("reference") or "") == reference]
            if not page.more:
                return found
            after = page.documents[-1].id

    async def save(self, asked: Asked, save: SaveDocument) -> Saved:
        """Save one document. Raises Refused."""
        command = SaveDocuments(asked.caller.tenant, (save,), origin_of(asked.call, asked.caller))
        saved = (await self._service.execute(command)).saved[0]
        asked.call.number = saved.document.number
        return saved

    async def change_at_once(
        self, asked: Asked, change: Callable[[Document, SeriesOf], SaveDocument | None], issue_key: str = ""
    ) -> Saved | None:
        """Change the document of the path in one command, without reading it before. Raises Refused.

        change: see `ChangeDocument`; it is not asked about a document that `read` does not show.
        Returns None when nothing was changed.
        """

        def decide(document: Document, series: SeriesOf) -> SaveDocument | None:
            return change(document, series) if self._is_shown(asked, document) else None

        by = origin_of(asked.call, asked.caller)
        command = ChangeDocument(asked.caller.tenant, document_id(asked.id), decide, by, issue_key)
        saved = (await self._service.execute(command)).saved
        if not saved:
            return None
        asked.call.number = saved[0].document.number
        return saved[0]

    async def change(
        self, asked: Asked, decide: Callable[[Document], Awaitable[SaveDocument | Answer]]
    ) -> Saved | Answer:
        """Read, decide, and save at the version that was read. Raises Refused.

        When somebody else saved meanwhile, decide again on the new state (ADR-11). An Answer of `decide` ends it.
        """
        for _ in range(ATTEMPTS):
            document = await self.read(asked)
            decided = await decide(document)
            if isinstance(decided, Answer):
                return decided
            try:
                return await self.save(asked, decided)
            except Refused as refused:
                if not isinstance(refused.refusal, DocumentChanged):
                    raise
        raise Refused(DocumentChanged(document.id, document.version))


def document_id(text: str) -> DocumentId:
    """The id in a path. Raises Refused(DocumentUnknown) for a text that cannot be an id."""
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or not 0 < int(text) <= MAX_DOCUMENT_ID:
        raise Refused(DocumentUnknown(UNASSIGNED))
    return DocumentId(int(text))
