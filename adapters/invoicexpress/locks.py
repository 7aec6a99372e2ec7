"""Whether a sequence may be updated although numbers of it were given out. Source: R-12."""

from __future__ import annotations

from dataclasses import replace

from adapters.invoicexpress.documents.lifecycle import DIALECT
from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.commands import GetDocuments, GetSeries, SearchDocumentIds, SetPolicy
from gateway.core.documents import Status
from gateway.core.search import DocumentFilter
from gateway.core.values import Caller, SeriesId
from gateway.spi.adapter import Context


class Locks:
    """What locks a sequence: every number that was given out.

    With `locked_by_canceled: false` numbers of canceled documents lock nothing.
    """

    def __init__(self, context: Context[Settings, Binding], policy: SetPolicy) -> None:
        self._service = context.service
        self._counts_canceled = context.settings.locked_by_canceled
        self._policy = policy

    async def policy(self, caller: Caller, series: SeriesId) -> SetPolicy:
        """Return what an update of the sequence may do.

        A number may be given out between this check and the update. It is safe all the same: the core gives no number
        twice (ADR-6).
        """
        if self._counts_canceled or await self._is_alive(caller, series):
            return self._policy
        return replace(self._policy, allow_when_issued=True)

    async def _is_alive(self, caller: Caller, series: SeriesId) -> bool:
        """True when there is a number whose document is not void. Numbers without a document count, too."""
        view = (await self._service.read(GetSeries(caller.tenant, series, DIALECT))).view
        lines = self._policy.locked_by or frozenset(view.counters)
        issued = sum(map(view.issued, lines))
        if not issued:
            return False
        where = DocumentFilter(series=(series,), statuses=(Status.VOID,), lines=tuple(lines))
        found = await self._service.read(SearchDocumentIds(caller.tenant, where))
        void = (await self._service.read(GetDocuments(caller.tenant, found.ids))).documents
        return issued > sum(1 for document in void if document.number is not None)
