"""The coverage table: every operation of the vendor's services, the declined ones included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from adapters.twentyfoursevenoffice.account.service import ACCOUNT_V002
from adapters.twentyfoursevenoffice.service import Service
from adapters.twentyfoursevenoffice.services import SERVICES, UNSERVED, operation_name
from gateway.spi.adapter import Evidence, Operation
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE

_DECLINED: Final = "answers a fault"
_NO_PATH: Final = "answers 404"


def coverage() -> Iterator[Operation]:
    """The operations of all services in the order of the contracts, then the services that are not served.

    The older address of AccountService has the operations of the newer one.
    """
    for each in AUTHENTICATE.operations:
        yield Operation(operation_name(AUTHENTICATE.name, each.name), True, Evidence.DOCUMENTED)
    for service in SERVICES:
        if service is not ACCOUNT_V002:
            yield from _rows(service)
    for name in UNSERVED:
        yield Operation(name, False, Evidence.DOCUMENTED, _NO_PATH)


def _rows(service: Service) -> Iterator[Operation]:
    for each in service.contract.operations:
        served = each.name in service.handlers
        name = operation_name(service.contract.name, each.name)
        yield Operation(name, served, service.evidence, "" if served else _DECLINED)
