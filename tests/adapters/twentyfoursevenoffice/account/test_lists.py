"""The lists of the books, and CheckAccountNo, over catalogues of all kinds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twentyfoursevenoffice.account.books import make_books
from adapters.twentyfoursevenoffice.account.line_ids import LineRef, Owner, line_guid, line_ref
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.core.catalogue import EMPTY, Account, FiscalYear, TaxCode, VoucherType
from gateway.core.values import TenantId
from gateway.testing.memory_store import MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import V002, opened

ITEMS: Any = (
    Account(1, 3000, "Salg", tax_code=103),
    Account(2, 1500, "Kunder"),
    Account(3, 3001, "Uten kode", tax_code=9),
    Account(4, 3002, "", tax_code=104),
    Account(2**31, 32768, "Stor"),
    TaxCode(103, "Høy", "3", account=3000),
    TaxCode(104, "Tekst", "PT-NOR", account=40000),
    TaxCode(105, "Ingen"),
)


@pytest.mark.parametrize("path", ["/Economy/Account/V004/Accountservice.asmx", V002])
async def test_accounts_leave_out_what_is_0_or_empty(path: str) -> None:
    office = await opened(MemoryStore(), items=ITEMS)
    answer = await office.ask("GetAccountList", path=path)
    assert answer.body.partition("<GetAccountListResult>")[2].partition("</GetAccountListResult>")[0] == (
        "<AccountData><AccountId>2</AccountId><AccountNo>1500</AccountNo><AccountName>Kunder</AccountName></AccountData>"
        "<AccountData><AccountId>1</AccountId><AccountNo>3000</AccountNo><AccountName>Salg</AccountName>"
        "<AccountTax>103</AccountTax><TaxNo>3</TaxNo></AccountData>"
        "<AccountData><AccountId>3</AccountId><AccountNo>3001</AccountNo><AccountName>Uten kode</AccountName></AccountData>"
        "<AccountData><AccountId>4</AccountId><AccountNo>3002</AccountNo><AccountTax>104</AccountTax></AccountData>"
    )


async def test_tax_codes_without_account() -> None:
    office = await opened(MemoryStore(), items=ITEMS)
    answer = await office.ask("GetTaxCodeList")
    assert answer.texts("TaxId") == ["103", "104", "105"]
    assert answer.texts("TaxNo") == ["3", "PT-NOR"]
    assert answer.texts("AccountNo") == ["3000"]


async def test_empty_lists_have_a_result() -> None:
    office = await opened(MemoryStore(), items=())
    for name in ("GetAccountList", "GetTaxCodeList"):
        assert f"<{name}Result />" in (await office.ask(name)).body
    assert "Bank" in (await office.ask("GetTypeList")).texts("Title")


async def test_without_accounts_every_account_is_there() -> None:
    office = await opened(MemoryStore(), items=())
    inner = "<accountList><AccountData><AccountNo>1</AccountNo></AccountData><AccountData /></accountList>"
    assert (await office.ask("CheckAccountNo", inner)).texts("Error") == ["Ok", "AccountDontExist"]
    assert "<CheckAccountNoResult />" in (await office.ask("CheckAccountNo")).body


def test_books_of_settings_and_of_the_catalogue() -> None:
    usual = make_books(EMPTY, Settings(), 2024)
    assert (usual.years[0].id, usual.years[-1].id, usual.accounts) == (2000, 2025, {})
    assert {series: usual.starts[series] for series in (1, 2, 3)} == {1: 1, 2: 1, 3: 1}
    (sale, bank) = usual.type_called("Utgående faktura"), usual.type_called("Bank")
    assert (sale and sale.series, bank and bank.series, usual.type_called("balanse")) == (1, 2, None)
    own = EMPTY.with_changes(
        [
            VoucherType(10, 2, "B", 4),
            VoucherType(2, 30, "A", 5),
            FiscalYear(2025, dt.date(2024, 7, 1), dt.date(2025, 7, 1)),
            FiscalYear(2024, dt.date(2023, 7, 1), dt.date(2024, 7, 1), locked=True),
        ]
    )
    books = make_books(own, Settings(), 2024)
    found = [books.type_of(sort) for sort in (2, 30, 10, 3)]
    assert [each and each.id for each in found] == [10, 2, 10, None], "numbers go before ids"
    days = [books.year_of(dt.date(2024, 6, 30)), books.year_of(dt.date(2024, 7, 1)), books.year_of(dt.date(2025, 7, 1))]
    assert [day and day.id for day in days] == [2024, 2025, None]
    assert books.local(dt.datetime.max.replace(tzinfo=dt.UTC)) == dt.datetime.max


@given(
    st.sampled_from(Owner),
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**63 - 1),
    st.uuids(),
)
def test_guids_lead_back_to_their_lines(kind: Owner, owner: int, place: int, client: int, other: Any) -> None:
    tenant, ref = TenantId("t"), LineRef(kind, owner, place)
    guid = line_guid(tenant, client, ref)
    assert line_ref(tenant, client, guid) == ref
    assert guid.version == 8
    assert line_ref(TenantId("u"), client, guid) is None
    assert line_ref(tenant, client, other) is None


@pytest.mark.parametrize(
    "ref", [LineRef(Owner.VOUCHER, 2**63, 0), LineRef(Owner.VOUCHER, 0, 2**32), LineRef(Owner.INVOICE, -1, 0)]
)
def test_what_is_no_line_has_no_guid(ref: LineRef) -> None:
    with pytest.raises(ValueError, match="not a line"):
        line_guid(TenantId("t"), 1, ref)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bundle_answers": {"no_such_reason": "Exception"}},
        {"bundle_answers": {"unbalanced": "Ok"}},
        {"time_zone": "Oslo"},
        {"minus_one_for": ["unbalanced"]},
        {"fiscal_years": [{"start": "2024-01-01", "end": "2024-01-01"}]},
        # the second half of the year would have its number, and no voucher could be saved in it
        {"fiscal_years": [{"start": "2024-01-01", "end": "2024-07-01"}, {"start": "2024-07-01", "end": "2025-01-01"}]},
        {"fiscal_years": [{"start": "2025-01-01", "end": "2026-01-01"}, {"start": "2024-06-01", "end": "2025-06-01"}]},
        {"entry_series": [{"id": 1, "number": number, "title": "Diverse", "series": 1} for number in (1, 2)]},
    ],
)
def test_choices_that_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings.model_validate(wrong)
