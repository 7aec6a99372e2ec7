"""What a registration decides at the moment of sending, and what people see of it."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from adapters.resurs.payments.model import DiffType
from adapters.resurs.representative import read_data
from gateway.core.work import WorkState
from tests.adapters.resurs.bank import DIGEST, Bank, paid, payment
from tests.outbound.receiver import Receiver

REFUSED = {
    "http://192.0.2.1/x": "192.0.2.1 is not on the list of allowed hosts",
    "http://169.254.169.254/latest": "169.254.169.254 is a link-local address",
    "http://127.0.0.1:7071/v1/tenants": "127.0.0.1:7071 is where this gateway is administered",
    "shop.example.com/x": "cannot be sent: it is no http or https address",
    "ftp://127.0.0.1/x": "cannot be sent: it is no http or https address",
}
"""Addresses that callbacks must not go to, and why."""


async def test_what_must_not_go_out_stays_with_its_reason(bank: Bank) -> None:
    for number, (address, reason) in enumerate(REFUSED.items()):
        await bank.register("BOOKED", address)
        assert address in (await bank.ask("getRegisteredEventCallback", "<eventType>BOOKED</eventType>"))[1]
        await bank.book(payment(f"p-{number}"))
        item = (await bank.ended(number + 1))[-1]
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
