"""How a dialect puts things of its own into a tenant without a call of its vendor: what a test wants to find there.

An adapter that seeds has `seeds`, and its dialect is a `Seeder`. The name of a kind is the key of its list in the tenant's
section for the dialect, and the last part of its path on the admin port: the kind `payments` of a dialect stands in
`tenants[].<dialect>.payments` and in `/v1/tenants/{tenant}/payments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

from pydantic import BaseModel

from gateway.core.values import Origin, TenantId
from gateway.spi.adapter import Adapter, Dialect

Seeded: TypeAlias = Mapping[str, Any]
"""One thing as people read it: plain JSON values."""


class SeedError(Exception):
    """An item cannot be seeded.

    index: the place of the item in the list, from 0. Those before it are there, those behind it are not.
    field: what is wrong in it, by the names of its model; "" for the item as a whole.
    text: why, for people.
    """

    def __init__(self, index: int, field: str, text: str) -> None:
        super().__init__(f"{index}{field and '.'}{field}: {text}")
        self.index = index
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class SeededPage:
    """A part of a list.

    end: give it as `after` for what follows; "" when nothing does.
    """

    items: Sequence[Seeded]
    end: str = ""


class MakesSeeds(Protocol):
    """An adapter whose dialect seeds.

    seeds: by kind, the model of an item. Names are plural, in lower case.
    """

    seeds: Mapping[str, type[BaseModel]]


class Seeder(Protocol):
    """A dialect that seeds. Each method raises StoreUnavailableError."""

    async def begin(self, tenant: TenantId, by: Origin) -> None:
        """Make what the tenant's section has and its store has not. What exists is left as it is.

        Called whenever a tenant begins to be served, in each process. Raises SeedError.
        """
        ...

    async def seed(self, tenant: TenantId, kind: str, items: Sequence[BaseModel], by: Origin) -> Sequence[Seeded]:
        """Make items, each one durable before the next. Returns them as they then stand.

        items: of the adapter's model for the kind.
        Raises SeedError, also for an id that is taken.
        """
        ...

    async def seeded(self, tenant: TenantId, kind: str, after: str, limit: int) -> SeededPage:
        """A page of everything of the kind that the tenant has, however it came there. after: "" for the first page."""
        ...

    async def find_seeded(self, tenant: TenantId, kind: str, key: str) -> Seeded | None:
        """One of them by its id; None when there is none."""
        ...


def seeds_of(adapter: Adapter) -> Mapping[str, type[BaseModel]]:
    """What an adapter can seed, by kind."""
    return cast("MakesSeeds", adapter).seeds if hasattr(adapter, "seeds") else {}


def seeder_of(dialect: Dialect | None) -> Seeder | None:
    """The dialect as one that seeds; None when it does not."""
    return cast("Seeder", dialect) if hasattr(dialect, "seed") and hasattr(dialect, "begin") else None
