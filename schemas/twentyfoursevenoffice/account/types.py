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
    """Account data."""

    account_id: Int = Field(0, alias="AccountId")
    account_no: Short = Field(0, alias="AccountNo")
    account_name: str = Field("", alias="AccountName")
    account_tax: Int = Field(0, alias="AccountTax")
    tax_no: Int = Field(0, alias="TaxNo")


class ErrorType(StrEnum):
    """Error type."""

    OK = "Ok"
    ACCOUNT_DONT_EXIST = "AccountDontExist"
    NAME_DONT_MATCH = "NameDontMatch"


class AccountDataErrors(AccountData):
    """Account data errors."""

    error: Annotated[ErrorType, "min:1"] = Field(ErrorType.OK, alias="Error")


class DifferenceOptions(Message):
    """Difference options."""

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
    """Link model."""

    line_id: UUID = Field(EMPTYGUID, alias="LineId")
    link_id: UUID = Field(EMPTYGUID, alias="LinkId")


class UserDefinedDimension(Message):
    """User defined dimension."""

    type: Int = Field(0, alias="Type")
    value: str = Field("", alias="Value")


class Entry(Message):
    """Entry."""

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
    """Voucher."""

    transaction_no: Annotated[Int, "min:1"] = Field(0, alias="TransactionNo")
    entries: list[Entry | None] | None = Field(None, alias="Entries")
    sort: Annotated[Int, "min:1"] = Field(0, alias="Sort")
    difference_options: DifferenceOptions | None = Field(None, alias="DifferenceOptions")


class Bundle(Message):
    """Bundle."""

    year_id: Int = Field(0, alias="YearId")
    vouchers: list[Voucher | None] | None = Field(None, alias="Vouchers")
    sort: Int = Field(0, alias="Sort")
    name: str = Field("", alias="Name")
    bundle_direct_accounting: bool = Field(False, alias="BundleDirectAccounting")
    use_auto_base_rate: bool = Field(True, alias="UseAutoBaseRate")


class BundleList(Message):
    """Bundle list."""

    bundles: list[Bundle | None] | None = Field(None, alias="Bundles")
    allow_difference: bool = Field(False, alias="AllowDifference")
    direct_ledger: bool = Field(False, alias="DirectLedger")
    save_option: Byte = Field(1, alias="SaveOption")
    default_customer_id: Int = Field(0, alias="DefaultCustomerId")
    ignore_warnings: list[str | None] | None = Field(None, alias="IgnoreWarnings")


class EntryId(Message):
    """Entry id."""

    date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="Date")
    sort_no: Annotated[Int, "min:1"] = Field(0, alias="SortNo")
    entry_no: Annotated[Int, "min:1"] = Field(0, alias="EntryNo")


class EntryItem(Message):
    """Entry item."""

    line_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="LineId")
    due_date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="DueDate")


class LinkEntryItem(Message):
    """Link entry item."""

    line_ids: list[UUID] | None = Field(None, alias="LineIds")
    link_id: Annotated[Int, "min:1"] = Field(0, alias="LinkId")


class ResponsType(StrEnum):
    """Respons type."""

    OK = "Ok"
    DUPLICATE_DATA = "DuplicateData"
    DATA_ALREADY_SAVED = "DataAlreadySaved"
    NOT_AUTHENTICATED = "NotAuthenticated"
    SYSTEM_ERROR = "SystemError"
    EXCEPTION = "Exception"
    NOT_SAVED = "NotSaved"


class SaveResponse(Message):
    """Save response."""

    type: Annotated[ResponsType, "min:1"] = Field(ResponsType.OK, alias="Type")
    description: str | None = Field(None, alias="Description")


class TaxCodeElement(Message):
    """Tax code element."""

    tax_id: Annotated[Int, "min:1"] = Field(0, alias="TaxId")
    tax_no: str | None = Field(None, alias="TaxNo")
    tax_name: str | None = Field(None, alias="TaxName")
    tax_rate: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="TaxRate")
    account_no: Annotated[Short | None, "nillable"] = Field(None, alias="AccountNo")


class TypeData(Message):
    """Type data."""

    type_id: Annotated[Int, "min:1"] = Field(0, alias="TypeId")
    title: str | None = Field(None, alias="Title")
    entry_series_id: Annotated[Int, "min:1"] = Field(0, alias="EntrySeriesId")
    type_no: Annotated[Int, "min:1"] = Field(0, alias="TypeNo")
