"""The lists of the books: types of vouchers, accounts, tax codes; which accounts are known. Source: AC-10 to AC-17, AC-50."""

from __future__ import annotations

from typing import Final

from adapters.twentyfoursevenoffice.account.books import Books, books_of
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Account, Catalogue
from schemas.twentyfoursevenoffice.account import messages as m
from schemas.twentyfoursevenoffice.account.types import (
    AccountData,
    AccountDataErrors,
    ErrorType,
    TaxCodeElement,
    TypeData,
)

_INT: Final = 2**31
_SHORT: Final = 2**15


async def get_type_list(work: Work, _message: m.GetTypeList) -> m.GetTypeListResponse:
    """Every type of voucher, those with a TypeNo of 0 or less included (AC-13)."""
    return m.GetTypeListResponse(
        result=[
            TypeData(type_id=each.id, title=each.name, entry_series_id=each.series, type_no=each.number)
            for each in books_of(work).types
        ]
    )


async def get_account_list(work: Work, _message: m.GetAccountList) -> m.GetAccountListResponse:
    """Every account that the contract can show, by number. What is 0 or empty is left out (AC-11)."""
    catalogue = work.catalogue
    shown = (account for account in catalogue.accounts.values() if 0 < account.number < _SHORT)
    accounts = sorted(shown, key=lambda account: account.number)
    return m.GetAccountListResponse(result=[_account(account, catalogue) for account in accounts])


def _account(account: Account, catalogue: Catalogue) -> AccountData:
    """AccountTax is the TaxId of the usual code, TaxNo its number where that is one (AC-12)."""
    code = None if account.tax_code is None else catalogue.tax_codes.get(account.tax_code)
    number = code.number if code is not None and code.number.isascii() and code.number.isdecimal() else "0"
    return AccountData(
        account_id=account.id if account.id < _INT else 0,
        account_no=account.number,
        account_name=account.name,
        account_tax=0 if code is None else code.id,
        tax_no=int(number) if len(number) < len(str(_INT)) else 0,
    )


async def get_tax_code_list(work: Work, _message: m.GetTaxCodeList) -> m.GetTaxCodeListResponse:
    """Every tax code, by TaxId. AccountNo is left out where there is none (AC-10)."""
    return m.GetTaxCodeListResponse(
        result=[
            TaxCodeElement(
                tax_id=code.id,
                tax_no=code.number or None,
                tax_name=code.name,
                tax_rate=code.rate,
                account_no=code.account if code.account is not None and code.account < _SHORT else None,
            )
            for code in work.catalogue.tax_codes.values()
        ]
    )


async def check_account_no(work: Work, message: m.CheckAccountNo) -> m.CheckAccountNoResponse:
    """Each account as it was sent, in order, with what is wrong about it (AC-50)."""
    books = books_of(work)
    return m.CheckAccountNoResponse(
        result=[
            AccountDataErrors(
                account_id=sent.account_id,
                account_no=sent.account_no,
                account_name=sent.account_name,
                account_tax=sent.account_tax,
                tax_no=sent.tax_no,
                error=_error(sent, books),
            )
            for sent in message.account_list or ()
            if sent is not None
        ]
    )


def _error(sent: AccountData, books: Books) -> ErrorType:
    """A tenant that keeps no accounts has every one."""
    known = books.accounts.get(sent.account_no)
    if known is None:
        return ErrorType.ACCOUNT_DONT_EXIST if books.accounts or sent.account_no <= 0 else ErrorType.OK
    return ErrorType.NAME_DONT_MATCH if sent.account_name and sent.account_name != known.name else ErrorType.OK
