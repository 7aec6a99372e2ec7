"""Operations of CompanyService on any sequence service, without HTTP and XML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from adapters.twentyfoursevenoffice.company.service import HANDLERS
from adapters.twentyfoursevenoffice.settings import Settings
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.ports import SequenceService
from gateway.core.values import TenantId
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from schemas.twentyfoursevenoffice.company import messages as m
from schemas.twentyfoursevenoffice.company.types import (
    Company,
    CompanySearchParameters,
    CompanyType,
    PageOfSyncCompany,
    SyncSearchParameters,
)

DEMO = TenantId("demo")
BUSINESS = CompanyType.BUSINESS


@dataclass
class Desk:
    """Somebody at work in one company of the tenant `demo`."""

    service: SequenceService
    clock: HandClock = field(default_factory=HandClock)
    settings: Settings = field(default_factory=Settings)

    def work(self, method: str = "") -> Work:
        """One call."""
        context: Any = SimpleNamespace(service=self.service, clock=self.clock, settings=self.settings)
        member: Any = SimpleNamespace(tenant=DEMO, caller=SimpleNamespace(principal="demo"))
        call: Any = SimpleNamespace(request_id="r-1", number=None)
        return Work(context, self.settings, member, call, method)

    async def ask(self, message: Any) -> Any:
        """The result of an operation."""
        answer: Any = await HANDLERS[type(message).__name__](self.work(), message)
        return answer.result

    async def save(self, *companies: Company) -> list[Company]:
        """SaveCompanies."""
        found: list[Company] = await self.ask(m.SaveCompanies(companies=list(companies)))
        return found

    async def delete(self, *ids: int) -> list[Company]:
        """DeleteCompanies; those that failed."""
        found: list[Company] = await self.ask(m.DeleteCompanies(companies=[Company(id=own) for own in ids]))
        return found

    async def get(self, *names: str, **filters: Any) -> list[Company]:
        """GetCompanies."""
        where = CompanySearchParameters(**filters)
        found: list[Company] = await self.ask(m.GetCompanies(search_params=where, return_properties=list(names)))
        return found

    async def found(self, **filters: Any) -> list[int]:
        """The ids that GetCompanies finds."""
        return [company.id for company in await self.get("Id", **filters)]

    async def sync(self, **asked: Any) -> PageOfSyncCompany:
        """GetCompanySyncList."""
        page: PageOfSyncCompany = await self.ask(
            m.GetCompanySyncList(sync_search_parameters=SyncSearchParameters(**asked))
        )
        return page


def in_memory(**settings: Any) -> Desk:
    """A desk on a store in memory, with nothing in it."""
    clock = HandClock()
    return Desk(MemoryStore(MemoryState(clock)), clock, Settings.model_validate(settings))


def business(name: str, **own: Any) -> Company:
    """A new company that may be saved."""
    return Company(name=name, type=BUSINESS, **own)


def errors(companies: Sequence[Company]) -> list[str]:
    """The error of each; "" for none."""
    return ["" if own.api_exception is None else own.api_exception.message or "" for own in companies]


def at(hour: int, minute: int, second: int = 0, microsecond: int = 0) -> dt.datetime:
    """A moment of one day."""
    return dt.datetime(2024, 2, 29, hour, minute, second, microsecond, tzinfo=dt.UTC)
