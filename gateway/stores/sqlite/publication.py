"""Which commits memory shows. What was read from the file is answered only when memory shows all that the file had shown.

Memory takes a commit in a moment after the file has it (ADR-4). A client that saw a commit in a document must not be answered
from an older memory afterwards. So each commit writes its mark into the head of the file, and each read of the file reads the
mark in the same instant. A read waits only if its mark is newer than memory's, so it never waits for a commit that it has
not seen.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from gateway.core.ports import StoreUnavailableError
from gateway.stores.errors import StoreDamagedError, StoreOpenError
from gateway.stores.sqlite.trouble import StoreChangedError

log = structlog.get_logger("store")

MARKS: Final = 2**31
"""Marks begin anew at 0 after so many. SQLite keeps a mark as a number of 32 bits with a sign."""


def is_newer(mark: int, other: int) -> bool:
    """Whether a mark was written after another one. Right as long as fewer than half of all marks lie between them."""
    return 0 < (mark - other) % MARKS < MARKS // 2


class Publication:
    """Belongs to the event loop's thread.

    mark: of the last commit that memory shows; None when no read has to wait, because nothing is written here.
    trouble: why nothing may be answered now, for people; "" when all is well.
    is_final: the trouble stays until the process starts anew.
    attempt_ended: set when the present attempt to commit has ended, and memory shows what the file then has; None when there is
        no attempt.
    """

    def __init__(self, store: str) -> None:
        """store: its name, for people."""
        self.mark: int | None = None
        self.trouble = ""
        self.is_final = False
        self._store = store
        self.attempt_ended: asyncio.Event | None = None

    def check(self) -> None:
        """Raises StoreUnavailableError when nothing may be answered now."""
        if self.trouble:
            raise StoreUnavailableError(self.trouble, committed=False)

    def take(self, error: Exception | None) -> None:
        """Take note of what is wrong with the file; None when it was found in order.

        A file that was moved away may come back. A file that is damaged, or that another program has written to, is not
        trusted any more before the process starts anew.
        """
        if self.is_final or (error is not None and not isinstance(error, StoreOpenError)):
            return
        trouble = "" if error is None else str(error)
        if trouble and trouble != self.trouble:
            log.error("store: nothing is answered from now on", store=self._store, reason=trouble)
        elif self.trouble and not trouble:
            log.info("store: the file is as it was", store=self._store)
        self.trouble = trouble
        self.is_final = isinstance(error, StoreDamagedError | StoreChangedError)

    async def reached(self, mark: int) -> None:
        """Return when memory shows the commit with this mark, and all before it.

        Raises StoreUnavailableError when the commit is in doubt, and memory cannot be read again yet.
        """
        if self.trouble:
            self.check()
        if self._lacks(mark) and self.attempt_ended is not None:
            await self.attempt_ended.wait()
        if self._lacks(mark):
            raise StoreUnavailableError(f"store {self._store}: what was read is of a commit in doubt")

    def _lacks(self, mark: int) -> bool:
        return self.mark is not None and is_newer(mark, self.mark)
