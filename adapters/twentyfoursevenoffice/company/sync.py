"""GetCompanySyncList: every customer in pages, those that are deleted too. Source: CO-70 to CO-74."""

from __future__ import annotations

import asyncio

from adapters.twentyfoursevenoffice.company.view import created, is_shown
from adapters.twentyfoursevenoffice.mapping.get import moment_of
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Customer
from gateway.core.catalogue_records import CUSTOMER, item_of
from gateway.core.record_commands import MAX_COUNTED, CountRecords, SearchRecords
from gateway.core.records import MAX_TEXT, Record
from schemas.twentyfoursevenoffice.company.messages import GetCompanySyncList, GetCompanySyncListResponse
from schemas.twentyfoursevenoffice.company.types import PageOfSyncCompany, SyncCompany, SyncSearchParameters


async def get_company_sync_list(work: Work, message: GetCompanySyncList) -> GetCompanySyncListResponse:
    """One page. Without a page it is the first one; behind the last one it has no items. Source: CO-72, CO-73."""
    asked = message.sync_search_parameters or SyncSearchParameters.model_construct()
    tenant, size = work.identity.tenant, work.settings.sync_page_size
    changed_after, registered_after = moment_of(asked.changed_after), moment_of(asked.registered_after)
    count = CountRecords(
        tenant,
        CUSTOMER,
        at_most=MAX_COUNTED,
        changed_after=changed_after,
        registered_after=registered_after,
        with_deleted=asked.active is None,
        only_deleted=asked.active is False,
    )
    total = (await work.context.service.read(count)).count
    page = max(asked.page, 1)
    records: tuple[Record, ...] = ()
    if (page - 1) * size < total:
        search = SearchRecords(
            tenant,
            CUSTOMER,
            changed_after=changed_after,
            registered_after=registered_after,
            with_deleted=asked.active is None,
            only_deleted=asked.active is False,
            skip=(page - 1) * size,
            limit=size,
        )
        records = (await work.context.service.read(search)).records
    items = await asyncio.to_thread(_items, records)
    answer = PageOfSyncCompany.model_construct(
        current_page=page, total_pages=-(-total // size), total_items=total, items_per_page=size, items=items
    )
    return GetCompanySyncListResponse.model_construct(result=answer)


def _items(records: tuple[Record, ...]) -> list[SyncCompany | None]:
    return [_item(record) for record in records if is_shown(record)]


def _item(record: Record) -> SyncCompany:
    return SyncCompany.model_construct(
        company_id=int(record.id),
        external_id="" if record.deleted else _external_id(record),
        date_changed=record.changed,
        date_registered=created(record.registered),
        active=not record.deleted,
    )


def _external_id(record: Record) -> str:
    """The index has it, up to a length; so the body is read for a longer one only."""
    (indexed,) = record.values.get("external_id", ("",))
    if len(indexed) < MAX_TEXT:
        return indexed
    customer: Customer = item_of(record)
    return customer.external_id
