"""Frozen payments: what the bank decides about them, when, and what is called back. The clock of the tenant travels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.core import ledger
from gateway.core.work import AUTOMATIC, WorkItem
from tests.adapters.resurs.bank import DEMO
from tests.adapters.resurs.shopflow.checkout import GOOD, Answer, Shop
from tests.outbound.receiver import Receiver, receiving
from tests.until import until

EVENTS = ("BOOKED", "AUTOMATIC_FRAUD_CONTROL", "UNFREEZE", "FINALIZATION", "ANNULMENT", "UPDATE")
THAWS, ANNULLED, STAYS = "198001010001", "197801069241", "198209123705"
FINALIZED = {"finalizeIfBooked": True}
NOT_WAITING = {"waitForFraudControl": False}


class Bank:
    """The gateway's side: callbacks of all events, due work, and the clock."""

    def __init__(self, shop: Shop, receiver: Receiver) -> None:
        self.shop, self.receiver, self.gateway = shop, receiver, shop.client.server.gateway

    async def register(self) -> None:
        for event in EVENTS:
            result = "/{result}" if event == "AUTOMATIC_FRAUD_CONTROL" else ""
            template = f"{self.receiver.url}/{event}/{{paymentId}}{result}"
            await self.shop.call(
                "ConfigurationService", "registerEventCallback", {"eventType": event, "uriTemplate": template}
            )

    async def travel(self, seconds: float) -> None:
        """Move the clock, and let everything happen that is due then."""
        await self.gateway.clock.travel(DEMO, by_seconds=seconds)
        await until(self._has_done_all)

    async def _has_done_all(self) -> bool:
        now = self.gateway.clock.now(DEMO)
        return not [item for item in await self.items() if item.ended is None and item.due <= now]

    async def items(self) -> list[WorkItem]:
        found: list[WorkItem] = await self.gateway.store.of(DEMO).work.page(DEMO)
        return found

    async def heard(self) -> list[str]:
        """The events that came, in their order."""
        await until(self._has_done_all)
        return [path[1:] for path in self.receiver.paths]

    async def shown(self, payment: str) -> Answer:
        return await self.shop.after("getPayment", paymentId=payment)


@pytest.fixture
async def bank(shop: Shop) -> AsyncIterator[Bank]:
    async with receiving() as receiver:
        made = Bank(shop, receiver)
        await made.register()
        await shop.set_next(445)
        yield made


def state(shown: Answer) -> tuple[str, list[str], list[str]]:
    return shown["frozen"], shown.texts["paymentDiffs/type"], shown.texts.get("status", [])


async def test_manual_control_thaws_and_annuls(bank: Bank) -> None:
    for name, person in (("thaws", THAWS), ("annulled", ANNULLED), ("stays", STAYS)):
        assert (await bank.shop.book(payment=name, person=person))["bookPaymentStatus"] == "FROZEN"
    await bank.travel(4)
    assert {(await bank.shown(name))["frozen"] for name in ("thaws", "annulled", "stays")} == {"true"}
    await bank.travel(1)
    assert state(await bank.shown("thaws")) == ("false", ["AUTHORIZE"], ["DEBITABLE"])
    assert state(await bank.shown("annulled")) == ("false", ["AUTHORIZE", "ANNUL"], ["IS_ANNULLED"])
    await bank.travel(1_000_000)
    assert state(await bank.shown("stays"))[0] == "true"
    assert sorted(await bank.heard()) == [
        *("ANNULMENT/annulled", "BOOKED/annulled", "BOOKED/stays", "BOOKED/thaws"),
        *("UNFREEZE/thaws", "UPDATE/annulled"),
    ]
    assert await bank.shop.next_number() == "445"


async def test_a_finalization_waits_for_the_thaw_and_draws_its_number_then(bank: Bank) -> None:
    assert (await bank.shop.book(payment="later", person=THAWS, data=FINALIZED))["bookPaymentStatus"] == "FROZEN"
    assert (await bank.shop.book(payment="now", data=FINALIZED))["bookPaymentStatus"] == "FINALIZED"
    assert await bank.shop.next_number() == "446"
    await bank.travel(5)
    later = await bank.shown("later")
    assert state(later) == ("false", ["AUTHORIZE", "DEBIT"], ["CREDITABLE", "IS_DEBITED"])
    assert (later["paymentDiffs/invoiceId"], later["finalized"]) == ("446", "2024-02-29T13:00:05+01:00")
    assert [event for event in await bank.heard() if event.endswith("later")] == [
        *("BOOKED/later", "UNFREEZE/later", "FINALIZATION/later", "UPDATE/later")
    ]
    entries = [entry async for entry in bank.gateway.store.ledger(DEMO)]
    assert not ledger.verify(entries)[1]
    assert [entry.principal for entry in entries if entry.number == 446] == [AUTOMATIC]


