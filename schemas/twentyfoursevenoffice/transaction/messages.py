"""The messages of TransactionService."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.primitives import DATEMIN, Int, Message, Short
from schemas.twentyfoursevenoffice.transaction.types import (
    AggregatedData,
    Dimension,
    FiscalYear,
    PeriodType,
    Transaction,
    TransactionSearchParameters,
    TransactionType,
)


class GetTransactionTypes(Message):
    """Takes nothing."""


class GetTransactionTypesResponse(Message):
    """The voucher types."""

    result: list[TransactionType | None] | None = Field(None, alias="GetTransactionTypesResult")


class GetUserDefinedDimensions(Message):
    """Takes nothing."""


class GetUserDefinedDimensionsResponse(Message):
    """The dimensions."""

    result: list[Dimension | None] | None = Field(None, alias="GetUserDefinedDimensionsResult")


class GetUserDefinedDimensionValues(Message):
    """Asks for the values of a dimension."""

    dimension_type: Annotated[Int, "min:1"] = Field(0, alias="DimensionType")


class GetUserDefinedDimensionValuesResponse(Message):
    """The values."""

    result: list[Dimension | None] | None = Field(None, alias="GetUserDefinedDimensionValuesResult")


class GetFiscalYears(Message):
    """Takes nothing."""


class GetFiscalYearsResponse(Message):
    """The fiscal years."""

    result: list[FiscalYear | None] | None = Field(None, alias="GetFiscalYearsResult")


class GetTransactions(Message):
    """Asks for lines of vouchers."""

    search_params: TransactionSearchParameters | None = Field(None, alias="searchParams")


class GetTransactionsResponse(Message):
    """The lines that were found."""

    result: list[Transaction | None] | None = Field(None, alias="GetTransactionsResult")


class GetAggregated(Message):
    """Asks for balances from a date on."""

    start_date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="startDate")
    dimensions: list[Dimension | None] | None = Field(None, alias="dimensions")
    account_nos: list[Short] | None = Field(None, alias="accountNos")
    period_type: Annotated[PeriodType, "min:1"] = Field(PeriodType.NONE, alias="periodType")
    return_ib: Annotated[bool, "min:1"] = Field(False, alias="returnIB")


class GetAggregatedResponse(Message):
    """The balances."""

    result: list[AggregatedData | None] | None = Field(None, alias="GetAggregatedResult")
