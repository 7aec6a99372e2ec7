"""Gives memory back to the system after large bodies: glibc keeps what was freed in pieces, often several times as much."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Final

LARGE_BYTES: Final = 1024 * 1024
_PAUSE_SECONDS: Final = 1.0


@lru_cache(maxsize=1)
def _trim() -> Callable[[int], object] | None:
    """glibc's malloc_trim; None where the C library has none."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None
    return trim


class Trimmer:
    """Gives memory back soon after a large body is done with, at most once a second, in a thread."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def freed(self, count: int) -> None:
        """So many bytes of one request are not needed any more."""
        if count >= LARGE_BYTES and self._timer is None and _trim() is not None:
            self._timer = asyncio.get_running_loop().call_later(_PAUSE_SECONDS, self._run)

    def _run(self) -> None:
        self._timer = None
        trim = _trim()
        if trim is not None:
            asyncio.get_running_loop().run_in_executor(None, trim, 0)
