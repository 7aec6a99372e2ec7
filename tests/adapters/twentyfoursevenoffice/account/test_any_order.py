"""Any order of reservations, reads, saves and repeated saves, one by one and at once: a plain model of one line explains it.

No number is doubled or lost, and every hole has a reason.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, permutations
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.gaps import GapReason
from gateway.stores import open_store
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import Office, entry, opened, voucher
from tests.long_form import short_or_long

pytestmark = pytest.mark.long_form

NUMBERS = st.integers(0, 12)


@dataclass(frozen=True)
class Act:
    """What one call does.

    what: reserve, peek, or save.
    numbers: of the vouchers; 0 draws the next one.
    amount: in each voucher; two saves of equal numbers and amount are the same call.
    bad: one more voucher does not balance.
    """

    what: str
    numbers: tuple[int, ...] = ()
    amount: int = 1
    bad: bool = False


ACTS = st.one_of(
    st.just(Act("reserve")),
    st.just(Act("peek")),
    st.builds(
        Act,
        st.just("save"),
        st.lists(NUMBERS, min_size=1, max_size=3).map(tuple),
        st.integers(1, 2),
        st.sampled_from([False, False, False, True]),
    ),
)


@dataclass
class Line:
    """The model.

    free: numbers above 0 that nobody has are those not in here and from `upcoming` on.
    """

    upcoming: int = 1
    reserved: set[int] = field(default_factory=set)
    booked: set[int] = field(default_factory=set)
    calls: set[Act] = field(default_factory=set)

    def copy(self) -> Line:
        return Line(self.upcoming, set(self.reserved), set(self.booked), set(self.calls))

    def act(self, act: Act) -> object:
        """What the call answers."""
        if act.what == "peek":
            return self.upcoming
        if act.what == "reserve":
            self.reserved.add(self.upcoming)
            self.upcoming += 1
            return self.upcoming - 1
        return self._save(act)

    def _save(self, act: Act) -> str:
        chosen = [number for number in act.numbers if number]
        if len(set(chosen)) < len(chosen):
            return "DuplicateData"
        if act.bad:
            return "Exception"
        if act in self.calls:
            return "DataAlreadySaved"
        if self.booked & set(chosen):
            return "DuplicateData"
        self.calls.add(act)
        for number in chosen:
            self.booked.add(number)
            self.reserved.discard(number)
            self.upcoming = max(self.upcoming, number + 1)
        for _ in range(len(act.numbers) - len(chosen)):
            self.booked.add(self.upcoming)
            self.upcoming += 1
        return "Ok"


SETTINGS: Final[dict[str, Any]] = {"zero_transaction_no": "assign"}


class Clerk:
    """Carries acts out, in one office and in its twin that peeks."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.peeking = office.with_settings(entry_numbers="peek", **SETTINGS)

    async def act(self, act: Act) -> object:
        if act.what != "save":
            return await (self.office if act.what == "reserve" else self.peeking).number()
        vouchers = [voucher(number, amount=f"{act.amount}.00") for number in act.numbers]
        bad = [voucher(0, entry("1"))] if act.bad else []
        return (await self.office.save(*vouchers, *bad)).outcome


async def check_line(office: Office, line: Line) -> None:
    """What is kept, and what the ledger says."""
    kept = [each.number for each in await office.vouchers()]
    assert sorted(kept) == sorted(line.booked)
    if not await office.views():
        assert not line.booked
        assert not line.reserved
        return
    report = await office.gaps()
    holes = {number: gap.reason for gap in report.gaps for number in range(gap.first, gap.last + 1)}
    expected = set(range(1, line.upcoming)) - line.booked
    assert set(holes) == expected
    for number, reason in holes.items():
        assert reason is (GapReason.RESERVED if number in line.reserved else GapReason.SET)


@given(st.lists(ACTS, max_size=16))
@settings(max_examples=short_or_long(60, 3000))
def test_one_by_one(acts: list[Act]) -> None:
    async def run() -> None:
        clock = HandClock()
        office = await opened(MemoryStore(MemoryState(clock)), clock, **SETTINGS)
        clerk, line = Clerk(office), Line()
        for act in acts:
            assert await clerk.act(act) == line.act(act), act
        await check_line(office, line)

    asyncio.run(run())


WAVES = st.lists(st.lists(ACTS, min_size=1, max_size=3), min_size=1, max_size=4)


def explained(line: Line, wave: Sequence[Act], answers: Sequence[object]) -> list[Line]:
    """The states that some order of the wave leads to with these answers."""
    found: list[Line] = []
    for order in permutations(range(len(wave))):
        after = line.copy()
        if all(after.act(wave[at]) == answers[at] for at in order) and after not in found:
            found.append(after)
    return found


async def check_waves(clerks: Sequence[Clerk], waves: Sequence[Sequence[Act]]) -> None:
    """Carry each wave out at once, spread over the clerks."""
    states = [Line()]
    for wave in waves:
        spread = zip(cycle(clerks), wave, strict=False)
        answers = await asyncio.gather(*(clerk.act(act) for clerk, act in spread))
        states = [after for line in states for after in explained(line, wave, answers)]
        assert states, (wave, answers)
    kept = sorted(each.number for each in await clerks[0].office.vouchers())
    (line, *_) = [state for state in states if sorted(state.booked) == kept]
    await check_line(clerks[0].office, line)


@given(WAVES)
@settings(max_examples=short_or_long(12, 500))
def test_several_at_once(blank_store: Path, waves: list[list[Act]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "numbers.db"
            shutil.copy(blank_store, path)
            store = open_store(f"sqlite:///{path}")
            await store.start()
            try:
                await check_waves([Clerk(await opened(store, **SETTINGS))], waves)
            finally:
                await store.close()

    asyncio.run(run())
