"""Callbacks in a whole gateway: registered over the wire, sent to a real receiver, and seen on the admin port."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.resurs.payments.model import DiffType
from adapters.resurs.representative import read_data
from gateway.config.yaml_file import Document
from gateway.core.work import WorkState
from gateway.server.wiring import Gateway
from tests.adapters.resurs.bank import DEMO, NOON, Bank, paid, payment
from tests.adapters.resurs.shopflow.checkout import Shop
from tests.adapters.resurs.test_cases import TENANTS
from tests.conftest import GatewayServer, MakeGateway, only
from tests.outbound.receiver import Got, Receiver, receiving
from tests.until import until

DELAYS = [30, 45, 60, 90, 150, 240, 330, 510, 780, 1200, 1800, 2700, 3600, 5400, 9000, 14400, 18000, 28800, 43200]
"""Before attempts 2 to 20, in seconds, as the vendor's table has them."""
DIGEST = "<digestConfiguration>{}</digestConfiguration>".format(
    "<digestAlgorithm>SHA1</digestAlgorithm><digestParameters>paymentId</digestParameters><digestSalt>s3cret</digestSalt>"
)
LOGIN = "<basicAuthUserName>shop</basicAuthUserName><basicAuthPassword>geheim-å</basicAuthPassword>"
P_1001 = "14B8B0E22203E8D2A4F1DB120F29F5298B3C8CB4"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def made_bank(client: Any, aiohttp_client: Any) -> Bank:
    gateway = client.server.gateway
    await gateway.clock.freeze(DEMO, NOON)
    return Bank(client, await aiohttp_client(TestServer(gateway.admin_application())))


@pytest.fixture
async def bank(make_gateway: MakeGateway, aiohttp_client: Any) -> Bank:
    return await made_bank(await make_gateway({**only("resurs"), "tenants": TENANTS}), aiohttp_client)


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


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.event} {row.result}" for row in ROWS])
async def test_what_is_sent(bank: Bank, receiver: Receiver, row: Sent) -> None:
    methods: list[str] = []
    statuses = list(row.answers)

    async def answer(request: web.Request) -> web.Response:
        methods.append(request.method)
        return web.Response(status=statuses.pop(0) if statuses else 200, headers={"Location": "/elsewhere"})

    receiver.answers["/x"] = answer
    await bank.register(row.event, receiver.url + row.template, LOGIN + DIGEST)
    await bank.trigger(row.event, *row.params)
    item = await bank.attempted(1)
    assert (item.state, item.log[0].detail) == (row.state, row.result)
    assert [f"{method} {got.path}" for method, got in zip(methods, receiver.got, strict=True)] == row.wanted
    for method, got in zip(methods, receiver.got, strict=True):
        check_headers(method, got)


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


async def test_payments_call_back_in_the_order_of_their_events(bank: Bank, receiver: Receiver) -> None:
    """Numbers are given while the receiver fails and hangs, and none is given twice."""
    assert (await bank.ask("setInvoiceSequence", "<nextInvoiceNumber>445</nextInvoiceNumber>"))[0] == 200
    for event in ("BOOKED", "UPDATE", "ANNULMENT", "FINALIZATION"):
        await bank.register(event, f"{receiver.url}/{event}?p={{paymentId}}&d={{digest}}", DIGEST)
    receiver.status("/UPDATE", *[500] * 9)
    receiver.answers["/BOOKED"] = receiver.hang
    await bank.book(payment("P-1001"))
    await until(lambda: receiver.hung == 1)
    await bank.add("P-1001", paid(60, DiffType.DEBIT), draw=True)
    await bank.add("P-1001", paid(40, DiffType.DEBIT), draw=True, automatic=True)
    await bank.book(payment("P-2"))
    await bank.add("P-2", paid(40, DiffType.ANNUL))
    await bank.add("P-2", paid(60, DiffType.ANNUL))
    assert await bank.next_number() == 447
    assert len(receiver.got) == 1
    receiver.release.set()
    await until(lambda: len(receiver.got) == 8)
    update, own = f"/UPDATE?p=P-1001&d={P_1001}", receiver.paths[-1].partition("?")[2]
    assert receiver.paths == [
        f"/BOOKED?p=P-1001&d={P_1001}",
        update,
        f"/FINALIZATION?p=P-1001&d={P_1001}",
        update,
        f"/BOOKED?{own}",
        f"/UPDATE?{own}",
        f"/ANNULMENT?{own}",
        f"/UPDATE?{own}",
    ]
    diffs = [json.loads(got.body)["paymentDiff"] for got in receiver.got if got.path.startswith("/UPDATE")]
    said = [(diff["type"], diff["invoiceId"], diff["paymentSpecification"]["totalAmount"]) for diff in diffs]
    assert said == [("DEBIT", "445", 48), ("DEBIT", "446", 32), ("ANNUL", None, 32), ("ANNUL", None, 48)]
    assert await bank.next_number() == 447


