"""After a restore: which wishes are understood, which are refused, and what the ledger and the gaps say about a jump."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.commands import CreateSeries
from gateway.core.gaps import find_gaps
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, CounterKey, Origin, SeriesId
from gateway.stores import SqliteStore, open_store
from gateway.tenants.moving_on import NamedLine, Wish, WishError, cautions, move_on, read_wish
from tests.stores.commands import TENANT, issue, provide_main, set_next

INVOICES = NamedLine("demo", "main", "invoice")


@pytest.fixture
async def store(tmp_path: Path, blank_store: Path):  # type: ignore[no-untyped-def]
    path = tmp_path / "numbers.db"
    path.write_bytes(blank_store.read_bytes())
    made = open_store(f"sqlite:///{path}")
    await made.start()
    await provide_main(made)
    await made.execute(set_next(10001))
    await made.execute(issue("a"))
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("ahead", "following", "text"),
    [
        (None, [], "--ahead 0 says that none was given out"),
        (-1, [], "--ahead: found -1; allowed: 0 to"),
        (MAX_NUMBER + 1, [], "--ahead: found"),
        (None, ["demo/main/invoice"], "--next: found 'demo/main/invoice'; give TENANT/SERIES/KIND=N"),
        (None, ["main/invoice=5"], "give TENANT/SERIES/KIND=N"),
        (None, ["a/b/c/d=5"], "give TENANT/SERIES/KIND=N"),
        (None, ["demo/main/invoice=-5"], "give TENANT/SERIES/KIND=N"),
        (None, ["demo/main/invoice=٥"], "give TENANT/SERIES/KIND=N"),
        (None, ["demo/main/invoice="], "give TENANT/SERIES/KIND=N"),
        (None, ["demo//invoice=5"], "give TENANT/SERIES/KIND=N"),
        (None, ["demo/main/Invoice=5"], "not a number line"),
        (None, ["demo/main/series=5"], "not a number line"),
        (None, [f"demo/main/invoice={MAX_NUMBER + 1}"], "the largest number is"),
        (None, ["demo/main/invoice=" + "9" * 5000], "the largest number is"),
    ],
)
def test_wishes_that_are_not_understood(ahead: int | None, following: list[str], text: str) -> None:
    with pytest.raises(WishError) as caught:
        read_wish(ahead, following)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (Wish(None, {NamedLine("demo", "other", "invoice"): 5}), "there is no such tenant and series"),
        (Wish(0, {NamedLine("nobody", "main", "invoice"): 5}), "there is no such tenant and series"),
        (Wish(None, {NamedLine("demo", "main", "receipt"): 5}), "demo/main/invoice has no answer"),
        (Wish(None, {INVOICES: 10001}), "goes back: the line stands at 10002 already"),
        (Wish(MAX_NUMBER), "is above the largest number"),
    ],
)
async def test_wishes_that_change_nothing(store: SqliteStore, wish: Wish, text: str) -> None:
    before = [entry async for entry in store.ledger()]
    with pytest.raises(WishError) as caught:
        await move_on(store, wish, "copy.db")
    assert text in str(caught.value)
    assert [entry async for entry in store.ledger()] == before


@pytest.mark.parametrize(
    ("wish", "after", "reason"),
    [
        (Wish(100), 10102, "restored from copy.db: up to 100 further numbers may have been given out since"),
        (Wish(0), 10002, "restored from copy.db: the operator says that no number was given out since"),
        (Wish(7, {INVOICES: 10500}), 10500, "restored from copy.db: the operator says that the line goes on at 10500"),
        (
            Wish(None, {INVOICES: 10002}),
            10002,
            "restored from copy.db: the operator says that the line goes on at 10002",
        ),
    ],
)
async def test_a_line_moves_on_and_the_ledger_says_why(store: SqliteStore, wish: Wish, after: int, reason: str) -> None:
    (moved,) = await move_on(store, wish, "copy.db")
    assert moved == ("demo", "main", "invoice", 10002, after)
    entries = [entry async for entry in store.ledger() if entry.chain.line == INVOICE]
    assert (entries[-1].operation, entries[-1].before, entries[-1].after) == ("restore", 10002, after)
    assert (entries[-1].principal, entries[-1].reason) == ("operator", reason)
    await store.execute(issue("after"))
    assert (await store.verify())[1] == []
    (report,) = await find_gaps(store.ledger())
    gaps = [(gap.first, gap.last, gap.reason.value) for gap in report.gaps]
    assert gaps == ([(10002, after - 1, "restore")] if after > 10002 else [])


async def test_lines_without_a_number_and_new_lines(store: SqliteStore) -> None:
    by = Origin("test", "t", "r")
    await store.execute(CreateSeries(TENANT, "Side", by, key="side", counters={INVOICE: 2**31 - 5}))
    await store.execute(set_next(None))
    wish = Wish(10, {NamedLine("demo", "side", "credit_note"): 3})
    moved = await move_on(store, wish, "copy.db")
    assert moved == [
        ("demo", "main", "invoice", None, None),
        ("demo", "side", "invoice", 2**31 - 5, 2**31 + 5),
        ("demo", "side", "credit_note", None, 3),
    ]
    assert len(cautions(moved)) == 2
    assert "demo/main/invoice" in cautions(moved)[0]
    assert "demo/side/invoice" in cautions(moved)[1]
    assert (await store.verify())[1] == []
    chains = {(entry.chain, entry.operation) async for entry in store.ledger()}
    assert (CounterKey(SeriesId(2), CREDIT_NOTE), "restore") in chains
