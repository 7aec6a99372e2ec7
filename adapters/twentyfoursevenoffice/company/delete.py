"""DeleteCompanies: answers the companies that could not be deleted. Source: CO-04, CO-30."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.twentyfoursevenoffice.company.links import KINDS, links_of
from adapters.twentyfoursevenoffice.company.plan import id_in
from adapters.twentyfoursevenoffice.company.refused import ItemRefused, check_list, exception_for, missing, not_found
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.commands import Expect
from gateway.core.record_commands import Action, SaveRecord, SaveRecords
from gateway.core.records import RecordKind
from schemas.twentyfoursevenoffice.company.messages import DeleteCompanies, DeleteCompaniesResponse
from schemas.twentyfoursevenoffice.company.types import Company


async def delete_companies(work: Work, message: DeleteCompanies) -> DeleteCompaniesResponse:
    """Delete every company that there is. Raises OperationFault when there is no list (G-24)."""
    check_list(work, message.companies)
    if message.companies is None:
        return DeleteCompaniesResponse(result=None)
    companies = [company for company in message.companies if company is not None]
    ids = list(dict.fromkeys(own for company in companies if (own := id_in(company)) is not None))
    deleted = await _deleted(work, ids)
    failed: list[Company | None] = []
    for company in companies:
        own = id_in(company)
        if own in deleted:
            deleted.discard(own)  # the second of two is unknown
        else:
            failed.append(_failed(work, company, missing("Id") if own is None else not_found("Id", own)))
    return DeleteCompaniesResponse.model_construct(result=failed)


async def _deleted(work: Work, ids: Sequence[int]) -> set[int]:
    """Delete companies, and then their links. Returns those that there were.

    No link can be made to a company that is deleted. So those that are found afterwards are all.
    """
    if not ids:
        return set()
    records = await forget(work, CUSTOMER, [str(own) for own in ids], "DeleteCompanies", Action.DELETE)
    gone = {int(record) for record in records}
    for kind in KINDS:
        links = await links_of(work, kind, sorted(gone))
        await forget(work, kind, [link.id for link in links], "DeleteCompanies")
    return gone


async def forget(
    work: Work, kind: RecordKind, ids: Sequence[str], reason: str, action: Action = Action.FORGET
) -> frozenset[str]:
    """Take records away; returns those that there were."""
    if not ids:
        return frozenset()
    tenant = work.identity.tenant
    saves = tuple(SaveRecord(kind.record(tenant, own), Expect.EITHER, action=action) for own in ids)
    command = SaveRecords(tenant, kind, saves, work.origin(reason))
    return frozenset(record.id for record in (await work.context.service.execute(command)).records if record.version)


def _failed(work: Work, company: Company, refused: ItemRefused) -> Company:
    return company.model_copy(update={"api_exception": exception_for(work, refused), "password": ""})
