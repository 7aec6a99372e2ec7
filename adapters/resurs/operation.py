"""What an operation of a service works with.

The contract of a handler
-------------------------
A handler answers one operation: `async def finalize_payment(call: OperationCall, message: FinalizePayment) -> Answer`. The
table of its service names it (`configuration`, `aftershop`, `simplified`, `developer`). An operation without a handler is
declined: it is validated against the schema and answers NOT_IMPLEMENTED.

* `message` is read-only: later requests of the same bytes may share it.
* The answer is a response model, or None for the empty wrapper.
* `raise Fault(errors.PAYMENT_UNKNOWN, id=…)` answers an ECommerceError. Refusals of the core and trouble of the store become
  faults, too, when the handler lets them pass.
* `actor.by` is the `by` of every command. A handler that reads, sets or gives out a number sets `call.number` to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from adapters.resurs.auth import Representative
from adapters.resurs.passwords.login import Passwords
from adapters.resurs.settings import Binding, Settings
from adapters.resurs.shop import Country
from gateway.core.ports import SequenceService
from gateway.core.values import Origin, TenantId
from gateway.spi.adapter import Call, Context, Evidence

DIALECT: Final = "resurs"
_ZONES: Final[dict[Country, ZoneInfo]] = {
    "SE": ZoneInfo("Europe/Stockholm"),
    "NO": ZoneInfo("Europe/Oslo"),
    "DK": ZoneInfo("Europe/Copenhagen"),
    "FI": ZoneInfo("Europe/Helsinki"),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts for a representative: a call, a page, or work that is due.

    by: who says so, for the ledger.
    """

    context: Context[Settings, Binding]
    who: Representative
    by: Origin

    @property
    def settings(self) -> Settings:
        """The dialect's choices."""
        return self.context.settings

    @property
    def service(self) -> SequenceService:
        """The only door to numbers, documents and records."""
        return self.context.service

    @property
    def tenant(self) -> TenantId:
        """The representative's tenant."""
        return self.who.caller.tenant

    @property
    def account(self) -> str:
        """The representative's user name."""
        return self.who.caller.principal

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the representative's country. Source: P-13."""
        return _ZONES[self.who.country]

    def now(self) -> dt.datetime:
        """The tenant's time: UTC, aware, to the microsecond. Answers show whole seconds (P-13), searches sort by more."""
        return self.context.clock.now(self.tenant)

    def today(self) -> dt.date:
        """The day in the representative's country."""
        return self.now().astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class OperationCall(Actor):
    """One call of an operation by a representative.

    passwords: those that clients have changed; None when only the configured ones count.
    """

    call: Call = field(kw_only=True)
    passwords: Passwords | None = field(default=None, kw_only=True)


Answer: TypeAlias = BaseModel | None
Handler: TypeAlias = Callable[[OperationCall, Any], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class ServiceOperation:
    """A row of a service's table.

    request, response: the messages; None for a response without children.
    answers_as: the wrapper of the answer; "" for the name with `Response` behind it.
    handler: None declines the operation.
    note: why it is declined, or what is special about it.
    remembered: equal requests may share what was read. Never for messages with secrets.
    """

    name: str
    request: type[BaseModel]
    response: type[BaseModel] | None = None
    handler: Handler | None = None
    evidence: Evidence = Evidence.DOCUMENTED
    note: str = ""
    answers_as: str = ""
    remembered: bool = False

    @property
    def wrapper(self) -> str:
        """The local name of the answer's element."""
        return self.answers_as or f"{self.name}Response"


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the vendor.

    name: the last segment of its path.
    namespace: of its messages.
    wsdl: the contract file in schemas/resurs.
    schemas: its schema files there; each is served under its own path.
    on_live: the live system has it, too (P-01).
    """

    name: str
    namespace: str
    wsdl: str
    schemas: tuple[str, ...]
    operations: tuple[ServiceOperation, ...]
    on_live: bool = True
