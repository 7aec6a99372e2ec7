"""GetCompanies: which companies it finds, and which of their properties it shows. Source: CO-20 to CO-32."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.twentyfoursevenoffice.company.card import COMPANY
from adapters.twentyfoursevenoffice.company.related import Related, related_to
from adapters.twentyfoursevenoffice.company.view import Selection, is_shown, selection
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.mapping.get import moment_of
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.record_commands import MAX_RECORDS_PAGE, GetRecords, RecordCursor, SearchRecords
from gateway.core.records import MAX_PATTERN, Condition, Record, id_order
from schemas.twentyfoursevenoffice.company.messages import GetCompanies, GetCompaniesResponse
from schemas.twentyfoursevenoffice.company.types import Company, CompanySearchParameters
from schemas.twentyfoursevenoffice.primitives import INTMIN

AT_ONCE: Final = 50
"""With more companies a thread makes the answer, so that other requests do not wait."""
_ANY: Final = "%"
"""The wildcard for any text. Source: CO-23."""
_LONGEST: Final = MAX_PATTERN - 2
"""What is longer than any text that is found finds nothing, whole or cut."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a search asks for.

    ids: None for any.
    where: conditions on the fields of a customer, which must all hold.
    """

    ids: frozenset[int] | None
    where: tuple[Condition, ...]
    changed_after: datetime | None

    def takes(self, record: Record) -> bool:
        """Whether a record that was found by its id meets the rest."""
        late = self.changed_after is None or record.changed > self.changed_after
        return late and all(condition.meets(record.values) for condition in self.where)


async def get_companies(work: Work, message: GetCompanies) -> GetCompaniesResponse:
    """The companies that meet every filter, by ascending Id. Raises OperationFault."""
    wanted = _wanted(work, message.search_params or CompanySearchParameters.model_construct())
    found = [record for record in await _found(work, wanted) if is_shown(record)]
    names = message.return_properties or work.settings.company_default_properties
    shown = selection(frozenset(COMPANY.by_name).intersection(names))
    links = await related_to(work, [int(record.id) for record in found], shown.linked) if shown.linked else {}
    if len(found) <= AT_ONCE:
        companies = _companies(shown, found, links)
    else:
        companies = await asyncio.to_thread(_companies, shown, found, links)
    return GetCompaniesResponse.model_construct(result=companies)


def _companies(shown: Selection, records: Iterable[Record], links: Related) -> list[Company | None]:
    return [shown.company(record, links.get(int(record.id), {})) for record in records]


# --- the filters ------------------------------------------------------------------------------------------------------


def _wanted(work: Work, asked: CompanySearchParameters) -> _Wanted:
    """The conditions of a search. An empty text or list is no filter. Source: CO-20 to CO-22."""
    name, ids = asked.company_name, _ids(asked)
    changed_after = moment_of(asked.changed_after)
    exact = (
        ("external_id", asked.external_id),
        ("organization_number", asked.organization_number),
        ("emails", asked.company_email),
        ("phones", asked.company_phone),
    )
    if not name and ids is None and changed_after is None and not any(text for _, text in exact):
        raise OperationFault("no_filter")
    where = [_matching(field, text) for field, text in exact if text]
    where += _name(name, contains=work.settings.name_match == "contains")
    return _Wanted(ids, tuple(condition for condition in where if condition is not None), changed_after)


def _ids(asked: CompanySearchParameters) -> frozenset[int] | None:
    """Both filters by id must hold (CO-22). A CompanyId of 0 is none: PHP writes an empty one so (G-28)."""
    found = frozenset(asked.company_ids) if asked.company_ids else None
    if asked.company_id in (INTMIN, 0):
        return found
    one = frozenset({asked.company_id})
    return one if found is None else found & one


def _matching(field: str, text: str) -> Condition | None:
    """The text itself, or what it stands for with wildcards; None for all texts.

    An underscore alone makes no pattern, because it stands in many addresses.
    """
    if _ANY in text and CUSTOMER.fields[field].folded:
        return CUSTOMER.is_like(field, text[:_LONGEST]) if text.strip(_ANY) else None
    return CUSTOMER.is_one_of(field, text)


def _name(text: str, *, contains: bool) -> list[Condition | None]:
    """Source: CO-23, CO-24."""
    if not text:
        return []
    if contains and _ANY not in text:
        return [CUSTOMER.is_like("name", f"{_ANY}{text[:_LONGEST]}{_ANY}")]
    return [_matching("name", text)]


# --- the records ------------------------------------------------------------------------------------------------------


async def _found(work: Work, wanted: _Wanted) -> Sequence[Record]:
    """The records, by ascending id. Raises OperationFault for too many: the call then times out as wide searches do."""
    tenant, limit = work.identity.tenant, work.settings.max_companies
    if wanted.ids is not None:
        keys = tuple(CUSTOMER.key(tenant, own) for own in wanted.ids)
        records = (await work.context.service.read(GetRecords(tenant, keys))).records.values() if keys else ()
        found = sorted(filter(wanted.takes, records), key=lambda record: id_order(record.id))
    else:
        found = await _searched(work, wanted, limit)
    if len(found) > limit:
        raise OperationFault("timeout")
    return found


async def _searched(work: Work, wanted: _Wanted, limit: int) -> list[Record]:
    """The records that meet the conditions, by ascending id; at least one more than the limit when there are more."""
    found: list[Record] = []
    after: RecordCursor | None = None
    while len(found) <= limit:
        query = SearchRecords(
            work.identity.tenant,
            CUSTOMER,
            wanted.where,
            changed_after=wanted.changed_after,
            after=after,
            limit=min(limit + 1 - len(found), MAX_RECORDS_PAGE),
        )
        page = await work.context.service.read(query)
        found += page.records
        after = page.end
        if not page.more:
            break
    return found
