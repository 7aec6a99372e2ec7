"""One line for each request on standard error. It looks like the other log lines, but structlog does not make it.

A line through structlog's processors costs as much as answering the request does. Here it is put together directly, and
lines are written together, at the latest after `FLUSH_SECONDS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from functools import lru_cache
from typing import Final, TextIO

from gateway.spi.adapter import Call

FLUSH_SECONDS: Final = 0.1
_FLUSH_LINES: Final = 512


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _now() -> str:
    nanoseconds = time.time_ns()
    return f"{_second(nanoseconds // 1_000_000_000)}.{nanoseconds // 1000 % 1_000_000:06}Z"


class RequestLog:
    """Writes request lines as text or JSON. It quotes what a client may have chosen; bodies and secrets never come here."""

    def __init__(self, style: str, stream: TextIO | None = None) -> None:
        self._write = self._json if style == "json" else self._text
        self._stream = stream
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def write(self, call: Call, dialect: str, outcome: str, status: int, seconds: float) -> None:
        """Note one answered request."""
        self._lines.append(self._write(call, dialect, outcome, status, round(seconds * 1000, 2)))
        if len(self._lines) >= _FLUSH_LINES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write the lines that wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if lines:
            stream = self._stream or sys.stderr
            with contextlib.suppress(OSError, ValueError):  # disk full, reader gone: lines are lost, answers are not
                stream.write("\n".join([*lines, ""]))
                stream.flush()

    @staticmethod
    def _text(call: Call, dialect: str, outcome: str, status: int, milliseconds: float) -> str:
        facts = f"request_id={call.request_id} dialect={dialect or None} operation={_plain(call.operation)}"
        result = f"outcome={outcome} status={status} number={call.number} duration_ms={milliseconds}"
        return f"{_now()} [info     ] request                        {facts} tenant={call.tenant} {result}"

    @staticmethod
    def _json(call: Call, dialect: str, outcome: str, status: int, milliseconds: float) -> str:
        facts = {
            "request_id": call.request_id,
            "tenant": call.tenant,
            "dialect": dialect or None,
            "operation": call.operation or None,
            "outcome": outcome,
            "status": status,
            "number": call.number,
            "duration_ms": milliseconds,
            "event": "request",
            "level": "info",
            "timestamp": _now(),
        }
        return json.dumps(facts)


def _plain(text: str) -> str:
    """A word of the client's choice on a line of text: quoted unless it is a plain name."""
    return text or "None" if text.isidentifier() or not text else json.dumps(text)
