"""File descriptors: each connection takes one. The limit is raised at the start, and running out of them is logged."""

from __future__ import annotations

import asyncio
import errno
import resource
import time
from collections.abc import Callable
from typing import Any, Final

import structlog

log = structlog.get_logger("gateway")

_USED_UP: Final = frozenset({errno.EMFILE, errno.ENFILE})
_PAUSE_SECONDS: Final = 10.0
"""The event loop tries to accept again after a second. So often a line would drown all others."""


def raise_limit() -> None:
    """Raise the number of descriptors that the process may have to what the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:  # some systems call the limit unlimited and have one all the same
        log.warning("limit of file descriptors not raised", limit=soft, reason=str(error))
        return
    log.info("limit of file descriptors raised", limit=hard, before=soft)


class AcceptWatch:
    """An event loop's exception handler that says when no connection can be accepted for want of descriptors.

    now: seconds of a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._silent_until = 0.0
        self._unsaid = 0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what the loop reports."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _USED_UP:
            loop.default_exception_handler(context)
            return
        self._unsaid += 1
        if self._now() < self._silent_until:
            return
        self._silent_until = self._now() + _PAUSE_SECONDS
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        log.error("out of file descriptors; new connections wait", limit=limit, times=self._unsaid)
        self._unsaid = 0


def prepare_descriptors(loop: asyncio.AbstractEventLoop) -> None:
    """Raise the limit, and watch the event loop of this process."""
    raise_limit()
    loop.set_exception_handler(AcceptWatch())
