"""change-state: a document goes from one of the vendor's states to another, and may take or give up its number.

Source: R-32, R-33, R-35.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from adapters.invoicexpress.documents.access import ATTEMPTS, Access, Asked, document_id
from adapters.invoicexpress.documents.codec import document_findings, read_state_form, state_root, write_state
from adapters.invoicexpress.documents.forms import text_of
from adapters.invoicexpress.documents.lifecycle import (
    CANCELED,
    DELETED,
    EVENTS,
    FINAL,
    FINALIZED,
    TRANSITIONS,
    state_of,
)
from adapters.invoicexpress.documents.mapping import Shape, extras_with, with_event
from adapters.invoicexpress.errors import INVALID_STATE, Faults
from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.commands import IssueRequest, SaveDocument
from gateway.core.document_commands import SeriesOf
from gateway.core.documents import Document, DocumentId
from gateway.core.refusals import DocumentChanged, Refused
from gateway.core.results import Saved
from gateway.core.values import Series
from gateway.spi.adapter import Context
from gateway.wire.rails.numericality import is_blank
from gateway.wire.rails.responses import Answer, RailsServer
from schemas.invoicexpress.documents import StateForm

_NO_MESSAGE = "Cancel message can't be blank"


class StateChanges:
    """The one action that all three types of document share."""

    def __init__(
        self, context: Context[Settings, Binding], server: RailsServer, faults: Faults, access: Access, shape: Shape
    ) -> None:
        self._choices = context.settings.documents
        self._server = server
        self._faults = faults
        self._access = access
        self._shape = shape

    async def change_state(self, asked: Asked) -> Answer:
        """Answer a change-state request."""
        if self._faults.content_type_missing(asked.call):
            return self._faults.wrong_content_type()
        root = state_root(asked.parameters, asked.kind.root)
        if asked.call.trace is not None:
            for finding, name in document_findings(asked.parameters, root, StateForm):
                asked.call.found(finding, name)
        form = read_state_form(asked.parameters, root)
        at = self._access.now(asked)

        def change(document: Document, series: SeriesOf) -> SaveDocument | None:
            refused = self._refused(asked, document, form)
            return None if refused else self._save(asked, document, form, at, series)

        key = _key_of(document_id(asked.id)) if form.state == FINALIZED else ""
        for _ in range(ATTEMPTS):
            saved = await self._access.change_at_once(asked, change, key)
            if saved is not None:
                return self._changed(asked, saved)
            refused = self._refused(asked, document := await self._access.read(asked), form)
            if refused is not None:
                return refused
        raise Refused(DocumentChanged(document.id, document.version))

    def _refused(self, asked: Asked, document: Document, form: StateForm) -> Answer | None:
        """The answer to a change that cannot be made, or that was made before; None when it can be made. Source: R-32."""
        if form.state == FINALIZED and document.number is not None and self._choices.finalized_again == "repeat":
            return self._answer(asked, document)
        after = TRANSITIONS.get((state_of(document), form.state)) if isinstance(form.state, str) else None
        if after is None:
            return self._faults.errors([INVALID_STATE])
        if after == CANCELED and (is_blank(form.message) or isinstance(form.message, (list, dict))):
            return self._faults.errors([_NO_MESSAGE])
        return None

    def _save(
        self, asked: Asked, document: Document, form: StateForm, at: dt.datetime, series: SeriesOf
    ) -> SaveDocument:
        """What to save: the document in its new state, which may take a number or void it."""
        after = TRANSITIONS[state_of(document), form.state]
        event = with_event(document, EVENTS[form.state], at, asked.caller.principal)
        if form.state == FINALIZED:
            return self._finalize(document, event, series())
        message = (text_of(form.message) or "") if after == CANCELED else None
        facts = event if message is None else {**event, "message": message}
        moved = document.with_fields(stage=after, extras=extras_with(document, facts))
        void = DELETED if after == DELETED else message
        return SaveDocument(moved, expected_version=document.version, void=void, allow_issued=void is None)

    def _finalize(self, document: Document, event: Mapping[str, Any], series: Series) -> SaveDocument:
        """What to save for a finalize: document and number in one transaction (ADR-11).

        The key is the document's, so that a repetition takes no second number.
        """
        issue = IssueRequest(
            key=_key_of(document.id),
            series=series.id,
            start_if_unset=1,
            date=document.document_date,
            dates_must_not_go_back=not self._choices.dates_may_go_back,
        )
        extras = extras_with(document, {**event, "serie": series.name})
        final = document.with_fields(stage=FINAL, extras=extras)
        return SaveDocument(final, expected_version=document.version, issue=issue)

    def _changed(self, asked: Asked, saved: Saved) -> Answer:
        """Of two clients that finalize at once, the second one gets the same number or an error, as `finalized_again` says."""
        if saved.replayed and self._choices.finalized_again == "refuse":
            return self._faults.errors([INVALID_STATE])
        return self._answer(asked, saved.document)

    def _answer(self, asked: Asked, document: Document) -> Answer:
        return self._server.rendered(200, write_state(self._shape.state(document), asked.kind.root))


def _key_of(document: DocumentId) -> str:
    return f"invoicexpress/{document}"