AFTERWARDS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("additionalDebitOfPayment", {"paymentSpec": {"totalAmount": "95.00"}, "createdBy": "me"}, ["AUTHORIZE 95"]),
    ("addMetaData", {"key": "CustomerId", "value": "C-9"}, []),
    ("annulPayment", {"partPaymentSpec": {"totalAmount": "40.00"}}, ["ANNUL 40"]),
    ("finalizePayment", {"partPaymentSpec": {"totalAmount": "60.00"}, "orderId": "Ord-1"}, ["DEBIT 60"]),
    ("creditPayment", {"partPaymentSpec": {"totalAmount": "10.00"}}, ["CREDIT 10"]),
    ("annulPayment", {}, ["ANNUL 495"]),
]
"""Operations on a payment of 500, in turn, and the UPDATEs that each one gives."""


async def test_each_change_after_the_booking_gives_one_update(bank: Bank, receiver: Receiver) -> None:
    """Over the wire. FINALIZATION is not sent, because the shop finalizes; nor ANNULMENT, because a part was debited."""
    shop = Shop(bank.client)
    await shop.set_next(445)
    for event in ("UPDATE", "FINALIZATION", "ANNULMENT"):
        await bank.register(event, f"{receiver.url}/{event}/{{paymentId}}")
    assert (await shop.book(payment="p"))["bookPaymentStatus"] == "BOOKED"
    for operation, fields, _ in AFTERWARDS:
        assert (await shop.after(operation, paymentId="p", **fields)).status == 200, operation
    wanted = [update for *_, updates in AFTERWARDS for update in updates]
    await bank.ended(len(wanted))
    assert set(receiver.paths) == {"/UPDATE/p"}
    diffs = [json.loads(got.body)["paymentDiff"] for got in receiver.got]
    sums = [diff["paymentSpecification"] for diff in diffs]
    assert [
        f"{diff['type']} {own['totalAmount'] + own['totalVatAmount']:g}" for diff, own in zip(diffs, sums, strict=True)
    ] == wanted
    assert [diff["invoiceId"] for diff in diffs] == [None, None, "445", "446", None]
    assert (diffs[0]["createdBy"], diffs[2]["orderId"]) == ("me", "Ord-1")


async def test_a_payments_own_address_replaces_the_registered_one(bank: Bank, receiver: Receiver) -> None:
    other = receiver.url.replace("127.0.0.1", "localhost")
    await bank.book(payment("p-1", booked_callback_url=f"{receiver.url}/own?p={{paymentId}}&d={{digest}}"))
    await bank.ended(1)
    await bank.register("BOOKED", f"{receiver.url}/registered", LOGIN + DIGEST)
    await bank.book(payment("P-1001", booked_callback_url=f"{receiver.url}/own?d={{digest}}"))
    await bank.ended(2)
    await bank.book(payment("p-3", booked_callback_url=f"{other}/own"))
    await bank.ended(3)
    await bank.book(payment("p-4"))
    await bank.ended(4)
    assert receiver.paths == ["/own?p=p-1&d=", f"/own?d={P_1001}", "/own", "/registered"]
    logins = ["Authorization" in dict(got.headers) for got in receiver.got]
    assert logins == [False, True, False, True]  # never to another host


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://192.0.2.1/x", "192.0.2.1 is not on the list of allowed hosts"),
        ("http://169.254.169.254/latest", "169.254.169.254 is a link-local address"),
        ("http://127.0.0.1:7071/v1/tenants", "127.0.0.1:7071 is where this gateway is administered"),
        ("shop.example.com/x", "cannot be sent: it is no http or https address"),
        ("ftp://127.0.0.1/x", "cannot be sent: it is no http or https address"),
    ],
)
async def test_what_must_not_go_out_stays_with_its_reason(bank: Bank, address: str, reason: str) -> None:
    await bank.register("BOOKED", address)
    assert address in (await bank.ask("getRegisteredEventCallback", "<eventType>BOOKED</eventType>"))[1]
    await bank.book(payment("p"))
    (item,) = await bank.ended(1)
    assert (item.state, item.log[0].detail) == (WorkState.UNDELIVERABLE, reason)


async def test_what_was_unregistered_meanwhile_is_not_sent(bank: Bank, receiver: Receiver) -> None:
    receiver.status("/x", 500)
    await bank.register("UPDATE", receiver.url + "/x")
    await bank.trigger("UPDATE", "p")
    await bank.attempted(1)
    await bank.ask("unregisterEventCallback", "<eventType>UPDATE</eventType>")
    await bank.travel(30)
    (item,) = await bank.ended(1)
    assert item.log[-1].detail == "no callback of type UPDATE is registered any more"
    assert len(receiver.got) == 1


