"""The contract between the gateway and a dialect: `Adapter` makes a `Dialect`, which turns a `Call` into a `Reply`.

A dialect sees neither sockets nor the store. It gets the whole request body as bytes and returns the whole answer as bytes
(ADR-2). So every header and every byte on a vendor path is the dialect's own.
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
from gateway.core.values import DocumentKind, LineName, SeriesId, TenantId
from gateway.spi.findings import Finding
from gateway.spi.trace import Trace
from gateway.spi.wire_fault import WireFault

Headers: TypeAlias = CIMultiDictProxy[str]
"""A case-blind view of request headers, as `multidict` (a plain data structure, no HTTP) gives it."""


@dataclass(slots=True)
class Call:
    """One request, and what becomes known of it on its way.

    path: as sent, percent-encoded, without the mount's prefix.
    query: as sent, without "?".
    body: whole and decompressed, within the limits; empty when there was none.
    base_url: scheme://host[:port][prefix] by which the client reaches this dialect, without a slash at the end.
    request_id: unique, also after a restart.
    remote: the client's address.
    has_body: the request announced a body (Content-Length above 0, or chunked).
    chunked: it announced one without a length.

    The rest is for the log and the journal only; the dialect fills it in as it learns it:
    operation: the vendor's name of what is asked for.
    tenant, principal: who asks.
    number: the number that was set, read or given out.
    outcome: a word for what went wrong; empty when nothing did.
    guessed: whose credential was sent and wrong, "" when the client names nobody; None when that was not the trouble. The
        refusal is then held back if there were too many (ADR-60). Tokens that the gateway made itself cannot be guessed, and
        a client without credentials does not guess.
    findings: what is odd about the request, noted with `found`.
    trace: what the call did to the core; None while nobody watches (ADR-17).
    dialect: the name of the dialect that answers, while somebody watches.
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
    guessed: str | None = None
    findings: list[str] = field(default_factory=list)
    trace: Trace | None = None
    dialect: str = ""

    def found(self, finding: Finding, detail: str = "") -> None:
        """Note a finding.

        detail: a name from the request, never a value that may be secret.
        """
        self.findings.append(f"{finding}: {detail[:100]}" if detail else finding.value)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer.

    headers: every header but Content-Length, Date and Connection.
    reason: the phrase of the status line; None takes the standard one.
    wire: how to break the answer on its way out, for fault rules; dialects leave it alone.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str | None = None
    wire: WireFault | None = None


class Failure(enum.Enum):
    """What can go wrong outside the rules about numbers. A dialect words each one as its vendor would."""

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
    """Carries a failure from below the dialect to the exchange, which asks the dialect to word it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Broken(Exception):
    """Carries a planted fault to the exchange: the client is to get no answer."""

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
    """A row of the coverage table: an operation of the vendor.

    served: False when the dialect declines it.
    evidence: how its behaviour is known.
    note: why it is declined, or what is special about it.
    """

    name: str
    served: bool
    evidence: Evidence
    note: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a client needs to reach one service of a dialect.

    example: a command line to try (curl).
    """

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
        """True when a request path (as sent, without the mount's prefix) belongs to this vendor. Must be cheap."""
        ...

    async def answer(self, call: Call) -> Reply:
        """Answer a request. May raise Refused and StoreUnavailableError; the exchange then asks `refuse` or `fail`."""
        ...

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core in the vendor's words. Every refusal has an answer (ADR-1)."""
        ...

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure outside the core in the vendor's words. Every failure has an answer. `call.body` may be empty."""
        ...

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """How a client of this tenant reaches the dialect."""
        ...


class HasAddresses(Protocol):
    """A dialect with few addresses, such as a SOAP service. They are found without asking every dialect in turn."""

    @property
    def addresses(self) -> Collection[str]:
        """Paths that the dialect claims, as most clients send them."""
        ...


def addresses_of(dialect: Dialect) -> Collection[str]:
    """The addresses that a dialect names; none when it names none."""
    return cast("HasAddresses", dialect).addresses if hasattr(dialect, "addresses") else ()


S = TypeVar("S", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Bound(Generic[B]):
    """One tenant's section for this dialect.

    series: the ids of the tenant's series by their configured keys.
    """

    tenant: TenantId
    binding: B
    series: Mapping[str, SeriesId]


@dataclass(frozen=True, slots=True)
class Context(Generic[S, B]):
    """Everything a dialect may use.

    hosts: the host names that belong to the dialect: its vendor's, and those that the configuration adds (ADR-59). A name that
        begins with a dot stands for every name below it.
    """

    settings: S
    bindings: Sequence[Bound[B]]
    service: SequenceService
    vault: TokenVault
    clock: Clock
    hosts: Sequence[str] = ()


class Adapter(Protocol):
    """What an entry point of the group `invoice_gateway.adapters` names. It may also be one that MakesBindings or NamesKinds.

    name: of the dialect, in the configuration and in logs.
    title: for people.
    Settings: the pydantic model of the dialect's own section in the configuration (`dialects.<name>.settings`).
    Binding: the pydantic model of one tenant's section for the dialect (`tenants[].<name>`).
    """

    name: str
    title: str
    Settings: type[BaseModel]
    Binding: type[BaseModel]

    def build(self, context: Context[BaseModel, BaseModel]) -> Dialect:
        """Make the dialect. Raises ValueError, with a text for people, when bindings contradict one another."""
        ...


class NamesKinds(Protocol):
    """An adapter that says which kinds of documents it numbers, so that a misspelt kind in the configuration is noticed.

    Each kind is also the name of a number line. An adapter that draws from further lines has `lines`, too.
    """

    kinds: Collection[DocumentKind]


def kinds_of(adapter: Adapter) -> Collection[DocumentKind] | None:
    """The kinds of documents that an adapter numbers; None when it does not say."""
    return cast("NamesKinds", adapter).kinds if hasattr(adapter, "kinds") else None


def lines_of(adapter: Adapter) -> Collection[LineName] | None:
    """The number lines that an adapter draws from; None when it does not say."""
    further: Collection[LineName] = getattr(adapter, "lines", ())
    kinds = kinds_of(adapter)
    return None if kinds is None else {*kinds, *further}


class MakesBindings(Protocol):
    """An adapter that can make up credentials for tenants that are made while the gateway runs."""

    def generate_binding(self, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any]:
        """A tenant's section for the dialect, as plain JSON values that `Binding` accepts, secrets in clear.

        series: the key of the series to bind to.
        random: unpredictable in a server, seeded in tests; names that must be unique in the whole gateway are drawn from it.
        """
        ...


def generated_binding(adapter: Adapter, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any] | None:
    """Made-up credentials; None when the adapter cannot make any up."""
    generate = getattr(adapter, "generate_binding", None)
    return None if generate is None else cast("MakesBindings", adapter).generate_binding(tenant, series, random)
