"""Which transactions are known to be durable, so that an answer never shows a commit that a failover would take back (ADR-48).

A commit that waits for its standby is not visible yet. When that wait is cancelled, or its session or server ends, the commit
becomes visible on the primary alone; if the primary is then lost, the commit vanishes. So a reader must not believe what it
sees. It believes a commit that this process knows to be durable: its own commits that succeeded, and everything that had
ended before one of them was sent. For anything else the process makes a commit of its own first. That commit comes later in the
log, so its success makes everything that was visible before it durable, too.

PostgreSQL numbers the transactions that write. Each row shows the number of the transaction that wrote it (`xmin`), but only
the lower 32 bits of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ROW_BITS: Final = 2**32
MOST_KNOWN: Final = 4096
"""So many transactions are remembered beside the horizon. One that is forgotten costs a further commit, nothing else."""
_PERMANENT: Final = 2
"""Numbers up to this one stand for what was there from the beginning, or was frozen by an old server."""


class DurableTransactions:
    """What one process knows about the transactions of one timeline.

    horizon: every transaction with a lower number that was committed is durable.
    """

    def __init__(self) -> None:
        self.horizon = 0
        self._known: set[int] = set()

    def learn(self, horizon: int, transaction: int) -> None:
        """A commit has succeeded.

        horizon: when the commit was sent, each transaction with a lower number had ended.
        transaction: the number of the transaction itself.
        """
        if horizon > self.horizon:
            self.horizon = horizon
            self._known = {known for known in self._known if known >= horizon}
        self._add(transaction)

    def learn_rows(self, written_by: Iterable[int]) -> None:
        """Rows that were read before a commit was sent that has succeeded. written_by: their `xmin`."""
        for transaction in written_by:
            self._add(self._full(transaction))

    def covers_rows(self, written_by: Iterable[int]) -> bool:
        """True when everything that wrote these rows is durable. written_by: their `xmin`."""
        for transaction in written_by:
            if transaction > _PERMANENT:
                full = self._full(transaction)
                if full >= self.horizon and full not in self._known:
                    return False
        return True

    def covers_until(self, end: int) -> bool:
        """True when each transaction below `end` is durable, or was not committed."""
        if end - self.horizon > len(self._known):
            return False
        return all(transaction in self._known for transaction in range(self.horizon, end))

    def _add(self, transaction: int) -> None:
        if transaction < self.horizon:
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known.add(transaction)

    def _full(self, transaction: int) -> int:
        """The whole number of the transaction that a row names.

        The one nearest to the horizon is meant. A row that is older by two thousand million transactions looks new, and costs
        a commit.
        """
        ahead = (transaction - self.horizon) % ROW_BITS
        return self.horizon + (ahead if ahead < ROW_BITS // 2 else ahead - ROW_BITS)
