"""The replay window: an identical changing request within some seconds gets the first answer again, and changes nothing.

It is for clients that repeat a request after a lost answer and know no idempotency key. It is off unless a tenant has a
window. Answers are in memory, within a bound; a restart forgets them.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.core.values import TenantId
from gateway.spi.adapter import Call, Reply
from gateway.spi.watch import Watch

MAX_KEPT: Final = 10_000
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_TELLING: Final = ("Host", "Authorization", "Cookie", "Content-Type", "SOAPAction", "Accept", "X-Api-Key")
"""Headers that belong to the identity of a request: the credentials, and those that decide the form of the answer.

Others (such as a date or a trace id) differ between a request and its repetition.
"""


@dataclass(slots=True)
class _Kept:
    """The answer to a request, or the promise of one while the request is worked on.

    done: set when the first request has its answer, or has failed.
    reply: the answer; None until then.
    expires: when the window ends, in seconds of the monotonic clock.
    call: the first request, without its body.
    """

    done: asyncio.Event = field(default_factory=asyncio.Event)
    reply: Reply | None = None
    expires: float = 0.0
    call: Call | None = None


class ReplayWindows:
    """Implements the exchange's replay plan.

    watch: is informed whether there is a window.
    windows: seconds by tenant; 0 is no window.
    now: a monotonic clock in seconds.
    """

    def __init__(
        self,
        watch: Watch,
        windows: Mapping[TenantId, float] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watch = watch
        self._windows = {tenant: seconds for tenant, seconds in (windows or {}).items() if seconds > 0}
        self._now = now
        self._kept: dict[bytes, _Kept] = {}
        self._refresh()

    def window(self, tenant: TenantId) -> float:
        """A tenant's window in seconds; 0 when it has none."""
        return self._windows.get(tenant, 0.0)

    def set_window(self, tenant: TenantId, seconds: float) -> None:
        """Open, change or close (0) a tenant's window. Raises ValueError for a negative one."""
        if seconds < 0:
            raise ValueError("a window cannot be negative")
        if seconds:
            self._windows[tenant] = seconds
        else:
            self._windows.pop(tenant, None)
        self._refresh()

    def forget(self, tenant: TenantId) -> None:
        """Drop the answers kept for a tenant, as after a reset."""
        for key in [key for key, kept in self._kept.items() if kept.call is not None and kept.call.tenant == tenant]:
            del self._kept[key]

    def _refresh(self) -> None:
        self._watch.replays = self if self._windows else None
        if not self._windows:
            self._kept.clear()
        self._watch.refresh()

    async def answer(self, call: Call, proceed: Callable[[], Awaitable[Reply]]) -> Reply:
        """See ReplayPlan. Identical requests that come at the same time wait for the first."""
        if call.method in _SAFE:
            return await proceed()
        key = _identity(call)
        # A loop: when the first request fails, its entry is gone, and one of those that waited becomes the first.
        while (kept := self._kept.get(key)) is not None:
            if kept.reply is None or kept.call is None:
                await kept.done.wait()
                continue
            if kept.expires > self._now():
                return _again(call, kept.call, kept.reply)
            del self._kept[key]
        return await self._first(call, key, proceed)

    async def _first(self, call: Call, key: bytes, proceed: Callable[[], Awaitable[Reply]]) -> Reply:
        kept = self._kept[key] = _Kept()
        try:
            reply = await proceed()
            # The tenant is known only now. Kept is what changed something; a refusal may become a success next time, and
            # an answer that a fault rule broke must not be given again.
            window = self._windows.get(call.tenant) if call.tenant is not None else None
            if window and call.trace is not None and call.trace.committed and reply.wire is None:
                kept.reply, kept.expires = reply, self._now() + window
                kept.call = replace(call, body=b"")
            return reply
        finally:
            if kept.reply is None and self._kept.get(key) is kept:
                del self._kept[key]
            kept.done.set()
            self._bound()

    def _bound(self) -> None:
        """Drop answers that have expired, and the oldest ones above the bound.

        A hundred of the oldest are checked each time: more than one comes in, and no request pays for all of them.
        """
        now = self._now()
        for key, kept in list(itertools.islice(self._kept.items(), 100)):
            if kept.reply is not None and (kept.expires <= now or len(self._kept) > MAX_KEPT):
                del self._kept[key]


def _identity(call: Call) -> bytes:
    parts = [call.dialect, call.method, call.path, call.query, call.base_url]
    parts += [call.headers.get(name, "") for name in _TELLING]
    digest = hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass"))
    digest.update(call.body)
    return digest.digest()


def _again(call: Call, first: Call, reply: Reply) -> Reply:
    call.tenant, call.principal, call.operation = first.tenant, first.principal, first.operation
    call.number, call.outcome = first.number, first.outcome
    if call.trace is not None:
        call.trace.replay_of = first.trace.replay_of if first.trace and first.trace.replay_of else first.request_id
    return reply
