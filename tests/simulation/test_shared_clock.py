"""Clocks of tenants where several processes share the store: every process has the same, or says that it does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.simulation import clock as clock_module
from gateway.simulation.clock import BLIND_SECONDS, TenantClock
from gateway.simulation.production import ProductionTenants
from tests.simulation.test_clock import DEMO, NEW_YEAR, NOON, OTHER, Machine, Notes
from tests.until import until


class Slow(Notes):
    """Notes that let other tasks run between a question and its answer, as a database does. up: they can be read."""

    up = True

    async def noted(self, prefix: str) -> dict[str, str]:
        await asyncio.sleep(0)
        if not self.up:
            raise StoreUnavailableError("down")
        return await super().noted(prefix)

    async def renote(self, name: str, former: str | None, value: str | None) -> bool:
        await asyncio.sleep(0)
        return await super().renote(name, former, value)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass, which otherwise stand still."""
    passed = [1000.0]
    monkeypatch.setattr(clock_module, "steady_seconds", lambda: passed[0])
    monkeypatch.setattr(clock_module, "POLL_SECONDS", 0.001)

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    return let_pass


async def shared(notes: Notes, **more: object) -> TenantClock:
    clock = TenantClock(Machine(), ProductionTenants([OTHER]))
    await clock.load(notes, is_shared=True, **more)  # type: ignore[arg-type]
    return clock


@pytest.mark.usefixtures("steady")
async def test_journeys_of_two_processes_add_up() -> None:
    notes = Slow()
    one, other = await shared(notes), await shared(notes)
    await asyncio.gather(*(clock.travel(DEMO, by_seconds=60) for clock in (one, other) for _ in range(5)))
    for clock in (one, other):
        await clock.compare()
    assert one.now(DEMO) == other.now(DEMO) == NOON + timedelta(minutes=10)
    await one.freeze(DEMO)
    assert (await other.travel(DEMO, by_seconds=60)).mode == "frozen"
    assert other.now(DEMO) == NOON + timedelta(minutes=11)


@pytest.mark.usefixtures("steady")
async def test_a_moved_clock_is_followed() -> None:
    notes = Slow()
    one, other = await shared(notes), await shared(notes)
    following = asyncio.create_task(other.follow())
    await one.freeze(DEMO, NEW_YEAR)
    await until(lambda: other.now(DEMO) == NEW_YEAR)
    await one.resume(DEMO)
    await until(lambda: other.states() == [])
    assert notes == {}
    following.cancel()
    await asyncio.wait([following])


async def test_a_process_that_stood_still_does_not_know_the_time(steady: Callable[[float], None]) -> None:
    clock = await shared(Slow())
    steady(BLIND_SECONDS)
    assert clock.now(DEMO) == NOON
    steady(0.001)
    with pytest.raises(StoreUnavailableError, match="not compared") as caught:
        clock.now(DEMO)
    assert caught.value.committed is False
    assert clock.now(OTHER) == clock.now() == NOON, "nobody moves the clock of a production tenant, or of the machine"
    await clock.compare()
    assert clock.now(DEMO) == NOON


async def test_a_process_alone_on_its_store_knows_the_time(steady: Callable[[float], None]) -> None:
    clock = TenantClock(Machine())
    await clock.load(Notes())
    steady(10 * BLIND_SECONDS)
    assert clock.now(DEMO) == NOON


async def test_a_store_that_is_down_stops_only_the_clocks_of_its_own_tenants(steady: Callable[[float], None]) -> None:
    apart = DEMO + "-east"  # in another store
    notes = Slow()
    clock = await shared(notes, is_kept_apart=lambda tenant: tenant == apart)
    notes.up = False
    steady(2 * BLIND_SECONDS)
    for tenant in (DEMO, apart):  # the process has not even looked
        with pytest.raises(StoreUnavailableError):
            clock.now(tenant)  # type: ignore[arg-type]
    following = asyncio.create_task(clock.follow())

    def is_known() -> bool:
        try:
            return clock.now(apart) == NOON  # type: ignore[arg-type]
        except StoreUnavailableError:
            return False

    await until(is_known)
    with pytest.raises(StoreUnavailableError):
        clock.now(DEMO)
    following.cancel()
    await asyncio.wait([following])


async def test_what_an_earlier_version_kept_for_a_running_clock_is_understood() -> None:
    notes = Notes({"clock:demo": ""})
    clock = TenantClock(Machine())
    await clock.load(notes)
    assert clock.states() == []
    await clock.travel(DEMO, by_seconds=1)
    assert notes == {"clock:demo": '{"offset_seconds": 1.0}'}


class Unanswered(Notes):
    """Notes that are kept, but whose keeping is not confirmed."""

    async def renote(self, name: str, former: str | None, value: str | None) -> bool:
        await super().renote(name, former, value)
        raise StoreUnavailableError("no answer", committed=None)


@pytest.mark.usefixtures("steady")
async def test_a_change_of_unknown_outcome_is_looked_up_by_a_process_alone_on_its_store() -> None:
    clock = TenantClock(Machine())
    await clock.load(Unanswered())
    following = asyncio.create_task(clock.follow())
    with pytest.raises(StoreUnavailableError):
        await clock.freeze(DEMO, NEW_YEAR)
    await until(lambda: clock.now(DEMO) == NEW_YEAR, seconds=20)
    following.cancel()
    await asyncio.wait([following])
