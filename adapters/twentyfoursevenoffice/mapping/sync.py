"""GetOrderSyncList: the ids of the orders that were changed or registered after a moment. Source: R-87."""

from __future__ import annotations

from adapters.twentyfoursevenoffice.mapping.get import moment_of
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import SearchDocumentIds
from gateway.core.search import DocumentFilter
from gateway.core.values import INVOICE
from schemas.twentyfoursevenoffice.messages import (
    GetOrderSyncList,
    GetOrderSyncListResponse,
    InvoiceSyncParameters,
)


async def get_order_sync_list(work: Work, message: GetOrderSyncList) -> GetOrderSyncListResponse:
    """All ids, ascending. When both moments are set, both must hold; when none is set, every order counts (inferred)."""
    asked = message.sync_params or InvoiceSyncParameters.model_construct()
    where = DocumentFilter(
        changed_after=moment_of(asked.changed_after),
        registered_after=moment_of(asked.registered_after),
        kinds=(INVOICE,),
        series=(work.identity.series,),
    )
    found = await work.context.service.read(SearchDocumentIds(work.identity.tenant, where))
    return GetOrderSyncListResponse.model_construct(result=list(found.ids))
