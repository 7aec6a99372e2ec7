"""Which commits memory shows. What was read from the file is answered only when memory shows all that the file had shown.

Memory takes a commit in a moment after the file has it (ADR-4). A client that saw a commit in a document must not be answered
from an older memory afterwards. So each commit writes its mark into the head of the file, and each read of the file reads the
mark in the same instant. A read waits only if its mark is newer than memory's, so it never waits for a commit that it has
not seen.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

from gateway.core.ports import StoreUnavailableError

_MARKS: Final = 2**31
"""Marks begin anew at 0 after so many. SQLite keeps a mark as a number of 32 bits with a sign."""


def mark_after(mark: int) -> int:
    """The mark of the commit that follows."""
    return (mark + 1) % _MARKS


def is_newer(mark: int, other: int) -> bool:
    """Whether a mark was written after another one. Right as long as fewer than half of all marks lie between them."""
    return 0 < (mark - other) % _MARKS < _MARKS // 2


class Publication:
    """Belongs to the event loop's thread.

    mark: of the last commit that memory shows; None when no read has to wait, because nothing is written here.
    """

    def __init__(self, store: str) -> None:
        """store: its name, for people."""
        self.mark: int | None = None
        self._store = store
        self._attempt_ended: asyncio.Event | None = None

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """Around one try to commit, and to take into memory what the file then has."""
        ended = self._attempt_ended = asyncio.Event()
        try:
            yield
        finally:
            self._attempt_ended = None
            ended.set()

    async def reached(self, mark: int) -> None:
        """Return when memory shows the commit with this mark, and all before it.

        Raises StoreUnavailableError when the commit is in doubt, and memory cannot be read again yet.
        """
        if self._lacks(mark) and self._attempt_ended is not None:
            await self._attempt_ended.wait()
        if self._lacks(mark):
            raise StoreUnavailableError(f"store {self._store}: what was read is of a commit in doubt")

    def _lacks(self, mark: int) -> bool:
        return self.mark is not None and is_newer(mark, self.mark)
