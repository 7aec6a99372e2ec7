"""The life of one request, as a list of steps: admit, answer, and word whatever went wrong in the dialect.

The web room reads the request and writes the reply; the dialect does everything in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.spi.adapter import Broken, Call, Dialect, Failed, Failure, Reply
from gateway.spi.deadline import Deadlines
from gateway.spi.trace import Trace
from gateway.spi.watch import CURRENT, Watch
from gateway.spi.wire_fault import WireFault

log = structlog.get_logger("exchange")


@dataclass(slots=True)
class Exchange:
    """Answers calls of one dialect.

    deadline_seconds: the longest a call may take before the dialect's own time-out answer; the command it may have
    started still completes. max_in_flight: calls above it get the dialect's overload answer. watch: who looks on.
    """

    name: str
    dialect: Dialect
    deadline_seconds: float
    max_in_flight: int
    on_done: Callable[[Call, Reply], None] | None = None
    in_flight: int = 0
    watch: Watch = field(default_factory=Watch)
    _deadlines: Deadlines = field(init=False)

    def __post_init__(self) -> None:
        self._deadlines = Deadlines(self.deadline_seconds)

    def run(self, call: Call) -> Awaitable[Reply]:
        """Answer one call, whatever happens."""
        return self._watched(call) if self.watch.active else self._respond(call, self.dialect.answer)

    async def arrived(self, call: Call) -> Reply | None:
        """What a fault rule answers before the body is read; mostly None. Only to be asked while somebody watches."""
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
        """An error text that cannot be rendered must not become another server's error page: answer a bare 500."""
        try:
            return render()
        except Exception:
            log.exception("error answer failed", request_id=call.request_id, dialect=self.name)
            return Reply(500)


def _broken(call: Call, fault: WireFault) -> Reply:
    """No answer at all; status 0 says so to logs and journals."""
    call.outcome = fault.kind.value
    return Reply(0, wire=fault)
