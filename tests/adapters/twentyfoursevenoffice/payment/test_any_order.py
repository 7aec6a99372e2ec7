"""Any order of invoices and payments: a plain model says who fails, what is paid, and what the books show."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.catalogue import Customer, Product
from gateway.stores import open_store
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import opened
from tests.adapters.twentyfoursevenoffice.payment.till import check, check_many_at_once, invoice, paid, pay, payments
from tests.long_form import short_or_long

ITEMS = (Customer(1, "Kunde"), Product(1, "Vare"))
AMOUNTS = st.integers(-60, 60).filter(bool)
CALLS = st.lists(
    st.one_of(
        st.lists(st.integers(-50, 50), min_size=1, max_size=2),
        st.lists(st.tuples(st.integers(1, 4), AMOUNTS), min_size=1, max_size=4),
    ),
    max_size=8,
)


class Model:
    """What the till has seen."""

    def __init__(self, refuses: bool) -> None:
        self.refuses, self.totals, self.sums = refuses, list[int](), list[int]()
        self.since: dict[int, str] = {}

    def invoice(self, totals: list[int]) -> None:
        self.totals += totals
        self.sums += [0] * len(totals)

    def pay(self, payments: list[tuple[int, int]], day: str) -> list[tuple[int, int]]:
        """Those that fail."""
        return [each for each in payments if not self._pay(*each, day)]

    def _pay(self, number: int, amount: int, day: str) -> bool:
        if number > len(self.totals):
            return False
        total, before = self.totals[number - 1], self.sums[number - 1]
        sign = 1 if total >= 0 else -1
        after = before + amount
        if self.refuses and amount * sign > 0 and after * sign > total * sign:
            return False
        self.sums[number - 1] = after
        if after * sign < total * sign:
            self.since.pop(number, None)
        elif number not in self.since or before * sign < total * sign:
            self.since[number] = day
        return True


@given(calls=CALLS, refuses=st.booleans())
@settings(max_examples=short_or_long(20, 600))
def test_any_order(calls: list[list[object]], refuses: bool) -> None:
    async def run() -> None:
        clock = HandClock()
        till = await opened(
            MemoryStore(MemoryState(clock)), clock, ITEMS, overpayment="refuse" if refuses else "accept"
        )
        model = Model(refuses)
        for at, call in enumerate(calls):
            if isinstance(call[0], int):
                totals = [each for each in call if isinstance(each, int)]
                await invoice(till, *totals)
                model.invoice(totals)
            else:
                asked = [each for each in call if isinstance(each, tuple)]
                day = f"2024-04-{at + 1:02}T00:00:00"
                assert await pay(till, *asked, day=day) == model.pay(asked, day)
        assert await paid(till) == model.since
        kept = await payments(till)
        sums = [sum(each.amount for each in kept if each.invoice == at) for at in range(1, len(model.totals) + 1)]
        assert sums == model.sums
        await check(till, model.totals)

    asyncio.run(run())


@pytest.mark.parametrize("place", ["memory", "sqlite"])
async def test_many_at_once(place: str, tmp_path: Path, blank_store: Path) -> None:
    clock = HandClock()
    if place == "memory":
        await check_many_at_once([await opened(MemoryStore(MemoryState(clock)), clock, ITEMS, overpayment="refuse")])
        return
    shutil.copy(blank_store, tmp_path / "gateway.db")
    store = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", clock=clock)
    await store.start()
    try:
        await check_many_at_once([await opened(store, clock, ITEMS, overpayment="refuse")])
    finally:
        await store.close()