async def test_what_was_registered_anew_meanwhile_goes_to_the_new_address(bank: Bank, receiver: Receiver) -> None:
    receiver.status("/x", 500)
    await bank.register("UPDATE", receiver.url + "/x")
    await bank.book(payment("p"))
    await bank.add("p", paid(40, DiffType.ANNUL))
    await bank.add("p", paid(60, DiffType.ANNUL))
    await bank.ended(1)
    await bank.register("UPDATE", receiver.url + "/y")
    await bank.travel(30)
    await bank.ended(2)
    assert receiver.paths == ["/x", "/x", "/y"]
    totals = [json.loads(got.body)["paymentDiff"]["paymentSpecification"]["totalAmount"] for got in receiver.got]
    assert totals == [32, 48, 32]  # each UPDATE is about its own diff


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


@pytest.mark.parametrize(
    ("action", "got", "outcome", "result"),
    [
        ("outbound_lost", 0, "failed", "POST: lost on the way, as a fault rule wants it"),
        ("outbound_answer_lost", 1, "failed", "POST: the answer was lost, as a fault rule wants it"),
        ("outbound_doubled", 2, "delivered", "POST: status 200"),
    ],
)
async def test_fault_rules_strike_callbacks(
    bank: Bank, receiver: Receiver, action: str, got: int, outcome: str, result: str
) -> None:
    await bank.fault(action, operation="UPDATE", first=1)
    await bank.register("UPDATE", receiver.url + "/x")
    await bank.trigger("UPDATE", "p")
    item = await bank.attempted(1)
    assert (item.log[0].outcome, item.log[0].detail, len(receiver.got)) == (outcome, result, got)
    await bank.travel(30)
    await bank.ended(1)


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


async def test_people_see_callbacks_and_no_secret(
    bank: Bank, receiver: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.status("/x", 500)
    login = "<basicAuthUserName>shop</basicAuthUserName><basicAuthPassword>geheim-1</basicAuthPassword>"
    template = f"{receiver.url.replace('//', '//user:geheim-2@')}/x?p={{paymentId}}&d={{digest}}"
    await bank.register("UPDATE", template, login + DIGEST.replace("s3cret", "geheim-3"))
    assert "geheim-3" not in (await bank.ask("getRegisteredEventCallback", "<eventType>UPDATE</eventType>"))[1]
    await bank.book(payment("p"))
    await bank.add("p", paid(100, DiffType.ANNUL))
    await bank.attempted(1)
    await bank.travel(30)
    await bank.ended(1)
    asked = json.loads(await bank.admin_text("/v1/requests?finding=outbound&tenant=demo"))["entries"]
    assert [(one["operation"], one["request"]["method"], one["reply"]["status"]) for one in asked] == [
        ("UPDATE", "POST", 500),
        ("UPDATE", "POST", 200),
    ]
    assert {one["principal"] for one in asked} == {"automatic"}
    work = await bank.admin_text("/v1/tenants/demo/due-work?dialect=resurs&kind=callback")
    (item,) = json.loads(work)["items"]
    assert (item["state"], item["lane"]) == ("delivered", f"demo-se {receiver.url}")
    assert [one["outcome"] for one in item["log"]] == ["failed", "delivered"]
    figures = await bank.admin_text("/metrics")
    assert "invoice_gateway_due_work_delivered 1.0" in figures
    assert "invoice_gateway_outbound_answered 2.0" in figures
    ledger = await bank.admin_text("/v1/tenants/demo/ledger")
    journal = await bank.admin_text("/v1/requests?limit=100")
    shown = (work, journal, ledger, figures, *capfd.readouterr())
    assert "geheim" not in "".join(shown)
    assert "<digestSalt>[redacted]</digestSalt>" in journal
    basic = base64.b64encode(b"shop:geheim-1").decode()
    assert basic not in "".join(shown)
    assert {dict(got.headers)["Authorization"] for got in receiver.got} == {f"Basic {basic}"}


async def test_changes_at_the_same_time_lose_no_registration(bank: Bank) -> None:
    events = ("BOOKED", "UPDATE", "ANNULMENT", "UNFREEZE", "FINALIZATION", "TEST")
    await bank.register("FRAUD", "http://192.0.2.1/")
    await bank.ask("setInvoiceSequence", "<nextInvoiceNumber>1</nextInvoiceNumber>")
    await bank.book(payment("p", paid(1000)))

    async def unregister() -> None:
        assert (await bank.ask("unregisterEventCallback", "<eventType>FRAUD</eventType>"))[0] == 200

    await asyncio.gather(
        *(bank.register(event, f"http://192.0.2.1/{event}") for event in events),
        *(bank.add("p", paid(10, DiffType.DEBIT), draw=True) for _ in range(5)),
        unregister(),
    )
    await bank.register("TEST", "http://192.0.2.1/again")
    data = await read_data(bank.actor())
    assert (sorted(data.callbacks), data.documents) == (sorted(events), 5)
    assert (await read_data(bank.actor("demo-no"))).callbacks == {}


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
