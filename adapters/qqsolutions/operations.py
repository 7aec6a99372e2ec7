"""The paths of the service, what they stand for, and the table of operations. Source: R-01."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, Literal

from adapters.qqsolutions.oauth import AUTHORIZE, TOKEN
from adapters.qqsolutions.settings import Line
from gateway.spi.adapter import Evidence, Operation
from gateway.wire.aspnet.pipeline import Options, select
from gateway.wire.aspnet.routes import Matched, Route, RouteTable

Lookup = Literal["", "ping", "locations", "location"]


@dataclass(frozen=True, slots=True)
class Action:
    """What a route and verb stand for: reading or setting a line of a location, or a look-up before that."""

    name: str
    line: Line = "invoice"
    sets: bool = False
    lookup: Lookup = ""


_LOCATION: Final = "v1/Locations/{locationID}"
PING: Final = "v1/BusinessLogic/Ping"
USER_LOCATIONS: Final = "v1/Locations/UserLocationsV2"
LOCATION: Final = "v1/Locations/{id}"


def _numbers(collection: str, line: Line) -> Route[Action]:
    template = f"{_LOCATION}/Finance/{collection}"
    return Route(
        template,
        {"GET": Action(f"GET {template}", line), "POST": Action(f"POST {template}", line, sets=True)},
    )


def _looked_up(template: str, lookup: Lookup) -> Route[Action]:
    return Route(template, {"GET": Action(f"GET {template}", lookup=lookup)})


ROUTES: Final[RouteTable[Action]] = RouteTable(
    [
        _numbers("InvoiceNumbers", "invoice"),
        _numbers("ReceiptNumbers", "receipt"),
        _looked_up(PING, "ping"),
        _looked_up(USER_LOCATIONS, "locations"),
        _looked_up(LOCATION, "location"),
    ]
)
OAUTH: Final = {"/oauth/token": TOKEN, "/oauth/authorize": AUTHORIZE}

OPERATIONS: Final = (
    Operation(f"GET {_LOCATION}/Finance/InvoiceNumbers", True, Evidence.DOCUMENTED),
    Operation(f"POST {_LOCATION}/Finance/InvoiceNumbers", True, Evidence.DOCUMENTED),
    Operation(f"GET {_LOCATION}/Finance/ReceiptNumbers", True, Evidence.DOCUMENTED),
    Operation(f"POST {_LOCATION}/Finance/ReceiptNumbers", True, Evidence.INFERRED, "by symmetry with InvoiceNumbers"),
    Operation("POST oauth/token", True, Evidence.CLIENT_DERIVED),
    Operation("GET oauth/authorize", True, Evidence.CLIENT_DERIVED, "with a plain login page"),
    Operation(f"GET {PING}", True, Evidence.INFERRED, "clients take any 2xx for a live token; the body is a guess"),
    Operation(f"GET {USER_LOCATIONS}", True, Evidence.CLIENT_DERIVED, "a bare array or the envelope of lists"),
    Operation(f"GET {LOCATION}", True, Evidence.CLIENT_DERIVED, "the same members"),
    *(
        Operation(name, False, Evidence.DOCUMENTED, "not about numbering; answers the framework's 404")
        for name in (
            f"POST {_LOCATION}/Finance/PaymentInformation",
            f"POST {_LOCATION}/Policies/CancellationReasons",
            f"GET {_LOCATION}/Contacts/AddressInfo",
        )
    ),
)


@functools.lru_cache(maxsize=2048)
def _remembered_match(method: str, path: str) -> tuple[Matched[Action], Action] | None:
    matched = ROUTES.match(path)
    action = matched.action(method) if matched else None
    return (matched, action) if matched and action else None


def selected(method: str, base_url: str, path: str, query: str, options: Options) -> tuple[Matched[Action], Action]:
    """Return the action for a request; short paths are remembered. Raises ApiFault 404, 405."""
    found = _remembered_match(method, path) if len(path) < 200 and "/." not in path else None
    return found or select(ROUTES, method, base_url, path, query, options)
