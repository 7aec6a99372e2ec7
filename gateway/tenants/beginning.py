"""Tenants that begin in a store that holds nothing of them (ADR-56).

A store can be the wrong one: its file was lost, its address is misspelt. A production tenant would then get its first number
again. So it begins only where somebody says that it is to begin; any other tenant begins with a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

import structlog

from gateway.config.model import Config
from gateway.config.stores import DEFAULT_STORE, ids_of
from gateway.core.commands import ListSeries
from gateway.core.values import TenantId
from gateway.stores import POSTGRES, sqlite_path, store_name
from gateway.stores.engine.fences import Fences
from gateway.stores.errors import StoreError
from gateway.stores.placement import take_ids
from gateway.stores.router import StoreRouter

log = structlog.get_logger("tenants")

_MOST_SHOWN: Final = 5
Holdings: TypeAlias = Mapping[str, tuple[set[TenantId], Fences]]
"""What each store has, by its name: the tenants that it may serve, and its fences."""


class Described(Protocol):
    """A tenant as it is described somewhere, as far as its beginning is concerned."""

    @property
    def id(self) -> Any:
        """The tenant."""

    @property
    def store_name(self) -> str:
        """The store that it is pinned to."""

    @property
    def production(self) -> bool:
        """Whether real customers depend on it."""


class NotBegunError(StoreError):
    """A store holds nothing of production tenants that are pinned to it."""


def shown(tenants: Sequence[str]) -> str:
    """Tenants for people, a few of them by id."""
    more = f" and {len(tenants) - _MOST_SHOWN} more" if len(tenants) > _MOST_SHOWN else ""
    return ", ".join(tenants[:_MOST_SHOWN]) + more


def not_begun(tenants: Sequence[str], store: str, address: str, file: str) -> NotBegunError:
    """The refusal of production tenants.

    tenants: their ids.
    store, address: of the store that has nothing of them.
    file: the configuration file.
    """
    who = f"tenant {tenants[0]} is" if len(tenants) == 1 else f"tenants {shown(tenants)} are"
    return NotBegunError(
        f"{who} marked `production: true`, and store {store!r} ({address}) holds nothing of "
        f"{'it' if len(tenants) == 1 else 'them'}: the numbers would begin anew. When this is meant, begin with "
        f"`invoice-gateway store init --config {file}`, or start once with `serve --new-store`. When it is not, correct the "
        "store's address, or bring its content back: with `invoice-gateway store restore` for SQLite, with PostgreSQL's own "
        "tools and then `invoice-gateway store restored`"
    )


def refuse_missing_files(config: Config, file: str) -> None:
    """Refuse production tenants whose store is a file that does not exist, before anything makes that file.

    file: the configuration file. Raises NotBegunError.
    """
    for name, section in config.store_sections().items():
        url = section.url.get_secret_value()
        own = [tenant.id for tenant in config.tenants if tenant.production and tenant.store_name == name]
        if own and not url.startswith(POSTGRES) and not sqlite_path(url).exists():
            raise not_begun(own, name, store_name(url), file)


async def holdings(store: StoreRouter) -> Holdings:
    """What each store has. Raises StoreUnavailableError."""
    return {name: await own.tenant_records.holdings() for name, own in store.stores.items()}


def beginning(tenants: Iterable[Described], held: Holdings) -> dict[str, list[Described]]:
    """The tenants that no store has anything of, by the store that they are pinned to.

    A tenant that another store has is not among them, because it must not begin at all (`placement`). One that was moved to a
    store which has lost it is.
    """
    found: dict[str, list[Described]] = {}
    for tenant in tenants:
        if tenant.store_name in held and not any(_is_known(tenant, name, *own) for name, own in held.items()):
            found.setdefault(tenant.store_name, []).append(tenant)
    return found


def _is_known(tenant: Described, name: str, owners: set[TenantId], fences: Fences) -> bool:
    fence = fences.get(tenant.id)
    if tenant.id in owners or fence is None:
        return tenant.id in owners
    has_left = fence.state == "moved" and fence.other == tenant.store_name
    return name == tenant.store_name or not has_left


async def refuse_to_begin(config: Config, file: str, held: Holdings) -> None:
    """Refuse production tenants of the configuration that would begin. Raises NotBegunError."""
    sections = config.store_sections()
    for name, tenants in beginning(config.tenants, held).items():
        own = [tenant.id for tenant in tenants if tenant.production]
        if own:
            raise not_begun(own, name, store_name(sections[name].url.get_secret_value()), file)


async def take_own_ids(config: Config, store: StoreRouter) -> None:
    """Give each store its span of ids, before anything in it gets one (ADR-40). Raises StoreUnavailableError."""
    sections = config.store_sections()
    if len(sections) > 1 or sections[DEFAULT_STORE].first_id > 1:
        await take_ids(store.stores, {name: ids_of(sections, name) for name in sections})


@dataclass(slots=True)
class Beginnings:
    """Which tenants have begun since the last report. One warning for each store, however many they are.

    held: the tenants that a store has, as far as it was asked for all at once; it saves a question for each of them.
    """

    held: Mapping[str, set[TenantId]] = field(default_factory=dict)
    _begun: dict[str, list[TenantId]] = field(default_factory=dict)

    async def learn(self, store: StoreRouter) -> None:
        """Ask each store which tenants it has. Raises StoreUnavailableError."""
        self.held = {name: owners for name, (owners, _) in (await holdings(store)).items()}

    def forget(self) -> None:
        """What the stores have may have changed."""
        self.held = {}

    async def is_beginning(self, store: StoreRouter, name: str, tenant: TenantId) -> bool:
        """True when a store has no series of a tenant. Raises StoreUnavailableError."""
        if tenant in self.held.get(name, ()):
            return False
        return not (await store.stores[name].read(ListSeries(tenant))).views

    def note(self, store: str, tenant: TenantId) -> None:
        """A tenant has begun in a store."""
        self._begun.setdefault(store, []).append(tenant)

    def report(self, store: StoreRouter) -> None:
        """Write the warnings, also for a store that was made and has no tenants yet."""
        for name, own in store.stores.items():
            begun = self._begun.pop(name, [])
            if own.is_new or begun:
                text = "made a new store" if own.is_new else "tenants begin in a store that held nothing of them"
                log.warning(text, store=name, address=own.name, tenants=len(begun), first=shown(begun))
            own.is_new = False
