"""The types of AccountService, with their elements in the order of the contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.primitives import DATEMIN, EMPTYGUID, Byte, Int, Message, Short


class AccountData(Message):
    """A ledger account.

    account_no: the number that people see.
    account_tax, tax_no: id and number of the tax code that the account has (inferred).
    Source: AC-11, AC-12.
    """

    account_id: Int = Field(0, alias="AccountId")
    account_no: Short = Field(0, alias="AccountNo")
    account_name: str = Field("", alias="AccountName")
    account_tax: Int = Field(0, alias="AccountTax")
    tax_no: Int = Field(0, alias="TaxNo")


class ErrorType(StrEnum):
    """What CheckAccountNo found about an account. Source: AC-50."""

    OK = "Ok"
    ACCOUNT_DONT_EXIST = "AccountDontExist"
    NAME_DONT_MATCH = "NameDontMatch"


class AccountDataErrors(AccountData):
    """A ledger account, and what was found about it."""

    error: Annotated[ErrorType, "min:1"] = Field(ErrorType.OK, alias="Error")


class DifferenceOptions(Message):
    """How a difference between debit and credit is booked."""

    threshold: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="Threshold")
    account_id: Annotated[Int, "min:1"] = Field(0, alias="AccountId")
    due_date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="DueDate")
    date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="Date")
    currency_id: Annotated[Int, "min:1"] = Field(0, alias="CurrencyId")
    currency_unit: Annotated[Short, "min:1"] = Field(0, alias="CurrencyUnit")
    currency_rate: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="CurrencyRate")
    comment: str | None = Field(None, alias="Comment")
    customer_id: Annotated[Int, "min:1"] = Field(0, alias="CustomerId")
    period: Annotated[Short, "min:1"] = Field(0, alias="Period")
    link_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="LinkId")
    invoice_ocr: str | None = Field(None, alias="InvoiceOcr")
    department_id: Annotated[Int, "min:1"] = Field(0, alias="DepartmentId")
    project_id: Annotated[Int, "min:1"] = Field(0, alias="ProjectId")
    bank_account_no: str | None = Field(None, alias="BankAccountNo")


class LinkModel(Message):
    """Joins a new entry with a line that exists.

    line_id: of that line. link_id: a fresh id, which the entry has too.
    Source: AC-41.
    """

    line_id: UUID = Field(EMPTYGUID, alias="LineId")
    link_id: UUID = Field(EMPTYGUID, alias="LinkId")


class UserDefinedDimension(Message):
    """A value of a dimension that the client defined."""

    type: Int = Field(0, alias="Type")
    value: str = Field("", alias="Value")


class Entry(Message):
    """One line of a voucher.

    amount: positive for debit, negative for credit, with VAT. Four decimals are usual.
    currency_id: such as NOK; an empty text is the local currency.
    tax_no: the number of a tax code. Some clients send its id.
    stamp_no: ties the line to an attachment.
    date: of the entry; it lies in the fiscal year of the bundle.
    Source: AC-31, AC-37, AC-38, AC-40, AC-42, N-24.
    """

    sequence_id: Decimal = Field(Decimal(0), alias="SequenceId")
    customer_id: Int = Field(0, alias="CustomerId")
    account_no: Int = Field(0, alias="AccountNo")
    date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="Date")
    due_date: datetime = Field(DATEMIN, alias="DueDate")
    amount: Decimal = Field(Decimal(0), alias="Amount")
    vat_amount: Decimal = Field(Decimal(0), alias="VatAmount")
    currency_id: str = Field("", alias="CurrencyId")
    base_rate: Decimal = Field(Decimal(-1), alias="BaseRate")
    currency_rate: Decimal = Field(Decimal(0), alias="CurrencyRate")
    currency_unit: Short = Field(1, alias="CurrencyUnit")
    department_id: Int = Field(0, alias="DepartmentId")
    project_id: Int = Field(0, alias="ProjectId")
    user_defined_dimensions: list[UserDefinedDimension | None] | None = Field(None, alias="UserDefinedDimensions")
    invoice_reference_no: str = Field("", alias="InvoiceReferenceNo")
    invoice_ocr: str = Field("", alias="InvoiceOcr")
    tax_no: str = Field("", alias="TaxNo")
    period_date: datetime = Field(DATEMIN, alias="PeriodDate")
    comment: str = Field("", alias="Comment")
    stamp_no: Int = Field(0, alias="StampNo")
    bank_account_no: str = Field("", alias="BankAccountNo")
    link_id: UUID = Field(EMPTYGUID, alias="LinkId")
    links: list[LinkModel | None] | None = Field(None, alias="Links")

    @property
    def account(self) -> int:
        """The number of the account; 0 for none."""
        return self.account_no


class Voucher(Message):
    """Entries under one voucher number.

    transaction_no: the number, which the client gives. GetEntryId answers a free one.
    sort: the number of the voucher type; 0 means that of the bundle.
    Source: N-08, AC-35.
    """

    transaction_no: Annotated[Int, "min:1"] = Field(0, alias="TransactionNo")
    entries: list[Entry | None] | None = Field(None, alias="Entries")
    sort: Annotated[Int, "min:1"] = Field(0, alias="Sort")
    difference_options: DifferenceOptions | None = Field(None, alias="DifferenceOptions")


class Bundle(Message):
    """Vouchers of one fiscal year.

    year_id: the fiscal year as a number, such as 2024.
    sort: the number of the voucher type.
    name: counts only for a journal.
    bundle_direct_accounting: False when VAT is to be computed; counts only for a journal.
    Source: AC-34, AC-35, AC-36.
    """

    year_id: Int = Field(0, alias="YearId")
    vouchers: list[Voucher | None] | None = Field(None, alias="Vouchers")
    sort: Int = Field(0, alias="Sort")
    name: str = Field("", alias="Name")
    bundle_direct_accounting: bool = Field(False, alias="BundleDirectAccounting")
    use_auto_base_rate: bool = Field(True, alias="UseAutoBaseRate")


class BundleList(Message):
    """All that one call saves.

    save_option: 0 books at once, 1 makes a journal that people review and post.
    direct_ledger: True when an account is used as given, False for the ledger of the customer.
    allow_difference: debit and credit may differ; counts only for a journal.
    default_customer_id: of entries without a customer.
    ignore_warnings: words such as `invoicealreadyexists`.
    Source: AC-30 to AC-33, AC-39.
    """

    bundles: list[Bundle | None] | None = Field(None, alias="Bundles")
    allow_difference: bool = Field(False, alias="AllowDifference")
    direct_ledger: bool = Field(False, alias="DirectLedger")
    save_option: Byte = Field(1, alias="SaveOption")
    default_customer_id: Int = Field(0, alias="DefaultCustomerId")
    ignore_warnings: list[str | None] | None = Field(None, alias="IgnoreWarnings")


class EntryId(Message):
    """A voucher number, or the question for one.

    date: any day of the fiscal year. sort_no: the id of the entry series.
    entry_no: the number; -1 when there is none. It does not count in a question.
    Source: N-02, N-03, N-07.
    """

    date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="Date")
    sort_no: Annotated[Int, "min:1"] = Field(0, alias="SortNo")
    entry_no: Annotated[Int, "min:1"] = Field(0, alias="EntryNo")


class EntryItem(Message):
    """A line of a voucher, and when it is due. Source: AC-53."""

    line_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="LineId")
    due_date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="DueDate")


class LinkEntryItem(Message):
    """Lines, and the link that they get. Source: AC-51, AC-52."""

    line_ids: list[UUID] | None = Field(None, alias="LineIds")
    link_id: Annotated[Int, "min:1"] = Field(0, alias="LinkId")


class ResponsType(StrEnum):
    """What became of the bundles. All clients look for Ok. Source: AC-43."""

    OK = "Ok"
    DUPLICATE_DATA = "DuplicateData"
    DATA_ALREADY_SAVED = "DataAlreadySaved"
    NOT_AUTHENTICATED = "NotAuthenticated"
    SYSTEM_ERROR = "SystemError"
    EXCEPTION = "Exception"
    NOT_SAVED = "NotSaved"


class SaveResponse(Message):
    """What became of the bundles; the description says why they were not saved."""

    type: Annotated[ResponsType, "min:1"] = Field(ResponsType.OK, alias="Type")
    description: str | None = Field(None, alias="Description")


class TaxCodeElement(Message):
    """A tax code.

    tax_id: what a row of an invoice takes as its tax code.
    tax_no: the number that people see, as a text. tax_rate: in percent.
    account_no: left out when there is none.
    Source: AC-10.
    """

    tax_id: Annotated[Int, "min:1"] = Field(0, alias="TaxId")
    tax_no: str | None = Field(None, alias="TaxNo")
    tax_name: str | None = Field(None, alias="TaxName")
    tax_rate: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="TaxRate")
    account_no: Annotated[Short | None, "nillable"] = Field(None, alias="AccountNo")


class TypeData(Message):
    """A voucher type. `type_no` is its number, `entry_series_id` the series that its numbers come from. Source: N-04, AC-13."""

    type_id: Annotated[Int, "min:1"] = Field(0, alias="TypeId")
    title: str | None = Field(None, alias="Title")
    entry_series_id: Annotated[Int, "min:1"] = Field(0, alias="EntrySeriesId")
    type_no: Annotated[Int, "min:1"] = Field(0, alias="TypeNo")
