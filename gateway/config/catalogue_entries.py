"""The items of a catalogue as people write them, with their bounds; `gateway.core.catalogue_items` says what they mean."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

Id = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[str, Field(max_length=300)]


def _country(value: Any, info: ValidationInfo) -> Any:
    """A program that rewrites the file by the rules of YAML 1.1 makes a bare NO false. JSON has no such word."""
    return "NO" if value is False and info.mode == "python" else value


Country = Annotated[
    str,
    Field(pattern=r"^([A-Z]{2})?$"),
    BeforeValidator(_country),
]
StampNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=100)]
Money = Annotated[Decimal, Field(max_digits=28, decimal_places=10)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=12, decimal_places=8)]
Guid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]


class Entry(BaseModel):
    """One item, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AddressEntry(Entry):
    """One address.

    country: two capital letters.
    """

    name: Name = ""
    street: Name = ""
    postal_code: Name = ""
    postal_area: Name = ""
    city: Name = ""
    state: Name = ""
    country: Country = ""


class AddressesEntry(Entry):
    """The addresses of a customer. Leave out those that are not known."""

    post: AddressEntry | None = None
    delivery: AddressEntry | None = None
    visit: AddressEntry | None = None
    invoice: AddressEntry | None = None


class CustomerEntry(Entry):
    """A customer.

    payment_days: credit in days.
    external_id: what the customer is called in another system.
    emails: further ones.
    phones: further ones.
    extras: vendor-only fields, {dialect: {name: value}}.
    """

    id: Id
    name: Name
    organization_number: Name = ""
    email: Name = ""
    invoice_email: Name = ""
    phone: Name = ""
    gln: Annotated[str, Field(pattern=r"^(\d{13})?$")] = ""
    payment_days: Annotated[int, Field(ge=0, le=32767)] | None = None
    addresses: AddressesEntry = AddressesEntry()
    external_id: Name = ""
    emails: Names = Field(default_factory=list)
    phones: Names = Field(default_factory=list)
    extras: dict[str, dict[str, Any]] = Field(default_factory=dict)


class ProductEntry(Entry):
    """A product.

    price: net per unit.
    cost: net per unit.
    type_group: id in `type_groups`.
    vat_rate: percent, instead of the type group's.
    category: id in `product_categories`.
    ean: European article number.
    extras: vendor-only fields, {dialect: {name: value}}.
    """

    id: Id
    name: Name
    number: Name = ""
    price: Money = Decimal(0)
    cost: Money = Decimal(0)
    type_group: Id | None = None
    vat_rate: Percent | None = None
    category: Id | None = None
    ean: Name = ""
    extras: dict[str, dict[str, Any]] = Field(default_factory=dict)


class ProductCategoryEntry(Entry):
    """A category of products.

    number: what people see.
    parent: id in `product_categories`, of the category that this one is a part of.
    """

    id: Id
    name: Name
    number: Name = ""
    parent: Id | None = None


class CustomerCategoryEntry(Entry):
    """A category of customers.

    for_companies: companies may be in it.
    for_contacts: contacts may be in it.
    """

    id: Id
    name: Name
    for_companies: bool = True
    for_contacts: bool = True


class ContactEntry(Entry):
    """A person who is not one of the tenant's own people.

    customers: ids of those that the person belongs to.
    extras: vendor-only fields, {dialect: {name: value}}.
    """

    id: Id
    name: Name
    email: Name = ""
    phone: Name = ""
    customers: list[Id] = Field(default_factory=list)
    extras: dict[str, dict[str, Any]] = Field(default_factory=dict)


class TypeGroupEntry(Entry):
    """A group of products with one VAT rate.

    vat_rate: percent.
    tax_code: id in `tax_codes`.
    account: the account in bookkeeping for what is sold; that of the tax code when it is not given.
    """

    id: Id
    name: Name
    vat_rate: Percent
    tax_code: Id | None = None
    is_default: bool = False
    account: Annotated[int, Field(ge=0, le=32767)] | None = None


class TaxCodeEntry(Entry):
    """A tax code.

    number: what people see.
    rate: percent.
    account: the account in bookkeeping.
    """

    id: Id
    name: Name
    number: Name = ""
    rate: Percent = Decimal(0)
    account: Annotated[int, Field(ge=0, le=32767)] | None = None


class NamedEntry(Entry):
    """A thing that has an id and a name and nothing else."""

    id: Id
    name: Name = ""


class EmployeeEntry(NamedEntry):
    """One of the tenant's own people."""

    email: Name = ""


class TemplateEntry(Entry):
    """A template for printed documents.

    id: a GUID in lower case.
    language: like nb or nb-NO.
    modified: a moment with a time zone.
    customers: ids; empty means everybody.
    """

    id: Guid
    name: Name
    file_name: Name = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$")] = ""
    country: Country = ""
    is_system: bool = False
    is_default: bool = False
    modified: Annotated[dt.datetime, Field(default=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))]
    customers: list[Id] = Field(default_factory=list)

    @model_validator(mode="after")
    def _zoned(self) -> TemplateEntry:
        if self.modified.tzinfo is None:
            raise ValueError("modified needs a time zone, like 2024-02-29T12:00:00Z")
        return self


class AccountEntry(Entry):
    """An account of bookkeeping.

    number: what people see.
    tax_code: id in `tax_codes`, of the code that is usual on it.
    needs_department: what is booked on it must name a department.
    needs_project: what is booked on it must name a project.
    """

    id: Id
    number: Annotated[int, Field(ge=1, le=32767)]
    name: Name
    tax_code: Id | None = None
    needs_department: bool = False
    needs_project: bool = False


class CurrencyEntry(Entry):
    """A currency.

    symbol: three capital letters, like NOK.
    rate: what so many units cost in the tenant's own currency.
    unit: how many the rate is for, usually 1 or 100.
    """

    id: Id
    symbol: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    rate: Annotated[Decimal, Field(gt=0, max_digits=28, decimal_places=10)] = Decimal(1)
    unit: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class VoucherSeriesEntry(Entry):
    """A line of voucher numbers, which begins again with each fiscal year.

    first: the first number of a year.
    """

    id: Id
    first: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1


class VoucherTypeEntry(Entry):
    """A type of voucher.

    number: what people see.
    series: id in `voucher_series`.
    """

    id: Id
    number: Annotated[int, Field(ge=-32768, le=32767)]
    name: Name
    series: Id


class FiscalYearEntry(Entry):
    """A year of bookkeeping.

    id: the number that the year is called by.
    start: its first day.
    end: the first day behind it.
    locked: nothing may be booked in it.
    """

    id: Annotated[int, Field(ge=1, le=9999)]
    start: dt.date
    end: dt.date
    locked: bool = False


class StampSeriesEntry(Entry):
    """A span of numbers that scanned papers are stamped with.

    id: a GUID in lower case.
    first: the first number.
    last: the last number.
    """

    id: Guid
    name: Name
    first: StampNumber
    last: StampNumber
