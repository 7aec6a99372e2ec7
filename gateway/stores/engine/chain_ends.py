"""The ends of a store's ledger chains, and since when each tenant's chains are what they are (ADR-54).

A chain only grows, unless the tenant's state is replaced, moved or deleted. Such a change writes a note into `meta` in its own
transaction: the tenant was begun anew, on purpose, at this moment. An older copy of the store cannot have that note. So
a comparison of chains can distinguish a tenant that was begun anew from a store that has lost entries.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from gateway.core.values import TenantId
from gateway.stores.engine import statements
from gateway.stores.engine.statements import Row, Statement

BEGUN: Final = "begun-anew:"
"""Before a tenant's id: the name in `meta` of when its chains were last replaced on purpose."""

Begun: TypeAlias = Mapping[TenantId, int]
"""For each tenant that was ever begun anew, when that was: nanoseconds since 1970 by the clock of the one who did it, and
always more than before.
"""
Written: TypeAlias = Mapping[Statement, Sequence[Row]]
"""The rows that a group has written."""

ENDS: Final = (
    "SELECT c.tenant, c.series, c.key, c.line, "
    '(SELECT l."index" FROM ledger l WHERE l.series = c.series AND l.line = c.line ORDER BY l."index" DESC LIMIT 1), '
    '(SELECT l.hash FROM ledger l WHERE l.series = c.series AND l.line = c.line ORDER BY l."index" DESC LIMIT 1), '
    "c.next_number FROM ("
    "SELECT s.tenant, s.id AS series, s.key, n.line, n.next_number FROM series s JOIN counters n ON n.series = s.id "
    "UNION ALL SELECT tenant, id, key, {}, NULL FROM series) c"
)
"""The end of each chain, found by two looks into the index for each and not by reading the ledger."""
BEGINNINGS: Final = "SELECT name, value FROM meta WHERE substr(name, 1, {}) = {}"


class ChainEnd(NamedTuple):
    """The end of one chain.

    key: of the series.
    line: its name; `series` for the chain of the series itself.
    position: how many entries the chain has.
    hash: of the last one.
    next_number: of the line; None when it is unset, and for the chain of a series.
    begun: when the tenant was last begun anew (see `Begun`); 0 for never.
    """

    tenant: TenantId
    series: int
    key: str
    line: str
    position: int
    hash: str
    next_number: int | None
    begun: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a store has, as of one instant.

    ends: of each chain, by series and line.
    begun: of each tenant that was ever begun anew; it may have no chain.
    """

    ends: Mapping[tuple[int, str], ChainEnd] = field(default_factory=dict)
    begun: Begun = field(default_factory=dict)


class CommitWatch(Protocol):
    """Gets to know what this process has made durable. Belongs to the event loop's thread.

    entries: ledger rows that are durable, with `begun` as in `note`; a store adds to the list what no `note` is needed for.
    """

    entries: list[tuple[Sequence[Row], Begun]]

    def note(self, written: Written, begun: Begun) -> bool:
        """A group is durable. True when the waiters must get their results only after `settle`.

        begun: as the group's transaction saw it when it began.
        """
        ...

    async def settle(self) -> None:
        """Return when all that was noted is written, or cannot be written now."""
        ...


def standing_of(ends: Sequence[Sequence[Any]], notes: Sequence[Sequence[Any]]) -> Standing:
    """What rows of ENDS and of BEGINNINGS mean."""
    begun = begun_of(notes)
    found = (ChainEnd._make((*row, begun.get(row[0], 0))) for row in ends if row[4] is not None)
    return Standing({(end.series, end.line): end for end in found}, begun)


def begun_of(notes: Sequence[Sequence[Any]]) -> dict[TenantId, int]:
    """What notes of tenants that were begun anew mean; other notes are left out."""
    return {TenantId(row[0].removeprefix(BEGUN)): int(row[1]) for row in notes if row[0].startswith(BEGUN)}


def now_begun(former: int) -> int:
    """The moment for a tenant that is begun anew now, after `former`."""
    return max(time.time_ns(), former + 1)


def replaced_tenants(written: Written) -> list[TenantId]:
    """The tenants whose chains a group has replaced, or taken away."""
    return [row[0] for row in written.get(statements.CLEAR_LEDGER, ())]
