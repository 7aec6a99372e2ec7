"""The books of the tests of SaveBundleList, and an office that keeps them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from gateway.core.catalogue import Account, Currency, Customer, Department, FiscalYear, Project, TaxCode
from gateway.testing.memory_store import MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import Answer, Office, entry, opened

ITEMS: Any = (
    Customer(1, "Bjørnstad Båtbyggeri AS"),
    Department(1, "Verksted"),
    Project(10, "Ny slipp"),
    Account(1, 1500, "Kundefordringer"),
    Account(2, 3900, "Annen inntekt"),
    Account(3, 6540, "Inventar", needs_department=True),
    Account(4, 6541, "Prosjektkost", needs_project=True),
    Currency(1, "NOK"),
    Currency(2, "EUR", Decimal("11.5")),
    Currency(3, "SEK", Decimal("101.2"), 100),
    TaxCode(101, "Ingen mva", "0"),
    TaxCode(103, "Utgående mva", "3", Decimal(25), 3000),
    FiscalYear(2022, date(2022, 1, 1), date(2023, 1, 1), locked=True),
    FiscalYear(2023, date(2023, 1, 1), date(2024, 1, 1)),
    FiscalYear(2024, date(2024, 1, 1), date(2025, 1, 1)),
)

OTHER_CURRENCY = entry("10", CurrencyId="EUR"), entry("-10", 3900, CurrencyId="NOK")
"""Entries of one amount in two currencies."""


async def office_with(**settings: Any) -> Office:
    """An office with these books."""
    return await opened(MemoryStore(), items=ITEMS, **settings)


def described(answer: Answer) -> tuple[str, str]:
    """The outcome of the call, and what the answer says."""
    return answer.outcome, "".join(answer.texts("Description"))