CONTROLS: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("good", {}, ["AUTHORIZE"], ["THAWED"]),
    ("good-finalized", {"data": FINALIZED}, ["AUTHORIZE", "DEBIT"], ["THAWED", "FINALIZATION", "UPDATE"]),
    ("stays", {"person": STAYS}, ["AUTHORIZE"], ["FROZEN"]),
    (
        "annul",
        {"person": STAYS, "data": {"annulIfFrozen": True}},
        ["AUTHORIZE", "ANNUL"],
        ["FROZEN", "ANNULMENT", "UPDATE"],
    ),
    ("thaws", {"person": THAWS}, ["AUTHORIZE"], ["FROZEN", "UNFREEZE"]),
    ("annulled", {"person": ANNULLED}, ["AUTHORIZE", "ANNUL"], ["FROZEN", "ANNULMENT", "UPDATE"]),
]
"""Payments that do not wait for the automatic control: the diffs at the end, and what is said after BOOKED."""


async def test_automatic_control_says_what_it_found(bank: Bank) -> None:
    for name, asked, _, _ in CONTROLS:
        data = {**NOT_WAITING, **asked.get("data", {})}
        answer = await bank.shop.book(payment=name, **{"person": GOOD, **asked, "data": data})
        assert answer["bookPaymentStatus"] == "FROZEN"
    await bank.travel(1)
    assert {(await bank.shown(name))["frozen"] for name, *_ in CONTROLS} == {"true"}
    await bank.travel(1)
    await bank.travel(5)
    heard = [event.split("/") for event in await bank.heard()]
    for name, _, diffs, said in CONTROLS:
        own = [event[-1] if event[0] == "AUTOMATIC_FRAUD_CONTROL" else event[0] for event in heard if event[1] == name]
        assert own == ["BOOKED", *said], name
        assert (await bank.shown(name)).texts["paymentDiffs/type"] == diffs
    assert await bank.shop.next_number() == "446"


async def test_a_freeze_that_annuls_at_once(bank: Bank) -> None:
    answer = await bank.shop.book(payment="p", person=THAWS, data={"annulIfFrozen": True, **FINALIZED})
    assert answer["bookPaymentStatus"] == "FROZEN"
    assert state(await bank.shown("p")) == ("false", ["AUTHORIZE", "ANNUL"], ["IS_ANNULLED"])
    assert await bank.heard() == ["BOOKED/p", "ANNULMENT/p", "UPDATE/p"]
    assert not [item for item in await bank.items() if item.kind == "manual_control"]


async def test_the_shop_may_be_faster_than_the_bank(bank: Bank) -> None:
    """A control that comes to a payment that was annulled, whole or in part, does what is left to do, or nothing."""
    for name in ("whole", "part"):
        await bank.shop.book(payment=name, person=THAWS, data=FINALIZED)
    await bank.shop.book(payment="denied-late", person=ANNULLED)
    await bank.shop.after("annulPayment", paymentId="whole")
    await bank.shop.after("annulPayment", paymentId="part", partPaymentSpec={"totalAmount": "100"})
    await bank.shop.after("annulPayment", paymentId="denied-late")
    await bank.travel(5)
    assert state(await bank.shown("whole"))[:2] == ("false", ["AUTHORIZE", "ANNUL"])
    assert state(await bank.shown("denied-late"))[:2] == ("false", ["AUTHORIZE", "ANNUL"])
    part = await bank.shown("part")
    assert state(part)[:2] == ("false", ["AUTHORIZE", "ANNUL", "DEBIT"])
    assert part.texts["paymentDiffs/paymentSpec/totalAmount"][-1] == "400.00000"
    assert await bank.shop.next_number() == "446"
    assert "UNFREEZE/whole" not in await bank.heard()


async def test_a_thaw_waits_until_its_number_is_free(bank: Bank) -> None:
    await bank.shop.book(payment="taken", data=FINALIZED, invoiceData={"invoiceId": "447"})
    await bank.shop.book(payment="next", data=FINALIZED)
    await bank.shop.book(payment="next-2", data=FINALIZED)
    assert await bank.shop.next_number() == "447"
    await bank.shop.book(payment="p", person=THAWS, data=FINALIZED)
    await bank.gateway.clock.travel(DEMO, by_seconds=5)

    async def has_failed() -> bool:
        return any(item.kind == "manual_control" and item.attempts >= 3 for item in await bank.items())

    await until(has_failed)
    assert state(await bank.shown("p"))[:2] == ("true", ["AUTHORIZE"]), "all or nothing"
    assert "UNFREEZE/p" not in [path[1:] for path in bank.receiver.paths]
    await bank.shop.set_next(500)
    await bank.travel(60)
    assert state(await bank.shown("p"))[:2] == ("false", ["AUTHORIZE", "DEBIT"])
    assert (await bank.shown("p"))["paymentDiffs/invoiceId"] == "500"


async def test_a_thaw_without_a_sequence_has_no_number(bank: Bank) -> None:
    await bank.shop.call("ConfigurationService", "setInvoiceSequence")
    await bank.shop.book(payment="p", person=THAWS, data=FINALIZED)
    await bank.travel(5)
    shown = await bank.shown("p")
    assert (state(shown)[1], shown["paymentDiffs/invoiceId"]) == (["AUTHORIZE", "DEBIT"], "-")
