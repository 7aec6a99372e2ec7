"""What the configuration wants to exist when a gateway starts: series, and the first items of catalogues (ADR-9, ADR-16)."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from gateway.core.catalogue import CatalogueItem
from gateway.core.commands import CreateSeries, SaveCatalogue
from gateway.core.refusals import Refused
from gateway.core.results import SeriesCreated
from gateway.core.values import LineName, Origin, Series, SeriesId, TenantId
from gateway.stores.engine.rows import item_row
from gateway.stores.errors import StoreError


class SeriesSpec(NamedTuple):
    """A series that the configuration wants to exist.

    key: what an existing series is recognised by; the other fields are only for a new one.
    numbers: the first number of each line.
    """

    key: str
    name: str
    prefix: str | None = None
    suffix: str | None = None
    default: bool = False
    numbers: tuple[tuple[LineName, int], ...] = ()

    def creation(self, tenant: TenantId, by: Origin) -> CreateSeries:
        """The command that makes it."""
        return CreateSeries(
            tenant,
            self.name,
            by,
            key=self.key,
            prefix=self.prefix,
            suffix=self.suffix,
            counters=dict(self.numbers),
            make_default=self.default,
        )


async def provide_series(
    find: Callable[[str], Series | None],
    execute: Callable[[CreateSeries], Awaitable[SeriesCreated]],
    tenant: TenantId,
    wanted: Sequence[SeriesSpec],
) -> dict[str, SeriesId]:
    """Make sure that series exist; returns their ids by key. What exists is left as it is.

    Raises StoreError when a name is already another series'.
    """
    ids: dict[str, SeriesId] = {}
    for spec in wanted:
        existing = find(spec.key)
        ids[spec.key] = existing.id if existing else await _create(execute, tenant, spec)
    return ids


async def _create(
    execute: Callable[[CreateSeries], Awaitable[SeriesCreated]], tenant: TenantId, spec: SeriesSpec
) -> SeriesId:
    try:
        result = await execute(spec.creation(tenant, Origin("config", "configuration", "startup")))
    except Refused as refused:
        text = f"series {spec.key!r} of tenant {tenant!r}: the name {spec.name!r} is another series' already"
        raise StoreError(text) from refused
    return result.view.series.id


def seed_digest(tenant: TenantId, items: Sequence[CatalogueItem]) -> str:
    """What a seed is recognised by."""
    return hashlib.sha256(repr(sorted(item_row(tenant, item) for item in items)).encode()).hexdigest()


def seed_command(tenant: TenantId, items: Sequence[CatalogueItem]) -> SaveCatalogue:
    """The command that puts a seed into the catalogue."""
    return SaveCatalogue(tenant, Origin("config", "configuration", "startup"), tuple(items))
