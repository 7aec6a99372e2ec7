"""Customers, products, categories and contacts, which are records: there may be many thousands, so memory does not hold them.

The id of such an item is the id of its record (ADR-16, ADR-78).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from gateway.core import extras
from gateway.core.catalogue import (
    Address,
    Addresses,
    Catalogue,
    CatalogueItem,
    Contact,
    Customer,
    CustomerCategory,
    ManyItem,
    Product,
    ProductCategory,
)
from gateway.core.commands import Expect, SaveCatalogue
from gateway.core.ports import SequenceService
from gateway.core.record_commands import Action, GetRecords, RecordsRead, SaveRecord, SaveRecords
from gateway.core.records import MADE_UP, Field, FieldType, Given, KindName, Record, RecordKey, RecordKind
from gateway.core.values import TenantId

_LARGEST: Final = 1024 * 1024
_LAST_ID: Final = 2**31 - 1
"""Clients read ids as numbers of 32 bits."""
_FOLDED: Final = Field(folded=True)
_MANY_FOLDED: Final = Field(folded=True, several=True)
_NUMBER: Final = Field(FieldType.NUMBER)


def _kind(name: str, fields: Mapping[str, Field], form: int = 1) -> RecordKind:
    return RecordKind(KindName(name), fields, form, _LARGEST, last_id=_LAST_ID, above_all=True)


CUSTOMER: Final = _kind(
    "customer",
    {
        "name": _FOLDED,
        "organization_number": Field(),
        "email": _FOLDED,
        "emails": _MANY_FOLDED,
        "phones": _MANY_FOLDED,
        "external_id": Field(),
    },
    2,
)
"""emails, phones: all that the customer has."""
PRODUCT: Final = _kind(
    "product", {"name": _FOLDED, "number": Field(), "category": _NUMBER, "ean": Field(), "price": Field()}, 2
)
"""price: as `price_text` writes it."""
PRODUCT_CATEGORY: Final = _kind("product_category", {"name": _FOLDED, "number": Field(), "parent": _NUMBER})
CUSTOMER_CATEGORY: Final = _kind("customer_category", {"name": _FOLDED})
CONTACT: Final = _kind(
    "contact",
    {"name": _FOLDED, "email": _FOLDED, "phone": _FOLDED, "customers": Field(FieldType.NUMBER, several=True)},
)
KINDS: Final[Mapping[type[Any], RecordKind]] = MappingProxyType(
    {
        Customer: CUSTOMER,
        Product: PRODUCT,
        ProductCategory: PRODUCT_CATEGORY,
        CustomerCategory: CUSTOMER_CATEGORY,
        Contact: CONTACT,
    }
)
"""The kind of record that keeps items of a type; items of all other types are in the catalogue."""
_TYPES: Final = {kind.name: of for of, kind in KINDS.items()}
_TUPLES: Final = frozenset({"customers", "emails", "phones"})
_NAMES: Final = (CUSTOMER.name, PRODUCT.name)
_REMEMBERED, _REMEMBERED_BYTES = 256, 32 * 1024
_named: Final[dict[int, tuple[RecordsRead, Catalogue, Catalogue]]] = {}
"""What `catalogue_naming` has made, by the identity of the answer that it is made from, which is kept with it.

