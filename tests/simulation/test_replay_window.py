"""The replay window: a repeated changing request gets the first answer again for as long as the window is open."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import SecretStr

from gateway.core.values import TenantId
from gateway.journal.models import Filter
from gateway.simulation.fault_models import FaultRule
from gateway.simulation.replay_window import MAX_KEPT, ReplayWindows
from gateway.spi.adapter import Call, Reply
from gateway.spi.trace import Step, Trace
from gateway.spi.watch import Watch
from gateway.spi.wire_fault import WireFault, WireFaultKind
from tests.conftest import MakeGateway, base_url, only
from tests.simulation.raw import DEMO, PEEK, Rig, set_to

CREATE = "<sequence><serie>2027</serie>{}</sequence>".format(
    "".join(f"<current_{kind}_number>0</current_{kind}_number>" for kind in ("invoice", "credit_note", "debit_note"))
)


async def create(client: TestClient, body: str = CREATE) -> tuple[int, str]:
    headers = {"Content-Type": "application/xml; charset=utf-8"}
    url = f"{base_url(client)}/sequences.xml?api_key=demo-key"
    async with client.session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def invoicexpress(make_gateway: MakeGateway) -> Rig:
    return Rig(await make_gateway(only("invoicexpress")))


async def test_without_a_window_a_repeated_request_is_a_second_request(make_gateway: MakeGateway) -> None:
    rig = await invoicexpress(make_gateway)
    assert rig.gateway.watch.replays is None
    assert (await create(rig.client))[0] == 201
    assert (await create(rig.client))[0] == 422


async def test_a_repeated_request_gets_the_first_answer_and_changes_nothing(make_gateway: MakeGateway) -> None:
    rig = await invoicexpress(make_gateway)
    rig.gateway.replays.set_window(DEMO, 30)
    first = await create(rig.client)
    assert await create(rig.client) == first
    assert (await create(rig.client, CREATE + "\n"))[0] == 422  # with one byte more it is another request
    assert rig.gateway.journal is not None
    entries = (await rig.gateway.journal.find(Filter(tenant="demo"))).entries
    assert [bool(entry.replay_of) for entry in entries] == [False, True, False]
    assert entries[1].replay_of == entries[0].request_id
    assert (entries[1].operation, entries[1].commands) == (entries[0].operation, ())


async def test_a_changed_credential_closes_the_answers_that_the_old_one_got(make_gateway: MakeGateway) -> None:
    rig = await invoicexpress(make_gateway)
    directory = rig.gateway.directory
    tenant = directory.get(DEMO)
    window = tenant.section.model_copy(update={"replay_window_seconds": 30.0})
    directory.take(replace(tenant, section=window))
    assert (await create(rig.client))[0] == 201
    assert (await create(rig.client))[0] == 201
    binding = tenant.bindings["invoicexpress"].model_copy(update={"api_key": SecretStr("another")})
    directory.take(replace(tenant, section=window, bindings={**tenant.bindings, "invoicexpress": binding}))
    await directory.rebuild(["invoicexpress"])
    assert (await create(rig.client))[0] == 401


async def test_a_retry_after_a_lost_reply_gets_it(make_gateway: MakeGateway) -> None:
    rig = Rig(await make_gateway(only("resurs")))
    rig.gateway.replays.set_window(DEMO, 30)
    rig.gateway.faults.add(FaultRule.model_validate({"action": {"kind": "lost_reply"}, "nth": 1}))
    assert (await rig.send(set_to(444))).end == "reset"
    assert (await rig.send(set_to(444))).status == 200
    assert await rig.moves() == [444]
    assert (await rig.send(PEEK)).body == (await rig.send(PEEK)).body


async def test_reads_are_never_replayed(make_gateway: MakeGateway) -> None:
    rig = Rig(await make_gateway(only("resurs")))
    rig.gateway.replays.set_window(DEMO, 30)
    assert b"nextInvoiceNumber>" not in (await rig.send(PEEK)).body
    assert (await rig.send(set_to(444))).status == 200
    assert b"<nextInvoiceNumber>444<" in (await rig.send(PEEK)).body


async def test_a_refused_request_is_not_kept(make_gateway: MakeGateway) -> None:
    rig = Rig(await make_gateway(only("resurs")))
    rig.gateway.replays.set_window(DEMO, 30)
    await rig.send(set_to(444))
    assert (await rig.send(set_to(443))).status == 500
    assert (await rig.send(set_to(443))).status == 500
    assert rig.gateway.journal is not None
    entries = (await rig.gateway.journal.find(Filter(number=443))).entries
    assert [entry.replay_of for entry in entries] == ["", ""]


def call(number: int = 0, tenant: TenantId = DEMO, **headers: str) -> Call:
    made = Call("POST", "/p", "", CIMultiDictProxy(CIMultiDict(headers)), b"%d" % number, "http://h", f"r-{number}")
    made.tenant, made.trace = tenant, Trace()
    return made


class Work:
    """Work that changes the state, and counts how often it ran."""

    def __init__(self, committed: bool = True, reply: Reply | None = None) -> None:
        self.done = 0
        self.committed = committed
        self.reply = reply
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, windows: ReplayWindows, made: Call) -> Reply:
        async def proceed() -> Reply:
            await self.gate.wait()
            self.done += 1
            assert made.trace is not None
            made.trace.steps.append(Step(None, committed=self.committed))
            return self.reply or Reply(200, (), b"%d" % self.done)

        return await windows.answer(made, proceed)


async def test_the_window_closes() -> None:
    now = [100.0]
    windows = ReplayWindows(Watch(), {DEMO: 5.0}, lambda: now[0])
    work = Work()
    assert (await work.run(windows, call())).body == b"1"
    now[0] += 4.9
    assert (await work.run(windows, call())).body == b"1"
    now[0] += 0.2
    assert (await work.run(windows, call())).body == b"2"


async def test_identical_requests_at_the_same_time_are_carried_out_once() -> None:
    windows = ReplayWindows(Watch(), {DEMO: 5.0})
    work = Work()
    work.gate.clear()
    running = [asyncio.create_task(work.run(windows, call())) for _ in range(10)]
    await asyncio.sleep(0)
    work.gate.set()
    assert {reply.body for reply in await asyncio.gather(*running)} == {b"1"}
    assert work.done == 1


@pytest.mark.parametrize(
    ("work", "second"),
    [
        (Work(committed=False), call()),
        (Work(reply=Reply(0, wire=WireFault(WireFaultKind.RESET))), call()),
        (Work(), call(tenant=TenantId("no-window"))),
        (Work(), call(Authorization="Basic else")),
        (Work(), call(Host="another")),
    ],
)
async def test_what_is_carried_out_again(work: Work, second: Call) -> None:
    windows = ReplayWindows(Watch(), {DEMO: 5.0})
    await work.run(windows, call(tenant=second.tenant or DEMO))
    await work.run(windows, second)
    assert work.done == 2


async def test_work_that_fails_is_not_kept_and_holds_nobody_up() -> None:
    windows = ReplayWindows(Watch(), {DEMO: 5.0})

    async def fails() -> Reply:
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError):
        await windows.answer(call(), fails)
    assert (await Work().run(windows, call())).body == b"1"


async def test_what_is_kept_is_bounded_and_forgotten() -> None:
    watch = Watch()
    windows = ReplayWindows(watch, {DEMO: 5.0})
    work = Work()
    for number in range(MAX_KEPT + 50):
        await work.run(windows, call(number))
    assert len(windows._kept) <= MAX_KEPT
    last = call(MAX_KEPT + 49)
    await work.run(windows, last)
    assert last.trace is not None
    assert last.trace.replay_of
    windows.forget(DEMO)
    assert not windows._kept
    windows.set_window(DEMO, 0)
    assert not watch.active
    with pytest.raises(ValueError, match="negative"):
        windows.set_window(DEMO, -1)


async def test_the_configuration_opens_a_window(make_gateway: MakeGateway) -> None:
    tenant = {"id": "demo", "series": [{"key": "main"}]}
    for seconds in (0, 9):
        client = await make_gateway({**only("resurs"), "tenants": [{**tenant, "replay_window_seconds": seconds}]})
        gateway = Rig(client).gateway
        assert gateway.replays.window(DEMO) == seconds
        assert (gateway.watch.replays is not None) is bool(seconds)
