"""What a service is in this dialect: its contract, and the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from adapters.twentyfoursevenoffice.settings import Settings
from adapters.twentyfoursevenoffice.work import Work
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.contract import ServiceContract

Handler: TypeAlias = Callable[[Work, Any], Awaitable[BaseModel]]
"""From the operation's request message to its response message; `work` says what it may use."""


_NONE: Final[Mapping[str, Callable[[Settings], BaseModel | None]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Service:
    """A service as it is served.

    handlers: by operation. An operation without a handler is declined: the coverage table says so, and calls get a fault.
    evidence: how the service's contract is known.
    lists: operations whose answer depends on the catalogue alone; it is kept until the catalogue is another one.
    without_session: operations that may answer a call without a session otherwise than with a fault; None stays the fault.
    longest: how long a request may be, in kB, by the choices of the dialect; None leaves it to `max_request_bytes`.
    repeated: operations with small requests that clients repeat, without secrets; their bodies may be remembered (ADR-33).
    """

    contract: ServiceContract
    handlers: Mapping[str, Handler]
    evidence: Evidence = Evidence.DOCUMENTED
    lists: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    longest: Callable[[Settings], int] | None = None
    without_session: Mapping[str, Callable[[Settings], BaseModel | None]] = field(default_factory=lambda: _NONE)