A store gives the same answer again while nothing has changed, and then the items in it need not be decoded again.
"""


def encoded(item: CatalogueItem) -> str:
    """An item as JSON text. Raises ValueError when its extras cannot be kept."""
    return extras.encode(_fields_of(item))


def _fields_of(item: CatalogueItem) -> dict[str, Any]:
    fields = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    if isinstance(item, Customer):
        fields["addresses"] = dataclasses.asdict(item.addresses)
    return fields


def decoded(kind: type[Any], text: str, own: int | None = None) -> Any:
    """The item of a type that `encoded` wrote; fields that this version does not know are left out.

    own: the id, for a text that does not hold it.
    """
    stored = extras.decode(text)
    if own is not None:
        stored["id"] = own
    fields = {field.name: stored[field.name] for field in dataclasses.fields(kind) if field.name in stored}
    if "addresses" in fields:
        given = {name: Address(**address) for name, address in fields["addresses"].items() if address is not None}
        fields["addresses"] = Addresses(**given)
    for name in _TUPLES & fields.keys():
        fields[name] = tuple(fields[name])
    return kind(**fields)


def record_of(tenant: TenantId, item: ManyItem, *, new: bool = False) -> Record:
    """The record that keeps an item. Raises ValueError when its extras cannot be kept.

    new: the store gives the item its id, which is the highest one plus 1; what the item says itself does not count.
    """
    kind, fields = KINDS[type(item)], _fields_of(item)
    del fields["id"]  # the record has it
    body = extras.encode(fields).encode()
    if isinstance(item, Customer):
        fields["emails"] = item.email, item.invoice_email, *item.emails
        fields["phones"] = item.phone, *item.phones
    elif isinstance(item, Product):
        fields["price"] = price_text(item.price)
    values = {name: _without_empty(fields[name]) for name in kind.fields}
    return kind.record(tenant, MADE_UP if new else str(item.id), body, values)


def _without_empty(value: Any) -> Given:
    if isinstance(value, tuple):
        return tuple([one for one in value if one != ""])
    return None if value == "" else value


def item_of(record: Record) -> Any:
    """The item that a record keeps, of a type of ManyItem. Its id is that of the record."""
    return decoded(_TYPES[record.kind], record.body.decode(), int(record.id))


def price_text(price: Decimal) -> str:
    """A price as products are found by it: plain digits, without zeros at the end. Equal prices give one text."""
    plain = f"{price:f}"
    short = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if short == "-0" else short


def items_as_records(command: SaveCatalogue, of: type[Any]) -> SaveRecords | None:
    """What a command about the catalogue does to the records of one type; None when it does nothing to them."""
    kind, tenant = KINDS[of], command.tenant
    saves = [
        SaveRecord(record_of(tenant, item), Expect.EITHER, if_different=True)
        for item in command.items
        if isinstance(item, ManyItem) and type(item) is of
    ]
    saves += [
        SaveRecord(kind.record(tenant, str(own)), Expect.EITHER, action=Action.DELETE)
        for removed, own in command.remove
        if removed is of and not command.exactly
    ]
    if not saves and not command.exactly:
        return None
    return SaveRecords(tenant, kind, tuple(saves), command.by, command.exactly)


def keys_of(tenant: TenantId, customers: Iterable[int], products: Iterable[int]) -> tuple[RecordKey, ...]:
    """Names the records of customers and products."""
    wanted = ((CUSTOMER, customers), (PRODUCT, products))
    return tuple(kind.key(tenant, own) for kind, ids in wanted for own in sorted(set(ids)))


async def catalogue_naming(
    service: SequenceService, tenant: TenantId, customers: Iterable[int] = (), products: Iterable[int] = ()
) -> Catalogue:
    """The tenant's catalogue with these customers and products in it, as far as the tenant has them.

    One question, and none when nothing is named. Raises StoreUnavailableError.
    """
    catalogue, keys = service.catalogue(tenant), keys_of(tenant, customers, products)
    if not keys:
        return catalogue
    read = await service.read(GetRecords(tenant, keys, _NAMES))
    known = _named.get(id(read))
    if known is not None and known[0] is read and known[1] is catalogue:
        return known[2]
    kept = frozenset(_TYPES[name] for name in read.kinds)
    named = catalogue.naming(map(item_of, read.records.values()), kept)
    if len(_named) >= _REMEMBERED:
        _named.clear()
    if sum(len(record.body) for record in read.records.values()) <= _REMEMBERED_BYTES:
        _named[id(read)] = read, catalogue, named
    return named
