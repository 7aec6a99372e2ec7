"""Time limits for calls at the price of a dictionary entry: one sweep, several times a second, ends what is overdue.

A timer of its own for every call costs more than most calls do. The limit is therefore kept to within `SWEEP_SECONDS`.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

SWEEP_SECONDS: Final = 0.1


class Deadlines:
    """Watches running tasks; cancels those that are overdue and remembers that it was their time that ran out."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: dict[asyncio.Task[Any], float] = {}
        self._overdue: set[asyncio.Task[Any]] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> asyncio.Task[Any]:
        """Watch the current task. The task is what `end` and `expired` want back."""
        loop = self._loop  # looking for the running one costs a system call, and it never changes
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
        """Stop watching."""
        self._running.pop(task, None)
        self._overdue.discard(task)

    def expired(self, task: asyncio.Task[Any]) -> bool:
        """True when it was this watch that cancelled the task; takes the cancellation back."""
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
