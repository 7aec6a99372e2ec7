"""When a store is behind the watermark: shorter, or other, and not begun anew on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.core.values import TenantId
from gateway.stores.engine.chain_ends import ChainEnd, Standing
from gateway.stores.engine.ledger_pages import LedgerPlace
from gateway.stores.watermark.comparison import Behind, Comparison, StoreBehindError, compare

A = TenantId("a")
EARLIER = {(1, "invoice", 5): "hash 5"}


def end(position: int, begun: int = 0, *, own_hash: str = "", number: int | None = 1) -> ChainEnd:
    return ChainEnd(A, 1, "main", "invoice", position, own_hash or f"hash {position}", number, begun)


def standing(*ends: ChainEnd, begun: int = 0) -> Standing:
    return Standing({(one.series, one.line): one for one in ends}, {A: begun} if begun else {})


async def of(known: Standing, found: Standing, earlier: dict[LedgerPlace, str] = EARLIER) -> Comparison:
    async def hashes_at(places: Sequence[LedgerPlace]) -> dict[LedgerPlace, str]:
        return {place: earlier[place] for place in places if place in earlier}

    return await compare(known, found, hashes_at)


FINE = {
    "nothing known": (standing(), standing(end(5))),
    "the same": (standing(end(5)), standing(end(5))),
    "further": (standing(end(5)), standing(end(9))),
    "the next number plays no part": (standing(end(5, number=500)), standing(end(5, number=None))),
    "begun anew since": (standing(end(5)), standing(end(1, 7), begun=7)),
    "gone on purpose": (standing(end(5)), standing(begun=7)),
    "begun anew twice": (standing(end(5, 7), begun=7), standing(end(1, 8), begun=8)),
    "gone, and known": (standing(begun=7), standing(begun=7)),
}
BEHIND = {
    "shorter": (standing(end(5)), standing(end(4))),
    "another entry": (standing(end(5)), standing(end(5, own_hash="other"))),
    "gone": (standing(end(5)), standing()),
    "further, on another way": (standing(end(6)), standing(end(9))),
    "before it was begun anew": (standing(end(1, 7), begun=7), standing(end(9))),
    "before it was begun anew again": (standing(end(1, 8), begun=8), standing(end(9, 7), begun=7)),
    "before it went on purpose": (standing(begun=7), standing(end(5))),
    "gone since it was begun anew": (standing(end(3, 7), begun=7), standing(begun=7)),
}


@pytest.mark.parametrize("case", FINE)
async def test_a_store_that_may_be_served(case: str) -> None:
    known, found = FINE[case]
    compared = await of(known, found)
    assert not compared.behind
    assert bool(compared.unknown) == (case in {"nothing known", "further", "begun anew since", "begun anew twice"})
    assert bool(compared.anew) == ("begun anew" in case or case == "gone on purpose")


@pytest.mark.parametrize("case", BEHIND)
async def test_a_store_that_is_behind(case: str) -> None:
    assert (await of(*BEHIND[case])).behind


async def test_the_text_names_chain_and_figures_and_the_ways_on() -> None:
    compared = await of(standing(end(5, number=10006)), standing(end(4, number=10005)))
    text = shown(compared.behind)
    assert "store 'default' (numbers.db) is older than the watermark /x.watermark.db" in text
    assert "tenant a, series main, invoice" in text
    assert "5 ledger entries (next number 10006)" in text
    assert "4 ledger entries (next number 10005)" in text
    assert "store restore`" in text
    assert "store restored`" in text
    assert "--accept-store" in text
    assert "--new-store" not in text
    many = shown([*compared.behind] * 50)
    assert "and 30 more" in many
    assert many.count("\n") < 30


async def test_the_text_says_how_a_store_begins_anew_when_nothing_of_it_is_left() -> None:
    compared = await of(standing(end(5, 7), begun=7), standing())
    assert len(compared.behind) == 1  # not once more for the tenant
    text = shown(compared.behind, is_missing=True)
    assert "store 'default' (numbers.db) is missing or empty, and known to the watermark /x.watermark.db" in text
    assert "--new-store" in text
    assert "delete the watermark with the store" in text


def shown(behind: Sequence[Behind], *, is_missing: bool = False) -> str:
    addresses = {"default": "numbers.db"}
    return str(StoreBehindError({"default": behind}, Path("/x.watermark.db"), addresses, is_missing=is_missing))
