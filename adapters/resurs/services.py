"""The services of the vendor, and where they are. Source: R-01, P-01."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.resurs.aftershop import AFTERSHOP
from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.developer import DEVELOPER
from adapters.resurs.operation import Service
from adapters.resurs.settings import Settings
from adapters.resurs.simplified import SIMPLIFIED

SERVICES: Final = (CONFIGURATION, AFTERSHOP, SIMPLIFIED, DEVELOPER)
LIVE: Final = "/ws/V4/"
TEST: Final = "/ecommerce-test/ws/V4/"
BASES: Final = (TEST, LIVE)
OPERATION_NAMES: Final = frozenset(row.name for service in SERVICES for row in service.operations)


def services_by_path(settings: Settings) -> Mapping[str, Service]:
    """Every address that is served."""
    return {base + service.name: service for service in SERVICES for base in _bases_of(service, settings)}


def _bases_of(service: Service, settings: Settings) -> tuple[str, ...]:
    if service.on_live:
        return BASES
    return {"test": (TEST,), "both": BASES, "none": ()}[settings.developer_service]
