"""When an invoice falls due: from its day and its PaymentTime. Source: CO-47."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Final

LARGEST_TERM: Final = 10_000
"""More days than that are taken for nonsense (inferred)."""
_AFTER_MONTH: Final = MappingProxyType({-1: 30, -2: 60, -3: 90, -4: 0, -5: 45})
"""Days behind the end of the invoice's month, for the values that have a meaning of their own."""


def due_day(day: dt.date, payment_time: int) -> dt.date | None:
    """The day when an invoice of a day is due; None when there is no such day.

    payment_time: from 0 on it is days. Below 0 it says days behind the end of the invoice's month: -1 to -5 have a number of
        their own, and other values are 10000 less than theirs.
    """
    try:
        if payment_time >= 0:
            return day + dt.timedelta(days=payment_time) if payment_time <= LARGEST_TERM else None
        days = _AFTER_MONTH.get(payment_time, LARGEST_TERM + payment_time)
        return _end_of_month(day) + dt.timedelta(days=days) if days >= 0 else None
    except OverflowError:  # behind the last day of the calendar
        return None


def _end_of_month(day: dt.date) -> dt.date:
    year, month = divmod(day.year * 12 + day.month, 12)
    return dt.date(year, month + 1, 1) - dt.timedelta(days=1) if year <= dt.MAXYEAR else day.replace(day=31)
