"""Items of a catalogue and their rows, both ways: one row for each item, its fields as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.core import extras
from gateway.core.catalogue import EMPTY, SECTIONS, Address, Addresses, Catalogue, CatalogueItem, Customer, ItemKey
from gateway.core.values import TenantId
from gateway.stores.statements import Row

_TYPES: Final[Mapping[str, type[Any]]] = {section: kind for kind, section in SECTIONS.items()}


def item_key(tenant: TenantId, key: ItemKey) -> Row:
    """The primary key of an item's row."""
    kind, own = key
    return tenant, SECTIONS[kind], str(own)


def item_row(tenant: TenantId, item: CatalogueItem) -> Row:
    """The row that keeps an item. Raises ValueError when its extras cannot be kept."""
    fields = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    if isinstance(item, Customer):
        fields["addresses"] = dataclasses.asdict(item.addresses)
    return (*item_key(tenant, (type(item), item.id)), extras.encode(fields))


def item_of(section: str, body: str) -> CatalogueItem:
    """The item that a row keeps; fields that this version does not know are left out."""
    kind = _TYPES[section]
    stored = extras.decode(body)
    fields = {field.name: stored[field.name] for field in dataclasses.fields(kind) if field.name in stored}
    if "addresses" in fields:
        given = {name: Address(**address) for name, address in fields["addresses"].items() if address is not None}
        fields["addresses"] = Addresses(**given)
    if "customers" in fields:
        fields["customers"] = tuple(fields["customers"])
    item: CatalogueItem = kind(**fields)
    return item


def catalogues_of(rows: Iterable[Sequence[Any]]) -> dict[TenantId, Catalogue]:
    """Every tenant's catalogue from rows of (tenant, section, body)."""
    items: dict[TenantId, list[CatalogueItem]] = {}
    for tenant, section, body in rows:
        items.setdefault(tenant, []).append(item_of(section, body))
    return {tenant: EMPTY.with_changes(own) for tenant, own in items.items()}
