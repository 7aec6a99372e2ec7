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
    """One request.

    path: as sent.
    query: as sent, without "?".
    base_url: what precedes the path, without slash at the end.
    """

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
    """An operation.

    name: the name of its element.
    documentation: one line for people.
    request: the model of the message that comes in.
    response: the model of the message that goes out.
    header: the model of a header that a request may carry, called like the model; None when the contract has none. What
        such a header holds is skipped, and it may be missing.
    """

    @property
    def name(self) -> str: ...
    @property
    def documentation(self) -> str: ...
    @property
    def request(self) -> type[BaseModel]: ...
    @property
    def response(self) -> type[BaseModel]: ...
    @property
    def header(self) -> type[BaseModel] | None: ...


class Service(Protocol):
    """A service.

    name: its name in the contract.
    namespace: of its elements.
    path: in the vendor's spelling.
    operations: in the order of the contract.
    documentation: what the contract says about the service; "" for nothing.
    """

    @property
    def name(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def operations(self) -> Sequence[Operation]: ...
    @property
    def documentation(self) -> str: ...


def soap_action(namespace: str, operation: str) -> str:
    """The action of an operation: there is one slash between namespace and name, however the namespace ends."""
    return f"{namespace}{'' if namespace.endswith('/') else '/'}{operation}"


@dataclass(frozen=True, slots=True)
class AsmxCall:
    """A request that was understood.

    operation: the operation that it asks for.
    message: an instance of the operation's request model. Later calls with the very same bytes may share it: never
        change it.
    version: the version in which to answer.
    """

    operation: Operation
    message: BaseModel
    version: SoapVersion


@dataclass(frozen=True, slots=True)
class AsmxOptions:
    """The choices that the published behaviour leaves to the host.

    limits: caps on the XML of a request; above them the answer is a fault.
    merge_repeated_arrays: see BindingOptions.
    extra_headers: added to every answer, for example a host's version.
    remembered: names of operations whose small requests are decoded once per distinct bytes. Operations without
        arguments always are, but never those that declare a header, since it may hold a password. Never name an operation
        whose requests hold secrets.
    remembered_requests: how many decoded requests are kept.
    blind_enums: see BindingOptions.
    """

    limits: XmlLimits = DEFAULT_LIMITS
    merge_repeated_arrays: bool = True
    extra_headers: tuple[tuple[str, str], ...] = ()
    remembered: frozenset[str] = frozenset()
    remembered_requests: int = 256
    blind_enums: frozenset[str] = frozenset()
