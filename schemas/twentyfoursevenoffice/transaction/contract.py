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
            "GetTransactionTypes", "Get transaction types.", m.GetTransactionTypes, m.GetTransactionTypesResponse
        ),
        Operation(
            "GetUserDefinedDimensions",
            "Get user defined dimensions.",
            m.GetUserDefinedDimensions,
            m.GetUserDefinedDimensionsResponse,
        ),
        Operation(
            "GetUserDefinedDimensionValues",
            "Get user defined dimension values.",
            m.GetUserDefinedDimensionValues,
            m.GetUserDefinedDimensionValuesResponse,
        ),
        Operation("GetFiscalYears", "Get fiscal years.", m.GetFiscalYears, m.GetFiscalYearsResponse),
        Operation("GetTransactions", "Get transactions.", m.GetTransactions, m.GetTransactionsResponse),
        Operation("GetAggregated", "Get aggregated.", m.GetAggregated, m.GetAggregatedResponse),
    ),
    namespace="http://24sevenoffice.com/webservices/economy/accounting/",
)
