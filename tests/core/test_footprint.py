"""What each command needs, told without a state; every command has a footprint."""

from __future__ import annotations

import typing
from dataclasses import replace

import pytest

from gateway.core.commands import (
    Command,
    CreateSeries,
    Expect,
    Issue,
    IssueRequest,
    SaveCatalogue,
    SaveDocument,
    SaveDocuments,
    SetDefault,
    SetNext,
    SetPolicy,
    UpdateSeries,
    Void,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.footprint import Footprint, footprint
from gateway.core.rules import _RULES
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, CounterKey, Origin, SeriesId, TenantId

T = TenantId("demo")
BY = Origin("test", "tester", "request-1")
ONE, TWO = SeriesId(1), SeriesId(2)
LINE = CounterKey(ONE, INVOICE)
LOCKED = SetPolicy(allow_when_issued=False)
DRAFT = Document(T)
OLD = replace(DRAFT, id=DocumentId(7))


def saves(*items: SaveDocument) -> SaveDocuments:
    return SaveDocuments(T, items, BY)


CASES: dict[str, tuple[Command, Footprint]] = {
    "issue": (Issue(T, LINE, "k", "d", BY), Footprint(lines={LINE}, issue_keys={(T, "k")})),
    "void": (Void(T, LINE, 5, BY), Footprint(lines={LINE}, numbers={(LINE, 5)})),
    "void of what cannot be": (Void(T, LINE, MAX_NUMBER + 1, BY), Footprint(lines={LINE})),
    "set": (SetNext(T, LINE, 5, SetPolicy(), BY), Footprint(lines={LINE})),
    "set unless issued": (SetNext(T, LINE, 5, LOCKED, BY), Footprint(lines={LINE}, whole_series={ONE})),
    "create": (
        CreateSeries(T, "Name", BY),
        Footprint(creates_series=True, tenants={T}, defaults={T}, names={(T, "Name")}),
    ),
    "create under a key": (
        CreateSeries(T, "Name", BY, key="k"),
        Footprint(creates_series=True, tenants={T}, defaults={T}, names={(T, "Name")}, series_keys={(T, "k")}),
    ),
    "update": (UpdateSeries(T, ONE, SetPolicy(), BY, counters={INVOICE: 5}), Footprint(whole_series={ONE})),
    "rename": (
        UpdateSeries(T, ONE, SetPolicy(), BY, name="Name"),
        Footprint(whole_series={ONE}, tenants={T}, names={(T, "Name")}),
    ),
    "make default": (
        UpdateSeries(T, ONE, SetPolicy(), BY, make_default=True),
        Footprint(whole_series={ONE}, tenants={T}, defaults={T}),
    ),
    "set default": (SetDefault(T, ONE, BY), Footprint(whole_series={ONE}, tenants={T}, defaults={T})),
    "new document": (saves(SaveDocument(DRAFT)), Footprint(creates_documents=True)),
    "new document under a key": (
        saves(SaveDocument(replace(DRAFT, series=TWO), key="k")),
        Footprint(creates_documents=True, document_keys={(T, "k")}, series={TWO}),
    ),
    "known document": (
        saves(SaveDocument(OLD, Expect.EXISTING), SaveDocument(OLD, expected_version=3)),
        Footprint(documents={DocumentId(7)}),
    ),
    "document that may be known": (
        saves(SaveDocument(OLD, Expect.EITHER)),
        Footprint(documents={DocumentId(7)}, creates_documents=True),
    ),
    "document with a number": (
        saves(SaveDocument(replace(OLD, series=ONE), Expect.EXISTING, issue=IssueRequest("k", kind=CREDIT_NOTE))),
        Footprint(documents={DocumentId(7)}, series={ONE}, issue_keys={(T, "k")}, lines={CounterKey(ONE, CREDIT_NOTE)}),
    ),
    "document with a number of the default series": (
        saves(SaveDocument(OLD, Expect.EXISTING, issue=IssueRequest("k"))),
        Footprint(documents={DocumentId(7)}, issue_keys={(T, "k")}, defaults={T}),
    ),
    "catalogue": (SaveCatalogue(T, BY), Footprint(catalogues={T})),
}


@pytest.mark.parametrize(("command", "needed"), CASES.values(), ids=CASES.keys())
def test_footprints(command: Command, needed: Footprint) -> None:
    assert footprint([command]) == needed
    assert needed


def test_every_command_has_one() -> None:
    commands = set(typing.get_args(Command))
    assert {type(command) for command, _ in CASES.values()} == commands == set(_RULES)


def test_together() -> None:
    together = footprint([Issue(T, LINE, "a", "", BY), CreateSeries(T, "Name", BY), Issue(T, LINE, "b", "", BY)])
    assert together.issue_keys == {(T, "a"), (T, "b")}
    assert together.creates_series
    assert together.lines == {LINE}
    assert not Footprint()
    other = Footprint(creates_documents=True)
    other.absorb(together)
    assert (other.creates_documents, other.creates_series) == (True, True)
    assert other.lines == {LINE}
    assert other.lines is not together.lines
