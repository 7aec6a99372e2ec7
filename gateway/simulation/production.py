"""Tenants that real customers depend on: nothing that is for tests may touch them (ADR-23)."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.values import TenantId


class ProductionTenantError(Exception):
    """The action is for tests, and the tenant is marked `production: true`. The text is for people."""

    def __init__(self, tenant: TenantId, action: str) -> None:
        super().__init__(f"tenant {tenant} is a production tenant: {action} is refused")
        self.tenant = tenant
        self.action = action


class ProductionTenants:
    """Which tenants are protected. Everything that moves time, breaks answers or replaces state asks this first."""

    def __init__(self, tenants: Iterable[TenantId] = ()) -> None:
        self._tenants = set(tenants)

    def __contains__(self, tenant: object) -> bool:
        return tenant in self._tenants

    def __bool__(self) -> bool:
        return bool(self._tenants)

    def protect(self, tenant: TenantId) -> None:
        """Protect a tenant from now on, such as one that is created while the gateway runs."""
        self._tenants.add(tenant)

    def release(self, tenant: TenantId) -> None:
        """Stop protecting a tenant that is gone: its id may be used for another one."""
        self._tenants.discard(tenant)

    def check(self, tenant: TenantId, action: str) -> None:
        """Raises ProductionTenantError when the tenant is protected. `action` is worded like "freezing its clock"."""
        if tenant in self._tenants:
            raise ProductionTenantError(tenant, action)

    def check_everybody(self, action: str) -> None:
        """Raises ProductionTenantError when any tenant is protected, for what cannot be confined to one tenant."""
        for tenant in sorted(self._tenants):
            raise ProductionTenantError(tenant, f"{action} for every tenant at once")
