"""The contract between the gateway and a dialect: `Adapter` makes a `Dialect`, which turns a `Call` into a `Reply`.

A dialect sees neither sockets nor the store. It gets the whole request body as bytes and returns the whole answer as
bytes, so that every header and every byte on a vendor path is the dialect's own.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from multidict import CIMultiDictProxy
from pydantic import BaseModel

from gateway.core.ports import Clock, SequenceService, TokenVault
from gateway.core.ports import StoreUnavailableError as StoreUnavailableError  # noqa: PLC0414 - dialects see it, not the ports
from gateway.core.refusals import Refusal
from gateway.core.values import SeriesId, TenantId
from gateway.spi.findings import Finding
from gateway.spi.trace import Trace
from gateway.spi.wire_fault import WireFault

Headers: TypeAlias = CIMultiDictProxy[str]
"""A case-blind view of request headers, as `multidict` (a plain data structure, no HTTP) gives it."""


@dataclass(slots=True)
class Call:
    """One request, and what becomes known of it on its way. The second half is for the log and the journal only.

    path: as sent, percent-encoded, with the mount prefix taken off. query: as sent, without "?".
    base_url: scheme://host[:port][prefix] by which the client reaches this dialect, without a slash at the end.
    body: whole and decompressed, within the limits; empty when there was none.
    has_body: True when the request announced a body (Content-Length above 0, or chunked).
    dialect: the name of the dialect that answers, while somebody watches.
    findings: what is odd about the request, noted with `found`. trace: what it did to the core, while somebody watches.
    """

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    base_url: str
    request_id: str
    remote: str = ""
    has_body: bool = False
    chunked: bool = False

    operation: str = ""
    tenant: TenantId | None = None
    principal: str = ""
    number: int | None = None
    outcome: str = ""
    findings: list[str] = field(default_factory=list)
    trace: Trace | None = None
    dialect: str = ""

    def found(self, finding: Finding, detail: str = "") -> None:
        """Note an finding. detail: a name out of the request, never a value that may be secret."""
        self.findings.append(f"{finding}: {detail[:100]}" if detail else finding.value)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, complete: status, every header but Content-Length, Date and Connection, and the body.

    reason: the phrase of the status line; None takes the standard one. wire: how to break it on its way out; dialects
    leave it alone.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str | None = None
    wire: WireFault | None = None


class Failure(enum.Enum):
    """What can go wrong outside the rules about numbers; a dialect words each one as its vendor would."""

    NOT_FOUND = "no such path"
    METHOD_NOT_ALLOWED = "wrong verb"
    BODY_TOO_LARGE = "body over the limit"
    BODY_UNREADABLE = "content encoding unknown or broken"
    BODY_TIMEOUT = "body did not arrive in time"
    OVERLOADED = "too many requests wait"
    RATE_LIMITED = "this client asks too often"
    STORE_UNAVAILABLE = "store cannot commit now"
    DEADLINE = "no answer within the time limit"
    INTERNAL = "bug"
    UNAUTHORIZED = "credentials not good, or not any more"
    STRICT = "the vendor would tolerate it, this tenant's strict profile does not"


class Failed(Exception):
    """Carries a failure from somewhere below the dialect to the exchange, which asks the dialect to word it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Broken(Exception):
    """Carries a planted fault of the wire to the exchange: there is to be no answer."""

    def __init__(self, fault: WireFault) -> None:
        super().__init__(fault.kind.value)
        self.fault = fault


class Evidence(enum.StrEnum):
    """How a rule or case is known."""

    DOCUMENTED = "documented"
    RECORDED = "recorded"
    CLIENT_DERIVED = "client-derived"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Operation:
    """A line of the coverage table: an operation of the vendor, served or declined (with the reason)."""

    name: str
    served: bool
    evidence: Evidence
    note: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a client needs to reach one service of a dialect; `example` is a command line to try (curl)."""

    title: str
    url: str
    wsdl_url: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)
    example: str = ""


class Dialect(Protocol):
    """One vendor's wire, ready to answer."""

    @property
    def operations(self) -> Sequence[Operation]:
        """Every operation of the vendor's service, the declined ones included."""
        ...

    def claims(self, path: str) -> bool:
        """True when a request path (as sent, prefix taken off) belongs to this vendor. Must be cheap."""
        ...

    async def answer(self, call: Call) -> Reply:
        """Answer a request. May raise Refused and StoreUnavailableError; the exchange then asks `refuse` or `fail`."""
        ...

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core in the vendor's words. Total: every member of the family has an answer."""
        ...

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure outside the core in the vendor's words. Total. `call.body` may be empty."""
        ...

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """How a client of this tenant reaches the dialect."""
        ...


class HasAddresses(Protocol):
    """A dialect that has few addresses, as a SOAP service has. They are looked up without asking every dialect in turn."""

    @property
    def addresses(self) -> Collection[str]:
        """Paths that `claims` claims, as most clients send them."""
        ...


def addresses_of(dialect: Dialect) -> Collection[str]:
    """The addresses that a dialect names; none when it names none."""
    return cast("HasAddresses", dialect).addresses if hasattr(dialect, "addresses") else ()


S = TypeVar("S", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Bound(Generic[B]):
    """One tenant's section for this dialect, with the ids of the tenant's series by their configured keys."""

    tenant: TenantId
    binding: B
    series: Mapping[str, SeriesId]


@dataclass(frozen=True, slots=True)
class Context(Generic[S, B]):
    """Everything a dialect may use."""

    settings: S
    bindings: Sequence[Bound[B]]
    service: SequenceService
    vault: TokenVault
    clock: Clock


class Adapter(Protocol):
    """What an entry point of the group `invoice_gateway.adapters` names.

    Settings: the pydantic model of the dialect's own section in the configuration (`dialects.<name>.settings`).
    Binding: the pydantic model of one tenant's section for the dialect (`tenants[].<name>`).

    It may also have `generate_binding`, see MakesBindings.
    """

    name: str
    title: str
    Settings: type[BaseModel]
    Binding: type[BaseModel]

    def build(self, context: Context[BaseModel, BaseModel]) -> Dialect:
        """Make the dialect. Raises ValueError with a text for people when bindings contradict one another."""
        ...


class MakesBindings(Protocol):
    """An adapter that can make up credentials, for tenants that are made while the gateway runs."""

    def generate_binding(self, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any]:
        """A tenant's section for the dialect, as plain JSON values that `Binding` accepts, secrets in clear.

        series: the key of the series to bind to. random: unpredictable in a server, seeded in tests. What must be unique
        in the whole gateway is made so with it.
        """
        ...


def generated_binding(adapter: Adapter, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any] | None:
    """Made-up credentials, None when the adapter offers none."""
    generate = getattr(adapter, "generate_binding", None)
    return None if generate is None else cast("MakesBindings", adapter).generate_binding(tenant, series, random)
