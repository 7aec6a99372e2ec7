"""What happens to a payment after it is booked, as tables: what is sent, and how payment and sequence then stand.

Rows with a number, G21 to G51, are what the README's facts say directly; the rows behind them go on where these end.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.resurs.payments.model import SpecLine, Status
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.resurs.payments import golden_stories, number_stories, other_stories
from tests.adapters.resurs.payments.shop import Shop, annul, credit, finalize, more, opened, part, row, row_xml
from tests.adapters.resurs.payments.story import ANNUL, CREDIT, FINALIZE, MORE, SAMPLE, Story, of_rows

STORIES = [*golden_stories.STORIES, *number_stories.STORIES, *other_stories.STORIES]


def shop_in_memory() -> tuple[MemoryStore, HandClock]:
    clock = HandClock()
    return MemoryStore(MemoryState(clock)), clock


async def told(story: Story) -> Shop:
    """The shop after the story; the payment q is there as well."""
    shop = await opened(*shop_in_memory(), stands=story.stands, settings=story.settings)
    amount, method = story.booked
    lines = SAMPLE if amount == "1100" else ()
    await shop.book("p", amount, method, lines)
    await shop.book("q", amount)
    for operation, content, error in story.asks:
        answer = await shop.ask(operation, content)
        assert answer.error == error, (operation, content, answer.text)
    return shop


@pytest.mark.parametrize("story", STORIES, ids=str)
async def test_story(story: Story) -> None:
    shop = await told(story)
    assert (await shop.diffs("p"))[1:] == list(story.diffs)
    assert (await shop.peek() or 0) == story.peek
    payment = await shop.payment("p")
    if story.status:
        assert " ".join(own.text or "" for own in payment.iterfind("status")) == story.status
    if story.total:
        assert payment.findtext("totalAmount") == f"{Decimal(story.total):.5f}"


async def told_by(title: str) -> Shop:
    return await told(next(story for story in STORIES if story.title.startswith(title)))


async def test_g21_g22_unknown_payments() -> None:
    shop = await opened(*shop_in_memory())
    unknown = "Pay-1372762301644-31656"
    await shop.book("norwegian", "30", name="demo-no")
    asks = {
        "getPayment": f"<paymentId>{unknown}</paymentId>",
        ANNUL: f'<paymentId>{unknown}</paymentId><partPaymentSpec xsi:nil="true"/>',
        FINALIZE: finalize(unknown, "1", "7"),
        CREDIT: credit(unknown),
        MORE: more(unknown, "1"),
        "addMetaData": f"<paymentId>{unknown}</paymentId><key/>",
    }
    for operation, content in asks.items():
        answer = await shop.ask(operation, content)
        assert (answer.status, answer.error, answer.text) == (500, 8, "This order group do not exists"), operation
        assert answer.message == f"Efterfrågad order/betalning ({unknown}) kan inte hittas i databasen."
    assert (await shop.ask("getPayment", "<paymentId>norwegian</paymentId>")).error == 8, "another representative's"
    assert (await shop.ask("getPayment", "<paymentId>norwegian</paymentId>", "demo-no")).error == 0
    assert await shop.peek() == 445


async def test_g17_a_frozen_payment() -> None:
    """It draws nothing, may be annulled, and is not frozen any more when nothing of it is left."""
    shop = await opened(*shop_in_memory())
    await shop.book("p", "30", frozen=True)
    answer = await shop.ask(FINALIZE, finalize("p", "99", "7"))
    assert (answer.error, answer.text, answer.message) == (
        25,
        "Payment is frozen",
        "Betalningen är fryst och kan inte debiteras.",
    )
    await shop.good(ANNUL, annul("p", "10"))
    assert (await shop.payment("p")).findtext("frozen") == "true"
    await shop.good(ANNUL, annul("p"))
    assert (await shop.payment("p")).findtext("frozen") == "false"
    assert (await shop.ask(FINALIZE, finalize("p"))).error == 20
    assert await shop.peek() == 445


async def test_g25_g26_what_the_diffs_say() -> None:
    payment = await (await told_by("G26")).payment("p")
    debited, returned = payment.findall("paymentDiffs")[1:]
    assert (
        debited.findtext("paymentSpec/totalVatAmount") == returned.findtext("paymentSpec/totalVatAmount") == "6.00000"
    )
    assert payment.find("paymentDiffs[2]/paymentSpec/specLines") is None
    ordered = (await (await told_by("G25")).payment("p")).findall("paymentDiffs")[1]
    assert [ordered.findtext(name) for name in ("orderId", "invoiceId")] == ["O-1", "DebInv-1"]
    assert [(await told_by("G31")).calls[-1].number, debited.findtext("orderId")] == [None, None]


async def test_g42_g43_rows_are_kept_and_recomputed() -> None:
    shop = await told_by("G42")
    lines = (await shop.payment("p")).findall("paymentDiffs[2]/paymentSpec/specLines")
    assert [line.findtext("totalAmount") for line in lines] == ["1000.00000", "250.00000", "-150.00000"]
    assert (await shop.payment("p")).findtext("paymentDiffs[2]/paymentSpec/totalVatAmount") == "220.00000"

    await shop.book("r", "15710")
    sent = SpecLine("1", "X", "Rör", Decimal(1000), "m", Decimal("12.57"), Decimal(25), Decimal(3142), Decimal(15710))
    spec = part("15710.00", (sent,), "3142.00")
    await shop.good(FINALIZE, f"<paymentId>r</paymentId>{spec}")
    (line,) = (await shop.payment("r")).findall("paymentDiffs[2]/paymentSpec/specLines")
    names = ("quantity", "unitAmountWithoutVat", "totalVatAmount", "totalAmount")
    assert [line.findtext(name) for name in names] == ["1000.00000", "12.56800", "3142.00000", "15710.00000"]


async def test_g50_g51_metadata_replace_by_key() -> None:
    shop = await opened(*shop_in_memory())
    await shop.book("p", "30", meta_data=(("first", "1"), ("CustomerId", "?")))
    for key, value in (("CustomerId", "<value>-</value>"), ("CustomerId", "<value>C-9</value>"), ("empty", "<value/>")):
        await shop.good("addMetaData", f"<paymentId>p</paymentId><key>{key}</key>{value}")
    await shop.good("addMetaData", '<paymentId>p</paymentId><key>none</key><value xsi:nil="true"/>')
    assert (await shop.ask("addMetaData", "<paymentId>p</paymentId><key/><value>x</value>")).error == 1
    entries = [(own.findtext("key"), own.findtext("value")) for own in (await shop.payment("p")).iterfind("metaData")]
    assert entries == [("first", "1"), ("CustomerId", "C-9"), ("empty", ""), ("none", None)]


async def test_a_retry_is_a_second_finalization() -> None:
    """The vendor does not know the same request again: a whole one is refused by the state, a part is debited twice."""
    shop = await opened(*shop_in_memory())
    await shop.book("p", "100")
    for _ in range(2):
        await shop.good(FINALIZE, finalize("p", "30"))
    await shop.good(FINALIZE, finalize("p"))
    assert (await shop.ask(FINALIZE, finalize("p"))).error == 20
    assert [number for _, _, number in await shop.diffs("p")] == ["", "445", "446", "447"]
    assert await shop.peek() == 448


async def test_who_and_when() -> None:
    shop = await opened(*shop_in_memory())
    await shop.book("p", "30")
    shop.clock.forward(86_400 * 150)
    await shop.good(
        FINALIZE,
        "<paymentId>p</paymentId><preferredTransactionId>TrD-1</preferredTransactionId>"
        + part("10")
        + "<createdBy>clerk</createdBy>",
    )
    assert shop.calls[-1].number == 445
    debited = (await shop.payment("p")).findall("paymentDiffs")[1]
    named = [debited.findtext(name) for name in ("transactionId", "created", "createdBy", "documentNames")]
    assert named == ["TrD-1", "2024-07-28T14:00:00+02:00", "clerk", "INVOICE_20240728-140000_1"]


async def test_rows_of_calls_without_rows() -> None:
    """`unspecified_lines: remaining` copies what is left, so that clients that count rows see it."""
    shop = await opened(*shop_in_memory(), settings={"unspecified_lines": "remaining"})
    await shop.book("p", "300", lines=(row("200", "A", 4), row("100", "B", 2)))
    half = (row("100", "A", 2),)
    await shop.good(ANNUL, of_rows("100", half, "20"))
    await shop.good(FINALIZE, finalize("p"))
    await shop.good(CREDIT, f"<paymentId>p</paymentId>{part('50', (row('50', 'B', 1),), '10')}")
    await shop.good(CREDIT, credit("p", "150"))
    rows = [
        [(line.findtext("artNo"), line.findtext("quantity")) for line in diff.iterfind("paymentSpec/specLines")]
        for diff in (await shop.payment("p")).iterfind("paymentDiffs")
    ]
    a, b = ("A", "2.00000"), ("B", "2.00000")
    assert rows[2:] == [[a, b], [("B", "1.00000")], [a, ("B", "1.00000")]]


async def test_what_happens_within_one_second_is_found_newest_first() -> None:
    """Answers show whole seconds; searches compare more. Source: P-107."""
    shop = await opened(*shop_in_memory())
    for name in ("p", "q", "r"):
        await shop.book(name, "30")
        shop.clock.forward(0.001)
    for name in ("q", "p"):
        await shop.good(FINALIZE, finalize(name))
        shop.clock.forward(0.001)
    by_finalization = "<sortBy><ascending>false</ascending><sortColumns>FINALIZED_TIME</sortColumns></sortBy>"
    found = [await shop.good("findPayments", f"<searchCriteria/>{sort}") for sort in ("", by_finalization)]
    assert [answer.texts("return/paymentId") for answer in found] == [["r", "q", "p"], ["p", "q", "r"]]
    assert len(set(found[0].texts("return/booked"))) == 1


async def test_decimals_have_one_form() -> None:
    """Clients match rows by equal texts, whatever was sent. Source: P-46, P-47."""
    shop = await opened(*shop_in_memory())
    line = SpecLine(
        "1", "A", "Ä", Decimal("2.0"), "", Decimal("80"), Decimal("25.00"), Decimal("40.0"), Decimal("2E+2")
    )
    await shop.book("p", "400", lines=(line, line))
    other = row_xml(line).replace("2E+2", "200.000")
    await shop.good(
        FINALIZE,
        f"<paymentId>p</paymentId><partPaymentSpec>{other}<totalAmount>200</totalAmount><totalVatAmount>40</totalVatAmount></partPaymentSpec>",
    )
    lines = (await shop.payment("p")).findall("paymentDiffs/paymentSpec/specLines")
    names = ("quantity", "unitAmountWithoutVat", "vatPct", "totalVatAmount", "totalAmount")
    assert {tuple(line.findtext(name) for name in names) for line in lines} == {
        ("2.00000", "80.00000", "25.00000", "40.00000", "200.00000")
    }
    two = await shop.with_settings(decimals=2).payment("p")
    assert two.findtext("limit") == "3400.00"


async def test_a_mixed_payment() -> None:
    """What a shop does to parts of an order of four articles, and then cancels."""
    shop = await opened(*shop_in_memory(), stands=1)
    names = ("PR01", "PR02", "PR03", "PR04")
    await shop.book("p", "45000", lines=[row("11250", name, 100) for name in names])

    def rows(quantity: int, *articles: str) -> str:
        lines = [row(Decimal("112.5") * quantity, name, quantity) for name in articles]
        total = sum((line.total_amount for line in lines), Decimal(0))
        return of_rows(f"{total:f}", tuple(lines), f"{total / 5:f}")

    await shop.good(ANNUL, rows(50, "PR01"))
    await shop.good(FINALIZE, rows(50, "PR01"))
    await shop.good(CREDIT, rows(25, "PR01"))
    payment = await shop.payment("p")
    assert [own.text for own in payment.iterfind("status")] == [status.value for status in Status]
    assert payment.findtext("totalAmount") == "36562.50000"
    assert [number for _, _, number in await shop.diffs("p") if number] == ["1", "2"]

    await shop.good(ANNUL, rows(100, *names[1:]))
    await shop.good(CREDIT, rows(25, "PR01"))
    payment = await shop.payment("p")
    assert [own.text for own in payment.iterfind("status")] == ["IS_DEBITED", "IS_CREDITED", "IS_ANNULLED"]
    assert payment.findtext("totalAmount") == "0.00000"
    assert [number for _, _, number in await shop.diffs("p") if number] == ["1", "2", "3"]
    units = {own.text for own in payment.iterfind("paymentDiffs/paymentSpec/specLines/unitAmountWithoutVat")}
    assert units == {"90.00000"}, "clients find their rows again"
