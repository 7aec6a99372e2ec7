"""Reads a tenant's ledger page by page while the tenant is used: what changes between two pages, and what must not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeAlias

from gateway.admin.resources.series import find_series, views_of
from gateway.admin.routing import Ask
from gateway.core.gaps import GapFinder
from gateway.core.ledger import Entry
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import SERIES_CHAIN, SeriesId, SeriesView, TenantId
from gateway.stores.engine.ledger_pages import LEDGER_START, place_of

PAGE = 1000
_RACES: Final = 3
"""How often the ledger is walked when a snapshot is put back meanwhile."""

_State: TypeAlias = tuple[list[SeriesId], list[str]]


async def pages_of_ledger(ask: Ask, series: SeriesId | None, line: str | None) -> AsyncIterator[list[Entry]]:
    """Every entry of the tenant, of one series or line if given. Each page is of an instant of its own."""
    after = LEDGER_START
    while True:
        page = await ask.services.store.tenant_records.ledger_page(
            TenantId(ask.path["tenant"]), after, PAGE, series, line
        )
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = place_of(page[-1])


async def walk_for_gaps(ask: Ask, series: str | None, line: str | None) -> tuple[GapFinder, list[SeriesView]]:
    """Lines and ledger. The ledger may be newer than the lines, but it is not of two states, one of which was put back.

    series: the key or id of the only series that is wanted. Raises Problem, StoreUnavailableError.
    """
    for _ in range(_RACES):
        views = await _views(ask, series)
        before = await _state(ask, views)
        finder = GapFinder()
        async for page in pages_of_ledger(ask, None if series is None else views[0].series.id, line):
            for entry in page:
                finder.take(entry)
        if await _state(ask, await _views(ask, series)) == before:
            return finder, views
    raise StoreUnavailableError("the tenant's state was replaced while its ledger was read; ask again", committed=False)


async def _views(ask: Ask, series: str | None) -> list[SeriesView]:
    views = await views_of(ask)
    return views if series is None else [find_series(views, series)]


async def _state(ask: Ask, views: Sequence[SeriesView]) -> _State:
    """Something that differs after each replacement: new ids, or an entry in the own chain of every series (ADR-25)."""
    ids = [view.series.id for view in views]
    if not ids:
        return ids, []
    return ids, [page[-1].hash async for page in pages_of_ledger(ask, ids[0], SERIES_CHAIN)]
