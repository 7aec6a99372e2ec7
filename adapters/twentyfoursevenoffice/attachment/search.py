"""GetFileInfo: saved files that meet every filter, by ascending id. Source: AT-07, AT-28."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from adapters.twentyfoursevenoffice.attachment.files import FILE, file_key, read_record
from adapters.twentyfoursevenoffice.attachment.view import image_file
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.mapping.get import moment_of
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.record_commands import MAX_RECORDS_PAGE, GetRecords, SearchRecords
from gateway.core.records import Condition, Record, id_order
from schemas.twentyfoursevenoffice.attachment.messages import GetFileInfo, GetFileInfoResponse
from schemas.twentyfoursevenoffice.attachment.types import FileSearchParameters, FlagType, ImageFile

_AT_ONCE: Final = 200
"""With more files a thread makes the answer, so that other requests do not wait."""


async def get_file_info(work: Work, message: GetFileInfo) -> GetFileInfoResponse:
    """The files; nothing found is an empty list. An empty list and a missing value are no filter. Raises OperationFault."""
    asked = message.parameters or FileSearchParameters()
    where = _conditions(work, asked)
    records = await (_named(work, asked, where) if asked.file_id else _found(work, asked, where))
    if len(records) <= _AT_ONCE:
        return GetFileInfoResponse.model_construct(result=_shown(records))
    return GetFileInfoResponse.model_construct(result=await asyncio.to_thread(_shown, records))


def _shown(records: Iterable[Record]) -> list[ImageFile | None]:
    return [image_file(read_record(record)) for record in records]


def _conditions(work: Work, asked: FileSearchParameters) -> tuple[Condition, ...]:
    """The conditions on values of the records. Nobody approves files here, so no filter is needed for those that are not."""
    where = [FILE.is_one_of("client", work.identity.client.id)]
    if asked.stamp_no:
        where.append(FILE.is_one_of("stamp", *asked.stamp_no))
    if asked.has_stamp_no is True:
        where.append(FILE.is_between("stamp", 1))
    if asked.has_stamp_no is False:
        where.append(FILE.is_one_of("stamp", 0))
    if asked.attachment_status:
        where.append(FILE.is_one_of("status", *(status.value for status in asked.attachment_status)))
    if asked.file_approved is True:
        where.append(FILE.is_one_of("status", FlagType.APPROVED.value))
    return tuple(where)


async def _named(work: Work, asked: FileSearchParameters, where: Sequence[Condition]) -> list[Record]:
    """Those of the ids that meet the other filters."""
    tenant = work.identity.tenant
    keys = tuple(file_key(tenant, file) for file in sorted(set(asked.file_id or ())) if file > 0)
    found = (await work.context.service.read(GetRecords(tenant, keys))).records
    registered, changed = moment_of(asked.attachment_registered_after), moment_of(asked.attachment_changed_after)
    return [
        record
        for record in sorted(found.values(), key=lambda each: id_order(each.id))
        if all(condition.meets(record.values) for condition in where)
        and _is_later(record.registered, registered)
        and _is_later(record.changed, changed)
    ]


def _is_later(moment: datetime, bound: datetime | None) -> bool:
    return bound is None or moment > bound


async def _found(work: Work, asked: FileSearchParameters, where: Sequence[Condition]) -> Sequence[Record]:
    query = SearchRecords(
        work.identity.tenant,
        FILE,
        tuple(where),
        changed_after=moment_of(asked.attachment_changed_after),
        registered_after=moment_of(asked.attachment_registered_after),
        limit=MAX_RECORDS_PAGE,
    )
    found = await work.context.service.read(query)
    if found.more:
        raise OperationFault("timeout")
    return found.records
