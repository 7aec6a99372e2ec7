"""The types that the messages of several services share. Source: `schemas/types/common.xsd`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.resurs.primitives import Message, NonNegativeInteger


class CountryCode(StrEnum):
    """The countries of the vendor."""

    SE = "SE"
    NO = "NO"
    DK = "DK"
    FI = "FI"


class CustomerType(StrEnum):
    """What a customer is: an organisation (LEGAL) or a person (NATURAL)."""

    LEGAL = "LEGAL"
    NATURAL = "NATURAL"


class InvoiceDeliveryTypeEnum(StrEnum):
    """How an invoice reaches the customer."""

    NONE = "NONE"
    EMAIL = "EMAIL"
    POSTAL = "POSTAL"


class Language(StrEnum):
    """The languages of texts for customers."""

    SV = "sv"
    NO = "no"
    DA = "da"
    FI = "fi"


class PaymentMethodType(StrEnum):
    """The kind of a payment method. `specificType` of a method says it more closely."""

    INVOICE = "INVOICE"
    REVOLVING_CREDIT = "REVOLVING_CREDIT"
    CARD = "CARD"
    PAYMENT_PROVIDER = "PAYMENT_PROVIDER"


class PaymentStatus(StrEnum):
    """One member of the status set of a payment, in the order in which answers list them."""

    DEBITABLE = "DEBITABLE"
    CREDITABLE = "CREDITABLE"
    IS_DEBITED = "IS_DEBITED"
    IS_CREDITED = "IS_CREDITED"
    IS_ANNULLED = "IS_ANNULLED"


class Address(Message):
    """A postal address.

    full_name: the only name of an organisation; a person has first and last names too.
    address_row1: may be empty.
    """

    full_name: str | None = Field(None, alias="fullName")
    first_name: str | None = Field(None, alias="firstName")
    last_name: str | None = Field(None, alias="lastName")
    address_row1: str = Field(alias="addressRow1")
    address_row2: str | None = Field(None, alias="addressRow2")
    postal_area: str = Field(alias="postalArea")
    postal_code: str = Field(alias="postalCode")
    country: CountryCode


class Customer(Message):
    """Who pays.

    government_id, type: only customers of external payment providers have none.
    phone: may be empty.
    """

    government_id: Annotated[str | None, "nillable"] = Field(None, alias="governmentId")
    address: Address
    phone: str | None = None
    email: str | None = None
    type: Annotated[CustomerType | None, "nillable"] = None


class MapEntry(Message):
    """One entry of metadata. None as value is no value, which differs from an empty one."""

    key: str
    value: str | None = None


class SpecLine(Message):
    """One row of an order.

    id: the row's own id; row ids may repeat.
    art_no, description, unit_measure: may be empty.
    quantity: units; negative amounts stand in the unit price.
    unit_amount_without_vat: the net price of one unit; negative for a discount.
    vat_pct: percent of VAT, 0 to 100.
    total_vat_amount: VAT of the row.
    total_amount: the row's sum with VAT.
    delivery_date: only where a gateway serves what the vendor's contract lacks (P-09).
    """

    id: str
    art_no: str = Field(alias="artNo")
    description: str
    quantity: Decimal
    unit_measure: str = Field(alias="unitMeasure")
    unit_amount_without_vat: Decimal = Field(alias="unitAmountWithoutVat")
    vat_pct: Decimal = Field(alias="vatPct")
    total_vat_amount: Decimal = Field(alias="totalVatAmount")
    total_amount: Decimal = Field(alias="totalAmount")
    delivery_date: date | None = Field(None, alias="deliveryDate")


class PaymentSpec(Message):
    """Rows and their sums.

    total_amount: with VAT, 0 or above; it alone decides how much money moves.
    total_vat_amount: VAT within it.
    bonus_points: no bonus exists here.
    """

    spec_lines: Annotated[list[SpecLine], "repeated"] = Field([], alias="specLines")
    total_amount: Decimal = Field(alias="totalAmount")
    total_vat_amount: Annotated[Decimal | None, "nillable"] = Field(None, alias="totalVatAmount")
    bonus_points: NonNegativeInteger | None = Field(None, alias="bonusPoints")
