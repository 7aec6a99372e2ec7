"""What GetTransactions takes as a condition, and which lines meet it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from adapters.twentyfoursevenoffice.account.vouchers import VoucherLine
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.transaction.booked import Booked
from adapters.twentyfoursevenoffice.transaction.filters import Wanted, wanted_of
from schemas.twentyfoursevenoffice.transaction.types import TransactionSearchParameters

DAY = dt.datetime(2024, 3, 15)
BOOKED = dt.datetime(2024, 3, 16, 9, tzinfo=dt.UTC)
CHANGED = dt.datetime(2024, 3, 17, 9, tzinfo=dt.UTC)
LINE = VoucherLine(
    DAY,
    1500,
    Decimal(70),
    customer=4,
    department=5,
    project=6,
    link=7,
    invoice="502",
    tax="3",
    tax_id=103,
    system_type="Payment",
    id=UUID(int=1),
)
TAKEN = Booked(LINE, 10051, 2, 0, BOOKED, CHANGED)


def wanted(ignore_zeros: bool = True, **asked: Any) -> Wanted:
    dates = {"DateStart": "2024-03-01T00:00:00", "DateEnd": "2024-03-31T23:59:59"}
    given = {name: value for name, value in (dates | asked).items() if value is not None}
    return wanted_of(TransactionSearchParameters.model_validate(given), _local, ignore_zeros=ignore_zeros)


def _local(moment: dt.datetime) -> dt.datetime:
    """A zone one hour ahead of UTC."""
    return moment if moment.tzinfo is None else (moment.astimezone(dt.UTC) + dt.timedelta(hours=1)).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("name", "takes", "refuses"),
    [
        ("LinkId", 7, 8),
        ("ProjectId", 6, 7),
        ("CustomerId", 4, 5),
        ("DepartmentId", 5, 6),
        ("AccountNoStart", 1500, 1501),
        ("AccountNoEnd", 1500, 1499),
        ("TransactionNoStart", 10051, 10052),
        ("TransactionNoEnd", 10051, 10050),
        ("TransactionTypeId", 2, 3),
        ("SystemType", "Payment", "InvoiceCustomer"),
        ("RegisteredAfter", "2024-03-16T08:59:59Z", "2024-03-16T09:00:00Z"),
        ("RegisteredAfter", "2024-03-16T08:59:59", "2024-03-16T09:00:00"),
        ("HasInvoiceId", True, False),
        ("InvoiceNo", "502", "50"),
        ("VatCode", 3, 0),
        ("DateStart", "2024-03-15T00:00:00", "2024-03-15T00:00:01"),
        ("DateEnd", "2024-03-15T00:00:00", "2024-03-14T23:59:59"),
        ("DateStart", "2024-03-14T23:00:00Z", "2024-03-15T00:00:00Z"),
    ],
)
def test_each_condition(name: str, takes: Any, refuses: Any) -> None:
    assert wanted(**{name: takes}).takes(TAKEN)
    assert not wanted(**{name: refuses}).takes(TAKEN)


def test_all_conditions_must_hold() -> None:
    both = {"CustomerId": 4, "AccountNoStart": 1500, "AccountNoEnd": 1599}
    assert wanted(**both).takes(TAKEN)
    assert not wanted(**both).takes(replace(TAKEN, line=replace(LINE, account=1600)))
    assert not wanted(**both).takes(replace(TAKEN, line=replace(LINE, customer=3)))


@pytest.mark.parametrize(
    ("start", "end", "taken"),
    [
        ("2024-03-17T09:00:00Z", "2024-03-17T09:00:00Z", True),
        ("2024-03-17T09:00:00", "2024-03-18T00:00:00", True),
        ("2024-03-17T09:00:01Z", "2024-03-18T00:00:00Z", False),
        ("2024-03-01T00:00:00Z", "2024-03-17T08:59:59Z", False),
    ],
)
def test_by_when_it_was_changed(start: str, end: str, taken: bool) -> None:
    found = wanted(DateSearchParameters="DateChangedUTC", DateStart=start, DateEnd=end)
    assert found.takes(TAKEN) is taken
    assert found.changed_after is not None
    assert not taken or found.changed_after < CHANGED


@pytest.mark.parametrize("name", ["DateStart", "DateEnd"])
@pytest.mark.parametrize("value", [None, "0001-01-01T00:00:00", "0001-01-01T00:00:00Z"])
def test_both_dates_are_required(name: str, value: str | None) -> None:
    with pytest.raises(OperationFault) as found:
        wanted(**{name: value})
    assert (found.value.name, found.value.facts) == ("search_date_missing", {"property": name})


def test_only_what_may_be_open() -> None:
    owed = replace(TAKEN, may_be_open=True)
    found = wanted(ShowOpenEntries=True)
    assert [found.takes(each) for each in (TAKEN, owed, replace(owed, settled=True))] == [False, True, False]


ZEROS = {
    "LinkId": 0,
    "ProjectId": 0,
    "CustomerId": 0,
    "DepartmentId": 0,
    "AccountNoStart": 0,
    "AccountNoEnd": 0,
    "TransactionNoStart": 0,
    "TransactionNoEnd": 0,
    "TransactionTypeId": 0,
    "HasInvoiceId": False,
    "VatCode": 0,
    "ShowOpenEntries": False,
    "InvoiceNo": "",
}


def test_zeros_are_not_set() -> None:
    assert wanted(**ZEROS) == wanted()
    assert wanted(**ZEROS).takes(TAKEN)
    assert not wanted(ignore_zeros=False, **ZEROS).takes(TAKEN)


def test_a_vat_code_of_zero_alone_is_one() -> None:
    assert (wanted(VatCode=0).vat_code, wanted(HasInvoiceId=False).has_invoice) == (0, False)
    assert wanted(VatCode=3, LinkId=0).vat_code == 3


@pytest.mark.parametrize("by", ["EntryDate", "DateChangedUTC"])
def test_the_ends_of_the_calendar(by: str) -> None:
    found = wanted(DateSearchParameters=by, DateStart="0001-01-01T00:00:01Z", DateEnd="9999-12-31T23:59:59")
    assert found.takes(TAKEN)
