"""The ledger in pages, in the order of chains and of the entries of each.

A page begins behind a place and not at a count, so each costs the same, however far into the ledger it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Final, TypeAlias

from gateway.core.ledger import Entry
from gateway.stores.engine import tables
from gateway.stores.engine.statements import OF_SERIES

PAGE: Final = 1000
"""How many entries a store reads at once."""

LedgerPlace: TypeAlias = tuple[int, str, int]
"""Series, line and index of an entry."""
LEDGER_START: Final[LedgerPlace] = (0, "", 0)

OF_TENANT: Final = "tenant = {}"
OF_TENANTS_SERIES: Final = OF_SERIES
"""The same entries as OF_TENANT, found by the index: for one page out of a large store."""
OF_ONE_SERIES: Final = "series = {}"
OF_LINE: Final = "line = {}"

_FROM: Final = f'SELECT {tables.listed(tables.ledger)} FROM ledger WHERE (series, line, "index") > ({{}}, {{}}, {{}})'
_ORDER: Final = 'ORDER BY series, line, "index" LIMIT {}'


def page_select(after: LedgerPlace, limit: int, conditions: Iterable[tuple[str, object]]) -> tuple[str, list[Any]]:
    """The SELECT of the next entries behind a place, and its values; `{}` stands for each.

    conditions: each with its value; one whose value is None is left out.
    """
    wanted = [(condition, value) for condition, value in conditions if value is not None]
    text = " AND ".join([_FROM, *(condition for condition, _ in wanted)])
    return f"{text} {_ORDER}", [*after, *(value for _, value in wanted), limit]


def place_of(entry: Entry) -> LedgerPlace:
    """Where an entry is."""
    return entry.chain.series, entry.chain.line, entry.index


async def all_entries(read_page: Callable[[LedgerPlace, int], Awaitable[list[Entry]]]) -> AsyncIterator[Entry]:
    """Every entry, page by page. read_page: reads so many entries behind a place."""
    place = LEDGER_START
    while True:
        page = await read_page(place, PAGE)
        for entry in page:
            yield entry
        if len(page) < PAGE:
            return
        place = place_of(page[-1])
