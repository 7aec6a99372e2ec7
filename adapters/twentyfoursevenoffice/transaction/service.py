"""TransactionService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.service import Handler, Service
from adapters.twentyfoursevenoffice.transaction.lists import (
    get_fiscal_years,
    get_transaction_types,
    get_user_defined_dimension_values,
    get_user_defined_dimensions,
)
from adapters.twentyfoursevenoffice.transaction.search import get_transactions
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.transaction.contract import TRANSACTION_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "GetTransactionTypes": get_transaction_types,
        "GetUserDefinedDimensions": get_user_defined_dimensions,
        "GetUserDefinedDimensionValues": get_user_defined_dimension_values,
        "GetFiscalYears": get_fiscal_years,
        "GetTransactions": get_transactions,
    }
)
"""The handler of each operation; others are declined."""

TRANSACTION: Final = Service(
    TRANSACTION_SERVICE,
    HANDLERS,
    Evidence.DOCUMENTED,
    lists=frozenset({"GetTransactionTypes", "GetUserDefinedDimensions"}),
)
