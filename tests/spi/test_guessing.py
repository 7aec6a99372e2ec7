"""How long refusals of wrong credentials wait: by address and account, growing, bounded, and never while the server stops."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from gateway.spi import guessing
from gateway.spi.guessing import Guesses, GuessLimits


@dataclass
class Hand:
    """A clock that moves by hand, and waits that are only written down."""

    time: float = 1000.0
    waits: list[float] = field(default_factory=list)
    hold: asyncio.Event | None = None

    def now(self) -> float:
        return self.time

    async def wait(self, seconds: float, ended: asyncio.Event) -> None:
        self.waits.append(seconds)
        if self.hold is not None:
            await self.hold.wait()

    def guesses(self, **limits: float) -> Guesses:
        return Guesses(GuessLimits(**limits), self.now, self.wait)  # type: ignore[arg-type]


async def failed(guesses: Guesses, times: int, address: str = "192.0.2.1", account: str = "demo") -> None:
    for _ in range(times):
        await guesses.hold("resurs", address, account)


async def test_the_delay_grows_after_so_many_failures_in_a_minute() -> None:
    hand = Hand()
    guesses = hand.guesses()
    await failed(guesses, 20)
    assert hand.waits == []
    await failed(guesses, 8)
    assert hand.waits == [0.25, 0.5, 1, 2, 4, 8, 8, 8]
    hand.time += 59.9
    await failed(guesses, 1)
    assert hand.waits[8:] == [8]
    hand.time += 0.2
    await failed(guesses, 19)
    assert hand.waits[9:] == []


async def test_failures_that_are_spread_out_do_not_wait() -> None:
    hand = Hand()
    guesses = hand.guesses()
    for _ in range(200):
        await failed(guesses, 1)
        hand.time += 3.0
    assert hand.waits == []


PAIRS = [
    ("192.0.2.1", "other", 0),
    ("192.0.2.2", "demo", 0),
    ("192.0.2.1", "DEMO", 1),
    ("::ffff:192.0.2.1", "demo", 1),
    ("", "demo", 0),
]


@pytest.mark.parametrize(("address", "account", "waits"), PAIRS)
async def test_who_is_counted_together(address: str, account: str, waits: int) -> None:
    hand = Hand()
    guesses = hand.guesses()
    await failed(guesses, 20)
    await failed(guesses, 1, address, account)
    assert len(hand.waits) == waits


async def test_one_network_of_ipv6_is_one_address() -> None:
    hand = Hand()
    guesses = hand.guesses()
    for number in range(21):
        await guesses.hold("resurs", f"2001:db8::{number:x}", "demo")
    assert hand.waits == [0.25]
    await guesses.hold("resurs", "2001:db8:0:1::1", "demo")
    assert hand.waits == [0.25]


async def test_another_dialect_has_other_accounts() -> None:
    hand = Hand()
    guesses = hand.guesses()
    await failed(guesses, 20)
    await guesses.hold("qqsolutions", "192.0.2.1", "demo")
    assert hand.waits == []


async def test_it_can_be_switched_off() -> None:
    hand = Hand()
    guesses = hand.guesses(failures_per_minute=0)
    await failed(guesses, 100)
    assert hand.waits == []
    assert guesses.figures()["wrong_credentials"] == 100


async def test_only_so_many_wait_and_the_others_are_answered_at_once() -> None:
    hand = Hand(hold=asyncio.Event())
    guesses = hand.guesses(failures_per_minute=1, max_delayed=3)
    await failed(guesses, 1)
    waiting = [asyncio.create_task(failed(guesses, 1)) for _ in range(3)]
    await asyncio.wait(waiting, timeout=0)
    assert guesses.figures() == {
        "wrong_credentials": 4,
        "wrong_credentials_delayed": 3,
        "wrong_credentials_waiting": 3,
    }
    await failed(guesses, 5)  # it would never return if these waited, too
    assert hand.hold is not None
    hand.hold.set()
    await asyncio.gather(*waiting)
    assert guesses.figures()["wrong_credentials_waiting"] == 0
    await failed(guesses, 1)
    assert len(hand.waits) == 4


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "MOST_PAIRS", 10)
    hand = Hand()
    guesses = hand.guesses()
    await failed(guesses, 20, account="x" * 100_000)
    for number in range(9):
        await failed(guesses, 1, account=f"a{number}")
    await failed(guesses, 1, account="x" * 100_000)  # failed just now, so it is the last one to be forgotten
    assert hand.waits == [0.25]
    for number in range(10):
        await failed(guesses, 1, account=f"b{number}")
    await failed(guesses, 1, account="x" * 100_000)
    assert hand.waits == [0.25]


async def test_a_stop_ends_all_waiting() -> None:
    guesses = Guesses(GuessLimits(failures_per_minute=1, first_delay_seconds=3600, longest_delay_seconds=3600))
    await failed(guesses, 1)
    waiting = [asyncio.create_task(failed(guesses, 1)) for _ in range(5)]
    await asyncio.wait(waiting, timeout=0)
    assert guesses.figures()["wrong_credentials_waiting"] == 5
    guesses.end()
    await asyncio.gather(*waiting)
    await failed(guesses, 5)
