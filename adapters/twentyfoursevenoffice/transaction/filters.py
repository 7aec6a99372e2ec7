"""What GetTransactions looks for. Pure. Source: TR-10 to TR-16."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.transaction.booked import Booked, vat_code
from schemas.twentyfoursevenoffice.primitives import DATEMIN, INTMIN, SHORTMIN
from schemas.twentyfoursevenoffice.transaction.types import DateSearchParameters, TransactionSearchParameters

_MOMENT: Final = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The conditions of one search; all of them must hold, and None is none.

    by_change: `start` and `end` are about when a line was booked or changed, aware; else about its date, in the vendor's local
        time. Both ends are included.
    open_only: only lines that are open.
    """

    by_change: bool
    start: dt.datetime
    end: dt.datetime
    open_only: bool = False
    link: int | None = None
    project: int | None = None
    customer: int | None = None
    department: int | None = None
    accounts: tuple[int | None, int | None] = (None, None)
    numbers: tuple[int | None, int | None] = (None, None)
    type: int | None = None
    system_type: str | None = None
    registered_after: dt.datetime | None = None
    has_invoice: bool | None = None
    invoice: str | None = None
    vat_code: int | None = None

    @property
    def changed_after(self) -> dt.datetime | None:
        """Nothing that was changed at this moment or earlier is wanted."""
        if not self.by_change:
            return self.registered_after
        before = self.start - _MOMENT if self.start.replace(tzinfo=None) > DATEMIN else self.start
        return before if self.registered_after is None else max(before, self.registered_after)

    def takes(self, booked: Booked) -> bool:
        """Whether a line meets every condition. Of `open_only` it leaves those that are open as far as the line itself says."""
        if self.open_only and (booked.settled or not booked.may_be_open):
            return False
        line = booked.line
        moment = booked.changed if self.by_change else line.moment
        return (
            self.start <= moment <= self.end
            and _is(self.link, line.link)
            and _is(self.project, line.project)
            and _is(self.customer, line.customer)
            and _is(self.department, line.department)
            and _lies_in(line.account, self.accounts)
            and _lies_in(booked.number, self.numbers)
            and _is(self.type, booked.type)
            and (self.system_type is None or line.system_type == self.system_type)
            and (self.registered_after is None or booked.registered > self.registered_after)
            and (self.has_invoice is None or bool(line.invoice) == self.has_invoice)
            and (self.invoice is None or line.invoice == self.invoice)
            and (self.vat_code is None or vat_code(line) == self.vat_code)
        )


def _is(wanted: int | None, value: int) -> bool:
    return wanted is None or wanted == value


def _lies_in(value: int, span: tuple[int | None, int | None]) -> bool:
    first, last = span
    return (first is None or value >= first) and (last is None or value <= last)


def wanted_of(
    asked: TransactionSearchParameters, local: Callable[[dt.datetime], dt.datetime], *, ignore_zeros: bool
) -> Wanted:
    """The conditions of a request. Raises OperationFault when DateStart or DateEnd is missing (TR-10).

    local: from a moment to the vendor's local time, see `Books.local`.
    ignore_zeros: a filter of 0 where nothing has 0 counts as not set, because PHP sends 0 for what is not set (TR-16). A client
        that sends such a filter does not mean VatCode 0 and HasInvoiceId false either.
    """
    for name, moment in (("DateStart", asked.date_start), ("DateEnd", asked.date_end)):
        if not _is_set(moment):
            raise OperationFault("search_date_missing", property=name)
    ids = (asked.link_id, asked.project_id, asked.customer_id, asked.department_id, asked.transaction_type_id)
    ends = (asked.account_no_start, asked.account_no_end, asked.transaction_no_start, asked.transaction_no_end)
    zeros = ignore_zeros and 0 in (*ids, *ends)

    def given(value: int, unset: int = INTMIN) -> int | None:
        return None if value == unset or (ignore_zeros and value == 0) else value

    by_change = asked.date_search_parameters is DateSearchParameters.DATE_CHANGED_UTC
    at = _utc if by_change else local
    return Wanted(
        by_change,
        at(asked.date_start),
        at(asked.date_end),
        open_only=asked.show_open_entries is True,
        link=given(asked.link_id),
        project=given(asked.project_id),
        customer=given(asked.customer_id),
        department=given(asked.department_id),
        accounts=(given(asked.account_no_start, SHORTMIN), given(asked.account_no_end, SHORTMIN)),
        numbers=(given(asked.transaction_no_start), given(asked.transaction_no_end)),
        type=given(asked.transaction_type_id),
        system_type=None if asked.system_type is None else asked.system_type.value,
        registered_after=_utc(asked.registered_after) if _is_set(asked.registered_after) else None,
        has_invoice=None if zeros and not asked.has_invoice_id else asked.has_invoice_id,
        invoice=asked.invoice_no or None,
        vat_code=None if zeros and not asked.vat_code else asked.vat_code,
    )


def _is_set(moment: dt.datetime) -> bool:
    return moment.replace(tzinfo=None) != DATEMIN


def _utc(moment: dt.datetime) -> dt.datetime:
    """A moment without zone is UTC. Source: R-86."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment
