"""The health of the gateway: what a person or a script asks first."""

from __future__ import annotations

import time
from collections import Counter
from typing import Literal

from pydantic import Field

from gateway.admin.problems import STORE_UNAVAILABLE, Problem
from gateway.admin.routing import Ask, Route, View
from gateway.stores import store_name
from gateway.version import product_version


class DialectHealth(View):
    """A dialect.

    in_flight: requests that it is answering now.
    """

    name: str
    in_flight: int = Field(ge=0)


class StoreHealth(View):
    """A store.

    address: without credentials.
    ready: a commit is possible.
    tenants: how many are pinned to it.
    """

    name: str
    address: str
    ready: bool
    tenants: int = Field(ge=0)


class Health(View):
    """The gateway.

    status: degraded when some stores can commit and others cannot.
    store: the address of the default store, without credentials.
    clocks_moved: how many tenants have a clock of their own.
    faults: how many fault rules are in force.
    """

    status: Literal["ready", "degraded"]
    version: str
    uptime_seconds: float = Field(ge=0)
    store: str
    stores: list[StoreHealth]
    journal: Literal["on", "sampled", "off"]
    tenants: int = Field(ge=0)
    clocks_moved: int = Field(ge=0)
    faults: int = Field(ge=0)
    dialects: list[DialectHealth]


async def show(ask: Ask) -> Health:
    """Make a small commit in each store, so that "ready" means that numbers can be given out."""
    services = ask.services
    ready = await services.store.readiness()
    if not any(ready.values()):
        raise Problem(STORE_UNAVAILABLE, "the store cannot commit")
    pinned = Counter(tenant.section.store_name for tenant in services.directory.all())
    sections = services.config.store_sections()
    exchanges = sorted(services.dialects.exchanges.items())
    return Health(
        status="ready" if all(ready.values()) else "degraded",
        version=product_version(),
        uptime_seconds=round(time.monotonic() - services.started, 3),
        store=store_name(services.config.default_url),
        stores=[
            StoreHealth(
                name=name,
                address=store_name(sections[name].url.get_secret_value()),
                ready=is_ready,
                tenants=pinned[name],
            )
            for name, is_ready in ready.items()
        ],
        journal=services.config.journal.mode,
        tenants=len(services.directory.all()),
        clocks_moved=len(services.clock.states()),
        faults=len(services.faults.rules()),
        dialects=[DialectHealth(name=name, in_flight=exchange.in_flight) for name, exchange in exchanges],
    )


ROUTES = (
    Route("GET", "/v1/health", "getHealth", "health", "Whether numbers can be given out now", show, answer=Health),
)
