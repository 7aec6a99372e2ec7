"""The types of CompanyService, with their elements in the order of the contract.

`"max:…"` is a limit from the vendor's data type pages; the contract itself has none. Source: CO-40 to CO-43.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.common import Addresses, APIException, EmailAddresses, PhoneNumbers
from schemas.twentyfoursevenoffice.company.currencies import CurrencyType
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, INTMIN, SHORTMIN, Int, Long, Message, Short

__all__ = [
    "Category",
    "Company",
    "CompanyMap",
    "CompanySearchParameters",
    "CompanyType",
    "CurrencyType",
    "DistributionMethod",
    "Group",
    "GroupMember",
    "PageOfSyncCompany",
    "Relation",
    "SyncCompany",
    "SyncSearchParameters",
]


class Category(Message):
    """A category of customers. ShowContact and ShowCompany say what it can be given to. Source: CO-05."""

    id: Int = Field(INTMIN, alias="Id")
    name: str = Field("", alias="Name")
    show_contact: bool = Field(False, alias="ShowContact")
    show_company: bool = Field(False, alias="ShowCompany")


class CompanyMap(Message):
    """Ties a customer to its id in another system. Source: CO-53."""

    map_type: Annotated[Int, "min:1"] = Field(0, alias="MapType")
    external_id: str | None = Field(None, alias="ExternalId")
    company_id: Annotated[Int, "min:1"] = Field(0, alias="CompanyId")


class CompanyType(StrEnum):
    """What a customer is. Lead is deprecated. A new customer must have a type. Source: CO-44, CO-61."""

    NONE = "None"
    LEAD = "Lead"
    CONSUMER = "Consumer"
    BUSINESS = "Business"
    SUPPLIER = "Supplier"


class DistributionMethod(StrEnum):
    """How a customer gets its invoices: the methods of InvoiceService, and Default. Source: CO-45."""

    UNCHANGED = "Unchanged"
    PRINT = "Print"
    E_MAIL = "EMail"
    ELECTRONIC_INVOICE = "ElectronicInvoice"
    DEFAULT = "Default"


class Relation(Message):
    """A contact of a company, with its role there. Source: CO-53."""

    contact_id: Int = Field(INTMIN, alias="ContactId")
    company_id: Int = Field(INTMIN, alias="CompanyId")
    first_name: str = Field("", alias="FirstName")
    last_name: str = Field("", alias="LastName")
    role: str = Field("", alias="Role")
    role_id: Int = Field(INTMIN, alias="RoleId")
    phone_numbers: PhoneNumbers | None = Field(None, alias="PhoneNumbers")
    email_addresses: EmailAddresses | None = Field(None, alias="EmailAddresses")
    fax: str = Field("", alias="Fax")


class Company(Message):
    """A customer.

    id: the customer number. The system makes it, unless a new customer comes with one of its own.
    api_exception: why this customer was not saved.
    first_name: only for a consumer.
    country, invoice_language: two letters each.
    bank_account_type: iban, bban, postgiro or bankgiro.
    payment_time: days, from 1. 0 is no credit. -1 is the end of the month and 30 days, -2 and 60, -3 and 90, -5 and 45; -4 is
        the end of the month. Lower values are the end of the month and (10000 + value) days. SHORTMIN is no change.
    type_group: an accounting group of ClientService.
    ledger_customer_account, ledger_supplier_account: answered as 0, which is not the default, so they are always there.
    private: False for visible to all, True for visible to the owner.
    turnover, profit, username, password: not in use.
    Source: CO-40 to CO-54, G-21.
    """

    api_exception: APIException | None = Field(None, alias="APIException")
    id: Int = Field(INTMIN, alias="Id")
    external_id: str = Field("", alias="ExternalId")
    organization_number: Annotated[str, "max:20"] = Field("", alias="OrganizationNumber")
    name: Annotated[str, "max:200"] = Field("", alias="Name")
    first_name: Annotated[str, "max:50"] = Field("", alias="FirstName")
    nick_name: Annotated[str, "max:200"] = Field("", alias="NickName")
    addresses: Addresses | None = Field(None, alias="Addresses")
    phone_numbers: PhoneNumbers | None = Field(None, alias="PhoneNumbers")
    email_addresses: EmailAddresses | None = Field(None, alias="EmailAddresses")
    url: Annotated[str, "max:255"] = Field("", alias="Url")
    country: Annotated[str, "max:2"] = Field("", alias="Country")
    note: str = Field("", alias="Note")
    invoice_language: Annotated[str, "max:2"] = Field("", alias="InvoiceLanguage")
    type: CompanyType = Field(CompanyType.NONE, alias="Type")
    username: str = Field("", alias="Username")
    password: str = Field("", alias="Password", repr=False)
    incorporation_date: datetime = Field(DATEMIN, alias="IncorporationDate")
    date_created: datetime = Field(DATEMIN, alias="DateCreated")
    status: Int = Field(INTMIN, alias="Status")
    price_list: Int = Field(INTMIN, alias="PriceList")
    owner: Int = Field(INTMIN, alias="Owner")
    bank_account_no: str = Field("", alias="BankAccountNo")
    bank_account_type: str = Field("", alias="BankAccountType")
    bank_account_country: str = Field("", alias="BankAccountCountry")
    bank_account_bic: str = Field("", alias="BankAccountBic")
    terms_of_delivery_id: Int = Field(INTMIN, alias="TermsOfDeliveryId")
    account_debit: Short = Field(0, alias="AccountDebit")
    account_credit: Short = Field(0, alias="AccountCredit")
    discount: Decimal = Field(Decimal("0.0"), alias="Discount")
    type_group: Int = Field(INTMIN, alias="TypeGroup")
    share_capital: Decimal = Field(DECMIN, alias="ShareCapital")
    number_of_employees: Int = Field(INTMIN, alias="NumberOfEmployees")
    turnover: Decimal = Field(DECMIN, alias="Turnover")
    profit: Decimal = Field(DECMIN, alias="Profit")
    industry_id: Int = Field(INTMIN, alias="IndustryId")
    member_no: Int = Field(INTMIN, alias="MemberNo")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    block_invoice: bool = Field(False, alias="BlockInvoice")
    relations: list[Relation | None] | None = Field(None, alias="Relations")
    maps: list[CompanyMap | None] | None = Field(None, alias="Maps")
    distribution_method: DistributionMethod = Field(DistributionMethod.UNCHANGED, alias="DistributionMethod")
    currency_id: CurrencyType = Field(CurrencyType.LOCAL, alias="CurrencyId")
    payment_time: Short = Field(SHORTMIN, alias="PaymentTime")
    gln_number: Annotated[str, "max:13"] = Field("", alias="GlnNumber")
    factoring: Annotated[bool | None, "nillable"] = Field(None, alias="Factoring")
    ledger_customer_account: Short = Field(SHORTMIN, alias="LedgerCustomerAccount")
    ledger_supplier_account: Short = Field(SHORTMIN, alias="LedgerSupplierAccount")
    vat_number: str = Field("", alias="VatNumber")
    private: Annotated[bool | None, "nillable"] = Field(None, alias="Private")
    explicitly_specify_new_company_id: Annotated[bool | None, "nillable"] = Field(
        None, alias="ExplicitlySpecifyNewCompanyId"
    )


class CompanySearchParameters(Message):
    """Which customers are wanted. All filters that are set must fit, and at least one must be set.

    company_name: a part of the name, or a pattern with the wildcard `%`.
    changed_after: new customers count as changed.
    Source: CO-20 to CO-26.
    """

    external_id: str | None = Field(None, alias="ExternalId")
    company_id: Int = Field(INTMIN, alias="CompanyId")
    company_ids: list[Int] | None = Field(None, alias="CompanyIds")
    company_name: str = Field("", alias="CompanyName")
    changed_after: datetime = Field(DATEMIN, alias="ChangedAfter")
    company_email: str = Field("", alias="CompanyEmail")
    company_phone: str = Field("", alias="CompanyPhone")
    organization_number: str = Field("", alias="OrganizationNumber")


class GroupMember(Message):
    """A person in a group, with its role there."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    role_name: str | None = Field(None, alias="RoleName")
    first_name: str | None = Field(None, alias="FirstName")
    last_name: str | None = Field(None, alias="LastName")


