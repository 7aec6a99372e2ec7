"""Values of records and their order, rules beyond refusals, and several commands in one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from gateway.core.commands import Command, Expect, Issue, SaveDocument, SaveDocuments, SetNext, SetPolicy, Void
from gateway.core.documents import Document
from gateway.core.record_commands import (
    BY_CHANGED,
    MAX_COUNTED,
    Action,
    CountRecords,
    RecordCursor,
    SaveRecord,
    SaveRecords,
    SearchRecords,
)
from gateway.core.records import (
    MAX_TEXT,
    Field,
    FieldType,
    FieldValue,
    KindName,
    Record,
    RecordId,
    RecordKind,
    RecordQuota,
    RecordUsage,
    id_order,
)
from gateway.core.refusals import CounterUnset, RecordsFull, Refusal, Refused
from gateway.core.together import Build, SoFar, Together
from gateway.core.values import INVOICE, CounterKey, SeriesId
from tests.core.memory_state import MemoryState
from tests.core.record_cases import BY, OURS, PERSON, delete, forget, person, save, saves
from tests.core.test_rules import state_after

EITHER = Expect.EITHER
LINE = CounterKey(SeriesId(1), INVOICE)
NOON = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)


def usage(state: MemoryState) -> tuple[int, int, int]:
    found = state.record_usage(OURS, PERSON.name)
    return found.records, found.tombstones, found.bytes


ORDERED: dict[FieldType, list[FieldValue]] = {
    FieldType.TEXT: ["", "A", "B", "a", "aa", "b", "é", "\U0001f600"],
    FieldType.NUMBER: [-(2**63), -10, -9, -1, 0, 1, 9, 10, 2**63 - 1],
    FieldType.MOMENT: [
        dt.datetime(1, 1, 1, tzinfo=dt.UTC),
        NOON,
        NOON + dt.timedelta(microseconds=1),
        dt.datetime(9999, 1, 1, tzinfo=dt.UTC),
    ],
    FieldType.FLAG: [False, True],
}


@pytest.mark.parametrize("kind", FieldType)
def test_the_index_keeps_the_order_of_values(kind: FieldType) -> None:
    indexed = [Field(kind).indexed(value) for value in ORDERED[kind]]
    assert indexed == sorted(set(indexed))
    for other in set(FieldType) - {kind}:
        with pytest.raises(ValueError):
            Field(kind).indexed(ORDERED[other][-1])


def test_texts_are_folded_cut_and_kept_storable() -> None:
    assert Field(folded=True).indexed("Straße ÅÄ") == "strasse åä"
    assert Field().indexed("x" * 500) == "x" * MAX_TEXT
    assert Field().indexed("a\0b\ud800") == "a\ufffdb\ufffd"


@pytest.mark.parametrize("name", ["", "\U0010ffff", "\U0010ffff" * MAX_TEXT, "x"])
def test_every_text_begins_with_its_beginnings(name: str) -> None:
    for beginning in (name, "\U0010ffff"):
        condition = PERSON.begins_with("name", beginning)
        for rest in ("", "\U0010ffff" * 3, "\U0010ffff" * MAX_TEXT, "\ud800"):
            assert condition.meets(person("a", name=beginning + rest).values)
    assert not PERSON.begins_with("name", "x").meets(person("a", name="y").values)


def test_ids_of_numbers_are_in_their_own_order() -> None:
    ids = [RecordId(str(number)) for number in (100, 9, 4711, 0, 99, 10)]
    assert sorted(ids, key=id_order) == ["0", "9", "10", "99", "100", "4711"]


WRONG = {
    "field": lambda: person("a", nonsense="x"),
    "two values": lambda: person("a", name=("x", "y")),
    "naive": lambda: person("a", born=dt.datetime(2024, 1, 1)),
    "long id": lambda: person("x" * 129),
    "control character": lambda: person("a\n"),
    "name of a kind": lambda: RecordKind(KindName("Person")),
    "name of a field": lambda: RecordKind(KindName("person"), {"id": Field()}),
    "body of a kind": lambda: RecordKind(KindName("person"), max_body=2**40),
    "any of nothing": lambda: PERSON.is_one_of("name"),
    "order by several": lambda: SearchRecords(OURS, PERSON, order="tag"),
    "tombstones by field": lambda: SearchRecords(OURS, PERSON, (PERSON.is_one_of("name", "x"),), with_deleted=True),
    "page": lambda: SearchRecords(OURS, PERSON, limit=10_001),
    "naive moment": lambda: SearchRecords(OURS, PERSON, registered_after=dt.datetime(2024, 1, 1)),
    "tombstones by order": lambda: SearchRecords(OURS, PERSON, order="name", only_deleted=True),
    "count of tombstones by field": lambda: CountRecords(
        OURS, PERSON, (PERSON.is_one_of("name", "x"),), only_deleted=True
    ),
    "count of nothing": lambda: CountRecords(OURS, PERSON, at_most=0),
    "count of too many": lambda: CountRecords(OURS, PERSON, at_most=MAX_COUNTED + 1),
    "ids of a kind": lambda: RecordKind(KindName("person"), first_id=5, last_id=4),
    "place of no page": lambda: SearchRecords(OURS, PERSON, order=BY_CHANGED, after=RecordCursor("x", RecordId("a"))),
    "another kind": lambda: type(saves())(OURS, RecordKind(KindName("other")), (save(person("a")),), BY),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_said_is_found_at_once(make: object) -> None:
    with pytest.raises(ValueError):
        make()  # type: ignore[operator]


def test_a_record_lives_and_leaves_a_tombstone() -> None:
    state = MemoryState()
    (first,) = state.run(saves(save(person("a", b"1", name="Anne")))).result.records
    assert (first.version, first.registered, first.changed) == (1, state.clock.moment, state.clock.moment)
    state.clock.forward(5)
    (second,) = state.run(saves(save(person("a", b"22"), EITHER))).result.records
    assert (second.version, second.registered, second.changed) == (2, first.registered, state.clock.moment)
    assert usage(state) == (1, 0, 3)
    (gone,) = state.run(saves(delete("a"))).result.records
    assert (gone.deleted, gone.version, gone.body, dict(gone.values)) == (True, 3, b"", {})
    assert usage(state) == (0, 1, 0)
    assert state.run(saves(delete("a"))).changes == ()
    (again,) = state.run(saves(save(person("a", b"3")))).result.records
    assert (again.version, again.deleted) == (4, False)
    state.run(saves(delete("a"), forget("a")))
    assert usage(state) == (0, 0, 0)
    assert not state.records


def test_nothing_different_changes_nothing() -> None:
    state = MemoryState()
    state.run(saves(save(person("a", b"1", name="Anne"))))
    same = save(person("a", b"1", name="ANNE"), EITHER, if_different=True)
    assert state.run(saves(same)).changes == ()
    assert state.run(saves(save(person("a", b"2", name="ANNE"), EITHER, if_different=True))).changes


def test_numbers_for_ids_begin_where_the_kind_says_and_pass_over_those_taken() -> None:
    state = MemoryState()

    def made() -> str:
        return state.run(saves(save(person()))).result.records[0].id

    assert [made(), made()] == ["10", "11"]
    state.run(saves(*(save(person(str(number))) for number in range(12, 40))))
    assert [made(), made()] == ["40", "41"]
    state.run(saves(delete("41")))
    assert made() == "42"
    assert state.record_usage(OURS, PERSON.name).last_id == 42


def test_numbers_for_ids_are_above_all_others_where_the_kind_says_so() -> None:
    state, kind = MemoryState(), RecordKind(KindName("test.thing"), last_id=100, above_all=True)

    def saved(*ids: str) -> list[str]:
        items = tuple(SaveRecord(kind.record(OURS, own), EITHER) for own in ids)
        return [record.id for record in state.run(SaveRecords(OURS, kind, items, BY)).result.records]

    assert saved("", "7", "", "3", "") == ["1", "7", "8", "3", "9"]
    assert saved("20", "x", "021", "101", "99999999999999999999", "") == [
        *("20", "x", "021", "101", "99999999999999999999"),
        "21",
    ]
    state.run(SaveRecords(OURS, kind, (SaveRecord(kind.record(OURS, "21"), EITHER, action=Action.FORGET),), BY))
    assert saved("") == ["22"]


def test_numbers_for_ids_begin_again_when_somebody_took_the_largest_one() -> None:
    state, kind = MemoryState(), RecordKind(KindName("test.thing"), first_id=2, last_id=9, above_all=True)

    def saved(own: str = "", action: Action = Action.SAVE) -> str:
        item = SaveRecord(kind.record(OURS, own), EITHER, action=action)
        return state.run(SaveRecords(OURS, kind, (item,), BY)).result.records[0].id

    assert [saved("9"), saved("3"), saved("12")] == ["9", "3", "12"]
    saved("3", Action.DELETE)
    assert [saved() for _ in range(2)] == ["2", "4"], "a deleted one is taken, too"
    saved("8")
    assert saved() == "5"
    assert [saved("6"), saved()] == ["6", "7"]
    with pytest.raises(Refused) as caught:
        saved()
    assert isinstance(caught.value.refusal, RecordsFull)


@pytest.mark.parametrize("quota", [RecordQuota(records=1), RecordQuota(bytes=4)])
def test_a_command_may_bring_a_smaller_quota(quota: RecordQuota) -> None:
    state = MemoryState()
    state.run(replace(saves(save(person("a", b"1"))), quota=quota))
    more = saves(save(person("b", b"2222")))
    with pytest.raises(Refused) as caught:
        state.run(replace(more, quota=quota))
    assert caught.value.refusal == RecordsFull(
        PERSON.name,
        *(("records", 1) if quota.records == 1 else ("bytes", 4)),  # type: ignore[arg-type]
    )
    state.run(replace(more, quota=RecordQuota(10**9, 10**12)))
    state.record_quota = RecordQuota(records=2)  # the tenant's own quota still holds
    with pytest.raises(Refused):
        state.run(replace(saves(save(person("c"))), quota=RecordQuota(records=10)))


def test_a_unique_value_is_free_when_its_record_gives_it_up() -> None:
    state = MemoryState()
    state.run(saves(save(person("a", mail="x"))))
    state.run(saves(save(person("a", mail="y"), EITHER), save(person("b", mail="x"))))
    state.run(saves(delete("a"), save(person("c", mail="y"))))
    assert state.record_with(OURS, PERSON.name, "mail", "y") == "c"


def test_exactly_leaves_nothing_else() -> None:
    state = MemoryState()
    state.run(saves(save(person("a", mail="x")), save(person("b")), save(person("c"))))
    saved = state.run(saves(save(person("b", mail="x"), EITHER), exactly=True)).result
    assert saved.removed == ("a", "c")
    assert usage(state)[:2] == (1, 2)


@pytest.mark.parametrize("quota", [RecordQuota(records=2), RecordQuota(bytes=6)])
def test_a_quota_holds_for_what_is_kept_in_the_end(quota: RecordQuota) -> None:
    state = MemoryState()
    state.record_quota = quota
    state.run(saves(save(person("a", b"11")), save(person("b", b"22"))))
    with pytest.raises(Refused) as caught:
        state.run(saves(save(person("c", b"33"))))
    assert isinstance(caught.value.refusal, RecordsFull)
    state.run(saves(save(person("c", b"33")), forget("a")))
    state.record_quota = RecordQuota(1, 1)  # a smaller quota does not keep anybody from shrinking
    state.run(saves(save(person("b", b"2"), EITHER)))
    assert usage(state) == (2, 0, 5)


# --- several commands in one ------------------------------------------------------------------------------------------


def together(*parts: Command | Build) -> Together:
    return Together(OURS, parts, BY)


def receipt(so_far: SoFar) -> Command | None:
    number = so_far.results[0]
    return None if number.replayed else saves(save(person("r", str(number.issued.number).encode()), EITHER))


def issue(key: str) -> Issue:
    return Issue(OURS, LINE, key, "", BY, start_if_unset=7)


def test_a_later_part_holds_the_number_that_an_earlier_one_has_drawn() -> None:
    state = state_after()
    done = state.run(together(issue("k"), Build(receipt))).result
    assert (done.results[0].issued.number, done.results[1].records[0].body) == (7, b"7")
    replayed = state.run(together(issue("k"), Build(receipt))).result
    assert (replayed.results[0].replayed, replayed.results[1]) == (True, None)
    state.run(together(issue("l"), Build(receipt), Void(OURS, LINE, 8, BY)))
    assert state.records[PERSON.key(OURS, "r")].version == 2
    assert state.issued_number(LINE, 8).voided  # type: ignore[union-attr]


def test_a_part_that_is_built_sees_the_records_it_needs_as_earlier_parts_leave_them() -> None:
    state = state_after(saves(save(person("a", b"1")), save(person("gone")), delete("gone")))
    keys = tuple(PERSON.key(OURS, name) for name in ("a", "b", "gone", "never"))
    seen: list[dict[str, Record]] = []

    def look(so_far: SoFar) -> None:
        seen.append({key.id: record for key, record in so_far.records.items()})

    state.run(together(saves(save(person("b", b"2"))), saves(save(person("a", b"3"), EITHER)), Build(look, keys)))
    (found,) = seen
    assert {name: (record.body, record.deleted) for name, record in found.items()} == {
        "a": (b"3", False),
        "b": (b"2", False),
        "gone": (b"", True),
    }


def test_all_kinds_of_parts_see_one_another() -> None:
    state = state_after()
    document = SaveDocuments(OURS, (SaveDocument(Document(OURS), key="d"), SaveDocument(Document(OURS))), BY)
    done = state.run(
        together(
            SetNext(OURS, LINE, 5, SetPolicy(), BY),
            document,
            document,
            issue("k"),
            saves(save(person())),
            saves(save(person())),
        )
    ).result
    ids = [saved.document.id for part in done.results[1:3] for saved in part.saved]
    assert ids == [1, 2, 1, 3]
    assert done.results[2].saved[0].replayed
    assert done.results[3].issued.number == 5
    assert [part.records[0].id for part in done.results[4:]] == ["10", "11"]
    assert state.record_usage(OURS, PERSON.name) == RecordUsage(2, 0, 4, 11)


SIDE = CounterKey(SeriesId(2), INVOICE)
TOO_LARGE = saves(save(person("a", b"x" * 101)))
REFUSED: dict[str, tuple[tuple[Command | Build, ...], Refusal]] = {
    "last": (
        (saves(save(person("a"))), SetNext(OURS, LINE, 5, SetPolicy(), BY), Issue(OURS, SIDE, "k", "", BY)),
        CounterUnset(SIDE),
    ),
    "built": ((issue("k"), Build(lambda _: TOO_LARGE)), RecordsFull(PERSON.name, "body", 100)),
}


@pytest.mark.parametrize(("parts", "refusal"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_part_refuses_the_whole(parts: tuple[Command | Build, ...], refusal: Refusal) -> None:
    state = state_after()
    before = vars(state_after())
    with pytest.raises(Refused) as caught:
        state.run(together(*parts))
    assert caught.value.refusal == refusal
    assert vars(state) == before


def test_what_is_another_tenants_cannot_be_a_part() -> None:
    part = saves(save(person("a", tenant=type(OURS)("theirs"))))
    with pytest.raises(ValueError):
        together(part)
    with pytest.raises(ValueError):
        state_after().run(together(Build(lambda _: part)))


def test_a_whole_among_the_parts_sees_its_own_results_only() -> None:
    seen: list[int] = []

    def noting(so_far: SoFar) -> None:
        seen.append(len(so_far.results))

    first, second = saves(save(person("a"))), saves(save(person("b")))
    built = together(saves(save(person("c"))), Build(noting))
    result = state_after().run(together(first, together(second, Build(noting)), Build(lambda _: built), Build(noting)))
    assert seen == [1, 1, 3]
    assert [len(each.results) for each in result.result.results[1:3]] == [2, 2]
