"""Why SaveBundleList saves nothing: the ResponsType and the words of each reason. Source: AC-43 to AC-47; the words inferred.

Settings replace the types by `bundle_answers` and the words by `fault_texts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DUPLICATE: Final = "DuplicateData"
EXCEPTION: Final = "Exception"

REFUSALS: Final = (
    DUPLICATE,
    "DataAlreadySaved",
    "NotAuthenticated",
    "SystemError",
    EXCEPTION,
    "NotSaved",
)
"""Every ResponsType but Ok, as it is on the wire."""

ANSWERS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "number_booked": (DUPLICATE, "TransactionNo {number} already exists in series {series} of {year}."),
        "number_twice": (DUPLICATE, "TransactionNo {number} is given twice in series {series} of {year}."),
        "already_saved": ("DataAlreadySaved", "The bundle list was already saved."),
        "several_bundles": ("NotSaved", "{reason}"),
        "store_down": ("SystemError", "The database is not available at the moment. Please try again later."),
        "not_authenticated": ("NotAuthenticated", "Session is not authenticated"),
        "save_option_unknown": (EXCEPTION, "SaveOption {option} is not valid."),
        "no_voucher": (EXCEPTION, "The bundle list has no voucher."),
        "no_entry": (EXCEPTION, "Voucher {number} has no entry."),
        "voucher_too_large": (EXCEPTION, "Voucher {number} has too many entries."),
        "books_full": (EXCEPTION, "The limit of {limit} is reached."),
        "no_number_left": (EXCEPTION, "No TransactionNo is left."),
        "transaction_no_missing": (EXCEPTION, "Property TransactionNo is missing."),
        "transaction_no_invalid": (EXCEPTION, "TransactionNo {number} is not valid."),
        "sort_missing": (EXCEPTION, "Property Sort is missing."),
        "sort_unknown": (EXCEPTION, "Sort {id} was not found."),
        "bundle_year_missing": (EXCEPTION, "Property YearId is missing."),
        "bundle_year_unknown": (EXCEPTION, "Fiscal year {year} was not found."),
        "bundle_year_locked": (EXCEPTION, "Fiscal year {year} is locked."),
        "entry_date_missing": (EXCEPTION, "Property Date is missing."),
        "entry_date_outside": (EXCEPTION, "Date {day} is not in fiscal year {year}."),
        "account_missing": (EXCEPTION, "Property AccountNo is missing."),
        "account_unknown": (EXCEPTION, "Account {id} was not found."),
        "customer_unknown": (EXCEPTION, "Customer {id} was not found."),
        "department_unknown": (EXCEPTION, "Department {id} was not found."),
        "project_unknown": (EXCEPTION, "Project {id} was not found."),
        "currency_unknown": (EXCEPTION, "Currency {id} was not found."),
        "currency_rate_invalid": (EXCEPTION, "CurrencyRate and CurrencyUnit must be above 0."),
        "tax_unknown": (EXCEPTION, "TaxNo {id} was not found."),
        "stamp_no_invalid": (EXCEPTION, "StampNo {id} is not valid."),
        "too_many_decimals": (EXCEPTION, "Amount {amount} has more than {decimals} decimals."),
        "unbalanced": (EXCEPTION, "Voucher {number} is not balanced: the difference is {difference}."),
        "invoice_exists": (EXCEPTION, "invoicealreadyexists: invoice {id} is already in the ledger."),
        "link_line_unknown": (EXCEPTION, "Transaction {id} was not found."),
        "changed_meanwhile": (EXCEPTION, "Transaction {id} was changed by somebody else."),
    }
)
"""By the name of the reason: its type, and its words with placeholders. `several_bundles` stands in front of the reasons of a
call with more than one bundle, and `reason` for the words of the one that it was."""
