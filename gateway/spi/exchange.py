"""The life of one request: it is counted, gets a deadline and is answered. The dialect words whatever goes wrong.

The web room reads the request and writes the reply. The dialect does everything in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.spi.adapter import Broken, Call, Dialect, Failed, Failure, Reply
from gateway.spi.reading import head_checked
from gateway.spi.trace import Trace
from gateway.spi.watch import CURRENT, Watch
from gateway.spi.wire_fault import WireFault

log = structlog.get_logger("exchange")

SWEEP_SECONDS: Final = 0.1
"""How often overdue calls are looked for, and so how exactly a deadline is kept."""


_ADMITTED: Final = Reply(100)
"""Stands for no answer."""


@dataclass(slots=True)
class Exchange:
    """Answers the calls of one dialect.

    name: the dialect's name.
    dialect: who answers; another one takes its place between two calls when tenants or settings change (ADR-24).
    deadline_seconds: the longest a call may take; then the client gets the dialect's time-out answer. A command that the
        call has started still completes.
    max_in_flight: how many calls may be answered at a time; further ones get the dialect's overload answer.
    in_flight: how many are being answered now.
    watch: who looks on at calls (ADR-17).
    """

    name: str
    dialect: Dialect
    deadline_seconds: float
    max_in_flight: int
    in_flight: int = 0
    watch: Watch = field(default_factory=Watch)
    _deadlines: _Deadlines = field(init=False)

    def __post_init__(self) -> None:
        self._deadlines = _Deadlines(self.deadline_seconds)

    def run(self, call: Call) -> Awaitable[Reply]:
        """Answer one call, whatever happens."""
        return self._watched(call) if self.watch.active else self._respond(call, self.dialect.answer)

    async def admit(self, call: Call) -> Reply | None:
        """The dialect's answer when the head alone is enough to refuse the call; None when its body may be read."""
        reply = await self._respond(call, self._check_head)
        return None if reply is _ADMITTED else reply

    async def _check_head(self, call: Call) -> Reply:
        return await head_checked(self.dialect, call) or _ADMITTED

    async def arrived(self, call: Call) -> Reply | None:
        """The answer of a fault rule that strikes before the body is read; None, as nearly always, lets the call go on.

        To be asked only while somebody watches.
        """
        if self.watch.faults is None:
            return None
        call.trace, call.dialect = Trace(), self.name
        struck = await self.watch.faults.arrived(call)
        if isinstance(struck, WireFault):
            return _broken(call, struck)
        return None if struck is None else self.failed(call, struck)

    async def _watched(self, call: Call) -> Reply:
        if call.trace is None:
            call.trace, call.dialect = Trace(), self.name
        CURRENT.set(call)
        replays = self.watch.replays
        if replays is None:
            reply = await self._respond(call, self._answer_watched)
        else:
            reply = await replays.answer(call, lambda: self._respond(call, self._answer_watched))
        if self.watch.faults is None:
            return reply
        answered = await self.watch.faults.answered(call, reply)
        return answered if isinstance(answered, Reply) else self.failed(call, answered)

    async def _answer_watched(self, call: Call) -> Reply:
        reply = await self.dialect.answer(call)
        await self.watch.finished(call, reply)
        return reply

    async def _respond(self, call: Call, answer: Callable[[Call], Awaitable[Reply]]) -> Reply:
        if self.in_flight >= self.max_in_flight:
            return self.failed(call, Failure.OVERLOADED)
        self.in_flight += 1
        task = self._deadlines.begin()
        try:
            return await answer(call)
        except Refused as refused:
            refusal = refused.refusal
            call.outcome = type(refusal).__name__
            return self._safely(call, lambda: self.dialect.refuse(call, refusal))
        except Failed as failed:
            return self.failed(call, failed.failure)
        except Broken as broken:
            return _broken(call, broken.fault)
        except StoreOverloadedError:
            return self.failed(call, Failure.OVERLOADED)
        except StoreUnavailableError as error:
            log.warning("store unavailable", request_id=call.request_id, reason=str(error))
            return self.failed(call, Failure.STORE_UNAVAILABLE)
        except asyncio.CancelledError:
            if not self._deadlines.expired(task):
                raise
            return self.failed(call, Failure.DEADLINE)
        except Exception:
            log.exception("unhandled error", request_id=call.request_id, dialect=self.name, operation=call.operation)
            return self.failed(call, Failure.INTERNAL)
        finally:
            self._deadlines.end(task)
            self.in_flight -= 1

    def failed(self, call: Call, failure: Failure) -> Reply:
        """A failure in the dialect's words."""
        call.outcome = failure.name.lower()
        return self._safely(call, lambda: self.dialect.fail(call, failure))

    def _safely(self, call: Call, render: Callable[[], Reply]) -> Reply:
        """The rendered answer, or a bare 500 when rendering fails: another server's error page must not show."""
        try:
            return render()
        except Exception:
            log.exception("error answer failed", request_id=call.request_id, dialect=self.name)
            return Reply(500)


def _broken(call: Call, fault: WireFault) -> Reply:
    """No answer at all; logs and journals show it as status 0."""
    call.outcome = fault.kind.value
    return Reply(0, wire=fault)


class _Deadlines:
    """Time limits for running calls. A sweep cancels what is overdue, and remembers that it was the time that ran out.

    A timer of its own for every call would cost more than most calls do; an entry in a dictionary costs next to nothing.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: dict[asyncio.Task[Any], float] = {}
        self._overdue: set[asyncio.Task[Any]] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> asyncio.Task[Any]:
        """Watch the current task, and return it for `end` and `expired`."""
        loop = self._loop  # kept, because asking for the running loop costs a system call
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("a call is answered in a task")
        self._running[task] = loop.time() + self.seconds
        if self._sweeping is None:
            self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep, loop)
        return task

    def end(self, task: asyncio.Task[Any]) -> None:
        """Stop watching a task."""
        self._running.pop(task, None)
        self._overdue.discard(task)

    def expired(self, task: asyncio.Task[Any]) -> bool:
        """True when the sweep has cancelled the task, and nobody else has; the task may then go on."""
        if task not in self._overdue:
            return False
        self._overdue.discard(task)
        return task.uncancel() == 0

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task in [task for task, due in self._running.items() if due <= now]:
            del self._running[task]
            self._overdue.add(task)
            task.cancel()
        self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep, loop) if self._running else None
