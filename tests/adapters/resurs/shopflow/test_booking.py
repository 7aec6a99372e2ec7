"""What becomes of a booking, in a whole gateway: one gateway for many bookings, read back with getPayment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from tests.adapters.resurs.shopflow.checkout import ADDRESS, SIGNING, Answer, Shop, booking
from tests.adapters.resurs.test_cases import TENANTS
from tests.conftest import MakeGateway, only

NO, FI, DK = "demo-no", "demo-fi", "demo-dk"
CARD = {"cardNumber": "9000 0000 0002 5000"}
CELL = {"cellPhone": "0701122333"}


@dataclass
class Row:
    """One booking and what its answer must be: a status, or the id of an error and its field or fact in the fault string."""

    wanted: str
    asked: dict[str, Any] = field(default_factory=dict)
    account: str = "demo-se"


def refused(error: int, word: str, account: str = "demo-se", **asked: Any) -> Row:
    return Row(f"{error} {word}", asked, account)


def booked(status: str, account: str = "demo-se", **asked: Any) -> Row:
    return Row(status, asked, account)


ROWS = [
    # who buys (P-140, P-141, P-143)
    booked("BOOKED", person="8305147715"),
    booked("BOOKED", person="830514-7715"),
    booked("BOOKED", person="19830514+7715"),
    booked("BOOKED", person="199001012385"),
    refused(1, "Government", person="19831314-7715"),
    refused(1, "Government", person="198305147715 1"),
    refused(1, "Government", person="1983051477１5"),
    refused(1, "customer/governmentId", person="nil"),
    booked("BOOKED", kind="LEGAL", person="166997368573", method="INVOICE_COMPANY"),
    booked("BOOKED", kind="nil", person="166997368573", method="INVOICE_COMPANY"),
    booked("BOOKED", kind="nil", person="198305147715"),
    refused(1, "customer/type", kind="NATURAL", method="INVOICE_COMPANY"),
    booked("BOOKED", NO, person="01019012345"),
    booked("BOOKED", NO, person="010190-12345"),
    refused(1, "Government", NO, person="32019012345"),
    booked("BOOKED", NO, person="987 654 321", kind="LEGAL", method="CARD"),
    refused(1, "Government", NO, person="787654321", kind="LEGAL", method="CARD"),
    booked("BOOKED", FI, person="010190A123X"),
    refused(1, "Government", FI, person="010190A123G"),
    booked("BOOKED", FI, person="1234567-8", kind="LEGAL", method="CARD"),
    booked("BOOKED", DK, person="010190-1234"),
    booked("BOOKED", DK, person="whatever", kind="LEGAL", method="CARD"),
    refused(1, "Government", DK, person="310290", kind="NATURAL"),
    # outcomes (personas of P-143)
    booked("BOOKED", person="198801082382"),
    booked("DENIED", person="197211072793"),
    booked("DENIED", person="7211072793"),
    booked("DENIED", person="195004269741"),
    booked("DENIED", person="169468958195", kind="LEGAL", method="INVOICE_COMPANY"),
    booked("DENIED", person="162177385255", kind="LEGAL", method="INVOICE_COMPANY"),
    booked("FROZEN", person="162830419400", kind="LEGAL", method="INVOICE_COMPANY"),
    booked("FROZEN", person="198209123705"),
    booked("FROZEN", person="198101010000"),
    booked("DENIED", person="197211072793", customer={"deliveryAddress": ADDRESS}),
    booked("DENIED", person="197211072793", data={"waitForFraudControl": False}),
    booked("SIGNING", person="198209123705", customer={"deliveryAddress": ADDRESS}, signing=SIGNING),
    booked("BOOKED", person="188209123705"),
    # amounts (P-121, P-140)
    booked("BOOKED", amount="50000.00", vat="10000.00"),
    refused(1, "orderData/totalAmount", amount="50000.01", vat="10000.00"),
    booked("BOOKED", amount="5.00", vat="1.00"),
    refused(1, "unitAmountWithoutVat", amount="500.00", vat="120.00"),
    # cards (P-138)
    booked("BOOKED", method="CARD", card={"amount": "500.00"}),
    booked("BOOKED", method="CARD", card=CARD),
    booked("BOOKED", method="CARD", card=CARD, person="198209123705"),
    booked("BOOKED", method="CARD", card=CARD, data={"waitForFraudControl": False}),
    refused(1, "card/cardNumber", method="CARD", card={"cardNumber": "0000000000000000"}),
    refused(1, "card", method="CARD", card={**CARD, "amount": "500"}),
    refused(17, "card was refused", method="CARD", card={"cardNumber": "9999999999999999"}),
    # external providers (P-12, P-141, P-145)
    booked("FINALIZED", method="SWISH", person="nil", kind="nil", customer=CELL),
    booked("FINALIZED", method="SWISH", customer=CELL),
    refused(1, "customer/cellPhone", method="SWISH"),
    refused(1, "preferredId", method="SWISH", customer=CELL, payment="with blank"),
    booked("FROZEN", method="SWISH", person="198209123705", customer=CELL),
    # signing (P-137)
    booked("SIGNING", customer={"deliveryAddress": ADDRESS}, signing=SIGNING),
    booked("BOOKED", signing={**SIGNING, "forceSigning": False}),
    booked("SIGNING", signing={**SIGNING, "forceSigning": True}),
    refused(1, "signing", customer={"deliveryAddress": ADDRESS}),
    refused(1, "signing/successUrl", signing={**SIGNING, "successUrl": "http://shop.example/|"}),
    # invoices of methods that do not invoice (P-66)
    refused(28, "Invoice id", method="PARTPAYMENT", invoiceData={"invoiceId": "1"}),
    refused(1, "invoiceData", method="PARTPAYMENT", invoiceData={"invoiceDate": "2024-02-29"}),
    refused(1, "invoiceData", method="PARTPAYMENT", invoiceData={"invoiceDeliveryType": "NONE"}),
    booked("BOOKED", method="PARTPAYMENT", invoiceData={"invoiceId": "nil", "invoiceDate": "nil"}),
    booked("FINALIZED", method="PARTPAYMENT", data={"finalizeIfBooked": True}),
    # fraud control (P-134, P-135)
    booked("FROZEN", data={"waitForFraudControl": False}),
    booked("BOOKED", data={"waitForFraudControl": "nil", "annulIfFrozen": "nil", "finalizeIfBooked": "nil"}),
    booked("FROZEN", person="198209123705", data={"annulIfFrozen": True}),
]


async def test_each_booking_gets_its_answer(shop: Shop) -> None:
    await shop.set_next(445)
    wrong = []
    for place, row in enumerate(ROWS):
        asked = {"payment": f"P-{place}", **row.asked}
        answer = await replace(shop, username=row.account).book(**asked)
        status, _, word = row.wanted.partition(" ")
        error = int(status) if status.isdigit() else 0
        as_wanted = answer.error == error and (
            word in answer["faultstring"] if error else answer["bookPaymentStatus"] == status
        )
        there = (await replace(shop, username=row.account).after("getPayment", paymentId=asked["payment"])).error == 0
        if not as_wanted or there != (status in {"BOOKED", "FROZEN", "FINALIZED"}):
            wrong.append((row, answer, there))
    assert not wrong
    assert await shop.next_number() == "445", "nothing of this draws a number"


async def test_what_a_booking_leaves(shop: Shop) -> None:
    """getPayment shows what was booked: limit, metadata once for each key, addresses, who, and nothing else."""
    meta = [{"key": "CustomerId", "value": "-"}, {"key": "b"}, {"key": "CustomerId", "value": "C-9"}]
    await shop.book(payment="P-1", metaData=meta, signing=SIGNING, data={"preferredTransactionId": "T-1"})
    shown = await shop.after("getPayment", paymentId="P-1")
    assert shown.texts["metaData/key"] == ["CustomerId", "b"]
    assert shown.texts["metaData/value"] == ["C-9"]
    assert (shown["totalAmount"], shown["limit"]) == ("500.00000", "3500.00000")
    assert (shown["paymentDiffs/type"], shown["paymentDiffs/createdBy"]) == ("AUTHORIZE", "SHOP_FLOW")
    assert shown["paymentDiffs/transactionId"] == "-", "it counts with finalizeIfBooked only (P-139)"
    assert (shown["customer/governmentId"], shown["customer/phone"]) == ("8305147715", "+4670112233")
    assert (shown["frozen"], shown.texts["status"], shown["finalized"]) == ("false", ["DEBITABLE"], "-")
    assert shown["booked"] == "2024-02-29T13:00:00+01:00"


async def test_who_is_not_registered_is_echoed(shop: Shop) -> None:
    address = {key: value for key, value in ADDRESS.items() if key != "fullName"}
    names = {"firstName": "Åse", "lastName": "Ny", **address}
    delivery = {"fullName": "Grannen", **address}
    more = {"address": names, "phone": "08 - 1", **CELL, "deliveryAddress": delivery}
    assert (await shop.book(payment="P-1", person="19900101-2385", customer=more, signing=SIGNING))["signingUrl"] != ""
    answer = await shop.book(payment="P-2", person="19900101-2385", customer={**more, "deliveryAddress": None})
    assert answer["customer/governmentId"] == "19900101-2385"
    assert (answer["customer/phone"], answer["customer/address/firstName"]) == ("08 - 1", "Åse")
    shown = await shop.after("getPayment", paymentId="P-2")
    assert (shown["customer/governmentId"], shown["customer/address/fullName"]) == ("9001012385", "Åse Ny")


async def test_ids_that_nobody_prefers(shop: Shop) -> None:
    answers = [await shop.book(), await shop.book(), await shop.book(method="SWISH", customer=CELL)]
    ids = [answer["paymentId"] for answer in answers]
    assert len(set(ids)) == 3
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ids[0])
    assert re.fullmatch(r"[0-9a-f]{32}", ids[2]), "as long as Swish takes it (P-12)"
    assert [(await shop.after("getPayment", paymentId=own))["id"] for own in ids] == ids


def debit_of(shown: Answer, name: str) -> str:
    """A text of the last diff; every diff here has it or only the last one."""
    return shown.texts.get(f"paymentDiffs/{name}", ["-"])[-1]


async def test_a_finalized_booking_is_an_invoice(shop: Shop) -> None:
    await shop.set_next(445)
    invoice = {"invoiceId": "nil", "invoiceDate": "2026-12-24", "invoiceDeliveryType": "NONE"}
    data = {"preferredTransactionId": "T-1", "finalizeIfBooked": True}
    assert (await shop.book(payment="P-1", data=data, invoiceData=invoice))["bookPaymentStatus"] == "FINALIZED"
    shown = await shop.after("getPayment", paymentId="P-1")
    assert shown.texts["paymentDiffs/type"] == ["AUTHORIZE", "DEBIT"]
    assert shown.texts["paymentDiffs/paymentSpec/specLines/artNo"] == ["A", "A"], "the debit has the rows of the order"
    assert (debit_of(shown, "invoiceId"), debit_of(shown, "transactionId")) == ("445", "T-1")
    assert shown.texts["paymentDiffs/createdBy"] == ["SHOP_FLOW"]
    assert shown.texts["status"] == ["CREDITABLE", "IS_DEBITED"]
    assert (await shop.book(payment="P-2", data=data, invoiceData={"invoiceId": "446"}))[
        "bookPaymentStatus"
    ] == "FINALIZED"
    assert await shop.next_number() == "447", "an own number where the line stands moves it (P-63)"
    assert (await shop.book(payment="P-3", data=data, invoiceData={"invoiceId": "446"})).error == 29
    assert (await shop.after("getPayment", paymentId="P-3")).error == 8, "refused as a whole"
    assert await shop.next_number() == "447"


async def test_one_representative_does_not_see_the_other(shop: Shop) -> None:
    norwegian = replace(shop, username="demo-no")
    await shop.book(payment="P-1")
    assert (await norwegian.after("getPayment", paymentId="P-1")).error == 8
    assert (await norwegian.book(payment="P-1", person="01019012345"))["bookPaymentStatus"] == "BOOKED"
    await shop.book(payment="P-2", customer={"deliveryAddress": ADDRESS}, signing=SIGNING)
    assert (await norwegian.ask("bookSignedPayment", {"paymentId": "P-2"})).error == 8


async def test_a_store_id_where_it_is_served(make_gateway: MakeGateway) -> None:
    """The vendor's pages have storeId and deliveryDate, its contract has neither (P-09)."""
    changes = only("resurs")
    changes["dialects"]["resurs"] = {"settings": {"serve_store_id": True}}
    shop = Shop(await make_gateway({**changes, "tenants": TENANTS}))
    asked = {**booking(payment="P-1"), "storeId": "107"}
    asked["orderData"]["specLines"]["deliveryDate"] = "2026-12-24"
    assert (await shop.ask("bookPayment", asked))["bookPaymentStatus"] == "BOOKED"
    assert (await shop.after("getPayment", paymentId="P-1"))["storeId"] == "107"
