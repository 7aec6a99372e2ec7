"""The operations of TransactionService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.transaction import messages as m

TRANSACTION_SERVICE: Final = ServiceContract(
    "TransactionService",
    "/Economy/Accounting/V001/TransactionService.asmx",
    (
        Operation(
            "GetTransactionTypes", "Gets all voucher types.", m.GetTransactionTypes, m.GetTransactionTypesResponse
        ),
        Operation(
            "GetUserDefinedDimensions",
            "Gets the dimensions that the client defined.",
            m.GetUserDefinedDimensions,
            m.GetUserDefinedDimensionsResponse,
        ),
        Operation(
            "GetUserDefinedDimensionValues",
            "Gets the values of a dimension that the client defined.",
            m.GetUserDefinedDimensionValues,
            m.GetUserDefinedDimensionValuesResponse,
        ),
        Operation(
            "GetFiscalYears",
            "Gets all fiscal years. A year ends before its ending date.",
            m.GetFiscalYears,
            m.GetFiscalYearsResponse,
        ),
        Operation(
            "GetTransactions",
            "Gets lines of vouchers by search parameters.",
            m.GetTransactions,
            m.GetTransactionsResponse,
        ),
        Operation("GetAggregated", "Gets balances by dimension and account.", m.GetAggregated, m.GetAggregatedResponse),
    ),
    namespace="http://24sevenoffice.com/webservices/economy/accounting/",
)
