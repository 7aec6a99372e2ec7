"""Tenants that real customers depend on: nothing that is for tests may touch them."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.values import TenantId


class ProductionTenantError(Exception):
    """What was asked is for tests, and the tenant is marked `production: true`. The text is for people."""

    def __init__(self, tenant: TenantId, action: str) -> None:
        super().__init__(f"tenant {tenant} is a production tenant: {action} is refused")
        self.tenant = tenant
        self.action = action


class ProductionTenants:
    """Which tenants are protected. Asked by everything that moves time, breaks answers or replaces state."""

    def __init__(self, tenants: Iterable[TenantId] = ()) -> None:
        self._tenants = set(tenants)

    def __contains__(self, tenant: object) -> bool:
        return tenant in self._tenants

    def __bool__(self) -> bool:
        return bool(self._tenants)

    def protect(self, tenant: TenantId) -> None:
        """Mark a tenant from now on, as one that was created while the gateway runs."""
        self._tenants.add(tenant)

    def release(self, tenant: TenantId) -> None:
        """The tenant is gone; its id may come to stand for another one."""
        self._tenants.discard(tenant)

    def check(self, tenant: TenantId, action: str) -> None:
        """Raises ProductionTenantError when the tenant is protected. `action` is worded like "freezing its clock"."""
        if tenant in self._tenants:
            raise ProductionTenantError(tenant, action)

    def check_everybody(self, action: str) -> None:
        """Raises ProductionTenantError when any tenant is protected, for what cannot be confined to one tenant."""
        for tenant in sorted(self._tenants):
            raise ProductionTenantError(tenant, f"{action} for every tenant at once")
