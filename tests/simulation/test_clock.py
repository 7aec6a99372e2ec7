"""Each tenant's clock: frozen, travelling, running; it survives a restart, and a production tenant's clock cannot be moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from gateway.config.validated import plan
from gateway.core.values import TenantId
from gateway.server.wiring import Gateway
from gateway.simulation.clock import TenantClock
from gateway.simulation.production import ProductionTenantError, ProductionTenants
from gateway.tenants.store_init import begin
from tests.conftest import MakeGateway, base_url, example_config, only
from tests.cross_dialect.faces import Resurs

DEMO = TenantId("demo")
OTHER = TenantId("other")
NOON = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


class Machine:
    """A machine's clock that moves only by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self, tenant: TenantId | None = None) -> datetime:
        return self.time


class Notes(dict[str, str]):
    """The notes that a store keeps."""

    async def renote(self, name: str, former: str | None, value: str | None) -> bool:
        if self.get(name) != former:
            return False
        if value is None:
            self.pop(name, None)
        else:
            self[name] = value
        return True

    async def noted(self, prefix: str) -> dict[str, str]:
        return {name: value for name, value in self.items() if name.startswith(prefix)}


async def test_a_frozen_clock_stands_and_the_others_run_on() -> None:
    machine = Machine()
    clock = TenantClock(machine)
    await clock.freeze(DEMO, NEW_YEAR)
    machine.time += timedelta(hours=5)
    assert clock.now(DEMO) == NEW_YEAR
    assert clock.now(OTHER) == clock.now() == NOON + timedelta(hours=5)
    assert (clock.state(DEMO).mode, clock.state(DEMO).offset_seconds) == ("frozen", 7 * 3600)
    assert [state.tenant for state in clock.states()] == [DEMO]


async def test_freezing_without_a_moment_stops_the_clock_where_it_stands() -> None:
    machine = Machine()
    clock = TenantClock(machine)
    await clock.travel(DEMO, by_seconds=60)
    await clock.freeze(DEMO)
    machine.time += timedelta(hours=5)
    assert clock.now(DEMO) == NOON + timedelta(minutes=1)


async def test_a_travelled_clock_runs_on_from_there() -> None:
    machine = Machine()
    clock = TenantClock(machine)
    await clock.travel(DEMO, to=NEW_YEAR)
    machine.time += timedelta(seconds=1)
    assert clock.now(DEMO) == NEW_YEAR + timedelta(seconds=1)
    await clock.travel(DEMO, by_seconds=-1)
    assert clock.state(DEMO).now == NEW_YEAR
    assert clock.state(DEMO).mode == "travelling"


async def test_travelling_while_frozen_moves_the_frozen_moment() -> None:
    clock = TenantClock(Machine())
    await clock.freeze(DEMO, NOON)
    assert (await clock.travel(DEMO, by_seconds=86400)).now == NOON + timedelta(days=1)
    assert clock.state(DEMO).mode == "frozen"


async def test_resume_is_the_machines_time_again() -> None:
    machine = Machine()
    clock = TenantClock(machine)
    await clock.freeze(DEMO, NEW_YEAR)
    assert (await clock.resume(DEMO)).mode == "running"
    assert clock.now(DEMO) == machine.time
    assert clock.states() == []


async def test_moments_are_kept_in_utc() -> None:
    clock = TenantClock(Machine())
    state = await clock.freeze(DEMO, datetime(2027, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=1))))
    assert state.now == NEW_YEAR
    assert state.now.tzinfo is UTC


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"to": NOON, "by_seconds": 1.0},
        {"to": datetime(2027, 1, 1)},
        {"to": datetime(1969, 12, 31, tzinfo=UTC)},
        {"by_seconds": 1e30},
        {"by_seconds": 86400 * 366 * 7500.0},
    ],
)
async def test_what_is_no_journey(wrong: dict[str, Any]) -> None:
    clock = TenantClock(Machine())
    with pytest.raises(ValueError):
        await clock.travel(DEMO, **wrong)
    assert clock.state(DEMO).mode == "running"


