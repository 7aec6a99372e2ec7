"""Invoices, credit notes and debit notes: create, get, update, list; `states` has change-state.

Source: R-25 to R-31, R-34, R-37.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from adapters.invoicexpress.documents.access import Access, Asked, handler
from adapters.invoicexpress.documents.clients import clients_named
from adapters.invoicexpress.documents.codec import (
    Detail,
    DocumentWriter,
    document_findings,
    page_elements,
    page_results,
    read_document_form,
)
from adapters.invoicexpress.documents.forms import CheckedDocument, Dates, check_document
from adapters.invoicexpress.documents.lifecycle import DIALECT, DRAFT, TYPES, is_ours, searches_for, state_of
from adapters.invoicexpress.documents.listing import ListQuery, read_list_query
from adapters.invoicexpress.documents.mapping import Shape, dates_of, edited_document, new_document, with_event
from adapters.invoicexpress.documents.states import StateChanges
from adapters.invoicexpress.errors import MISSING_XML, SEQUENCE_INVALID, Faults
from adapters.invoicexpress.mapping import SequenceIds
from adapters.invoicexpress.operations import Handler
from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.commands import GetDocuments, GetSeries, SaveDocument, SearchDocumentIds
from gateway.core.documents import Document, DocumentId
from gateway.core.refusals import Refused, SeriesUnknown
from gateway.core.search import DocumentFilter
from gateway.core.values import SeriesId
from gateway.spi.adapter import Context
from gateway.spi.findings import Finding
from gateway.wire.rails.responses import Answer, RailsServer
from schemas.invoicexpress.documents import DocumentForm


class Documents:
    """The three types of document that have a counter in a legacy sequence."""

    def __init__(
        self, context: Context[Settings, Binding], server: RailsServer, faults: Faults, ids: SequenceIds
    ) -> None:
        self._settings = context.settings
        self._choices = context.settings.documents
        self._service = context.service
        self._server = server
        self._faults = faults
        self._ids = ids
        self._is_v1 = context.settings.generation == "v1"
        self._shape = Shape(context.settings, ids)
        self._writer = DocumentWriter(self._is_v1)
        self._access = Access(context)
        self._states = StateChanges(context, server, faults, self._access, self._shape)

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each operation."""
        actions = {
            "list": self._list,
            "get": self._get,
            "create": self._create,
            "update": self._update,
            "change_state": self._states.change_state,
        }
        return {f"{kind.plural}.{name}": handler(kind, action) for kind in TYPES for name, action in actions.items()}

    async def _get(self, asked: Asked) -> Answer:
        return self._whole(asked, await self._access.read(asked), asked.call.headers.get("If-None-Match"))

    def _whole(self, asked: Asked, document: Document, if_none_match: str | None) -> Answer:
        message = self._shape.document(document, asked.call.base_url)
        return self._server.fresh(self._writer.one(message, asked.kind.root, Detail.WHOLE), if_none_match)

    # --- drafts -------------------------------------------------------------------------------------------------------

    async def _create(self, asked: Asked) -> Answer:
        form = self._form(asked)
        if not isinstance(form, DocumentForm):
            return form
        checked, series = await self._checked(asked, form, None)
        if checked.problems:
            return self._faults.errors(checked.problems)
        caller = asked.caller
        document = new_document(caller.tenant, asked.kind, checked, series, self._access.now(asked), caller.principal)
        saved = await self._access.save(asked, SaveDocument(document))
        message = self._shape.document(saved.document, asked.call.base_url)
        body = self._writer.one(message, asked.kind.root, Detail.CREATED)
        return self._server.rendered(self._settings.create_status, body)

    async def _update(self, asked: Asked) -> Answer:
        """Source: R-34."""
        form = self._form(asked)
        if not isinstance(form, DocumentForm):
            return form

        async def decide(document: Document) -> SaveDocument | Answer:
            return await self._edited(asked, form, document)

        saved = await self._access.change(asked, decide)
        if isinstance(saved, Answer):
            return saved
        return (
            self._server.blank(200)
            if self._choices.update_body == "blank"
            else self._whole(asked, saved.document, None)
        )

    async def _edited(self, asked: Asked, form: DocumentForm, document: Document) -> SaveDocument | Answer:
        """The draft with what the form sends, or the answer that says what is wrong."""
        if state_of(document) != DRAFT:
            return self._faults.document_locked(asked.kind, state_of(document))
        checked, series = await self._checked(asked, form, dates_of(document))
        if checked.problems:
            return self._faults.errors(checked.problems)
        event = with_event(document, "edited", self._access.now(asked), asked.caller.principal)
        return SaveDocument(edited_document(document, checked, series, event), expected_version=document.version)

    def _form(self, asked: Asked) -> DocumentForm | Answer:
        """The form of the request, or the answer when there is none."""
        if self._faults.content_type_missing(asked.call):
            return self._faults.wrong_content_type()
        if asked.call.trace is not None:
            for finding, name in document_findings(asked.parameters, asked.kind.root, DocumentForm):
                asked.call.found(finding, name)
        return read_document_form(asked.parameters, asked.kind.root) or self._faults.errors([MISSING_XML])

    async def _checked(
        self, asked: Asked, form: DocumentForm, before: Dates | None
    ) -> tuple[CheckedDocument, SeriesId | None]:
        """The form after all validations, and the series that it names; None for the account's default."""
        tenant = asked.caller.tenant
        catalogue = self._service.catalogue(tenant)
        checked = check_document(form, self._choices, catalogue, self._access.now(asked).date(), before)
        if asked.call.trace is not None:
            for name in checked.replaced:
                asked.call.found(Finding.CONVERTED_VALUE, name)
        if checked.client and not checked.problems:
            checked.take_client(await clients_named(self._service, tenant, checked.client["name"]))
        if not checked.sequence:
            return checked, None
        series = self._ids.series_of_type(checked.sequence, asked.kind.root, self._is_v1)
        if series is not None and await self._has_series(asked, series):
            return checked, series
        if self._choices.unknown_sequence == "error":
            checked.add(SEQUENCE_INVALID)
        return checked, None

    async def _has_series(self, asked: Asked, series: SeriesId) -> bool:
        try:
            await self._service.read(GetSeries(asked.caller.tenant, series, DIALECT))
        except Refused as refused:
            if isinstance(refused.refusal, SeriesUnknown):
                return False
            raise
        return True

    # --- lists --------------------------------------------------------------------------------------------------------

    async def _list(self, asked: Asked) -> Answer:
        query = read_list_query(asked.call.query, asked.kind, self._choices)
        if query.problems:
            return self._faults.errors(query.problems)
        ids = await self._found(asked, query)
        page = GetDocuments(asked.caller.tenant, tuple(query.cut(ids)))
        shown = (await self._service.read(page)).documents
        documents = reversed(shown) if self._choices.list_order == "newest" else shown
        messages = [self._shape.document(document, asked.call.base_url) for document in documents if is_ours(document)]
        head, tail = self._pages(asked, query, len(messages), len(ids))
        body = self._writer.page(messages, asked.kind.plural, asked.kind.root, head, tail)
        return self._server.fresh(body, asked.call.headers.get("If-None-Match"))

    async def _found(self, asked: Asked, query: ListQuery) -> list[DocumentId]:
        """The ids of all documents that the list is about, in its order."""
        filters = [
            DocumentFilter(stages=search.stages, statuses=(search.status,), kinds=query.kinds)
            for search in (searches_for(query.states) if query.kinds else ())
        ]
        if query.reference is None:
            searches = (SearchDocumentIds(asked.caller.tenant, where) for where in filters)
            ids = [found for result in await asyncio.gather(*map(self._service.read, searches)) for found in result.ids]
        else:
            ids = [one for where in filters for one in await self._access.with_reference(asked, where, query.reference)]
        return sorted(ids, reverse=self._choices.list_order == "newest")

    def _pages(self, asked: Asked, query: ListQuery, shown: int, entries: int) -> tuple[bytes, bytes]:
        """What stands before and after the documents. Source: R-37."""
        form = self._choices.pagination
        if form == "results" or (form == "recorded" and asked.kind is not TYPES[0]):
            return page_results(query.page, shown, entries), b""
        return b"", page_elements(query.page, -(-entries // query.per_page), entries, query.per_page)
