"""What a catalogue is made of: customers, products, VAT, payment, layout, and what is in the books. Values only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address.

    country: two letters, or empty.
    """

    name: str = ""
    street: str = ""
    postal_code: str = ""
    postal_area: str = ""
    city: str = ""
    state: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """A customer's addresses; None = not known."""

    post: Address | None = None
    delivery: Address | None = None
    visit: Address | None = None
    invoice: Address | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Who documents go to.

    emails, phones: further ones, beside those with a name of their own.
    gln: global location number.
    payment_days: credit in days; None = the tenant's usual.
    external_id: what it is called in another system.
    """

    id: int
    name: str
    organization_number: str = ""
    email: str = ""
    invoice_email: str = ""
    phone: str = ""
    gln: str = ""
    payment_days: int | None = None
    addresses: Addresses = Addresses()
    extras: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    external_id: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """What lines sell.

    price, cost: net, per unit.
    type_group: decides the VAT unless `vat_rate` is given.
    vat_rate: percent.
    category: the id of its ProductCategory; None = none.
    ean: European article number.
    """

    id: int
    name: str
    number: str = ""
    price: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    type_group: int | None = None
    vat_rate: Decimal | None = None
    extras: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    category: int | None = None
    ean: str = ""


@dataclass(frozen=True, slots=True)
class ProductCategory:
    """What products are sorted into.

    number: what people see.
    parent: the id of the category that this one is a part of; None = none.
    """

    id: int
    name: str
    number: str = ""
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerCategory:
    """What customers are sorted into.

    for_companies, for_contacts: whom it may be given to.
    """

    id: int
    name: str
    for_companies: bool = True
    for_contacts: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who is not of the tenant's own people.

    customers: ids of those that the person belongs to.
    """

    id: int
    name: str
    email: str = ""
    phone: str = ""
    customers: tuple[int, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class TypeGroup:
    """A type of sale.

    vat_rate: percent.
    tax_code: the id of the TaxCode behind it.
    is_default: it is taken for products without a type group.
    account: of the books, for what is sold; None = that of the tax code.
    """

    id: int
    name: str
    vat_rate: Decimal
    tax_code: int | None = None
    is_default: bool = False
    account: int | None = None


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A VAT code of the books.

    number: what people see.
    rate: percent.
    account: of the books; None = none.
    """

    id: int
    name: str
    number: str = ""
    rate: Decimal = Decimal(0)
    account: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class DeliveryMethod:
    """A way to deliver."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A layout for printed documents.

    id: a GUID in lower case with dashes.
    language: two letters, or with region (nb-NO).
    country: two letters.
    customers: ids of those that get it; empty = everybody.
    """

    id: str
    name: str
    file_name: str = ""
    language: str = ""
    country: str = ""
    is_system: bool = False
    is_default: bool = False
    modified: dt.datetime = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    customers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A project that documents and lines may be booked on."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """A department that documents and lines may be booked on."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody of the tenant's own people."""

    id: int
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the books.

    number: what people see.
    tax_code: the id of the TaxCode that is usual on it; None = none.
    needs_department, needs_project: what is booked on it must name one.
    """

    id: int
    number: int
    name: str
    tax_code: int | None = None
    needs_department: bool = False
    needs_project: bool = False


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency.

    symbol: three capital letters of ISO 4217.
    rate: what so many units cost in the tenant's own currency.
    unit: how many the rate is for, usually 1 or 100.
    """

    id: int
    symbol: str
    rate: Decimal = Decimal(1)
    unit: int = 1


@dataclass(frozen=True, slots=True)
class VoucherSeries:
    """A line of voucher numbers, which begins again with each fiscal year.

    first: the first number of a year.
    """

    id: int
    first: int = 1


@dataclass(frozen=True, slots=True)
class VoucherType:
    """A type of voucher.

    number: what people see.
    series: the id of the VoucherSeries that numbers it.
    """

    id: int
    number: int
    name: str
    series: int


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A year of the books.

    id: the number that the year is called by.
    start: its first day.
    end: the first day behind it.
    locked: nothing may be booked in it.
    """

    id: int
    start: dt.date
    end: dt.date
    locked: bool = False


@dataclass(frozen=True, slots=True)
class StampSeries:
    """A span of stamp numbers, which are numbers of scanned papers.

    id: a GUID in lower case with dashes.
    first, last: the ends of the span, both included.
    """

    id: str
    name: str
    first: int
    last: int
