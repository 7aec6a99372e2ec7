"""What goes in and out of an endpoint, and how a service describes itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from gateway.wire.soap.envelope import SoapVersion
from gateway.wire.xml import DEFAULT_LIMITS, XmlLimits


class Headers(Protocol):
    """A case-blind view of request headers."""

    def get(self, key: str, /) -> str | None:
        """The first value of a header, or None."""
        ...


class HttpRequest(Protocol):
    """One request. path: as sent; query: as sent, without "?"; base_url: what precedes the path, without slash."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def body(self) -> bytes: ...
    @property
    def base_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AsmxReply:
    """An answer: status, every header but Content-Length, Date and Connection, and the body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Operation(Protocol):
    """An operation: the name of its element, a line of documentation, and the models of its two messages."""

    @property
    def name(self) -> str: ...
    @property
    def documentation(self) -> str: ...
    @property
    def request(self) -> type[BaseModel]: ...
    @property
    def response(self) -> type[BaseModel]: ...


class Service(Protocol):
    """A service: its name, its namespace (without slash at the end), its path in the vendor's spelling, its operations."""

    @property
    def name(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def operations(self) -> Sequence[Operation]: ...


@dataclass(frozen=True, slots=True)
class AsmxCall:
    """A request that was understood. `message` is an instance of the operation's request model.

    The message may be shared with later calls that have the very same bytes: never change it.
    """

    operation: Operation
    message: BaseModel
    version: SoapVersion


@dataclass(frozen=True, slots=True)
class AsmxOptions:
    """The choices that the published behaviour leaves to the host.

    limits: of a request's XML; above them the answer is a fault. merge_repeated_arrays: see BindingOptions.
    extra_headers: added to every answer (a host may add its version, for example).
    remembered: names of operations whose small requests are decoded once per distinct bytes; operations that take
    nothing are always. Never name one whose requests hold secrets. remembered_requests: how many are kept.
    """

    limits: XmlLimits = DEFAULT_LIMITS
    merge_repeated_arrays: bool = True
    extra_headers: tuple[tuple[str, str], ...] = ()
    remembered: frozenset[str] = frozenset()
    remembered_requests: int = 256
