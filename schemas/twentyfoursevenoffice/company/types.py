"""The types of CompanyService, with their elements in the order of the contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.common import Addresses, APIException, EmailAddresses, PhoneNumbers
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, INTMIN, SHORTMIN, Int, Long, Message, Short


class Category(Message):
    """Category."""

    id: Int = Field(INTMIN, alias="Id")
    name: str = Field("", alias="Name")
    show_contact: bool = Field(False, alias="ShowContact")
    show_company: bool = Field(False, alias="ShowCompany")


class CompanyMap(Message):
    """Company map."""

    map_type: Annotated[Int, "min:1"] = Field(0, alias="MapType")
    external_id: str | None = Field(None, alias="ExternalId")
    company_id: Annotated[Int, "min:1"] = Field(0, alias="CompanyId")


class CompanyType(StrEnum):
    """Company type."""

    NONE = "None"
    LEAD = "Lead"
    CONSUMER = "Consumer"
    BUSINESS = "Business"
    SUPPLIER = "Supplier"


class CurrencyType(StrEnum):
    """Currency type."""

    LOCAL = "LOCAL"
    AED = "AED"
    AFN = "AFN"
    ALL = "ALL"
    AMD = "AMD"
    ANG = "ANG"
    AOA = "AOA"
    ARS = "ARS"
    AUD = "AUD"
    AWG = "AWG"
    AZN = "AZN"
    BAM = "BAM"
    BBD = "BBD"
    BDT = "BDT"
    BGN = "BGN"
    BHD = "BHD"
    BIF = "BIF"
    BMD = "BMD"
    BND = "BND"
    BOB = "BOB"
    BOV = "BOV"
    BRL = "BRL"
    BSD = "BSD"
    BTN = "BTN"
    BWP = "BWP"
    BYN = "BYN"
    BYR = "BYR"
    BZD = "BZD"
    CAD = "CAD"
    CDF = "CDF"
    CHE = "CHE"
    CHF = "CHF"
    CHW = "CHW"
    CLF = "CLF"
    CLP = "CLP"
    CNY = "CNY"
    COP = "COP"
    COU = "COU"
    CRC = "CRC"
    CUC = "CUC"
    CUP = "CUP"
    CVE = "CVE"
    CZK = "CZK"
    DJF = "DJF"
    DKK = "DKK"
    DOP = "DOP"
    DZD = "DZD"
    EEK = "EEK"
    EGP = "EGP"
    ERN = "ERN"
    ETB = "ETB"
    EUR = "EUR"
    FJD = "FJD"
    FKP = "FKP"
    GBP = "GBP"
    GEL = "GEL"
    GHS = "GHS"
    GIP = "GIP"
    GMD = "GMD"
    GNF = "GNF"
    GTQ = "GTQ"
    GYD = "GYD"
    HKD = "HKD"
    HNL = "HNL"
    HRK = "HRK"
    HTG = "HTG"
    HUF = "HUF"
    IDR = "IDR"
    ILS = "ILS"
    INR = "INR"
    IQD = "IQD"
    IRR = "IRR"
    ISK = "ISK"
    JMD = "JMD"
    JOD = "JOD"
    JPY = "JPY"
    KES = "KES"
    KGS = "KGS"
    KHR = "KHR"
    KMF = "KMF"
    KPW = "KPW"
    KRW = "KRW"
    KWD = "KWD"
    KYD = "KYD"
    KZT = "KZT"
    LAK = "LAK"
    LBP = "LBP"
    LKR = "LKR"
    LRD = "LRD"
    LSL = "LSL"
    LTL = "LTL"
    LVL = "LVL"
    LYD = "LYD"
    MAD = "MAD"
    MDL = "MDL"
    MGA = "MGA"
    MKD = "MKD"
    MMK = "MMK"
    MNT = "MNT"
    MOP = "MOP"
    MRO = "MRO"
    MTL = "MTL"
    MUR = "MUR"
    MVR = "MVR"
    MWK = "MWK"
    MXN = "MXN"
    MXV = "MXV"
    MYR = "MYR"
    MZN = "MZN"
    NAD = "NAD"
    NGN = "NGN"
    NIO = "NIO"
    NOK = "NOK"
    NPR = "NPR"
    NZD = "NZD"
    OMR = "OMR"
    PAB = "PAB"
    PEN = "PEN"
    PGK = "PGK"
    PHP = "PHP"
    PKR = "PKR"
    PLN = "PLN"
    PYG = "PYG"
    QAR = "QAR"
    RON = "RON"
    RSD = "RSD"
    RUB = "RUB"
    RWF = "RWF"
    SAR = "SAR"
    SBD = "SBD"
    SCR = "SCR"
    SDG = "SDG"
    SEK = "SEK"
    SGD = "SGD"
    SHP = "SHP"
    SKK = "SKK"
    SLL = "SLL"
    SOS = "SOS"
    SRD = "SRD"
    STD = "STD"
    SYP = "SYP"
    SZL = "SZL"
    THB = "THB"
    TJS = "TJS"
    TMT = "TMT"
    TND = "TND"
    TOP = "TOP"
    TRY = "TRY"
    TTD = "TTD"
    TWD = "TWD"
    TZS = "TZS"
    UAH = "UAH"
    UGX = "UGX"
    USD = "USD"
    UYU = "UYU"
    UZS = "UZS"
    VEF = "VEF"
    VND = "VND"
    VUV = "VUV"
    WST = "WST"
    XAF = "XAF"
    XAG = "XAG"
    XAU = "XAU"
    XBA = "XBA"
    XBB = "XBB"
    XBC = "XBC"
    XBD = "XBD"
    XCD = "XCD"
    XDR = "XDR"
    XFU = "XFU"
    XOF = "XOF"
    XPD = "XPD"
    XPF = "XPF"
    XPT = "XPT"
    XTS = "XTS"
    XXX = "XXX"
    YER = "YER"
    ZAR = "ZAR"
    ZMK = "ZMK"
    ZWL = "ZWL"
    ZWD = "ZWD"


class DistributionMethod(StrEnum):
    """Distribution method."""

    UNCHANGED = "Unchanged"
    PRINT = "Print"
    E_MAIL = "EMail"
    ELECTRONIC_INVOICE = "ElectronicInvoice"
    DEFAULT = "Default"


class Relation(Message):
    """Relation."""

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
    """Company."""

    api_exception: APIException | None = Field(None, alias="APIException")
    id: Int = Field(INTMIN, alias="Id")
    external_id: str = Field("", alias="ExternalId")
    organization_number: str = Field("", alias="OrganizationNumber")
    name: str = Field("", alias="Name")
    first_name: str = Field("", alias="FirstName")
    nick_name: str = Field("", alias="NickName")
    addresses: Addresses | None = Field(None, alias="Addresses")
    phone_numbers: PhoneNumbers | None = Field(None, alias="PhoneNumbers")
    email_addresses: EmailAddresses | None = Field(None, alias="EmailAddresses")
    url: str = Field("", alias="Url")
    country: str = Field("", alias="Country")
    note: str = Field("", alias="Note")
    invoice_language: str = Field("", alias="InvoiceLanguage")
    type: CompanyType = Field(CompanyType.NONE, alias="Type")
    username: str = Field("", alias="Username")
    password: str = Field("", alias="Password")
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
    gln_number: str = Field("", alias="GlnNumber")
    factoring: Annotated[bool | None, "nillable"] = Field(None, alias="Factoring")
    ledger_customer_account: Short = Field(SHORTMIN, alias="LedgerCustomerAccount")
    ledger_supplier_account: Short = Field(SHORTMIN, alias="LedgerSupplierAccount")
    vat_number: str = Field("", alias="VatNumber")
    private: Annotated[bool | None, "nillable"] = Field(None, alias="Private")
    explicitly_specify_new_company_id: Annotated[bool | None, "nillable"] = Field(
        None, alias="ExplicitlySpecifyNewCompanyId"
    )


class CompanySearchParameters(Message):
    """Company search parameters."""

    external_id: str | None = Field(None, alias="ExternalId")
    company_id: Int = Field(INTMIN, alias="CompanyId")
    company_ids: list[Int] | None = Field(None, alias="CompanyIds")
    company_name: str = Field("", alias="CompanyName")
    changed_after: datetime = Field(DATEMIN, alias="ChangedAfter")
    company_email: str = Field("", alias="CompanyEmail")
    company_phone: str = Field("", alias="CompanyPhone")
    organization_number: str = Field("", alias="OrganizationNumber")


class GroupMember(Message):
    """Group member."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    role_name: str | None = Field(None, alias="RoleName")
    first_name: str | None = Field(None, alias="FirstName")
    last_name: str | None = Field(None, alias="LastName")


