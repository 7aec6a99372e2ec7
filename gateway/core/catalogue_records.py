"""Customers and products, which are records: there may be many thousands, so they are not held in memory (ADR-16)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from gateway.core import extras
from gateway.core.catalogue import Address, Addresses, Catalogue, CatalogueItem, Customer, Product
from gateway.core.commands import Expect, SaveCatalogue
from gateway.core.ports import SequenceService
from gateway.core.record_commands import Action, GetRecords, RecordsRead, SaveRecord, SaveRecords
from gateway.core.records import Field, KindName, Record, RecordKey, RecordKind
from gateway.core.values import TenantId

_LARGEST: Final = 1024 * 1024
CUSTOMER: Final = RecordKind(
    KindName("customer"),
    {
        "name": Field(folded=True),
        "organization_number": Field(),
        "email": Field(folded=True),
    },
    max_body=_LARGEST,
)
PRODUCT: Final = RecordKind(KindName("product"), {"name": Field(folded=True), "number": Field()}, max_body=_LARGEST)
KINDS: Final[Mapping[type[Any], RecordKind]] = MappingProxyType({Customer: CUSTOMER, Product: PRODUCT})
"""The kind of record that keeps items of a type; items of all other types are in the catalogue."""
_TYPES: Final = {kind.name: of for of, kind in KINDS.items()}
_NAMES: Final = tuple(kind.name for kind in KINDS.values())
_REMEMBERED, _REMEMBERED_BYTES = 256, 32 * 1024
_named: Final[dict[int, tuple[RecordsRead, Catalogue, Catalogue]]] = {}
"""What `catalogue_naming` has made, by the identity of the answer that it is made from, which is kept with it.

A store gives the same answer again while nothing has changed, and then the items in it need not be decoded again.
"""


def encoded(item: CatalogueItem) -> str:
    """An item as JSON text. Raises ValueError when its extras cannot be kept."""
    fields = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    if isinstance(item, Customer):
        fields["addresses"] = dataclasses.asdict(item.addresses)
    return extras.encode(fields)


def decoded(kind: type[Any], text: str) -> Any:
    """The item of a type that `encoded` wrote; fields that this version does not know are left out."""
    stored = extras.decode(text)
    fields = {field.name: stored[field.name] for field in dataclasses.fields(kind) if field.name in stored}
    if "addresses" in fields:
        given = {name: Address(**address) for name, address in fields["addresses"].items() if address is not None}
        fields["addresses"] = Addresses(**given)
    if "customers" in fields:
        fields["customers"] = tuple(fields["customers"])
    return kind(**fields)


def record_of(tenant: TenantId, item: Customer | Product) -> Record:
    """The record that keeps an item. Raises ValueError when its extras cannot be kept."""
    kind = KINDS[type(item)]
    values = {name: getattr(item, name) or None for name in kind.fields}
    return kind.record(tenant, str(item.id), encoded(item).encode(), values)


def item_of(record: Record) -> Customer | Product:
    """The item that a record keeps."""
    item: Customer | Product = decoded(_TYPES[record.kind], record.body.decode())
    return item


def items_as_records(command: SaveCatalogue, of: type[Any]) -> SaveRecords | None:
    """What a command about the catalogue does to the records of one type; None when it does nothing to them."""
    kind, tenant = KINDS[of], command.tenant
    saves = [
        SaveRecord(record_of(tenant, item), Expect.EITHER, if_different=True)
        for item in command.items
        if isinstance(item, Customer | Product) and type(item) is of
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
