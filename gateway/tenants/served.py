"""The tenants that are served, and the dialects built with their credentials. It asks no store."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

import structlog

from gateway.core.values import TenantId
from gateway.simulation.production import ProductionTenants
from gateway.simulation.replay_window import ReplayWindows
from gateway.spi.adapter import Bound, Dialect
from gateway.spi.served_dialects import CredentialsTakenError, ServedDialects
from gateway.spi.watch import Watch
from gateway.tenants.tenant import Tenant, UnknownTenantError

log = structlog.get_logger("tenants")

_ID_BYTES: Final = 5


@dataclass(slots=True)
class ServedTenants:
    """All tenants that are served, by id.

    dialects: the dialects that are served; they are replaced when tenants change (ADR-24).
    production: which tenants are protected.
    watch: holds which tenants have the strict profile.
    replays: holds the replay window of each tenant.
    random: makes up ids and credentials.
    """

    dialects: ServedDialects
    production: ProductionTenants
    watch: Watch
    replays: ReplayWindows
    random: Random = field(default_factory=secrets.SystemRandom)
    _tenants: dict[TenantId, Tenant] = field(default_factory=dict)

    def get(self, tenant: TenantId) -> Tenant:
        """One tenant. Raises UnknownTenantError."""
        found = self._tenants.get(tenant)
        if found is None:
            raise UnknownTenantError(tenant, "there is none of this id")
        return found

    def find(self, tenant: TenantId) -> Tenant | None:
        """One tenant; None when there is none of this id."""
        return self._tenants.get(tenant)

    def all(self) -> list[Tenant]:
        """Every tenant by id."""
        return [self._tenants[tenant] for tenant in sorted(self._tenants)]

    def bound(self, name: str) -> list[Bound[Any]]:
        """The credentials of every tenant for one dialect."""
        return _bound(name, self._tenants.values())

    def unused_id(self) -> str:
        """A made-up id that no tenant has."""
        while True:
            made_up = f"t-{self.random.getrandbits(8 * _ID_BYTES):0{2 * _ID_BYTES}x}"
            if made_up not in self._tenants:
                return made_up

    # One tenant

    def take(self, tenant: Tenant) -> None:
        """A tenant is new, or is served otherwise than before; its dialects are built by `rebuild`."""
        known = self._tenants.get(tenant.id)
        if known is not None and known.bindings != tenant.bindings:
            self.replays.forget(tenant.id)  # an answer that is kept was given to credentials that may be wrong by now
        self._tenants[tenant.id] = tenant
        section = tenant.section
        if section.production:
            self.production.protect(tenant.id)
        else:
            self.production.release(tenant.id)
        if section.profile == "strict":
            self.watch.strict.add(tenant.id)
        else:
            self.watch.strict.discard(tenant.id)
        self.watch.refresh()
        self.replays.set_window(tenant.id, section.replay_window_seconds)

    def release(self, tenant: Tenant) -> None:
        """A tenant is gone."""
        del self._tenants[tenant.id]
        self.production.release(tenant.id)
        self.watch.strict.discard(tenant.id)
        self.watch.refresh()
        self.replays.forget(tenant.id)
        self.replays.set_window(tenant.id, 0)

    # Dialects

    async def rebuild(self, names: Iterable[str]) -> None:
        """Serve dialects with the tenants as they are now. A tenant whose credentials no longer fit is left out and logged."""
        # Problems with credentials are forgotten first: the tenant that was in the way may be gone.
        for name in sorted(set(names) & self.dialects.adapters.keys()):
            for tenant in [own for own in self._tenants.values() if name in own.bindings and name in own.problems]:
                problems = {other: text for other, text in tenant.problems.items() if other != name}
                self._tenants[tenant.id] = replace(tenant, problems=problems)
            try:
                dialect = await self.built(name, self.bound(name))
            except CredentialsTakenError:
                await self._leave_out(name)
                dialect = await self.built(name, self.bound(name))
            self.dialects.swap(name, dialect)

    async def _leave_out(self, name: str) -> None:
        """Add tenants one by one, the configured ones first and then the older ones, and leave out those that do not fit."""
        # Only building a dialect shows whether it takes a tenant. The order makes all processes leave out the same one.
        fitting: list[Bound[Any]] = []
        for tenant in sorted(self._tenants.values(), key=lambda own: (own.created or "", own.id)):
            for bound in _bound(name, [tenant]):
                try:
                    await self.built(name, [*fitting, bound])
                    fitting.append(bound)
                except CredentialsTakenError as error:
                    log.error("tenant not served", tenant=tenant.id, dialect=name, reason=error.text)
                    problems = {**tenant.problems, name: error.text}
                    self._tenants[tenant.id] = replace(tenant, problems=problems)

    async def built_with(self, tenant: Tenant) -> dict[str, Dialect]:
        """The dialects of a tenant that is not served yet, built with it. Raises CredentialsTakenError."""
        return {name: await self.built(name, [*self.bound(name), *_bound(name, [tenant])]) for name in tenant.bindings}

    async def built(self, name: str, bound: Sequence[Bound[Any]]) -> Dialect:
        """Build a dialect beside the event loop: with many tenants it takes a while, and requests are answered meanwhile."""
        return await asyncio.to_thread(self.dialects.build, name, bound)


def _bound(name: str, tenants: Iterable[Tenant]) -> list[Bound[Any]]:
    return [
        Bound(tenant.id, tenant.bindings[name], tenant.series)
        for tenant in tenants
        if name in tenant.bindings and name not in tenant.problems and tenant.series
    ]
