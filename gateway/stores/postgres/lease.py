"""The lease: for how long the answers of a server are believed to come from the primary (ADR-28, ADR-29).

A primary that was frozen, or that lost its place without noticing, goes on answering reads with old state. It cannot commit
any more, because the standby that confirmed its commits is the primary now. So a commit proves that its server was the
primary when the commit was *sent*, and a lease of READ_SECONDS begins at that moment. An answer that arrives within the
lease is given at once. One that arrives later is given after a further commit, sent after the question, has proved it.

Writers give the lease its meaning. A gateway that connects to a primary of a new timeline acknowledges nothing for
WRITE_SECONDS. So nothing new exists anywhere before each lease on the former primary has ended. Then the gateway notes the
timeline in the database, and no gateway waits for it again.

This assumes that a standby takes over only if it has confirmed each acknowledged commit, and that it then begins a new
timeline, as PostgreSQL does; that the clocks of two gateways differ in speed by less than a quarter; and that they go on
while a process or its machine stands still. It assumes nothing about how soon a standby takes over, or how the former
primary is stopped.
"""

from __future__ import annotations

import math
from typing import Final

import structlog

from gateway.clock import steady_seconds
from gateway.stores.postgres.durability import DurableTransactions

log = structlog.get_logger("store")

READ_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 0.6
"""The next read renews a lease of this age; reads beside it need not wait for that."""
WRITE_SECONDS: Final = 1.25 * READ_SECONDS

now: Final = steady_seconds


class Lease:
    """What one store knows about its primary. All its connections share it.

    needed: False for a store that may read from any server.
    generation: changes whenever another server is believed; connections of an older generation must not be used any more.
    timeline: of the server that was the primary last; "" before the first proof.
    durable: which of its transactions a failover cannot take back.
    regressions: how often the database was found at an earlier state than one that was durable.
    """

    def __init__(self, *, needed: bool = True) -> None:
        self.generation = 0
        self.timeline = ""
        self.durable = DurableTransactions()
        self.regressions = 0
        self._highest = (0, -math.inf)
        self._needed = needed
        self._latest = -math.inf
        self._ended = -math.inf
        self._proved = -math.inf
        self._tried = -math.inf

    @property
    def is_needed(self) -> bool:
        """False for a store that may read from any server."""
        return self._needed

    def is_due(self) -> bool:
        """True when the caller has to make a commit before it gives its answer: the lease has ended, or is to be renewed."""
        if not self._needed:
            return False
        moment = now()
        if moment < self._proved + READ_SECONDS and moment < self._tried + RENEW_SECONDS:
            return False
        self._tried = moment
        return True

    def proved(
        self, timeline: str, sent: float, transactions: tuple[int, int] | None = None, *, at_once: bool = False
    ) -> bool:
        """A commit that was sent at `sent` has succeeded on a server of `timeline`.

        transactions: see `DurableTransactions.learn`; None when they are not known.
        at_once: the whole transaction was sent at `sent`, not its COMMIT alone.

        False when that server is a former primary: a commit that was sent later has succeeded on another timeline.
        """
        if timeline != self.timeline:
            if sent <= self._latest:
                return False
            self.generation += bool(self.timeline)
            self.timeline = timeline
            self.durable = DurableTransactions()  # the new primary uses numbers again that the former one has used last
        self._latest = max(self._latest, sent)
        if sent > self._ended:  # what was sent before the doubt says nothing about it
            self._proved = max(self._proved, sent)
            self._tried = max(self._tried, sent)
        if transactions is not None:
            self._look_back(sent if at_once else -math.inf, transactions[1])
            self.durable.learn(*transactions)
        return True

    def _look_back(self, began: float, transaction: int) -> None:
        """Count when the database has gone back: their numbers rise, and a commit that succeeded has used a higher one."""
        highest, known_since = self._highest
        if transaction > highest:
            self._highest = (transaction, now())
        elif began > known_since:
            self.regressions += 1
            self._highest = (transaction, now())
            log.error(
                "store: the database has gone back in time; numbers that were acknowledged may be given again",
                reason="it was restored, or a server took over that had not confirmed every commit",
            )

    def end(self) -> None:
        """End the lease, because of doubt: each read needs a commit of its own until one has succeeded that was sent later."""
        self._ended = now()
        self._proved = self._tried = -math.inf

    def give_up(self) -> None:
        """Give up the server, because it does not do what a primary does: no connection to it is used again."""
        self.generation += 1
        self.end()
