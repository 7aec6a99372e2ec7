"""Whether a dialect shows or changes series that belong to another dialect (ADR-61)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from gateway.core.commands import Query, R, SeriesQuery
from gateway.testing.golden import GoldenCase
from gateway.testing.harness import Bench, check_sound
from gateway.testing.memory_store import MemoryState
from gateway.testing.response_checks import text_of

_CANARY: Final = "C4n4ry-Series"
"""In the name and the prefix of every series, so that an answer that shows one holds it."""
_STRANGER: Final = "elsewhere"
"""Who owns these series. A dialect may change those that it opens itself."""


async def shown_series_of_others(bench: Bench, cases: Iterable[GoldenCase]) -> list[str]:
    """Send every case while all series belong to another dialect: what is wrong with the answers, in words."""
    state = bench.store.state
    _give_away(state)
    asked = _overheard(bench)
    found: list[str] = []
    for case in cases:
        asked.clear()
        before = len(state.ledger())
        reply = await bench.run(bench.call(await bench.ready(case)))
        check_sound(reply, f"{case.name}, without a series of its own")
        if _CANARY in text_of(reply):
            found.append(f"{case.name}: shows a series that belongs to another dialect")
        if any(isinstance(query, SeriesQuery) and query.dialect is None for query in asked):
            found.append(f"{case.name}: asks for series without saying which dialect asks")
        if any(state.all_series[entry.chain.series].owner == _STRANGER for entry in state.ledger()[before:]):
            found.append(f"{case.name}: changes a series that belongs to another dialect")
    return found


def _overheard(bench: Bench) -> list[Query[Any]]:
    """The queries that the dialect asks from now on."""
    asked: list[Query[Any]] = []
    true_read = bench.store.read

    async def read(query: Query[R]) -> R:
        asked.append(query)
        return await true_read(query)

    bench.store.read = read  # type: ignore[method-assign]
    return asked


def _give_away(state: MemoryState) -> None:
    for series in list(state.all_series.values()):
        name = f"{_CANARY} {series.id}"
        state.all_series[series.id] = replace(series, name=name, prefix=_CANARY, is_default=False, owner=_STRANGER)
