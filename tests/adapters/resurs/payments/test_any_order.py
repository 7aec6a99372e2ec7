"""Any order of what clients do to payments, one by one and several at a time: some order of a plain model explains it.

Refused ones and those whose sums are wrong have drawn a number in their transaction; nothing of it may be left.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core import ledger
from gateway.stores import open_store
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.resurs.payments.model import LIMIT, Act, Model, Sums, explained, seen_of
from tests.adapters.resurs.payments.shop import DEMO, Shop, opened
from tests.long_form import short_or_long

pytestmark = pytest.mark.long_form

PAYMENTS = {"a": (60, "INVOICE"), "b": (40, "INVOICE"), "c": (40, "PARTPAYMENT")}
NAMES = st.sampled_from(["a", "a", "a", "b", "c", "unknown"])
AMOUNTS = st.sampled_from([None, None, 5, 10, 20, 40, 60, 61])
NUMBERS = st.sampled_from(["", "", "", "", "1", "2", "3", "4", "A", "A-2"])
ACTS = st.one_of(
    st.builds(Act, st.just("finalize"), NAMES, AMOUNTS, NUMBERS, st.just(False)),
    st.builds(Act, st.just("finalize"), NAMES, st.sampled_from([5, 10]), NUMBERS, st.just(True)),
    st.builds(Act, st.sampled_from(["credit", "credit", "annul"]), NAMES, AMOUNTS, NUMBERS).map(
        lambda act: Act(act.what, act.payment, act.amount, act.number if act.what == "credit" else "")
    ),
    st.builds(Act, st.just("more"), NAMES, st.sampled_from([10, 30, 51])),
    st.one_of(st.just(Act("clear")), st.builds(Act, st.just("set"), number=st.sampled_from(["1", "2", "5", "9"]))),
)


async def shop_with_payments(service: Any, clock: HandClock) -> tuple[Shop, Model]:
    shop = await opened(service, clock, stands=1)
    model = Model({})
    for name, (amount, method) in PAYMENTS.items():
        await shop.book(name, str(amount), method, limit=str(amount + LIMIT))
        model.payments[name] = Sums(method == "INVOICE", amount, amount + LIMIT)
    return shop, model


async def seen(shop: Shop) -> Any:
    return await shop.peek(), {name: (await shop.diffs(name))[1:] for name in PAYMENTS}


async def check_waves(writers: Sequence[Shop], model: Model, waves: Sequence[Sequence[Act]]) -> Model:
    """Send each wave at once, spread over the writers; the model afterwards."""
    for wave in waves:
        spread = zip(cycle(writers), wave, strict=False)
        answers = await asyncio.gather(*(shop.ask(*act.message()) for shop, act in spread))
        found = explained(model, wave, [answer.error for answer in answers], await seen(writers[0]))
        assert found is not None, (wave, [(answer.error, answer.text) for answer in answers], seen_of(model))
        model = found
    for name, payment in model.payments.items():
        shown = await writers[-1].payment(name)
        assert [own.text for own in shown.iterfind("status")] == payment.statuses
    return model


async def check_ledger(service: Any, model: Model) -> None:
    """Every number of the line is in the ledger once, whoever took it."""
    entries = [entry async for entry in service.ledger(DEMO)]
    assert not ledger.verify(entries)[1]
    taken = [entry.number for entry in entries if entry.operation in {"issue", "claim"}]
    assert len(taken) == len(set(taken))
    assert {str(number) for number in taken} == {number for number in model.used if number.isdigit()}


@given(st.lists(ACTS, max_size=14))
@settings(max_examples=short_or_long(60, 3000))
def test_one_by_one(acts: list[Act]) -> None:
    async def run() -> None:
        clock = HandClock()
        shop, model = await shop_with_payments(MemoryStore(MemoryState(clock)), clock)
        for act in acts:
            answer = await shop.ask(*act.message())
            assert answer.error == model.act(act), (act, answer.text)
        assert await seen(shop) == seen_of(model)

    asyncio.run(run())


WAVES = st.lists(st.lists(ACTS, min_size=1, max_size=3), min_size=1, max_size=5)


# the number of the one that comes second is refused, and the state of the payment must be named instead
@example([[Act("finalize", "a"), Act("finalize", "a", number="1")]])
@given(WAVES)
@settings(max_examples=short_or_long(12, 500))
def test_several_at_once(blank_store: Path, waves: list[list[Act]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "numbers.db"
            shutil.copy(blank_store, path)
            await run_on(f"sqlite:///{path}", waves)

    asyncio.run(run())


async def run_on(url: str, waves: Sequence[Sequence[Act]]) -> None:
    store = open_store(url)
    await store.start()
    try:
        shop, model = await shop_with_payments(store, HandClock())
        await check_ledger(store, await check_waves([shop], model, waves))
    finally:
        await store.close()
