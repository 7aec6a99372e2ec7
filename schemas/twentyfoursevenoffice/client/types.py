"""The types of ClientService, with their elements in the order of the contract."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.common import Addresses, EmailAddresses, PhoneNumbers
from schemas.twentyfoursevenoffice.primitives import EMPTYGUID, INTMIN, Int, Long, Message


class AccountingGroup(Message):
    """Decides where sales or purchases are booked: the type of sale of an invoice, the type group of a customer.

    account_id: the number of the account.
    Source: CL-01, CL-15.
    """

    account_id: Annotated[Int, "min:1"] = Field(0, alias="AccountId")
    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")


class FaxNumberType(StrEnum):
    """Whose fax a number is."""

    UNKNOWN = "Unknown"
    WORK = "Work"


class FaxNumber(Message):
    """A fax number of the client."""

    type: Annotated[FaxNumberType, "min:1"] = Field(FaxNumberType.UNKNOWN, alias="Type")
    value: str | None = Field(None, alias="Value")


class Client(Message):
    """The company whose session it is.

    user_id: the number of the client.
    reminder_days, reminder_days2, reminder_days3: days until each reminder.
    Source: CL-02, CL-10, CL-14.
    """

    address_list: Addresses | None = Field(None, alias="AddressList")
    country: str | None = Field(None, alias="Country")
    email_address_list: EmailAddresses | None = Field(None, alias="EmailAddressList")
    factoring_client_no: str | None = Field(None, alias="FactoringClientNo")
    factoring_text: str | None = Field(None, alias="FactoringText")
    fax_number_list: list[FaxNumber | None] | None = Field(None, alias="FaxNumberList")
    is_using_factoring: Annotated[bool, "min:1"] = Field(False, alias="IsUsingFactoring")
    name: str | None = Field(None, alias="Name")
    phone_number_list: PhoneNumbers | None = Field(None, alias="PhoneNumberList")
    reminder_days: Annotated[Int, "min:1"] = Field(0, alias="ReminderDays")
    reminder_days2: Annotated[Int, "min:1"] = Field(0, alias="ReminderDays2")
    reminder_days3: Annotated[Int, "min:1"] = Field(0, alias="ReminderDays3")
    user_id: Annotated[Long, "min:1"] = Field(0, alias="UserId")
    bank_account: str | None = Field(None, alias="BankAccount")
    iban: str | None = Field(None, alias="IBAN")
    organization_number: str | None = Field(None, alias="OrganizationNumber")
    swift: str | None = Field(None, alias="Swift")
    reseller_id: Long = Field(-9223372036854775808, alias="ResellerId")
    reseller_name: str = Field("", alias="ResellerName")
    default_currency: str = Field("", alias="DefaultCurrency")


class Currency(Message):
    """A currency. So many units of it, `unit`, are worth `rate` in the local currency. Source: CL-04, CL-12."""

    symbol: str | None = Field(None, alias="Symbol")
    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    rate: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="Rate")
    unit: Annotated[Int, "min:1"] = Field(0, alias="Unit")


class Department(Message):
    """A department of the client. Source: CL-03."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")
    addresses: Addresses | None = Field(None, alias="Addresses")
    phone: str | None = Field(None, alias="Phone")
    fax: str | None = Field(None, alias="Fax")
    email: str | None = Field(None, alias="Email")


class User(Message):
    """A user. `employee_id` is what an invoice takes as its reference. Source: CL-05."""

    contact_id: Int = Field(INTMIN, alias="ContactId")
    id: UUID = Field(EMPTYGUID, alias="Id")
    name: str = Field("", alias="Name")
    employee_id: Int = Field(INTMIN, alias="EmployeeId")


class VatType(Message):
    """A kind of VAT, with its rate in percent. Source: CL-06."""

    no: Annotated[Int, "min:1"] = Field(0, alias="No")
    name: str | None = Field(None, alias="Name")
    rate: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="Rate")


class TypeGroupModule(StrEnum):
    """Which accounting groups are wanted. An argument that is missing means All. Source: G-23."""

    ALL = "All"
    SALE = "Sale"
    PURCHASE = "Purchase"
