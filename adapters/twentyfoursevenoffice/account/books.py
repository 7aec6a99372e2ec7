"""The books of a tenant: types and series of vouchers, fiscal years, accounts, and which day a moment lies in.

From the tenant's catalogue, section by section; where it has nothing, from the settings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from adapters.twentyfoursevenoffice.account.settings import AccountChoices
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Account, Catalogue, FiscalYear, VoucherType
from gateway.core.values import TenantId

_FIRST_YEAR: Final = 2000
_REMEMBERED: Final = 1024
_known: Final[dict[TenantId, tuple[Catalogue, AccountChoices, int, Books]]] = {}
"""The books of tenants, with what they were made from."""


@dataclass(frozen=True, slots=True)
class Books:
    """What a tenant's bookkeeping is set up with.

    types: of vouchers, in the order in which they are listed.
    starts: by series, the first number of a fiscal year. It names every series.
    years: fiscal years, ascending.
    accounts: by number; empty when the tenant keeps none, and then any account may be used.
    zone: of the vendor's server (N-14).
    """

    types: tuple[VoucherType, ...]
    starts: Mapping[int, int]
    years: tuple[FiscalYear, ...]
    accounts: Mapping[int, Account]
    zone: ZoneInfo

    def local(self, moment: dt.datetime) -> dt.datetime:
        """A moment as the vendor's server has it: in local time, without a zone. One without a zone is local already (N-14)."""
        if moment.tzinfo is None:
            return moment
        try:
            return moment.astimezone(self.zone).replace(tzinfo=None)
        except OverflowError:  # the first or last hours of the calendar
            return moment.replace(tzinfo=None)

    def year_of(self, day: dt.date) -> FiscalYear | None:
        """The fiscal year that a day lies in; None for a day in none. Source: N-06."""
        return next((year for year in self.years if year.start <= day < year.end), None)

    def year(self, number: int) -> FiscalYear | None:
        """A fiscal year by its number, such as 2024. Source: AC-34."""
        return next((year for year in self.years if year.id == number), None)

    def type_of(self, sort: int) -> VoucherType | None:
        """The type that a voucher names as its Sort: by its number, else by its id. Source: AC-17."""
        by_number = (each for each in self.types if each.number == sort)
        return next(by_number, None) or next((each for each in self.types if each.id == sort), None)

    def type_called(self, *words: str) -> VoucherType | None:
        """The first type that clients may choose with one of these words in its title; letter case counts."""
        return next((each for each in self.types if each.number > 0 and any(word in each.name for word in words)), None)


def books_of(work: Work) -> Books:
    """The books of the tenant that asks, at this moment."""
    tenant, catalogue, choices = work.identity.tenant, work.catalogue, work.settings
    year = work.now().year
    known = _known.get(tenant)
    if known is None or known[0] is not catalogue or known[1] is not choices or known[2] != year:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        known = _known[tenant] = (catalogue, choices, year, make_books(catalogue, choices, year))
    return known[3]


def make_books(catalogue: Catalogue, choices: AccountChoices, this_year: int) -> Books:
    """The books that a catalogue and the settings lead to.

    this_year: the calendar year of the tenant's time.
    """
    types = tuple(catalogue.voucher_types.values()) or tuple(
        VoucherType(each.id, each.number, each.title, each.series) for each in choices.entry_series
    )
    return Books(
        types,
        MappingProxyType(_starts(catalogue, choices, types)),
        _years(catalogue, choices, this_year),
        MappingProxyType({account.number: account for account in catalogue.accounts.values()}),
        _zone(choices.time_zone),
    )


_zone: Final = lru_cache(maxsize=16)(ZoneInfo)


def _starts(catalogue: Catalogue, choices: AccountChoices, types: Iterable[VoucherType]) -> dict[int, int]:
    """The first number of each series (N-12): as the catalogue says, else the settings, else 1."""
    chosen = {each.series: each.start for each in reversed(choices.entry_series)}
    own = {each.id: each.first for each in catalogue.voucher_series.values()}
    used = {each.series: chosen.get(each.series, 1) for each in types}
    return {**used, **own}


def _years(catalogue: Catalogue, choices: AccountChoices, this_year: int) -> tuple[FiscalYear, ...]:
    if catalogue.fiscal_years:
        found = list(catalogue.fiscal_years.values())
    elif choices.fiscal_years is not None:
        found = [FiscalYear(each.number, each.start, each.end, each.locked) for each in choices.fiscal_years]
    else:
        found = [_calendar_year(number) for number in range(_FIRST_YEAR, this_year + 2)]
    return tuple(sorted(found, key=lambda year: year.start))


def _calendar_year(number: int) -> FiscalYear:
    return FiscalYear(number, dt.date(number, 1, 1), dt.date(number + 1, 1, 1))
