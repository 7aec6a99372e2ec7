"""What a tenant's sections for dialects seed, such as payments: made when the tenant begins, and left alone from then on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import structlog

from gateway.core.refusals import Refused
from gateway.core.values import Origin
from gateway.spi.seeding import SeedError, seeder_of, seeds_of
from gateway.spi.served_dialects import ServedDialects
from gateway.tenants.tenant import Tenant

log = structlog.get_logger("tenants")

_BY: Final = Origin("config", "configuration", "startup")


async def plant(dialects: ServedDialects, tenants: Iterable[Tenant]) -> None:
    """Make what is seeded and not there yet. A tenant that is withheld gets nothing, and a production tenant never does.

    Raises StoreUnavailableError.
    """
    for tenant in tenants:
        for name in sorted(tenant.bindings.keys() - tenant.problems.keys()) if not tenant.trouble else ():
            adapter, seeder = dialects.adapters.get(name), seeder_of(dialects.current.get(name))
            if adapter is None or seeder is None:
                continue
            if not any(getattr(tenant.bindings[name], kind) for kind in seeds_of(adapter)):
                continue
            if tenant.section.production:
                log.error("not seeded", tenant=tenant.id, dialect=name, reason="it is a production tenant")
                continue
            try:
                await seeder.begin(tenant.id, _BY)
            except (SeedError, Refused) as error:
                log.error("not seeded", tenant=tenant.id, dialect=name, reason=str(error))
