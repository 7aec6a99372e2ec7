"""One entry of a voucher: what it refers to is checked, and it becomes a line. Pure. Source: AC-33, AC-37 to AC-44."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from adapters.twentyfoursevenoffice.account.books import Books
from adapters.twentyfoursevenoffice.account.bundles.refused import BundleRefused
from adapters.twentyfoursevenoffice.account.settings import AccountChoices
from adapters.twentyfoursevenoffice.account.vouchers import VoucherLine
from adapters.twentyfoursevenoffice.errors import OperationFault
from gateway.core.catalogue import Catalogue, Currency, Customer, Department, FiscalYear, Project
from schemas.twentyfoursevenoffice.account import v002
from schemas.twentyfoursevenoffice.account.types import Entry
from schemas.twentyfoursevenoffice.primitives import DATEMIN

DECIMALS: Final = 4
"""AC-38: of an Amount for one unit of the currency."""
_LARGEST_ACCOUNT: Final = 2**15 - 1
"""The largest that Transaction.AccountNo can show: xs:short."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the entries of a call are held against.

    catalogue: with the customers that the call names.
    default_customer: 0 for none (AC-33).
    """

    catalogue: Catalogue
    books: Books
    choices: AccountChoices
    default_customer: int = 0


def make_line(entry: Entry, terms: Terms, year: FiscalYear) -> VoucherLine:
    """The line of an entry, without its link. Raises BundleRefused, and OperationFault for AC-44."""
    moment = _moment(entry, terms, year)
    account = entry.account if isinstance(entry, v002.Entry) else entry.account_no
    _check_account(entry, account, terms)
    customer = entry.customer_id or terms.default_customer
    _check_references(entry, customer, terms.catalogue)
    currency, rate, unit = _currency(entry, terms.catalogue)
    _check_decimals(entry.amount, unit)
    tax, tax_id = _tax(entry.tax_no.strip(), terms.catalogue)
    if entry.stamp_no < 0:
        raise BundleRefused("stamp_no_invalid", id=entry.stamp_no)
    return VoucherLine(
        moment,
        account,
        entry.amount,
        customer,
        entry.department_id,
        entry.project_id,
        invoice=entry.invoice_reference_no,
        stamp=entry.stamp_no,
        due=_optional(entry.due_date, terms.books),
        ocr=entry.invoice_ocr,
        comment=entry.comment,
        currency=currency,
        rate=rate,
        unit=unit,
        base_rate=None if entry.base_rate == -1 else entry.base_rate,
        tax=tax,
        tax_id=tax_id,
        vat_amount=entry.vat_amount,
        period=_optional(entry.period_date, terms.books),
        month=entry.period if isinstance(entry, v002.Entry) else 0,
        bank_account=entry.bank_account_no,
        sequence=entry.sequence_id,
        dimensions=tuple((each.type, each.value) for each in entry.user_defined_dimensions or () if each is not None),
    )


def _moment(entry: Entry, terms: Terms, year: FiscalYear) -> dt.datetime:
    moment = _optional(entry.date, terms.books)
    if moment is None:
        raise BundleRefused("entry_date_missing")
    if not year.start <= moment.date() < year.end:
        raise BundleRefused("entry_date_outside", day=moment.date(), year=year.id)
    return moment


def _optional(moment: dt.datetime, books: Books) -> dt.datetime | None:
    return None if moment.replace(tzinfo=None) == DATEMIN else books.local(moment)


def _check_account(entry: Entry, number: int, terms: Terms) -> None:
    if not number:
        raise BundleRefused("account_missing")
    known = terms.books.accounts.get(number)
    if (known is None and terms.books.accounts) or not 0 < number <= _LARGEST_ACCOUNT:
        raise BundleRefused("account_unknown", id=number)
    choices = terms.choices
    needs_department = known is not None and known.needs_department
    if (needs_department or number in choices.department_required_accounts) and not entry.department_id:
        raise OperationFault("department_required")
    needs_project = known is not None and known.needs_project
    if (needs_project or number in choices.project_required_accounts) and not entry.project_id:
        raise OperationFault("project_required")


def _check_references(entry: Entry, customer: int, catalogue: Catalogue) -> None:
    for kind, wanted, name in (
        (Customer, customer, "customer_unknown"),
        (Department, entry.department_id, "department_unknown"),
        (Project, entry.project_id, "project_unknown"),
    ):
        if wanted and not (wanted > 0 and catalogue.may_refer_to(kind, wanted)):
            raise BundleRefused(name, id=wanted)


def _currency(entry: Entry, catalogue: Catalogue) -> tuple[str, Decimal, int]:
    """The currency, "" for the tenant's own (AC-42), with rate and unit as sent, else of the catalogue, else 1."""
    symbol = entry.currency_id.strip().upper()
    known: Currency | None = None
    if symbol:
        known = next((each for each in catalogue.currencies.values() if each.symbol == symbol), None)
        plain = len(symbol) == 3 and symbol.isascii() and symbol.isalpha()
        if not plain or (known is None and catalogue.currencies):
            raise BundleRefused("currency_unknown", id=entry.currency_id)
    # 0 is what clients send of a number that they leave empty, PHP's among them
    rate, unit = entry.currency_rate, entry.currency_unit or 1
    if not rate:
        rate = Decimal(1) if known is None else known.rate
        unit = known.unit if known is not None and unit == 1 else unit
    if rate < 0 or unit <= 0:
        raise BundleRefused("currency_rate_invalid")
    return symbol, rate, unit


def _check_decimals(amount: Decimal, unit: int) -> None:
    """AC-38: a larger unit allows for more decimals. Zeros at the end do not count, and nothing is ever rounded."""
    allowed = DECIMALS + len(str(unit)) - 1
    _sign, digits, exponent = amount.as_tuple()
    decimals = -int(exponent)
    if decimals > allowed and any(digits[-(decimals - allowed) :]):
        raise BundleRefused("too_many_decimals", amount=f"{amount:f}", decimals=allowed)


def _tax(text: str, catalogue: Catalogue) -> tuple[str, int]:
    """TaxNo as it came, and the TaxId: of the code with that number, else of the code with that id (AC-40)."""
    if not text:
        return "", 0
    codes = catalogue.tax_codes
    code = next((each for each in codes.values() if each.number == text), None)
    if code is None and text.isascii() and text.isdecimal() and len(text) <= 10:
        code = codes.get(int(text))
    if code is None and codes and text != "0":
        raise BundleRefused("tax_unknown", id=text)
    return text, 0 if code is None else code.id
