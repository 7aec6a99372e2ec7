"""Records that were read by key a moment ago are answered from memory, which is never out of date."""

from __future__ import annotations

import asyncio

import pytest

from gateway.core import catalogue_records
from gateway.core.catalogue import Product
from gateway.core.catalogue_records import catalogue_naming
from gateway.core.commands import SaveCatalogue
from gateway.core.record_commands import GetRecords, RecordsRead
from gateway.core.values import TenantId
from gateway.stores import SqliteStore
from gateway.stores.engine import recent_records
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.recent_records import RecentRecords
from gateway.stores.sqlite import store as store_module
from gateway.stores.sqlite.read_thread import ReadingThread
from tests.core.record_cases import BY, OURS, PERSON, delete, person, save, saves
from tests.stores.sqlite.commits import HeldCommit
from tests.until import until

QUESTION = GetRecords(OURS, (PERSON.key(OURS, "1"), PERSON.key(OURS, "2")), (PERSON.name,))


async def bodies(store: SqliteStore) -> list[bytes]:
    return sorted(record.body for record in (await store.read(QUESTION)).records.values())


async def test_what_was_read_is_read_again_without_the_file_until_it_changes(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    true_answer = store_module.answer_records
    monkeypatch.setattr(store_module, "answer_records", lambda c, query: asked.append(query) or true_answer(c, query))
    await store.execute(saves(save(person("1", b"a"))))
    assert [await bodies(store) for _ in range(3)] == [[b"a"]] * 3
    for change, after in (
        (save(person("2", b"b")), [b"a", b"b"]),
        (save(person("1", b"c"), expected_version=1), [b"b", b"c"]),
        (delete("2"), [b"c"]),
    ):
        await store.execute(saves(change))
        assert [await bodies(store) for _ in range(2)] == [after] * 2
    assert len(asked) == 4


async def test_an_answer_that_shows_an_older_commit_is_not_kept(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.execute(saves(save(person("1", b"old"))))
    true_asked = ReadingThread.asked

    async def slow(reads: ReadingThread, work: object) -> object:
        answer = await true_asked(reads, work)  # type: ignore[arg-type]
        await store.execute(saves(save(person("1", b"new"), expected_version=1)))
        return answer

    monkeypatch.setattr(ReadingThread, "asked", slow)
    assert await bodies(store) == [b"old"]  # it was asked before the change was answered
    monkeypatch.undo()
    assert await bodies(store) == [b"new"]


async def test_memory_shows_a_change_when_the_commit_is_published(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.execute(saves(save(person("1", b"old"))))
    assert await bodies(store) == [b"old"]
    held = HeldCommit(monkeypatch, before=False)
    saving = asyncio.ensure_future(store.execute(saves(save(person("1", b"new"), expected_version=1))))
    await until(held.stopped.is_set)
    try:
        assert await bodies(store) == [b"old"]
    finally:
        held.go_on()
    await saving
    assert await bodies(store) == [b"new"]


async def test_items_are_made_from_an_answer_once(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    true_item = catalogue_records.item_of
    monkeypatch.setattr(catalogue_records, "item_of", lambda record: made.append(record) or true_item(record))
    for number, name in enumerate(("Boat", "Ship"), start=1):
        await store.execute(SaveCatalogue(OURS, BY, items=(Product(7, name=name),)))
        named = [await catalogue_naming(store, OURS, products=(7,)) for _ in range(3)]
        assert [catalogue.products[7].name for catalogue in named] == [name] * 3
        assert len(made) == number


def test_answers_leave_with_their_tenant_and_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = RecordsRead({PERSON.key(OURS, "1"): person("1", b"x" * 500)}, frozenset())
    committed = Committed()
    committed.recent_records.take(QUESTION, answer)
    committed.forget(TenantId("other"))
    assert committed.recent_records.answer(QUESTION) is answer
    committed.forget(OURS)
    assert committed.recent_records.answer(QUESTION) is None

    monkeypatch.setattr(recent_records, "MOST_BYTES", 8000)
    monkeypatch.setattr(recent_records, "_LARGE", 4000)
    questions = [GetRecords(OURS, (PERSON.key(OURS, own),)) for own in ("1", "2", "3", "4")]
    recent = RecentRecords()
    for question in questions:
        recent.take(question, answer)
    assert [recent.answer(question) is answer for question in questions] == [False, False, False, True]
    large = RecordsRead({PERSON.key(OURS, "1"): person("1", b"x" * 4000)}, frozenset())
    recent.take(questions[0], large)
    assert recent.answer(questions[0]) is None
