"""The right to read: for how long what a server says is certainly not the past.

A primary that was frozen, or lost its place unnoticed, goes on answering reads with what was. It cannot commit any more,
because the standby that confirmed its commits leads now. So a commit proves that its server was the primary when the commit
was *sent*, and a lease of READ_SECONDS begins there. An answer that arrives within the lease is told at once; one that
arrives later is told after a further commit, sent after the question, has proved it.

Writers give the lease its meaning: whoever connects to a primary of a new timeline acknowledges nothing for WRITE_SECONDS,
so nothing new exists anywhere before each lease on the former primary has ended. When that was done the timeline is noted
in the database, and nobody waits for it again.

Taken for granted: a standby takes over only if it has confirmed each acknowledged commit, and begins a new timeline (as
PostgreSQL does); the clocks of two gateways do not differ in speed by a quarter; they go on while a process, or its machine,
stands still. Nothing is assumed about how soon somebody takes over, or how the former primary is stopped.
"""

from __future__ import annotations

import math
import time
from typing import Final

READ_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 0.6
"""A lease so old is renewed by the next read; others need not wait for that."""
WRITE_SECONDS: Final = 1.25 * READ_SECONDS

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the machine sleeps where there is such a clock."""
    return time.clock_gettime(_CLOCK)


class Lease:
    """What one store knows about its primary. All its connections share it.

    generation: counts the changes of mind; a connection of an older one must not be used any more. timeline: of the server
    that was the primary last, empty before the first proof. needed: False for a store that may read from anywhere.
    """

    def __init__(self, *, needed: bool = True) -> None:
        self.generation = 0
        self.timeline = ""
        self._needed = needed
        self._latest = -math.inf
        self._proved = -math.inf
        self._tried = -math.inf

    def is_due(self) -> bool:
        """True when the caller has to make a commit before it tells what it read: the lease has ended, or is to be renewed."""
        if not self._needed:
            return False
        moment = now()
        if moment < self._proved + READ_SECONDS and moment < self._tried + RENEW_SECONDS:
            return False
        self._tried = moment
        return True

    def proved(self, timeline: str, sent: float) -> bool:
        """A commit that was sent at `sent` has succeeded on a server of `timeline`.

        False when that server is a former primary by now: a later commit has succeeded on another timeline.
        """
        if timeline != self.timeline:
            if sent <= self._latest:
                return False
            self.generation += bool(self.timeline)
            self.timeline = timeline
        self._latest = max(self._latest, sent)
        self._proved = max(self._proved, sent)
        self._tried = max(self._tried, sent)
        return True

    def end(self) -> None:
        """Something is doubtful: each read needs a commit of its own until one has succeeded."""
        self._proved = self._tried = -math.inf

    def give_up(self) -> None:
        """The server does not do what a primary does: none of the connections to it is used again."""
        self.generation += 1
        self.end()
