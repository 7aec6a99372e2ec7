"""SaveCompanies: saves each company of a request by itself and answers in their order. Source: CO-60 to CO-69.

Companies of one request are saved by one command in each wave. If the core refuses that command, or nobody knows whether it
took effect, each of its companies is planned and saved again alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from adapters.twentyfoursevenoffice.company.keyed import saved_once
from adapters.twentyfoursevenoffice.company.plan import id_in, plan
from adapters.twentyfoursevenoffice.company.refused import Failed, ItemRefused, check_list, exception_for
from adapters.twentyfoursevenoffice.mapping.waves import Item, waves
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.records import MADE_UP, Record
from gateway.core.refusals import RecordChanged, RecordExists, RecordUnknown, Refused
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.company.messages import SaveCompanies, SaveCompaniesResponse
from schemas.twentyfoursevenoffice.company.types import Company
from schemas.twentyfoursevenoffice.primitives import SHORTMIN

ATTEMPTS: Final = 32
"""How often a company is planned again when somebody else changes it meanwhile."""
PLANNED_AT_ONCE: Final = 50
"""With more companies a thread plans them, so that other requests do not wait."""

Outcome: TypeAlias = Record | Failed
_MEANWHILE: Final = (RecordChanged, RecordExists, RecordUnknown)


async def save_companies(work: Work, message: SaveCompanies) -> SaveCompaniesResponse:
    """Save every company that can be saved. Raises OperationFault when there is no list (G-24)."""
    check_list(work, message.companies)
    if message.companies is None:
        return SaveCompaniesResponse(result=None)
    companies = [company for company in message.companies if company is not None]
    outcomes = iter(await _Saving(work).save(companies))
    answers = [None if company is None else _answer(work, company, next(outcomes)) for company in message.companies]
    return SaveCompaniesResponse.model_construct(result=answers)


@dataclass
class _Saving:
    """The saves of one request."""

    work: Work

    async def save(self, companies: Sequence[Company]) -> list[Outcome]:
        """Return the outcome of each company. Raises StoreUnavailableError when the store failed them all."""
        stored = await self._stored(companies)
        outcomes: list[Outcome] = []
        for wave in waves([_item(company, stored) for company in companies]):
            own = [companies[index] for index in wave]
            outcomes += await self._wave(own, stored if not outcomes else await self._stored(own))
        troubles = [outcome for outcome in outcomes if isinstance(outcome, StoreUnavailableError)]
        if troubles and len(troubles) == len(outcomes):
            raise troubles[0]
        return outcomes

    async def _stored(self, companies: Sequence[Company]) -> Mapping[int, Record]:
        """The customers that have the companies' ids, by id."""
        tenant = self.work.identity.tenant
        ids = {own for company in companies if (own := id_in(company)) is not None and own > 0}
        if not ids:
            return {}
        read = await self.work.context.service.read(GetRecords(tenant, tuple(CUSTOMER.key(tenant, own) for own in ids)))
        return {int(record.id): record for record in read.records.values()}

    async def _wave(self, companies: Sequence[Company], stored: Mapping[int, Record]) -> list[Outcome]:
        if len(companies) > PLANNED_AT_ONCE:
            plans = await asyncio.to_thread(self._plans, companies, stored)
        else:
            plans = self._plans(companies, stored)
        saves = tuple([planned for planned in plans if isinstance(planned, SaveRecord)])
        try:
            saved = iter(await self._saved(saves) if saves else ())
        except (Refused, StoreUnavailableError) as failed:
            return await self._each_alone(companies, plans, failed)
        return [next(saved) if isinstance(planned, SaveRecord) else planned for planned in plans]

    def _plans(self, companies: Sequence[Company], stored: Mapping[int, Record]) -> list[SaveRecord | ItemRefused]:
        return [self._plan(company, stored.get(company.id)) for company in companies]

    def _plan(self, company: Company, stored: Record | None, *, again: bool = False) -> SaveRecord | ItemRefused:
        may_create = self.work.settings.unknown_company_id == "create"
        try:
            return plan(self.work.identity.tenant, company, stored, may_create=may_create, again=again)
        except ItemRefused as refused:
            return refused

    async def _saved(self, saves: tuple[SaveRecord, ...]) -> tuple[Record, ...]:
        work = self.work
        command = SaveRecords(work.identity.tenant, CUSTOMER, saves, work.origin("SaveCompanies"))
        if any(save.record.id == MADE_UP for save in saves):
            return await saved_once(work, command)
        return (await work.context.service.execute(command)).records

    async def _each_alone(
        self,
        companies: Sequence[Company],
        plans: Sequence[SaveRecord | ItemRefused],
        failed: Refused | StoreUnavailableError,
    ) -> list[Outcome]:
        """What becomes of companies whose common command failed."""
        in_doubt = isinstance(failed, StoreUnavailableError) and failed.committed is None
        if isinstance(failed, StoreUnavailableError) and not in_doubt:
            return [failed if isinstance(planned, SaveRecord) else planned for planned in plans]
        alone: list[Coroutine[Any, Any, Outcome]] = []
        for company, planned in zip(companies, plans, strict=True):
            if isinstance(planned, ItemRefused):
                alone.append(_settled(planned))
            elif isinstance(failed, StoreUnavailableError) and planned.record.id == MADE_UP:
                alone.append(_settled(failed))  # under another key it could be made twice
            else:
                alone.append(self._alone(company, again=in_doubt))
        return list(await asyncio.gather(*alone))

    async def _alone(self, company: Company, *, again: bool) -> Outcome:
        """Plan and save one company until nobody else changes it meanwhile."""
        outcome: Outcome = ItemRefused("item_changed", id=company.id)
        for _ in range(ATTEMPTS):
            stored = (await self._stored([company])).get(company.id)
            plan_now = self._plan(company, stored, again=again)
            if isinstance(plan_now, ItemRefused):
                return plan_now
            try:
                return (await self._saved((plan_now,)))[0]
            except StoreUnavailableError as trouble:
                return trouble
            except Refused as refused:
                outcome = refused
                if not isinstance(refused.refusal, _MEANWHILE):
                    return refused
        return outcome


async def _settled(outcome: Outcome) -> Outcome:
    return outcome


def _item(company: Company, known: Mapping[int, Record]) -> Item:
    own = id_in(company)
    return Item(None, makes_up=True) if own is None else Item(own, unknown=own not in known)


def _answer(work: Work, company: Company, outcome: Outcome) -> Company:
    """What was sent, with the id or with the error. Source: CO-60, CO-68, G-21. A password is not sent back."""
    if not isinstance(outcome, Record):
        return company.model_copy(update={"api_exception": exception_for(work, outcome), "password": ""})
    shown = {"id": int(outcome.id), "api_exception": None, "password": ""}
    for ledger in ("ledger_customer_account", "ledger_supplier_account"):
        if getattr(company, ledger) == SHORTMIN:
            shown[ledger] = 0
    return company.model_copy(update=shown)
