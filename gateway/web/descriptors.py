"""Notices that the process runs out of file descriptors. Each connection takes one.

Event loops differ in what they do then: asyncio's lets new connections wait, uvloop closes them, and neither says so in a way
that a person would notice. The system always gives out the lowest free number, so the number of a new connection shows how many
are taken.
"""

from __future__ import annotations

import asyncio
import errno
import resource
import time
from collections.abc import Callable
from typing import Any, Final

import structlog

log = structlog.get_logger("web")

_RESERVE: Final = 16
_USED_UP: Final = frozenset({errno.EMFILE, errno.ENFILE})
_PAUSE_SECONDS: Final = 10.0
"""A line for each connection would drown all others."""


class DescriptorWatch:
    """Says that descriptors run out, at most once in ten seconds.

    limit: how many the process may have.
    now: seconds of a clock that never goes back.
    """

    def __init__(self, limit: int, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._now = now
        self._silent_until = 0.0
        self._unsaid = 0

    def look_at(self, transport: asyncio.BaseTransport) -> None:
        """Look at a new connection."""
        handle = transport.get_extra_info("socket")
        if handle is not None and handle.fileno() >= self._limit - _RESERVE:
            self._say()

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An event loop's exception handler: asyncio's own loop reports here when it cannot accept a connection."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _USED_UP:
            self._say()
        else:
            loop.default_exception_handler(context)

    def _say(self) -> None:
        self._unsaid += 1
        if self._now() < self._silent_until:
            return
        self._silent_until = self._now() + _PAUSE_SECONDS
        log.error("out of file descriptors: new connections wait or are closed", limit=self._limit, times=self._unsaid)
        self._unsaid = 0


def descriptor_limit() -> int:
    """How many descriptors the process may have."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def raise_descriptor_limit() -> None:
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


def prepare_descriptors(loop: asyncio.AbstractEventLoop) -> None:
    """Raise the limit, and watch the event loop of this process."""
    raise_descriptor_limit()
    loop.set_exception_handler(DescriptorWatch(descriptor_limit()))
