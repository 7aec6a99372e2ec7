"""SaveBundleList: what is booked, and in which words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from adapters.twentyfoursevenoffice import lines
from gateway.core.gaps import GapReason
from gateway.core.values import VOUCHER
from gateway.testing.memory_store import MemoryStore
from tests.adapters.twentyfoursevenoffice.account.books_of_tests import OTHER_CURRENCY, described, office_with
from tests.adapters.twentyfoursevenoffice.account.office import (
    V002,
    bundle,
    bundle_list,
    entry,
    opened,
    voucher,
)

# --- what is booked ---


async def test_a_voucher_is_kept_as_it_came() -> None:
    office = await office_with()
    one = entry(
        "70.1250",
        CustomerId=1,
        DueDate="2024-03-29T00:00:00",
        VatAmount="14.02",
        CurrencyId="eur",
        CurrencyRate="11.4321",
        DepartmentId=1,
        ProjectId=10,
        UserDefinedDimensions="<UserDefinedDimension><Type>101</Type><Value>A</Value></UserDefinedDimension>",
        InvoiceReferenceNo="502",
        InvoiceOcr="0000502",
        TaxNo="3",
        Comment="Purregebyr",
        StampNo=7,
        BankAccountNo="1234.56.78903",
        SequenceId="2.5",
        BaseRate="11.4",
        PeriodDate="2024-04-01T00:00:00",
    )
    two = entry("-70.125", 3900, "2024-03-15T12:00:00Z", TaxNo="103", CurrencyId="EUR")
    answer = await office.save(voucher(10051, one, two), ignore="invoicealreadyexists")
    assert (answer.outcome, answer.call.number) == ("Ok", 10051)
    (kept,) = await office.vouchers()
    assert (kept.client, kept.series, kept.year, kept.number, kept.type, kept.posted) == (24, 1, 2024, 10051, 2, True)
    first, second = kept.lines
    assert (first.moment, first.account, first.amount, first.customer) == (
        datetime(2024, 3, 15),
        1500,
        Decimal("70.1250"),
        1,
    )
    assert str(first.amount) == "70.1250"
    assert (first.due, first.vat_amount, first.period) == (
        datetime(2024, 3, 29),
        Decimal("14.02"),
        datetime(2024, 4, 1),
    )
    assert (first.currency, first.rate, first.unit, first.base_rate) == ("EUR", Decimal("11.4321"), 1, Decimal("11.4"))
    assert (first.department, first.project, first.dimensions) == (1, 10, ((101, "A"),))
    assert (first.invoice, first.ocr, first.tax, first.tax_id) == ("502", "0000502", "3", 103)
    assert (first.comment, first.stamp, first.bank_account, first.sequence) == (
        "Purregebyr",
        7,
        "1234.56.78903",
        Decimal("2.5"),
    )
    assert (second.moment, second.rate, second.tax, second.tax_id) == (
        datetime(2024, 3, 15, 13),
        Decimal("11.5"),
        "103",
        103,
    )
    assert len({first.id, second.id}) == 2


async def test_numbers_in_any_order_move_the_line_once_past_the_highest() -> None:
    office = await office_with()
    assert (await office.save(*(voucher(number) for number in (9, 3, 4, 5)))).outcome == "Ok"
    assert await office.number() == 10
    report = await office.gaps()
    assert [(gap.first, gap.last, gap.reason) for gap in report.gaps] == [
        (1, 2, GapReason.SET),
        (6, 8, GapReason.SET),
        (10, 10, GapReason.RESERVED),
    ]


async def test_one_number_asked_for_and_those_behind_it_taken() -> None:
    """As loyning/python-24so numbers the vouchers of one call."""
    office = await office_with()
    first = await office.number()
    assert (await office.save(*(voucher(first + step) for step in range(3)))).outcome == "Ok"
    assert await office.number() == first + 3
    assert not [gap for gap in (await office.gaps()).gaps if gap.reason is not GapReason.RESERVED]


async def test_a_number_for_each_voucher_before_any_is_saved() -> None:
    """As oflow books fees."""
    office = await office_with()
    numbers = [await office.number() for _ in range(3)]
    assert len(set(numbers)) == 3
    assert (await office.save(*map(voucher, numbers))).outcome == "Ok"
    assert (await office.gaps()).gaps == ()


async def test_vouchers_of_several_series_and_years_in_one_call() -> None:
    office = await office_with()
    in_2023 = entry("1", day="2023-05-01"), entry("-1", 3900, "2023-05-01")
    bundles = bundle(voucher(5), voucher(5, sort=1)), bundle(voucher(8, *in_2023, sort=0), year=2023, sort=3)
    assert (await office.ask("SaveBundleList", bundle_list(*bundles))).outcome == "Ok"
    stands = {key: view.next_number(VOUCHER) for key, view in (await office.views()).items()}
    assert stands == {"voucher-1-2024": 6, "voucher-3-2024": 6, "voucher-2-2023": 9}


async def test_the_older_service_names_accounts_otherwise() -> None:
    office = await office_with()
    old = "".join((voucher(1, sort=1), voucher(2, sort=1))).replace("AccountNo>", "AccountId>")
    assert (await office.save(old, path=V002)).outcome == "Ok"
    assert [line.account for each in await office.vouchers() for line in each.lines] == [1500, 3900, 1500, 3900]


async def test_the_default_customer_is_that_of_entries_without_one() -> None:
    office = await office_with()
    assert (await office.save(voucher(1), DefaultCustomerId=1)).outcome == "Ok"
    assert [line.customer for each in await office.vouchers() for line in each.lines] == [1, 1]


async def test_client_companies_do_not_see_each_other() -> None:
    office = await office_with()
    for who in ("demo", "shop"):
        assert (await office.save(voucher(1), who=who)).outcome == "Ok"
    assert [each.client for each in await office.vouchers()] == [24, 25]


# --- numbers that are booked already ---


async def test_a_booked_number_is_a_duplicate_and_the_same_call_again_is_known() -> None:
    office = await office_with()
    vouchers = voucher(1), voucher(2)
    assert (await office.save(*vouchers)).outcome == "Ok"
    again = described(await office.save(*vouchers))
    assert again == ("DataAlreadySaved", "The bundle list was already saved.")
    other = described(await office.save(voucher(3), voucher(2, amount="71")))
    assert other == ("DuplicateData", "TransactionNo 2 already exists in series 1 of 2024.")
    assert [each.number for each in await office.vouchers()] == [1, 2]
    assert await office.number() == 3


async def test_the_refused_number_is_named_with_its_line() -> None:
    office = await office_with()
    await office.save(voucher(5, sort=1))
    lines._hints.clear()  # as in a process that has not seen the line
    answer = described(await office.save(voucher(5), voucher(5, sort=1)))
    assert answer == ("DuplicateData", "TransactionNo 5 already exists in series 3 of 2024.")
    assert (await office.save(voucher(5))).outcome == "Ok"


async def test_of_several_bundles_none_is_saved() -> None:
    office = await office_with()
    inner = bundle_list(bundle(voucher(1)), bundle(voucher(2, entry("1"))))
    text = "Voucher 2 is not balanced: the difference is 1."
    assert described(await office.ask("SaveBundleList", inner)) == ("NotSaved", text)
    assert await office.vouchers() == []
    good = bundle_list(bundle(voucher(1)), bundle(voucher(2)))
    assert [(await office.ask("SaveBundleList", good)).outcome for _ in range(2)] == ["Ok", "DataAlreadySaved"]


async def test_answers_can_be_chosen() -> None:
    office = await office_with(
        bundle_answers={"number_booked": "Exception", "several_bundles": "Exception"},
        fault_texts={"number_booked": "Bilag {number} finnes."},
    )
    await office.save(voucher(1))
    assert described(await office.save(voucher(1, amount="2"))) == ("Exception", "Bilag 1 finnes.")
    inner = bundle_list(bundle(voucher(1, amount="3")), bundle(voucher(2)))
    assert described(await office.ask("SaveBundleList", inner)) == ("Exception", "Bilag 1 finnes.")


async def test_one_number_twice_in_a_call_is_one_voucher_in_mode_peek() -> None:
    office = await office_with(entry_numbers="peek")
    answer = await office.save(voucher(1), voucher(1, amount="5"), voucher(1, sort=1))
    assert answer.outcome == "Ok"
    assert [(each.series, len(each.lines)) for each in await office.vouchers()] == [(1, 4), (3, 2)]
    bad = await office.save(voucher(2, entry("1")), voucher(2, entry("-1", 3900)))
    assert bad.outcome == "Ok", "together they balance"


async def test_numbers_may_be_assigned() -> None:
    office = await office_with(zero_transaction_no="assign")
    answer = await office.save(voucher(0), voucher(4), voucher(None, amount="1"))
    assert (answer.outcome, answer.call.number) == ("Ok", 6)
    assert [each.number for each in await office.vouchers()] == [5, 4, 6]
    again = await office.save(voucher(0), voucher(4), voucher(None, amount="1"))
    assert again.outcome == "DataAlreadySaved"
    assert (await office.save(voucher(0))).call.number == 7


# --- journals ---


async def test_a_journal_holds_its_numbers() -> None:
    office = await office_with()
    assert (await office.save(voucher(1), option=1)).outcome == "Ok"
    assert [each.posted for each in await office.vouchers()] == [False]
    assert (await office.save(voucher(1, amount="2"))).outcome == "DuplicateData"
    assert await office.number() == 2


async def test_a_journal_may_leave_its_numbers_free() -> None:
    office = await office_with(journal_numbers="free")
    assert (await office.save(voucher(1), option=1)).outcome == "Ok"
    assert await office.views() == {}
    assert (await office.save(voucher(1), option=1)).outcome == "DataAlreadySaved"
    assert (await office.save(voucher(1))).outcome == "Ok"


async def test_only_a_journal_may_have_a_difference() -> None:
    office = await office_with()
    for option, expected in ((0, "Exception"), (1, "Ok")):
        answer = await office.save(voucher(1, entry("1")), option=option, AllowDifference="true")
        assert answer.outcome == expected
    assert (await office.save(voucher(2, entry("1")), option=1)).outcome == "Exception"


async def test_without_save_option_it_is_a_journal() -> None:
    office = await office_with()
    inner = f"<BundleList><Bundles>{bundle(voucher(1))}</Bundles></BundleList>"
    assert (await office.ask("SaveBundleList", inner)).outcome == "Ok"
    assert [each.posted for each in await office.vouchers()] == [False]


# --- warnings ---


async def test_an_invoice_that_is_booked_already_is_a_warning() -> None:
    office = await office_with()
    known = entry("1", InvoiceReferenceNo="L-77"), entry("-1")
    assert (await office.save(voucher(1, *known))).outcome == "Ok", "it is new"
    answer = described(await office.save(voucher(2, *known)))
    assert answer == ("Exception", "invoicealreadyexists: invoice L-77 is already in the ledger.")
    for word in ("InvoiceAlreadyExists", "true", "vatisnotinbalance"):
        assert (await office.save(voucher(2, *known), ignore=word)).outcome == "Exception"
    assert (await office.save(voucher(2, *known), ignore="invoicealreadyexists")).outcome == "Ok"
    assert (await office.save(voucher(3, *known), who="shop")).outcome == "Ok", "another company's ledger"


async def test_an_issued_invoice_is_in_the_ledger() -> None:
    office = await office_with()
    order = (
        "<invoices><InvoiceOrder><CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus><InvoiceRows><InvoiceRow>"
        "<ProductId>0</ProductId><Name>Tur</Name><Quantity>1</Quantity><Price>100</Price><ChangeState>Add</ChangeState>"
        "</InvoiceRow></InvoiceRows></InvoiceOrder></invoices>"
    )
    sold = await office.ask("SaveInvoices", order, "/Economy/InvoiceOrder/V001/InvoiceService.asmx")
    (number,) = sold.texts("InvoiceId")
    fee = entry("1", InvoiceReferenceNo=number), entry("-1")
    assert (await office.save(voucher(1, *fee))).outcome == "Exception"
    assert (await office.with_settings(post_invoices=False).save(voucher(1, *fee))).outcome == "Ok"
    assert (await office.save(voucher(2, *fee), ignore="invoicealreadyexists")).outcome == "Ok"


# --- currencies and decimals ---


@pytest.mark.parametrize(
    ("entries", "good"),
    [
        ((entry("1.0001"), entry("-1.00010000")), True),
        ((entry("1.000001", CurrencyId="SEK"), entry("-1.000001", CurrencyId="SEK")), True),
        ((entry("1.0000001", CurrencyId="SEK"), entry("-1.0000001", CurrencyId="SEK")), False),
        # PHP sends 0 for an empty number: the catalogue's unit of 100 counts
        (
            (
                entry("1.000001", CurrencyId="SEK", CurrencyRate="0", CurrencyUnit=0),
                entry("-1.000001", CurrencyId="SEK"),
            ),
            True,
        ),
        ((entry("1", CurrencyRate="1", CurrencyUnit=0), entry("-1")), True),
        ((entry("1", CurrencyUnit=-1), entry("-1")), False),
        (
            (
                entry("1.00001", CurrencyId="SEK", CurrencyRate="101", CurrencyUnit=10),
                entry("-1.00001", CurrencyId="NOK"),
            ),
            False,
        ),
        ((entry("10", CurrencyId="EUR"), entry("-115", 3900)), True),
        ((entry("10", CurrencyId="EUR"), entry("-115.01", 3900)), False),
        (OTHER_CURRENCY, True),
        ((entry("0"),), True),
    ],
)
async def test_amounts_are_exact(entries: tuple[str, ...], good: bool) -> None:
    office = await office_with()
    assert ((await office.save(voucher(1, *entries))).outcome == "Ok") == good


async def test_without_lists_anything_may_be_named() -> None:
    office = await opened(MemoryStore(), items=())
    loose = entry("1", 7777, CustomerId=99, DepartmentId=99, ProjectId=99, CurrencyId="USD", TaxNo="17")
    assert (await office.save(voucher(1, loose, entry("-1")))).outcome == "Ok"
    for account in (32768, -1):
        assert (await office.save(voucher(2, entry("1", account), entry("-1")))).outcome == "Exception"


# --- sessions ---


@pytest.mark.parametrize(("choice", "status"), [("fault", 500), ("NotAuthenticated", 200)])
async def test_without_session(choice: str, status: int) -> None:
    office = await office_with(no_session=choice)
    answer = await office.ask("SaveBundleList", bundle_list(bundle(voucher(1))), who="")
    assert (answer.status, answer.call.outcome) == (status, "no_session")
    assert "Session is not authenticated" in answer.body
    assert answer.outcome == ("fault" if choice == "fault" else "NotAuthenticated")
    assert (await office.ask("GetTypeList", who="")).status == 500
