"""Payments call back: in the order of their events, each change once."""

from __future__ import annotations

import json
from typing import Any

from adapters.resurs.payments.model import DiffType
from tests.adapters.resurs.bank import DIGEST, LOGIN, P_1001, Bank, paid, payment
from tests.adapters.resurs.shopflow.checkout import Shop
from tests.outbound.receiver import Receiver
from tests.until import until


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