class Group(Message):
    """A group of people. Groups may hold groups. Source: CO-10."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")
    type: Annotated[Int | None, "nillable"] = Field(None, alias="Type")
    members: list[GroupMember | None] | None = Field(None, alias="Members")
    children: list[Group | None] | None = Field(None, alias="Children")


class SyncCompany(Message):
    """A customer of the synchronisation list. One that was deleted is not active. Source: CO-70, CO-71."""

    company_id: Int = Field(INTMIN, alias="CompanyId")
    external_id: str = Field("", alias="ExternalId")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    date_registered: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="DateRegistered")
    active: Annotated[bool, "min:1"] = Field(False, alias="Active")


class PageOfSyncCompany(Message):
    """One page of the synchronisation list.

    current_page, total_pages: counted from 1; without any hit there are 0 pages.
    context: never written.
    Source: CO-70 to CO-74.
    """

    current_page: Annotated[Long, "min:1"] = Field(0, alias="CurrentPage")
    total_pages: Annotated[Long, "min:1"] = Field(0, alias="TotalPages")
    total_items: Annotated[Long, "min:1"] = Field(0, alias="TotalItems")
    items_per_page: Annotated[Long, "min:1"] = Field(0, alias="ItemsPerPage")
    items: list[SyncCompany | None] | None = Field(None, alias="Items")
    context: Annotated[object | None, "xsd:anyType"] = Field(None, alias="Context")


class SyncSearchParameters(Message):
    """Which page of the synchronisation list is wanted, and of which customers.

    page: from 1; missing means 1.
    active: True or False for one of the two; None for active and deleted ones.
    Source: CO-70, CO-71, CO-73.
    """

    page: Int = Field(INTMIN, alias="Page")
    active: Annotated[bool | None, "min:1", "nillable"] = Field(None, alias="Active")
    changed_after: datetime = Field(DATEMIN, alias="ChangedAfter")
    registered_after: datetime = Field(DATEMIN, alias="RegisteredAfter")
