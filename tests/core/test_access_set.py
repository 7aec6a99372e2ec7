"""The access set of each command, found without a state; every command has one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.access_set import AccessSet, access_set
from gateway.core.commands import (
    Command,
    CreateSeries,
    Expect,
    Issue,
    IssueRequest,
    MoveAhead,
    SaveCatalogue,
    SaveDocument,
    SaveDocuments,
    SetDefault,
    SetNext,
    SetPolicy,
    UpdateSeries,
    Void,
)
from gateway.core.document_commands import ChangeDocument
from gateway.core.documents import Document, DocumentId
from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.record_commands import SaveRecord, SaveRecords
from gateway.core.records import Field, KindName, RecordKind
from gateway.core.rules import COMMANDS
from gateway.core.together import Build, Together
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, CounterKey, Origin, SeriesId, TenantId
from gateway.core.work import (
    DropWork,
    FinishWork,
    ForgetWork,
    GivenBack,
    NewWork,
    RetryWork,
    ScheduleWork,
    TakeWork,
    WorkId,
)

T = TenantId("demo")
BY = Origin("test", "tester", "request-1")
ONE, TWO = SeriesId(1), SeriesId(2)
LINE = CounterKey(ONE, INVOICE)
LOCKED = SetPolicy(allow_when_issued=False)
KIND = RecordKind(KindName("thing"), {"mail": Field(unique=True), "name": Field()})
THING = KIND.record(T, "a", values={"mail": "a@b", "name": "A"})
DRAFT = Document(T)
OLD = replace(DRAFT, id=DocumentId(7))


def saves(*items: SaveDocument) -> SaveDocuments:
    return SaveDocuments(T, items, BY)


CASES: dict[str, tuple[Command, AccessSet]] = {
    "issue": (Issue(T, LINE, "k", "d", BY), AccessSet(lines={LINE}, issue_keys={(T, "k")})),
    "claim": (
        Claim(T, LINE, 7, "k", "d", BY),
        AccessSet(lines={LINE}, issue_keys={(T, "k")}, numbers={(LINE, 7)}),
    ),
    "claim of the next one": (Claim(T, LINE, None, "k", "d", BY), AccessSet(lines={LINE}, issue_keys={(T, "k")})),
    "claim of what cannot be": (Claim(T, LINE, -1, "k", "d", BY), AccessSet(lines={LINE}, issue_keys={(T, "k")})),
    "reserve": (
        Reserve(T, LINE, "k", BY),
        AccessSet(lines={LINE}, reservation_keys={(T, "k")}, issue_keys={(T, "reservation:k")}),
    ),
    "bounds": (SetBounds(T, LINE, 1, 9, BY), AccessSet(lines={LINE})),
    "bounds unless issued": (SetBounds(T, LINE, 1, 9, BY, LOCKED), AccessSet(lines={LINE}, whole_series={ONE})),
    "open": (OpenSeries(T, "k", "test", BY), AccessSet(series_keys={(T, "k")})),
    "void": (Void(T, LINE, 5, BY), AccessSet(lines={LINE}, numbers={(LINE, 5)})),
    "void of what cannot be": (Void(T, LINE, MAX_NUMBER + 1, BY), AccessSet(lines={LINE})),
    "set": (SetNext(T, LINE, 5, SetPolicy(), BY), AccessSet(lines={LINE})),
    "set unless issued": (SetNext(T, LINE, 5, LOCKED, BY), AccessSet(lines={LINE}, whole_series={ONE})),
    "move ahead": (MoveAhead(T, LINE, BY, ahead=5), AccessSet(lines={LINE})),
    "create": (
        CreateSeries(T, "Name", BY),
        AccessSet(creates_series=True, tenants={T}, defaults={T}, names={(T, "Name")}),
    ),
    "create under a key": (
        CreateSeries(T, "Name", BY, key="k"),
        AccessSet(creates_series=True, tenants={T}, defaults={T}, names={(T, "Name")}, series_keys={(T, "k")}),
    ),
    "update": (UpdateSeries(T, ONE, SetPolicy(), BY, counters={INVOICE: 5}), AccessSet(whole_series={ONE})),
    "rename": (
        UpdateSeries(T, ONE, SetPolicy(), BY, name="Name"),
        AccessSet(whole_series={ONE}, tenants={T}, names={(T, "Name")}),
    ),
    "make default": (
        UpdateSeries(T, ONE, SetPolicy(), BY, make_default=True),
        AccessSet(whole_series={ONE}, tenants={T}, defaults={T}),
    ),
    "set default": (SetDefault(T, ONE, BY), AccessSet(whole_series={ONE}, tenants={T}, defaults={T})),
    "new document": (saves(SaveDocument(DRAFT)), AccessSet(creates_documents=True)),
    "new document under a key": (
        saves(SaveDocument(replace(DRAFT, series=TWO), key="k")),
        AccessSet(creates_documents=True, document_keys={(T, "k")}, series={TWO}),
    ),
    "known document": (
        saves(SaveDocument(OLD, Expect.EXISTING), SaveDocument(OLD, expected_version=3)),
        AccessSet(documents={DocumentId(7)}),
    ),
    "document that may be known": (
        saves(SaveDocument(OLD, Expect.EITHER)),
        AccessSet(documents={DocumentId(7)}, creates_documents=True),
    ),
    "document with a number": (
        saves(SaveDocument(replace(OLD, series=ONE), Expect.EXISTING, issue=IssueRequest("k", kind=CREDIT_NOTE))),
        AccessSet(documents={DocumentId(7)}, series={ONE}, issue_keys={(T, "k")}, lines={CounterKey(ONE, CREDIT_NOTE)}),
    ),
    "document that claims a number of another line": (
        saves(SaveDocument(OLD, Expect.EXISTING, issue=IssueRequest("k", ONE, CREDIT_NOTE, line=INVOICE, number=7))),
        AccessSet(documents={DocumentId(7)}, issue_keys={(T, "k")}, lines={LINE}, numbers={(LINE, 7)}),
    ),
    "document with a number of the default series": (
        saves(SaveDocument(OLD, Expect.EXISTING, issue=IssueRequest("k"))),
        AccessSet(documents={DocumentId(7)}, issue_keys={(T, "k")}, defaults={T}),
    ),
    "change of a document": (
        ChangeDocument(T, DocumentId(7), lambda _, __: None, BY),
        AccessSet(documents={DocumentId(7)}),
    ),
    "change of a document that may get a number": (
        ChangeDocument(T, DocumentId(7), lambda _, __: None, BY, "k"),
        AccessSet(documents={DocumentId(7)}, issue_keys={(T, "k")}, defaults={T}),
    ),
    "catalogue": (SaveCatalogue(T, BY), AccessSet(catalogues={T})),
    "records": (
        SaveRecords(T, KIND, (SaveRecord(THING), SaveRecord(KIND.record(T, ""))), BY),
        AccessSet(record_kinds={(T, KIND.name)}, records={THING.key}, record_values={(T, KIND.name, "mail", "a@b")}),
    ),
    "records exactly": (
        SaveRecords(T, KIND, (), BY, exactly=True),
        AccessSet(record_kinds={(T, KIND.name)}, whole_kinds={(T, KIND.name)}),
    ),
    "together": (
        Together(T, (Void(T, LINE, 5, BY), Build(lambda _: None, (THING.key,))), BY),
        AccessSet(lines={LINE}, numbers={(LINE, 5)}, record_kinds={(T, KIND.name)}, records={THING.key}),
    ),
    "work": (ScheduleWork(T, (NewWork("callback", "a"),), BY), AccessSet(schedules={T})),
    "work to take": (TakeWork(T, WorkId(7), "d/a", "me", 0, 1), AccessSet(work={(T, WorkId(7))}, lanes={(T, "d/a")})),
    "work that has ended": (FinishWork(T, WorkId(7), "me", GivenBack()), AccessSet(work={(T, WorkId(7))})),
    "work to be tried again": (RetryWork(T, WorkId(7), BY), AccessSet(work={(T, WorkId(7))})),
    "work to forget": (ForgetWork(T, (WorkId(7),)), AccessSet(work={(T, WorkId(7))})),
    "work to drop": (DropWork(T, WorkId(7), BY), AccessSet(work={(T, WorkId(7))})),
}


@pytest.mark.parametrize(("command", "needed"), CASES.values(), ids=CASES.keys())
def test_access_sets(command: Command, needed: AccessSet) -> None:
    assert access_set([command]) == needed
    assert needed


def test_every_command_has_one() -> None:
    assert {type(command) for command, _ in CASES.values()} == set(COMMANDS)


def test_together() -> None:
    together = access_set([Issue(T, LINE, "a", "", BY), CreateSeries(T, "Name", BY), Issue(T, LINE, "b", "", BY)])
    assert together.issue_keys == {(T, "a"), (T, "b")}
    assert together.creates_series
    assert together.lines == {LINE}
    assert not AccessSet()
    other = AccessSet(creates_documents=True)
    other.absorb(together)
    assert (other.creates_documents, other.creates_series) == (True, True)
    assert other.lines == {LINE}
    assert other.lines is not together.lines
