"""Watching calls from around the core: for the journal, the strict profile, planted faults and the replay window.

While nobody watches, `Watch.active` is False. Then a call costs a few looks at that attribute, and nothing of this runs
(ADR-17).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from gateway.core.commands import Command, Query, R
from gateway.core.ports import SequenceService, StoreUnavailableError, TokenVault
from gateway.core.refusals import Refused
from gateway.core.values import TenantId
from gateway.spi.adapter import Call, Failed, Failure, Reply
from gateway.spi.findings import tolerated
from gateway.spi.trace import Step
from gateway.spi.wire_fault import WireFault

CURRENT: Final[ContextVar[Call | None]] = ContextVar("watched_call", default=None)
"""The call that the running task answers; set only while somebody watches."""


@dataclass(slots=True)
class Strike:
    """What faults do to a request that goes out.

    delay_seconds: it goes out so much later.
    lost: it does not go out at all.
    doubled: it goes out two times.
    answer_lost: its answer is not seen.
    """

    delay_seconds: float = 0.0
    lost: bool = False
    doubled: bool = False
    answer_lost: bool = False


NOTHING_STRUCK: Final = Strike()


class FaultPlan(Protocol):
    """What plants faults (ADR-21). `tenant` is who the call comes from; None while that is not known."""

    async def arrived(self, call: Call) -> WireFault | Failure | None:
        """The head of a request has arrived, its body is not read yet: break the connection, refuse, or let it go on."""
        ...

    async def before(self, call: Call, tenant: TenantId | None, command: Any) -> None:
        """Called before each use of the core. May wait. Raises Failed, Broken, Refused, StoreUnavailableError.

        command: a command or query; "token" when the vault is to keep one; None when the answer is ready and made no use
            of the core.
        """
        ...

    async def session(self, call: Call, tenant: TenantId) -> bool:
        """True when the session that the call presents is to have expired."""
        ...

    async def answered(self, call: Call, reply: Reply) -> Reply | Failure:
        """The answer is ready: break it, put a failure in its place, or let it pass."""
        ...

    def outbound(self, call: Call) -> Strike:
        """A request of the gateway's own is about to go out."""
        ...


class ReplayPlan(Protocol):
    """What answers an identical request with the first answer again."""

    async def answer(self, call: Call, proceed: Callable[[], Awaitable[Reply]]) -> Reply:
        """The kept answer to an identical request, or else what `proceed` answers."""
        ...


class Watch:
    """Who watches. Rooms set their part and call `refresh`; nothing else decides whether calls are watched.

    active: anybody watches.
    recording: a journal wants to know the steps.
    strict: tenants for whom the gateway refuses what the vendor would tolerate.
    faults: plants faults, None when there are no rules.
    replays: gives answers again, None when no tenant has a replay window.
    """

    def __init__(self) -> None:
        self.active = False
        self.recording = False
        self.strict: set[TenantId] = set()
        self.faults: FaultPlan | None = None
        self.replays: ReplayPlan | None = None

    def refresh(self) -> None:
        """Work out anew whether anybody watches."""
        self.active = bool(self.recording or self.strict or self.faults is not None or self.replays is not None)

    def set_strict(self, tenant: TenantId, strict: bool) -> None:
        """Give a tenant the strict profile, or the vendor's."""
        (self.strict.add if strict else self.strict.discard)(tenant)
        self.refresh()

    def watched_service(self, service: SequenceService) -> SequenceService:
        """The service for dialects: while anybody watches, each use of it is noted."""
        return _WatchedService(service, self)

    def watched_vault(self, vault: TokenVault) -> TokenVault:
        """The vault for dialects: fault rules can make its sessions expire."""
        return _WatchedVault(vault, self)

    async def before_use(self, call: Call, command: Any) -> None:
        """Everything that may keep a call away from the core. Raises Failed, Refused, StoreUnavailableError."""
        tenant = call.tenant or getattr(command, "tenant", None)
        if tenant in self.strict and tolerated(call.findings):
            raise Failed(Failure.STRICT)
        if self.faults is not None:
            await self.faults.before(call, tenant, command)

    async def use(self, command: Any, execute: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """One use of the core by the current call."""
        call = CURRENT.get()
        if call is None or call.trace is None:
            return await execute(command)
        await self.before_use(call, command)
        step = Step(command)
        call.trace.steps.append(step)
        changes = isinstance(command, Command)
        try:
            step.result = await execute(command)
        except Refused as refused:
            step.refusal = refused.refusal
            raise
        except StoreUnavailableError as error:
            step.error, step.committed = type(error).__name__, error.committed if changes else False
            raise
        except BaseException as error:
            step.error, step.committed = type(error).__name__, None if changes else False
            raise
        step.committed = changes
        return step.result

    async def finished(self, call: Call, reply: Reply) -> None:
        """Judge an answer that made no use of the core, before it goes out; all others were judged before the use."""
        if call.trace is None or call.trace.steps:
            return
        if reply.status < 400 and call.tenant in self.strict and tolerated(call.findings):
            raise Failed(Failure.STRICT)
        if self.faults is not None:
            await self.faults.before(call, call.tenant, None)


class _WatchedService:
    """See `Watch.watched_service`."""

    def __init__(self, service: SequenceService, watch: Watch) -> None:
        self.catalogue = service.catalogue  # answered from memory; nobody watches that
        self._service = service
        self._watch = watch

    def read(self, query: Query[R]) -> Coroutine[Any, Any, R]:
        """Answer a query; to be awaited."""
        return self._watch.use(query, self._service.read) if self._watch.active else self._service.read(query)

    def execute(self, command: Command[R]) -> Coroutine[Any, Any, R]:
        """Execute a command; to be awaited."""
        return self._watch.use(command, self._service.execute) if self._watch.active else self._service.execute(command)

    # Dialects of version 0.1 call the service by names that say what they ask.
    peek_next = get_series = list_series = get_documents = search_documents = search_document_ids = read
    set_next = create_series = update_series = set_default = issue = void = save_documents = save_catalogue = execute


class _WatchedVault:
    """See `Watch.watched_vault`."""

    def __init__(self, vault: TokenVault, watch: Watch) -> None:
        self._vault = vault
        self._watch = watch

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token."""
        await self._before(tenant)
        await self._vault.put(kind, token, tenant, facts, expires)

    async def replace(
        self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime
    ) -> bool:
        """Store something else for a token that is there. False when it was not there any more."""
        await self._before(tenant)
        return await self._vault.replace(kind, token, tenant, facts, expires)

    async def _before(self, tenant: TenantId) -> None:
        call = CURRENT.get() if self._watch.active else None
        if call is not None and self._watch.faults is not None:
            await self._watch.faults.before(call, tenant, "token")

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired."""
        known = await self._vault.get(kind, token)
        if not self._watch.active or known is None or self._watch.faults is None:
            return known
        call = CURRENT.get()
        if call is None or not await self._watch.faults.session(call, known[0]):
            return known
        await asyncio.shield(self._vault.drop(kind, token))
        return None

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Move a token's end."""
        await self._vault.prolong(kind, token, expires, slack)

    async def drop(self, kind: str, token: str) -> bool:
        """Forget a token. False when it was not there."""
        return await self._vault.drop(kind, token)
