"""Records for tests of the rules and of the stores, and what is refused about them."""

from __future__ import annotations

from typing import Any, Final

from gateway.core.catalogue import Customer
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.commands import Command, Expect, SaveCatalogue
from gateway.core.record_commands import Action, SaveRecord, SaveRecords
from gateway.core.records import Field, FieldType, Given, KindName, Record, RecordId, RecordKind
from gateway.core.refusals import RecordChanged, RecordExists, RecordsFull, RecordTaken, RecordUnknown, Refusal
from gateway.core.values import Origin, TenantId

OURS: Final = TenantId("ours")
BY: Final = Origin("test", "tester", "request-1", "because")
PERSON: Final = RecordKind(
    KindName("test.person"),
    {
        "name": Field(folded=True),
        "mail": Field(unique=True),
        "tag": Field(several=True),
        "age": Field(FieldType.NUMBER),
        "born": Field(FieldType.MOMENT),
        "paid": Field(FieldType.FLAG),
    },
    max_body=100,
    first_id=10,
)


def person(record: str = "", body: bytes = b"", tenant: TenantId = OURS, **values: Given) -> Record:
    return PERSON.record(tenant, record, body, values)


def save(record: Record, expect: Expect = Expect.NEW, **options: Any) -> SaveRecord:
    return SaveRecord(record, expect, **options)


def saves(*items: SaveRecord, exactly: bool = False) -> SaveRecords:
    tenant = items[0].record.tenant if items else OURS
    return SaveRecords(tenant, PERSON, items, BY, exactly)


def delete(record: str, **options: Any) -> SaveRecord:
    return SaveRecord(person(record), Expect.EITHER, action=Action.DELETE, **options)


def forget(record: str) -> SaveRecord:
    return SaveRecord(person(record), Expect.EITHER, action=Action.FORGET)


_ANNE = saves(save(person("a", mail="anne@example.com")))
_UNKNOWN = RecordUnknown(PERSON.name, RecordId("a"))
_TAKEN = RecordTaken(PERSON.name, "mail", RecordId("a"))
_EXISTING, _EITHER = Expect.EXISTING, Expect.EITHER

RECORD_REFUSALS: list[tuple[str, tuple[Command, ...], Command, Refusal]] = [
    ("record: unknown", (), saves(save(person("a"), _EXISTING)), _UNKNOWN),
    ("record: of a version, unknown", (), saves(save(person("a"), expected_version=1)), _UNKNOWN),
    ("record: deleted", (_ANNE, saves(delete("a"))), saves(save(person("a"), _EXISTING)), _UNKNOWN),
    ("record: there already", (_ANNE,), saves(save(person("a"))), RecordExists(PERSON.name, RecordId("a"))),
    (
        "record: twice in one command",
        (),
        saves(save(person("b")), save(person("b"))),
        RecordExists(PERSON.name, RecordId("b")),
    ),
    (
        "record: changed meanwhile",
        (_ANNE, saves(save(person("a"), _EITHER))),
        saves(save(person("a"), expected_version=1)),
        RecordChanged(PERSON.name, RecordId("a"), 2),
    ),
    (
        "record: deletion of another version",
        (_ANNE,),
        saves(delete("a", expected_version=7)),
        RecordChanged(PERSON.name, RecordId("a"), 1),
    ),
    ("record: value taken", (_ANNE,), saves(save(person("b", mail="anne@example.com"))), _TAKEN),
    (
        "record: value taken by a save before it",
        (),
        saves(save(person("a", mail="x")), save(person("b", mail="x"))),
        _TAKEN,
    ),
    ("record: body too large", (), saves(save(person("a", b"x" * 101))), RecordsFull(PERSON.name, "body", 100)),
    (
        "catalogue: customer too large",
        (),
        SaveCatalogue(OURS, BY, (Customer(1, "x" * CUSTOMER.max_body),)),
        RecordsFull(CUSTOMER.name, "body", CUSTOMER.max_body),
    ),
]