async def test_a_production_tenants_clock_cannot_be_moved() -> None:
    clock = TenantClock(Machine(), ProductionTenants([DEMO]))
    with pytest.raises(ProductionTenantError, match="tenant demo is a production tenant"):
        await clock.freeze(DEMO)
    with pytest.raises(ProductionTenantError):
        await clock.travel(DEMO, by_seconds=1)
    assert clock.now(DEMO) == NOON
    await clock.freeze(OTHER)


@pytest.mark.parametrize("frozen", [True, False])
async def test_a_restart_changes_nothing(frozen: bool) -> None:
    machine, notes = Machine(), Notes()
    first = TenantClock(machine)
    await first.load(notes)
    await (first.freeze(DEMO, NEW_YEAR) if frozen else first.travel(DEMO, by_seconds=0.25))
    await first.freeze(OTHER)
    await first.resume(OTHER)
    machine.time += timedelta(days=3)
    second = TenantClock(machine)
    await second.load(notes)
    assert second.states() == first.states()
    assert second.now(DEMO) == (NEW_YEAR if frozen else machine.time + timedelta(seconds=0.25))


async def test_a_tenant_that_became_productive_runs_whatever_was_kept() -> None:
    notes = Notes()
    clock = TenantClock(Machine())
    await clock.load(notes)
    await clock.freeze(DEMO, NEW_YEAR)
    later = TenantClock(Machine(), ProductionTenants([DEMO]))
    await later.load(notes)
    assert later.now(DEMO) == NOON


async def test_the_ledger_is_stamped_with_the_tenants_time(make_gateway: MakeGateway) -> None:
    client = await make_gateway(only("resurs"))
    gateway: Gateway = client.server.gateway  # type: ignore[attr-defined]
    await gateway.clock.freeze(DEMO, NEW_YEAR)
    assert await Resurs(client.session, base_url(client)).set(444)
    entries = [entry async for entry in gateway.store.ledger(DEMO) if entry.operation == "set"]
    assert [datetime.fromisoformat(entry.at) for entry in entries] == [NEW_YEAR]


async def test_tokens_end_by_the_tenants_time(make_gateway: MakeGateway) -> None:
    client = await make_gateway(only("resurs"))
    gateway: Gateway = client.server.gateway  # type: ignore[attr-defined]
    await gateway.clock.freeze(DEMO, NOON)
    await gateway.store.put("access", "t0ken", DEMO, {"user": "demo"}, NOON + timedelta(hours=1))
    await gateway.clock.travel(DEMO, by_seconds=3599)
    assert await gateway.store.get("access", "t0ken") is not None
    await gateway.clock.travel(DEMO, by_seconds=1)
    assert await gateway.store.get("access", "t0ken") is None


async def test_a_gateway_that_restarts_keeps_the_frozen_clock(tmp_path: Path) -> None:
    config, document = example_config(tmp_path, only("resurs"))
    async with Gateway(config, document) as gateway:
        await gateway.clock.freeze(DEMO, NEW_YEAR)
    async with Gateway(config, document) as gateway:
        assert gateway.clock.now(DEMO) == NEW_YEAR
        await gateway.clock.resume(DEMO)
    async with Gateway(config, document) as gateway:
        assert gateway.clock.state(DEMO).mode == "running"


async def test_the_configuration_marks_production_tenants(tmp_path: Path) -> None:
    config, document = example_config(tmp_path, only("resurs"))
    tenant = config.tenants[0].model_copy(update={"production": True})
    config = config.model_copy(update={"tenants": [tenant]})
    await begin(plan(config, document))
    async with Gateway(config, document) as gateway:
        assert DEMO in gateway.production
        with pytest.raises(ProductionTenantError):
            await gateway.clock.freeze(DEMO)
