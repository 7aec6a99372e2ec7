"""What a callback sends to a real receiver, when it is tried again, and what delays what."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from adapters.resurs.payments.model import DiffType
from gateway.config.yaml_file import Document
from gateway.core.work import WorkState
from gateway.server.wiring import Gateway
from tests.adapters.resurs.bank import DIGEST, LOGIN, NOON, P_1001, Bank, paid, payment
from tests.conftest import GatewayServer
from tests.outbound.receiver import Got, Receiver
from tests.until import until

DELAYS = [30, 45, 60, 90, 150, 240, 330, 510, 780, 1200, 1800, 2700, 3600, 5400, 9000, 14400, 18000, 28800, 43200]
"""Before attempts 2 to 20, in seconds, as the vendor's table has them."""


@dataclass
class Sent:
    """One row of the table: what was registered and simulated, how the receiver answers, and what it must get.

    wanted: method and path of each request.
    """

    event: str
    template: str
    params: tuple[str, ...]
    wanted: list[str]
    answers: tuple[int, ...] = ()
    result: str = "GET: status 200"
    state: WorkState = WorkState.DELIVERED


ROWS = [
    Sent(
        "TEST",
        "/x?par1={param1}&par2={param2}&par3={param3}&par4={param4}&par5={param5}&thisRandomValue=7",
        ("Alfa", "Bravo", "Charlie", "Delta", "Echo"),
        ["GET /x?par1=Alfa&par2=Bravo&par3=Charlie&par4=Delta&par5=Echo&thisRandomValue=7"],
    ),
    Sent("UNFREEZE", "/x?d={digest}&p={paymentId}", ("P-1001",), [f"GET /x?d={P_1001}&p=P-1001"]),
    Sent("AUTOMATIC_FRAUD_CONTROL", "/x?r={result}&p={paymentId}", ("P 1",), ["GET /x?r=&p=P%201"]),
    Sent("PASSWORD_EXPIRATION", "/x?i={identifier}", ("me",), ["GET /x?i=me"]),
    Sent("ANNULMENT", "/x", ("p",), ["GET /x"], (204,), "GET: status 204"),
    Sent("FINALIZATION", "/x", ("p",), ["GET /x"], (302,), "GET: status 302", WorkState.WAITING),
    Sent("FRAUD", "/x", ("p",), ["GET /x"], (410,), "GET: status 410", WorkState.WAITING),
    Sent("BOOKED", "/x?p={paymentId}", ("p",), ["POST /x?p=p"], (200,), "POST: status 200"),
    Sent("BOOKED", "/x", ("p",), ["POST /x", "GET /x"], (405, 204), "POST: status 405; GET: status 204"),
    Sent(
        "BOOKED",
        "/x",
        ("p",),
        ["POST /x", "GET /x"],
        (500, 301),
        "POST: status 500; GET: status 301",
        WorkState.WAITING,
    ),
    Sent("UPDATE", "/x", ("p",), ["POST /x"], (500,), "POST: status 500", WorkState.WAITING),
]


async def test_what_is_sent(bank: Bank, receiver: Receiver) -> None:
    for row in ROWS:
        methods = answering(receiver, row.answers)
        await bank.register(row.event, receiver.url + row.template, LOGIN + DIGEST)
        await bank.trigger(row.event, *row.params)
        item = await bank.attempted(1)
        assert (item.state, item.log[0].detail) == (row.state, row.result), row
        assert [f"{method} {got.path}" for method, got in zip(methods, receiver.got, strict=True)] == row.wanted, row
        for method, got in zip(methods, receiver.got, strict=True):
            check_headers(method, got)
        receiver.got.clear()


def answering(receiver: Receiver, statuses: Iterable[int]) -> list[str]:
    """Answers with these statuses in turn, then 200. Returns the methods of the requests, as they come."""
    methods: list[str] = []
    rest = list(statuses)

    async def answer(request: web.Request) -> web.Response:
        methods.append(request.method)
        return web.Response(status=rest.pop(0) if rest else 200, headers={"Location": "/elsewhere"})

    receiver.answers["/x"] = answer
    return methods


def check_headers(method: str, got: Got) -> None:
    headers = {name.lower(): value for name, value in got.headers}
    assert headers["authorization"] == "Basic " + base64.b64encode("shop:geheim-å".encode()).decode()
    assert headers["user-agent"] == "InvoiceGateway-Callback"
    assert headers.get("content-type") == ("application/json" if method == "POST" else None)
    assert bool(got.body) == (method == "POST")


