"""Links between lines of the books, and due dates: lines of vouchers and of issued invoices alike."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from gateway.stores import open_store
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import ACCOUNTING, Office, entry, opened, voucher

TRANSACTIONS: Final = "/Economy/Accounting/V001/TransactionService.asmx"
INVOICES: Final = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
UNKNOWN: Final = "00000000-0000-4000-8000-0000000000a2"
FRESH: Final = "00000000-0000-4000-8000-0000000000a1"
SALE: Final = (
    "<invoices><InvoiceOrder><CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus>"
    "<DateInvoiced>2024-03-01T00:00:00</DateInvoiced><PaymentTime>14</PaymentTime><InvoiceRows><InvoiceRow>"
    "<ProductId>0</ProductId><Name>Tur</Name><Quantity>1</Quantity><Price>100</Price><ChangeState>Add</ChangeState>"
    "</InvoiceRow></InvoiceRows></InvoiceOrder></invoices>"
)


class Book(Office):
    """An office that reads its books."""

    async def lines(self, who: str = "demo") -> list[dict[str, str]]:
        """Each line as GetTransactions shows it."""
        inner = "<searchParams><DateStart>2000-01-01T00:00:00</DateStart><DateEnd>2030-01-01T00:00:00</DateEnd></searchParams>"
        answer = await self.ask("GetTransactions", inner, TRANSACTIONS, who)
        found = answer.root.iter(f"{{{ACCOUNTING}}}Transaction")
        return [{part.tag.rpartition("}")[2]: part.text or "" for part in each} for each in found]

    async def link(self, *lines: str, link: int = 0, how: str = "Replace", who: str = "demo") -> Any:
        """Link lines."""
        guids = "".join(f"<guid>{line}</guid>" for line in lines)
        inner = f"<linkEntryItem><LineIds>{guids}</LineIds><LinkId>{link}</LinkId></linkEntryItem>"
        return await self.ask(f"{how}LinkEntries", inner, who=who)

    async def new_link(self, who: str = "demo") -> int:
        """A new link."""
        return int((await self.ask("CreateLink", who=who)).texts("CreateLinkResult")[0])


async def a_book(**settings: Any) -> Book:
    clock = HandClock()
    office = await opened(MemoryStore(MemoryState(clock)), clock, **settings)
    return Book(office.service, office.series, office.clock, **settings)


async def with_invoice_and_payment(book: Book) -> tuple[str, str]:
    """The guids of what a customer owes, and of what it paid."""
    assert (await book.ask("SaveInvoices", SALE, INVOICES)).status == 200
    paid = entry("100", 1920), entry("-100", 1500, CustomerId=1)
    assert (await book.save(voucher(1, *paid, sort=3))).outcome == "Ok"
    owed = next(
        line for line in await book.lines() if line.get("SystemType") == "InvoiceCustomer" and "DueDate" in line
    )
    payment = next(line for line in await book.lines() if line["Amount"] == "-100")
    return owed["Id"], payment["Id"]


async def test_each_link_is_a_new_one() -> None:
    book = await a_book()
    links = await asyncio.gather(*(book.new_link(who) for who in ("demo", "demo", "shop", "demo")))
    assert len(set(links)) == 4
    assert min(links) > 0


async def test_an_invoice_and_its_payment_are_closed_by_a_link() -> None:
    book = await a_book()
    owed, payment = await with_invoice_and_payment(book)
    before = {line["Id"]: line for line in await book.lines()}
    assert (before[owed]["Open"], before[payment]["Open"]) == ("true", "true")
    link = await book.new_link()
    book.clock.forward(60)
    assert (await book.link(owed, payment, link=link)).texts("ReplaceLinkEntriesResult") == ["true"]
    after = {line["Id"]: line for line in await book.lines()}
    for line in (owed, payment):
        assert (after[line]["LinkId"], after[line]["Open"]) == (str(link), "false")
        assert after[line]["DateChanged"] > before[line]["DateChanged"]
    others = [line for line in after if line not in (owed, payment)]
    assert all("LinkId" not in after[line] for line in others)


async def test_adding_leaves_links_that_lines_have() -> None:
    book = await a_book()
    await book.save(voucher(1))
    one, two = [line["Id"] for line in await book.lines()]
    first, second = await book.new_link(), await book.new_link()
    assert (await book.link(one, link=first, how="Add")).texts("AddLinkEntriesResult") == ["true"]
    assert (await book.link(one, two, link=second, how="Add")).status == 200
    assert {line["Id"]: line["LinkId"] for line in await book.lines()} == {one: str(first), two: str(second)}
    assert (await book.link(one, two, link=second)).status == 200
    assert {line["LinkId"] for line in await book.lines()} == {str(second)}


@pytest.mark.parametrize("how", ["Add", "Replace"])
async def test_what_is_unknown_is_a_fault_and_changes_nothing(how: str) -> None:
    book = await a_book()
    await book.save(voucher(1))
    own = [line["Id"] for line in await book.lines()]
    link, theirs = await book.new_link(), await book.new_link("shop")
    start = "Server was unable to process request. ---> "
    assert (await book.link(*own, link=link + 7, how=how)).text == f"{start}Link {link + 7} was not found."
    assert (await book.link(*own, link=theirs, how=how)).text == f"{start}Link {theirs} was not found."
    assert (await book.link(own[0], UNKNOWN, link=link, how=how)).text == f"{start}Transaction {UNKNOWN} was not found."
    other = await book.link(own[0], link=theirs, how=how, who="shop")
    assert other.text == f"{start}Transaction {own[0]} was not found."
    missing = await book.ask(f"{how}LinkEntries")
    assert missing.text.endswith("Object reference not set to an instance of an object.")
    assert [line.get("LinkId") for line in await book.lines()] == [None, None]
    assert (await book.link(link=link, how=how)).status == 200, "no lines: nothing to do"


async def test_lines_that_do_not_exist_of_things_that_do() -> None:
    """The guid of the next place in a voucher, or of a line of a journal."""
    book = await a_book()
    await book.save(voucher(1))
    await book.save(voucher(2), option=1)
    posted, draft = await book.vouchers()
    beyond = UUID(int=posted.lines[1].id.int ^ 3)
    link = await book.new_link()
    for line in (beyond, draft.lines[0].id):
        assert "was not found" in (await book.link(str(line), link=link)).text


async def test_due_dates() -> None:
    book = await a_book()
    owed, payment = await with_invoice_and_payment(book)
    item = "<EntryItem><LineId>{}</LineId><DueDate>{}</DueDate></EntryItem>"
    inner = "".join(
        (
            item.format(owed, "2024-05-01T00:00:00"),
            item.format(UNKNOWN, "2024-05-01T00:00:00"),
            item.format(payment, "2024-05-02T00:00:00+02:00"),
        )
    )
    answer = await book.ask("UpdateEntryDueDate", f"<entryItems>{inner}</entryItems>")
    assert answer.texts("LineId") == [owed, payment]
    assert answer.texts("DueDate") == ["2024-05-01T00:00:00", "2024-05-02T00:00:00"]
    shown = {line["Id"]: line.get("DueDate") for line in await book.lines()}
    assert (shown[owed], shown[payment]) == ("2024-05-01T00:00:00", "2024-05-02T00:00:00")
    missing = await book.ask("UpdateEntryDueDate")
    assert missing.text.endswith("Object reference not set to an instance of an object.")
    none = await book.ask("UpdateEntryDueDate", f"<entryItems>{item.format(UNKNOWN, '2024-05-01')}</entryItems>")
    assert "<UpdateEntryDueDateResult />" in none.body


async def test_a_new_entry_is_joined_with_an_old_line() -> None:
    """As oflow books a payment of an invoice."""
    book = await a_book()
    owed, _ = await with_invoice_and_payment(book)
    links = f"<LinkModel><LineId>{owed}</LineId><LinkId>{FRESH}</LinkId></LinkModel>"
    paid = entry("100", 1920), entry("-100", 1500, CustomerId=1, LinkId=FRESH, Links=links)
    answer = await book.save(voucher(2, *paid, sort=3))
    assert answer.outcome == "Ok", answer.body
    lines = await book.lines()
    linked = [line for line in lines if "LinkId" in line]
    assert sorted(line["Amount"] for line in linked) == ["-100", "100.00"]
    assert len({line["LinkId"] for line in linked}) == 1
    assert {line["Open"] for line in linked} == {"false"}


async def test_many_link_the_same_lines_at_once() -> None:
    book = await a_book()
    owed, payment = await with_invoice_and_payment(book)
    links = [await book.new_link() for _ in range(20)]
    answers = await asyncio.gather(*(book.link(owed, payment, link=link) for link in links))
    assert {answer.status for answer in answers} == {200}
    shown = {line.get("LinkId") for line in await book.lines() if line["Id"] in (owed, payment)}
    assert len(shown) == 1
    assert shown <= set(map(str, links))


async def test_changes_of_one_voucher_at_once_are_all_kept(tmp_path: Path, blank_store: Path) -> None:
    """Each changes another line of it; on a store that lets them read before any has written."""
    path = tmp_path / "lines.db"
    path.write_bytes(blank_store.read_bytes())
    store: Any = open_store(f"sqlite:///{path}")
    await store.start()
    try:
        office = await opened(store)
        book = Book(office.service, office.series, office.clock)
        assert (
            await book.save(voucher(1, *(entry(f"{side}1") for _ in range(5) for side in ("", "-"))))
        ).outcome == "Ok"
        lines = [line["Id"] for line in await book.lines()]
        link = await book.new_link()
        dates = {line: f"2024-05-{day:02}T00:00:00" for day, line in enumerate(lines, start=1)}
        items = (
            f"<EntryItem><LineId>{line}</LineId><DueDate>{due}</DueDate></EntryItem>" for line, due in dates.items()
        )
        calls = [book.ask("UpdateEntryDueDate", f"<entryItems>{item}</entryItems>") for item in items]
        calls += [book.link(line, link=link, how="Add") for line in lines]
        assert {answer.status for answer in await asyncio.gather(*calls)} == {200}
        shown = {line["Id"]: (line["DueDate"], line["LinkId"]) for line in await book.lines()}
        assert shown == {line: (due, str(link)) for line, due in dates.items()}
    finally:
        await store.close()
