"""The types of TransactionService, with their elements in the order of the contract."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.common import KeyValuePair
from schemas.twentyfoursevenoffice.primitives import (
    DATEMIN,
    DAYMIN,
    DECMIN,
    EMPTYGUID,
    INTMIN,
    SHORTMIN,
    Byte,
    Int,
    Message,
    Short,
)


class DimensionType(StrEnum):
    """What a dimension is."""

    NONE = "None"
    PROJECT = "Project"
    DEPARTMENT = "Department"
    EMPLOYEE = "Employee"
    PRODUCT = "Product"
    CUSTOMER = "Customer"
    CUSTOMER_ORDER_SLIP = "CustomerOrderSlip"
    SUPPLIER_ORDER_SLIP = "SupplierOrderSlip"
    USER_DEFINED = "UserDefined"


class Dimension(Message):
    """A dimension of a line, with its value: a project, a department, a customer, or one that the client defined."""

    type: DimensionType = Field(DimensionType.NONE, alias="Type")
    name: str = Field("", alias="Name")
    value: str = Field("", alias="Value")
    percent: Decimal = Field(DECMIN, alias="Percent")
    type_id: Int = Field(INTMIN, alias="TypeId")


class AggregatedData(Message):
    """The balance of an account, or of a dimension on it. Source: TR-05."""

    incoming_balance: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="IncomingBalance")
    total_balance: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="TotalBalance")
    periods: list[KeyValuePair] | None = Field(None, alias="Periods")
    dimension: Dimension | None = Field(None, alias="Dimension")
    account_no: Short = Field(SHORTMIN, alias="AccountNo")


class FiscalYear(Message):
    """A fiscal year. It ends before `ending_date`, which is the start of the next one. Source: N-06, TR-03."""

    id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="Id")
    starting_date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="StartingDate")
    ending_date: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="EndingDate")
    is_locked: Annotated[bool, "min:1"] = Field(False, alias="IsLocked")


class TransactionSystemType(StrEnum):
    """What a line comes from. The spelling Disbursment is the contract's own. Source: TR-13."""

    INVOICE_CUSTOMER = "InvoiceCustomer"
    CREDITNOTE_CUSTOMER = "CreditnoteCustomer"
    DIFFERENCE_OUTBOUND = "DifferenceOutbound"
    DISBURSMENT = "Disbursment"
    INVOICE_SUPPLIER = "InvoiceSupplier"
    CREDITNOTE_SUPPLIER = "CreditnoteSupplier"
    PAYMENT = "Payment"
    DIFFERENCE_INBOUND = "DifferenceInbound"
    MISCELLANEOUS = "Miscellaneous"
    CASH_SALE = "CashSale"
    REMINDER_FEE = "ReminderFee"
    REMINDER_NOTE = "ReminderNote"


class Transaction(Message):
    """One line of a voucher that was booked.

    transaction_no: the number of the voucher, which is unique in its series and year.
    id: of the line. link_id: changes with each link that is made.
    amount: positive for debit, negative for credit.
    stamp_no: of the attachment. invoice_no: as a text.
    open: the lines of the link do not add up to zero.
    Source: N-24, N-30, TR-14, TR-15, TR-19.
    """

    date: datetime = Field(DATEMIN, alias="Date")
    account_no: Short = Field(SHORTMIN, alias="AccountNo")
    currency: str = Field("", alias="Currency")
    currency_rate: Decimal = Field(DECMIN, alias="CurrencyRate")
    currency_unit: Short = Field(SHORTMIN, alias="CurrencyUnit")
    amount: Decimal = Field(DECMIN, alias="Amount")
    stamp_no: Int = Field(INTMIN, alias="StampNo")
    period: Byte = Field(0, alias="Period")
    transaction_type_id: Int = Field(INTMIN, alias="TransactionTypeId")
    comment: str = Field("", alias="Comment")
    transaction_no: Int = Field(INTMIN, alias="TransactionNo")
    vat_code: Short = Field(SHORTMIN, alias="VatCode")
    id: UUID = Field(EMPTYGUID, alias="Id")
    link_id: Int = Field(INTMIN, alias="LinkId")
    invoice_no: str = Field("", alias="InvoiceNo")
    sequence_no: Short = Field(SHORTMIN, alias="SequenceNo")
    system_type: TransactionSystemType = Field(TransactionSystemType.MISCELLANEOUS, alias="SystemType")
    due_date: datetime = Field(DATEMIN, alias="DueDate")
    dimensions: list[Dimension | None] | None = Field(None, alias="Dimensions")
    registration_date: datetime = Field(DATEMIN, alias="RegistrationDate")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    hidden: Annotated[bool, "min:1"] = Field(False, alias="Hidden")
    open: Annotated[bool, "min:1"] = Field(False, alias="Open")
    ocr: str | None = Field(None, alias="OCR")
    vat_dividend: Decimal = Field(DECMIN, alias="VatDividend")
    has_vat_dividend: Annotated[bool, "min:1"] = Field(False, alias="HasVatDividend")
    period_date: dt.date = Field(DAYMIN, alias="PeriodDate")


class DateSearchParameters(StrEnum):
    """Which date the range of a search is about. DateChangedUTC also counts new lines. Source: TR-11."""

    ENTRY_DATE = "EntryDate"
    DATE_CHANGED_UTC = "DateChangedUTC"


class TransactionSearchParameters(Message):
    """Which lines are wanted. All filters that are set must fit.

    date_start, date_end: both are required. A time counts: 00:00:00 leaves out what came later on the last day.
    system_type, has_invoice_id: a missing element means no filter.
    Source: TR-10, TR-11, TR-12.
    """

    date_search_parameters: DateSearchParameters = Field(DateSearchParameters.ENTRY_DATE, alias="DateSearchParameters")
    show_open_entries: Annotated[bool | None, "nillable"] = Field(None, alias="ShowOpenEntries")
    link_id: Int = Field(INTMIN, alias="LinkId")
    date_start: datetime = Field(DATEMIN, alias="DateStart")
    date_end: datetime = Field(DATEMIN, alias="DateEnd")
    project_id: Int = Field(INTMIN, alias="ProjectId")
    customer_id: Int = Field(INTMIN, alias="CustomerId")
    department_id: Int = Field(INTMIN, alias="DepartmentId")
    account_no_start: Short = Field(SHORTMIN, alias="AccountNoStart")
    account_no_end: Short = Field(SHORTMIN, alias="AccountNoEnd")
    transaction_no_start: Int = Field(INTMIN, alias="TransactionNoStart")
    transaction_no_end: Int = Field(INTMIN, alias="TransactionNoEnd")
    transaction_type_id: Int = Field(INTMIN, alias="TransactionTypeId")
    system_type: Annotated[TransactionSystemType | None, "min:1", "nillable"] = Field(None, alias="SystemType")
    registered_after: datetime = Field(DATEMIN, alias="RegisteredAfter")
    has_invoice_id: Annotated[bool | None, "min:1", "nillable"] = Field(None, alias="HasInvoiceId")
    invoice_no: str = Field("", alias="InvoiceNo")
    vat_code: Annotated[Short | None, "nillable"] = Field(None, alias="VatCode")


class TransactionType(Message):
    """A voucher type: the list of AccountService with other names. Source: AC-17."""

    turnover: Annotated[bool, "min:1"] = Field(False, alias="Turnover")
    title: str | None = Field(None, alias="Title")
    no: Annotated[Int, "min:1"] = Field(0, alias="No")
    id: Annotated[Int, "min:1"] = Field(0, alias="Id")


class PeriodType(StrEnum):
    """How balances are split up."""

    NONE = "None"
    MONTH = "Month"
