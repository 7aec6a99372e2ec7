"""Every error that these operations can answer, with the words of its fault. Source: P-80 to P-90."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.resurs.texts import USER_TEXTS
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.resurs.payments.shop import opened, part, row
from tests.adapters.resurs.payments.story import USED, WHOLE, Ask, adds, annuls, debits, refunds

NO_INVOICE = {"method": "PARTPAYMENT"}
WRONG_SUM: Ask = ("finalizePayment", f"<paymentId>p</paymentId>{part('30', (row('77'),), '15.4')}", 1)

FAULTS: list[tuple[list[Ask], dict[str, Any], dict[str, Any], tuple[str, str, str]]] = [
    (
        [annuls("gone", error=8)],
        {},
        {},
        (
            "REFERENCED_DATA_DONT_EXISTS",
            "This order group do not exists",
            "Efterfrågad order/betalning (gone) kan inte hittas i databasen.",
        ),
    ),
    (
        [debits("p", error=25)],
        {"frozen": True},
        {},
        ("NOT_ALLOWED_IN_CURRENT_STATE", "Payment is frozen", "Betalningen är fryst och kan inte debiteras."),
    ),
    (
        [refunds("p", error=20)],
        {},
        {},
        (
            "NOT_ALLOWED_IN_PAYMENT_STATE",
            "Operation not allowed in payment state",
            "Åtgärden är inte tillåten i betalningens nuvarande läge.",
        ),
    ),
    (
        [debits("p", "31", error=26)],
        {},
        {},
        (
            "INVALID_FINALIZATION",
            "Amount exceeds what can be finalized",
            "Beloppet är högre än vad som kan debiteras.",
        ),
    ),
    (
        [WHOLE, refunds("p", "31", error=23)],
        {},
        {},
        ("INVALID_CREDITING", "Amount exceeds what can be credited", "Beloppet är högre än vad som kan krediteras."),
    ),
    (
        [annuls("p", "31", error=36)],
        {},
        {},
        ("ANNUL_FAILED", "Amount exceeds what can be annulled", "Beloppet är högre än vad som kan annulleras."),
    ),
    (
        [adds("p", "4000", error=10)],
        {},
        {},
        ("CREDITAPPLICATION_FAILED", "Amount exceeds the limit", "Beloppet ryms inte inom krediten."),
    ),
    (
        [USED, debits("p", number="445", error=29)],
        {},
        {},
        ("ALREADY_EXISTS_INVOICE_ID", "Invoice id already exists", "Fakturanummer 445 finns redan."),
    ),
    (
        [debits("q", number="A 1"), debits("p", number="A 1", error=29)],
        {},
        {},
        ("ALREADY_EXISTS_INVOICE_ID", "Invoice id already exists", "Fakturanummer A 1 finns redan."),
    ),
    (
        [debits("p", number="7", error=28)],
        NO_INVOICE,
        {},
        (
            "NOT_ALLOWED_INVOICE_ID",
            "Invoice id not allowed for this payment method",
            "Fakturanummer får inte anges för betalsättet.",
        ),
    ),
    (
        [debits("p", invoiceDate="2026-11-30", error=1)],
        NO_INVOICE,
        {},
        ("ILLEGAL_ARGUMENT", "Invalid value: invoiceDate", "Uppgiften invoiceDate är felaktig."),
    ),
    (
        [WRONG_SUM],
        {},
        {},
        ("ILLEGAL_ARGUMENT", "Invalid value: totalAmount", "Uppgiften totalAmount är felaktig."),
    ),
    (
        [annuls("p", error=4)],
        {"method": "SWISH"},
        {},
        (
            "NOT_ALLOWED",
            "Operation not allowed for this payment method",
            "Åtgärden är inte tillåten för betalsättet.",
        ),
    ),
    (
        [("setInvoiceSequence", "", 0), debits("p", error=22)],
        {},
        {"without_sequence": "refuse"},
        ("SERVICE_CONFIGURATION_EXCEPTION", "No invoice sequence is set", "Åtgärden kan inte utföras"),
    ),
    (
        [debits("p", number="7", error=28)],
        {},
        {"refuse_own_number": True},
        (
            "NOT_ALLOWED_INVOICE_ID",
            "Invoice id not allowed for this payment method",
            "Fakturanummer får inte anges för betalsättet.",
        ),
    ),
]


@pytest.mark.parametrize(
    ("asks", "booked", "settings", "words"), FAULTS, ids=[f"{asks[-1][2]}-{words[1]}" for asks, _, _, words in FAULTS]
)
async def test_a_fault_has_its_words(
    asks: list[Ask], booked: dict[str, Any], settings: dict[str, Any], words: tuple[str, str, str]
) -> None:
    clock = HandClock()
    shop = await opened(MemoryStore(MemoryState(clock)), clock, settings=settings)
    await shop.book("p", "30", **booked)
    await shop.book("q", "30")
    for operation, content, error in asks:
        answer = await shop.ask(operation, content)
        assert answer.error == error
    name, text, message = words
    error_element = answer.payload.find("detail/*")
    assert error_element is not None
    assert (answer.status, error_element.findtext("errorTypeDescription")) == (500, name)
    assert (answer.text, answer.message) == (text, message)
    assert error_element.findtext("fixableByYou") == "true"


async def test_people_read_the_language_of_the_account() -> None:
    clock = HandClock()
    shop = await opened(MemoryStore(MemoryState(clock)), clock)
    await shop.book("p", "30", name="demo-no", frozen=True)
    answer = await shop.ask("finalizePayment", "<paymentId>p</paymentId>", "demo-no")
    assert answer.message == USER_TEXTS["no"]["frozen"]