async def test_a_callback_is_tried_again_until_it_is_delivered(bank: Bank, receiver: Receiver) -> None:
    receiver.status("/x", 500, 204)
    await bank.register("TEST", receiver.url + "/x")
    await bank.trigger("TEST")
    assert ((await bank.attempted(1)).due - NOON).total_seconds() == 30
    await bank.travel(29)
    assert len(receiver.got) == 1
    await bank.travel(1)
    (item,) = await bank.ended(1)
    assert (item.state, item.attempts) == (WorkState.DELIVERED, 2)
    await bank.travel(90 * 86400)
    assert len(receiver.got) == 2


async def test_the_retry_table_is_the_vendors_and_ends(bank: Bank, receiver: Receiver) -> None:
    receiver.status("/x", *[500] * 30)
    await bank.register("TEST", receiver.url + "/x")
    await bank.trigger("TEST")
    for attempts, delay in enumerate(DELAYS, 1):
        item = await bank.attempted(attempts)
        assert (item.due - item.log[-1].at).total_seconds() == delay
        await bank.travel(delay)
    (item,) = await bank.ended(1)
    assert (item.state, item.attempts) == (WorkState.UNDELIVERABLE, 20)
    assert item.log[-1].detail == "last attempt: GET: status 500"
    assert len(receiver.got) == 20


async def test_a_receiver_that_hangs_delays_no_other_receiver_and_no_other_account(
    bank: Bank, receiver: Receiver
) -> None:
    receiver.answers["/hangs"] = receiver.hang
    await bank.register("TEST", receiver.url + "/hangs")
    await bank.register("UNFREEZE", receiver.url.replace("127.0.0.1", "localhost") + "/other")
    await bank.register("TEST", receiver.url + "/fine", account="demo-no")
    for _ in range(3):
        await bank.trigger("TEST")
    await bank.trigger("UNFREEZE", "p")
    await bank.trigger("TEST", account="demo-no")
    await bank.ended(2)
    assert sorted(receiver.paths) == ["/fine", "/hangs", "/other"]
    receiver.release.set()
    await bank.ended(5)


FAULTS = [
    ("outbound_lost", 0, "failed", "POST: lost on the way, as a fault rule wants it"),
    ("outbound_answer_lost", 1, "failed", "POST: the answer was lost, as a fault rule wants it"),
    ("outbound_doubled", 2, "delivered", "POST: status 200"),
]
"""What goes wrong, how many requests the receiver gets, and what the attempt says."""


async def test_fault_rules_strike_callbacks(bank: Bank, receiver: Receiver) -> None:
    await bank.register("UPDATE", receiver.url + "/x")
    for count, (action, got, outcome, result) in enumerate(FAULTS, 1):
        receiver.got.clear()
        await bank.fault(action, operation="UPDATE", first=1)
        await bank.trigger("UPDATE", "p")
        item = await bank.attempted(1)
        assert (item.log[0].outcome, item.log[0].detail, len(receiver.got)) == (outcome, result, got)
        await bank.travel(30)
        await bank.ended(count)


async def test_a_late_callback_delays_no_number(bank: Bank, receiver: Receiver) -> None:
    await bank.fault("latency", at="outbound", seconds=60)
    await bank.ask("setInvoiceSequence", "<nextInvoiceNumber>1</nextInvoiceNumber>")
    await bank.register("UPDATE", receiver.url + "/x")
    await bank.book(payment("p"))
    await bank.add("p", paid(100, DiffType.DEBIT), draw=True)
    assert (await bank.next_number(), receiver.got) == (2, [])
    (item,) = await bank.items()

    async def under_way() -> bool:
        shown: bool = json.loads(await bank.admin_text(f"/v1/tenants/demo/due-work/{item.id}"))["under_way"]
        return shown

    await until(under_way)
    assert (await bank.next_number(), receiver.got) == (2, [])
    bank.gateway.outbound._drain_seconds = 0  # the end of the gateway need not wait for it


async def test_a_callback_survives_the_end_of_the_process(bank: Bank, receiver: Receiver, aiohttp_client: Any) -> None:
    """The process ends between the event and its callback, and takes nothing more to do before it ends."""
    await bank.ask("setInvoiceSequence", "<nextInvoiceNumber>445</nextInvoiceNumber>")
    await bank.register("UPDATE", f"{receiver.url}/x?p={{paymentId}}&d={{digest}}", DIGEST)
    await bank.book(payment("P-1001"))
    former = bank.gateway
    await former.outbound.close()
    await bank.add("P-1001", paid(100, DiffType.DEBIT), draw=True)
    await former.__aexit__(None, None, None)
    assert receiver.got == []
    async with Gateway(former.config, Document("restarted", {})) as gateway:
        again = replace(bank, client=await aiohttp_client(GatewayServer(gateway)))
        (item,) = await again.ended(1)
        assert (item.state, receiver.paths) == (WorkState.DELIVERED, [f"/x?p=P-1001&d={P_1001}"])
        assert json.loads(receiver.got[0].body)["paymentDiff"]["invoiceId"] == "445"
        assert await again.next_number() == 446
