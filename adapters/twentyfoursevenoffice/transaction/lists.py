"""The lists of TransactionService: types of vouchers, fiscal years, dimensions that users defined. Source: TR-02 to TR-04."""

from __future__ import annotations

import datetime as dt
from typing import Final
from uuid import UUID

from adapters.twentyfoursevenoffice.account.books import books_of
from adapters.twentyfoursevenoffice.transaction.invoices import type_of_invoices
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import FiscalYear
from schemas.twentyfoursevenoffice.transaction import messages as m
from schemas.twentyfoursevenoffice.transaction import types as t

_YEARS: Final = UUID("00000000-0000-4000-8000-000000000000").int
"""The guid of a fiscal year ends with the year's number (inferred)."""


async def get_transaction_types(work: Work, _message: m.GetTransactionTypes) -> m.GetTransactionTypesResponse:
    """The types of vouchers, those of AccountService.GetTypeList (AC-17). Turnover is what invoices are booked as: inferred."""
    books = books_of(work)
    sales = type_of_invoices(books)
    return m.GetTransactionTypesResponse(
        result=[
            t.TransactionType(turnover=each.id == sales, title=each.name, no=each.number, id=each.id)
            for each in books.types
        ]
    )


async def get_fiscal_years(work: Work, _message: m.GetFiscalYears) -> m.GetFiscalYearsResponse:
    """The fiscal years, ascending."""
    return m.GetFiscalYearsResponse(result=[_year(each) for each in books_of(work).years])


def _year(year: FiscalYear) -> t.FiscalYear:
    """Its end is the start of the next one (TR-03)."""
    return t.FiscalYear(
        id=UUID(int=_YEARS + int(str(year.id), 16)),
        starting_date=_midnight(year.start),
        ending_date=_midnight(year.end),
        is_locked=year.locked,
    )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a day of the books has no zone


async def get_user_defined_dimensions(
    work: Work, _message: m.GetUserDefinedDimensions
) -> m.GetUserDefinedDimensionsResponse:
    """The dimensions of the setting `user_dimensions`."""
    return m.GetUserDefinedDimensionsResponse(
        result=[
            t.Dimension(type=t.DimensionType.USER_DEFINED, name=each.name, type_id=each.type_id)
            for each in work.settings.user_dimensions
        ]
    )


async def get_user_defined_dimension_values(
    work: Work, message: m.GetUserDefinedDimensionValues
) -> m.GetUserDefinedDimensionValuesResponse:
    """What the dimension with this type id may be; nothing for an unknown one."""
    return m.GetUserDefinedDimensionValuesResponse(
        result=[
            t.Dimension(type=t.DimensionType.USER_DEFINED, name=each.name, value=value, type_id=each.type_id)
            for each in work.settings.user_dimensions
            if each.type_id == message.dimension_type
            for value in each.values
        ]
    )
