"""SaveBundleList: what is refused and in which words, and that a refused call leaves nothing."""

from __future__ import annotations

import pytest

from adapters.twentyfoursevenoffice.account.answers import ANSWERS
from tests.adapters.twentyfoursevenoffice.account.books_of_tests import described, office_with
from tests.adapters.twentyfoursevenoffice.account.office import (
    bundle,
    bundle_list,
    entry,
    voucher,
)

# --- what is refused ---

REFUSED: dict[str, tuple[str, str, str]] = {
    "number 0": (voucher(0), "transaction_no_missing", "Property TransactionNo is missing."),
    "no number": (voucher(None), "transaction_no_missing", "Property TransactionNo is missing."),
    "number below 0": (voucher(-1), "transaction_no_invalid", "TransactionNo -1 is not valid."),
    "twice": (
        voucher(7) + voucher(7, amount="1"),
        "number_twice",
        "TransactionNo 7 is given twice in series 1 of 2024.",
    ),
    "no entries": (
        "<Voucher><TransactionNo>7</TransactionNo><Sort>2</Sort></Voucher>",
        "no_entry",
        "Voucher 7 has no entry.",
    ),
    "no sort": (voucher(7, sort=0), "sort_missing", "Property Sort is missing."),
    "unknown sort": (voucher(7, sort=99), "sort_unknown", "Sort 99 was not found."),
    "no date": (
        voucher(7, entry("1", day=None), entry("-1")),  # type: ignore[arg-type]
        "entry_date_missing",
        "Property Date is missing.",
    ),
    "another year": (
        voucher(7, entry("1"), entry("-1", day="2025-01-01")),
        "entry_date_outside",
        "Date 2025-01-01 is not in fiscal year 2024.",
    ),
    "no account": (voucher(7, entry("1"), entry("-1", 0)), "account_missing", "Property AccountNo is missing."),
    "unknown account": (voucher(7, entry("1"), entry("-1", 3901)), "account_unknown", "Account 3901 was not found."),
    "unknown customer": (
        voucher(7, entry("1", CustomerId=9), entry("-1")),
        "customer_unknown",
        "Customer 9 was not found.",
    ),
    "customer below 0": (
        voucher(7, entry("1", CustomerId=-9), entry("-1")),
        "customer_unknown",
        "Customer -9 was not found.",
    ),
    "unknown department": (
        voucher(7, entry("1", DepartmentId=9), entry("-1")),
        "department_unknown",
        "Department 9 was not found.",
    ),
    "unknown project": (
        voucher(7, entry("1", ProjectId=9), entry("-1")),
        "project_unknown",
        "Project 9 was not found.",
    ),
    "unknown currency": (
        voucher(7, entry("1", CurrencyId="USD"), entry("-1")),
        "currency_unknown",
        "Currency USD was not found.",
    ),
    "rate below 0": (
        voucher(7, entry("1", CurrencyId="EUR", CurrencyRate="-1"), entry("-1")),
        "currency_rate_invalid",
        "CurrencyRate and CurrencyUnit must be above 0.",
    ),
    "unknown tax": (voucher(7, entry("1", TaxNo="4"), entry("-1")), "tax_unknown", "TaxNo 4 was not found."),
    "stamp below 0": (voucher(7, entry("1", StampNo=-3), entry("-1")), "stamp_no_invalid", "StampNo -3 is not valid."),
    "five decimals": (
        voucher(7, entry("1.00001"), entry("-1.00001")),
        "too_many_decimals",
        "Amount 1.00001 has more than 4 decimals.",
    ),
    "unbalanced": (
        voucher(7, entry("70"), entry("-69.9999")),
        "unbalanced",
        "Voucher 7 is not balanced: the difference is 0.0001.",
    ),
    "one side": (voucher(7, entry("70")), "unbalanced", "Voucher 7 is not balanced: the difference is 70."),
    "unknown line": (
        voucher(
            7,
            entry(
                "1",
                LinkId="00000000-0000-4000-8000-0000000000a1",
                Links="<LinkModel><LineId>00000000-0000-4000-8000-0000000000a2</LineId>"
                "<LinkId>00000000-0000-4000-8000-0000000000a1</LinkId></LinkModel>",
            ),
            entry("-1"),
        ),
        "link_line_unknown",
        "Transaction 00000000-0000-4000-8000-0000000000a2 was not found.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_one_bad_voucher_refuses_the_call(case: str) -> None:
    office = await office_with()
    bad, name, text = REFUSED[case]
    answer = await office.save(voucher(1), bad, voucher(2))
    assert (described(answer), answer.call.outcome) == ((ANSWERS[name][0], text), name)
    assert (await office.vouchers(), await office.views()) == ([], {})
    assert (await office.save(voucher(1), voucher(2))).outcome == "Ok"


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        (bundle_list(), "no_voucher"),
        (bundle_list(bundle()), "no_voucher"),
        ("<BundleList><SaveOption>0</SaveOption></BundleList>", "no_voucher"),
        (bundle_list(bundle(voucher(1)), option=2), "save_option_unknown"),
        (bundle_list(bundle(voucher(1), year=0)), "bundle_year_missing"),
        (bundle_list(bundle(voucher(1), year=2031)), "bundle_year_unknown"),
        (bundle_list(bundle(voucher(1), year=2022)), "bundle_year_locked"),
    ],
)
async def test_a_call_as_a_whole_is_refused(inner: str, name: str) -> None:
    office = await office_with()
    answer = await office.ask("SaveBundleList", inner)
    assert (answer.outcome, answer.call.outcome) == ("Exception", name)
    assert (await office.vouchers(), await office.views()) == ([], {})


@pytest.mark.parametrize(
    ("account", "word", "field"), [(6540, "Department", "DepartmentId"), (6541, "Project", "ProjectId")]
)
async def test_an_account_that_needs_more_is_a_fault(account: int, word: str, field: str) -> None:
    office = await office_with()
    answer = await office.save(voucher(1), voucher(2, entry("1", account), entry("-1")))
    assert (answer.status, answer.text) == (
        500,
        "Server was unable to process request. ---> Exception of type "
        f"'Office24Seven.Library.Economy.Accounting.{word}IsRequiredException' was thrown.",
    )
    assert (await office.vouchers(), await office.views()) == ([], {})
    known = {"DepartmentId": 1, "ProjectId": 10}[field]
    good = voucher(1), voucher(2, entry("1", account, **{field: known}), entry("-1"))
    assert (await office.save(*good)).outcome == "Ok"


async def test_settings_name_further_accounts_that_need_more() -> None:
    office = await office_with(department_required_accounts=[1500], project_required_accounts=[3900])
    for bad, word in ((entry("1"), "Department"), (entry("1", 3900), "Project")):
        assert f"{word}IsRequiredException" in (await office.save(voucher(1, bad, entry("-1")))).text


async def test_amounts_beyond_the_contract_cannot_be_read() -> None:
    office = await office_with()
    for bad in (voucher(1, entry("79228162514264337593543950336")), voucher(2147483648)):
        answer = await office.save(bad)
        assert (answer.status, "unable to read request" in answer.text) == (500, True)
    largest = "79228162514264337593543950335"
    assert (await office.save(voucher(1, entry(largest), entry(f"-{largest}")))).outcome == "Ok"


async def test_a_call_without_bundle_list() -> None:
    office = await office_with()
    answer = await office.ask("SaveBundleList")
    assert answer.text.endswith("---> Object reference not set to an instance of an object.")
    kinder = await office.with_settings(missing_array="empty").ask("SaveBundleList")
    assert (kinder.status, kinder.texts("SaveBundleListResult")) == (200, [])
