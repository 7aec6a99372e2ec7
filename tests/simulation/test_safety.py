"""Production tenants are spared, sessions expire for good, every refusal can be simulated, and no code runs without a rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.clock import SystemClock
from gateway.core.commands import GetSeries, SetNext, SetPolicy
from gateway.core.ports import StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesId, TenantId
from gateway.simulation.fault_engine import FaultEngine, UnknownDialectError
from gateway.simulation.fault_models import FaultRule
from gateway.simulation.fault_refusals import REFUSALS, refusal_named
from gateway.simulation.production import ProductionTenantError, ProductionTenants
from gateway.spi.adapter import Broken, Call, Failed, Reply
from gateway.spi.trace import Step, Trace
from gateway.spi.watch import Watch
from tests.conftest import MakeGateway, only
from tests.simulation.raw import PEEK, Rig, set_to

DEMO, PROD = TenantId("demo"), TenantId("prod")
LINE = CounterKey(SeriesId(3), INVOICE)
SET = SetNext(DEMO, LINE, 7, SetPolicy(), Origin("test", "t", "r"))


def call(tenant: TenantId | None = None, operation: str = "op") -> Call:
    made = Call("POST", "/p", "", CIMultiDictProxy(CIMultiDict()), b"", "http://h", "r-1")
    made.tenant, made.operation, made.dialect, made.trace = tenant, operation, "toy", Trace()
    return made


def engine(*production: TenantId, dialects: tuple[str, ...] = ()) -> FaultEngine:
    return FaultEngine(Watch(), SystemClock(), ProductionTenants(production), dialects)


def reset(**changes: Any) -> FaultRule:
    return FaultRule.model_validate({"action": {"kind": "reset"}, **changes})


def test_a_rule_for_a_production_tenant_is_refused() -> None:
    with pytest.raises(ProductionTenantError):
        engine(PROD).add(reset(tenant="prod"))


def test_a_rule_on_arrival_is_refused_while_there_is_a_production_tenant() -> None:
    with pytest.raises(ProductionTenantError, match="every tenant at once"):
        engine(PROD).add(reset(at="arrival"))
    engine().add(reset(at="arrival"))


@pytest.mark.parametrize(("tenant", "struck"), [(DEMO, True), (PROD, False), (None, False)])
async def test_a_rule_for_everybody_spares_production_tenants_and_the_unknown(
    tenant: TenantId | None, struck: bool
) -> None:
    faults = engine(PROD)
    faults.add(reset())
    if not struck:
        await faults.before(call(tenant), tenant, None)
        return
    with pytest.raises(Broken):
        await faults.before(call(tenant), tenant, None)


async def test_without_production_tenants_the_unknown_are_struck_too() -> None:
    faults = engine()
    faults.add(reset())
    with pytest.raises(Broken):
        await faults.before(call(), None, None)


def test_a_rule_for_a_dialect_that_is_not_served() -> None:
    with pytest.raises(UnknownDialectError, match="served: resurs"):
        engine(dialects=("resurs",)).add(reset(dialect="resus"))


@pytest.mark.parametrize(
    ("changes", "struck"),
    [
        ({"tenant": "demo"}, True),
        ({"tenant": "other"}, False),
        ({"dialect": "toy"}, True),
        ({"dialect": "else"}, False),
        ({"operation": "op"}, True),
        ({"operation": "Op"}, False),
        ({"tenant": "demo", "dialect": "toy", "operation": "op"}, True),
    ],
)
async def test_what_a_rule_is_about(changes: dict[str, str], struck: bool) -> None:
    faults = engine()
    added = faults.add(reset(**changes))
    try:
        await faults.before(call(DEMO), DEMO, SET)
    except Broken:
        assert struck
    after = faults.get(added.id)
    assert after is not None
    assert after.hits == after.calls == int(struck)


async def test_a_call_is_counted_once_however_often_it_uses_the_core() -> None:
    faults = engine()
    added = faults.add(reset(nth=2))
    one = call(DEMO)
    for _ in range(3):
        await faults.before(one, DEMO, SET)
    after = faults.get(added.id)
    assert after is not None
    assert after.calls == 1


async def test_a_store_fault_passes_over_calls_that_do_not_use_the_store() -> None:
    faults = engine()
    faults.add(FaultRule.model_validate({"action": {"kind": "store_gone"}}))
    await faults.before(call(DEMO), DEMO, None)
    with pytest.raises(StoreUnavailableError):
        await faults.before(call(DEMO), DEMO, SET)


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("command", [SET, GetSeries(DEMO, None), None, "token"])
async def test_every_refusal_can_be_made_up_for_any_call(name: str, command: Any) -> None:
    refusal = refusal_named(name, command, dt.date(2026, 1, 2))
    assert type(refusal).__name__ == name
    if command is SET and hasattr(refusal, "counter"):
        assert refusal.counter == LINE
    faults = engine()
    faults.add(FaultRule.model_validate({"action": {"kind": "refusal", "refusal": name}}))
    with pytest.raises(Refused):
        await faults.before(call(DEMO), DEMO, command)


@pytest.mark.parametrize("name", REFUSALS)
async def test_every_refusal_is_worded_by_a_dialect(make_gateway: MakeGateway, name: str) -> None:
    rig = Rig(await make_gateway(only("resurs")))
    rig.gateway.faults.add(FaultRule.model_validate({"action": {"kind": "refusal", "refusal": name}}))
    seen = await rig.send(set_to(444))
    assert (seen.status, b"ECommerceError" in seen.body) == (500, True)
    assert await rig.moves() == []


async def test_an_expired_session_is_gone_for_good() -> None:
    watch = Watch()
    faults = FaultEngine(watch, SystemClock())

    class Vault:
        def __init__(self) -> None:
            self.tokens = {"t": (DEMO, {"user": "u"})}

        async def put(self, *_: Any) -> None: ...

        async def prolong(self, *_: Any) -> None: ...

        async def replace(self, *_: Any) -> bool:
            return True

        async def get(self, kind: str, token: str) -> Any:
            return self.tokens.get(token)

        async def drop(self, kind: str, token: str) -> bool:
            return self.tokens.pop(token, None) is not None

    from gateway.spi.watch import CURRENT

    real = Vault()
    vault = watch.watched_vault(real)
    added = faults.add(FaultRule.model_validate({"action": {"kind": "expire_session"}, "tenant": "demo", "nth": 2}))
    found = []
    for _ in range(3):
        CURRENT.set(call())
        found.append(await vault.get("session", "t") is not None)
    assert found == [True, False, False]
    assert real.tokens == {}
    after = faults.get(added.id)
    assert after is not None
    assert (after.calls, after.hits) == (2, 1)


async def test_an_answer_that_made_no_use_of_the_core_can_be_struck(make_gateway: MakeGateway) -> None:
    rig = Rig(await make_gateway(only("resurs")))
    rig.gateway.faults.add(FaultRule.model_validate({"action": {"kind": "failure", "failure": "overloaded"}}))
    wsdl = b"GET /ecommerce-test/ws/V4/ConfigurationService?wsdl HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert (await rig.send(wsdl)).status == 500
    rig.gateway.faults.clear()
    assert (await rig.send(wsdl)).status == 200


async def test_without_a_rule_and_a_journal_nothing_is_watched(make_gateway: MakeGateway) -> None:
    rig = Rig(await make_gateway({**only("resurs"), "journal": {"mode": "off"}}))
    assert not rig.gateway.watch.active

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("nobody is to look on")

    for name in ("use", "before_use", "finished"):
        setattr(rig.gateway.watch, name, never)
    assert (await rig.send(PEEK)).status == 200
    assert (await rig.send(set_to(444))).status == 200
    rig.gateway.faults.add(reset(tenant="nobody"))
    assert (await rig.send(PEEK)).status == 500  # the control: now `use` is called


async def test_a_failed_call_reports_the_failure_it_carries() -> None:
    faults = engine()
    faults.add(FaultRule.model_validate({"action": {"kind": "failure", "failure": "deadline"}}))
    with pytest.raises(Failed, match="time limit"):
        await faults.before(call(DEMO), DEMO, SET)


async def test_the_tenant_of_a_command_is_known_even_when_the_call_does_not_say() -> None:
    faults = engine()
    faults.add(FaultRule.model_validate({"action": {"kind": "lost_reply"}, "tenant": "demo"}))
    one = call()
    assert one.trace is not None
    one.trace.steps.append(Step(SET, committed=True))
    struck = await faults.answered(one, Reply(200))
    assert isinstance(struck, Reply)
    assert struck.wire is not None