class Group(Message):
    """Group."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")
    type: Annotated[Int | None, "nillable"] = Field(None, alias="Type")
    members: list[GroupMember | None] | None = Field(None, alias="Members")
    children: list[Group | None] | None = Field(None, alias="Children")


class SyncCompany(Message):
    """Sync company."""

    company_id: Int = Field(INTMIN, alias="CompanyId")
    external_id: str = Field("", alias="ExternalId")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    date_registered: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="DateRegistered")
    active: Annotated[bool, "min:1"] = Field(False, alias="Active")


class PageOfSyncCompany(Message):
    """Page of sync company."""

    current_page: Annotated[Long, "min:1"] = Field(0, alias="CurrentPage")
    total_pages: Annotated[Long, "min:1"] = Field(0, alias="TotalPages")
    total_items: Annotated[Long, "min:1"] = Field(0, alias="TotalItems")
    items_per_page: Annotated[Long, "min:1"] = Field(0, alias="ItemsPerPage")
    items: list[SyncCompany | None] | None = Field(None, alias="Items")
    context: Annotated[object | None, "xsd:anyType"] = Field(None, alias="Context")


class SyncSearchParameters(Message):
    """Sync search parameters."""

    page: Int = Field(INTMIN, alias="Page")
    active: Annotated[bool | None, "min:1", "nillable"] = Field(None, alias="Active")
    changed_after: datetime = Field(DATEMIN, alias="ChangedAfter")
    registered_after: datetime = Field(DATEMIN, alias="RegisteredAfter")
