"""Many finalizations at once: the numbers have no hole and no twin, on every store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.resurs import turns
from adapters.resurs.payments import commit
from gateway.core import ledger
from gateway.core.gaps import find_gaps
from gateway.stores import open_store
from gateway.testing.memory_store import HandClock
from tests.adapters.resurs.payments.shop import DEMO, Shop, credit, finalize, opened

PAYMENTS = [f"p-{index}" for index in range(12)]
TRIES, CALLS = 10, 50


async def check_many_at_once(writers: Sequence[Shop]) -> None:
    """Each payment is finalized in two parts and credited, one payment by all writers; every second call is refused."""
    first, service = writers[0], cast("Any", writers[0].service)
    for name in PAYMENTS:
        await first.book(name, "30")
    await first.book("whole", "30")
    by_payment = [
        (writer, operation, content)
        for index, name in enumerate(PAYMENTS)
        for writer in (writers[index % len(writers)],)
        for operation, content in (
            ("finalizePayment", finalize(name, "10")),
            ("finalizePayment", finalize(name, "20")),
            ("finalizePayment", finalize(name, "31")),
            ("creditPayment", credit(name, "5", f"{name}-CR")),
        )
    ]
    for_one = [(writer, "finalizePayment", finalize("whole")) for writer in (*writers, *writers, *writers)]
    answers = await asyncio.gather(*(shop.ask(*rest) for shop, *rest in (*by_payment, *for_one)))
    assert {answer.error for answer in answers} <= {0, 20, 23, 26}
    assert [answer.error for answer in answers[len(by_payment) :]].count(0) == 1, "one of them wins"

    shown = [diff for name in (*PAYMENTS, "whole") for diff in (await first.diffs(name))[1:]]
    numbers = sorted(int(number) for kind, _, number in shown if kind == "DEBIT")
    assert numbers == list(range(445, 445 + 2 * len(PAYMENTS) + 1))
    assert await first.peek() == numbers[-1] + 1
    entries = [entry async for entry in service.ledger(DEMO)]
    assert not ledger.verify(entries)[1]
    assert [report.gaps for report in await find_gaps(service.ledger(DEMO)) if report.gaps] == []


async def check_one_payment_by_many(shop: Shop) -> None:
    """However many change one payment at once, each of them has its turn, in the order in which they came."""
    await shop.book("busy", str(CALLS))
    calls = [shop.ask("finalizePayment", finalize("busy", "1")) for _ in range(CALLS)]
    assert {answer.error for answer in await asyncio.gather(*calls)} == {0}
    numbers = [int(number) for kind, _, number in await shop.diffs("busy") if kind == "DEBIT"]
    assert numbers == list(range(numbers[0], numbers[0] + CALLS))
    assert not turns._TURNS, "nothing is kept of payments that nobody changes"


async def test_many_at_once(tmp_path: Path, blank_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "_TRIES", TRIES)
    path = tmp_path / "numbers.db"
    path.write_bytes(blank_store.read_bytes())
    store: Any = open_store(f"sqlite:///{path}")
    await store.start()
    try:
        shop = await opened(store, HandClock())
        await check_many_at_once([shop])
        await check_one_payment_by_many(shop)
    finally:
        await store.close()
