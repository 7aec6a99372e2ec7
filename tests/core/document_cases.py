"""A table of what SaveDocuments refuses: title, the commands before it, the command, the refusal. `test_rules` runs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from gateway.core.commands import Command, Expect, Issue, IssueRequest, SaveDocument, SaveDocuments, SetNext, SetPolicy
from gateway.core.document_commands import ChangeDocument
from gateway.core.documents import Document, DocumentId, Line, Status
from gateway.core.refusals import (
    CounterExhausted,
    CounterUnset,
    DateBehind,
    DocumentChanged,
    DocumentExists,
    DocumentLocked,
    DocumentUnknown,
    KeyReused,
    NumberOutOfRange,
    NumberTaken,
    Refusal,
    SeriesUnknown,
    TransitionNotAllowed,
)
from gateway.core.values import (
    CREDIT_NOTE,
    INVOICE,
    MAX_NUMBER,
    CounterKey,
    DocumentKind,
    Origin,
    SeriesId,
    TenantId,
)

OURS, THEIRS = TenantId("ours"), TenantId("theirs")
MAIN, SIDE, FOREIGN, NOWHERE = SeriesId(1), SeriesId(2), SeriesId(3), SeriesId(99)
LINE = CounterKey(MAIN, INVOICE)
BY = Origin("test", "tester", "request-1", "because")
ORDER = DocumentKind("order")
FIRST, SECOND, UNKNOWN = DocumentId(1), DocumentId(2), DocumentId(77)
EARLY, LATE = dt.date(2024, 2, 28), dt.date(2024, 2, 29)
DRAFT, OPEN, ISSUED, VOID = Status.DRAFT, Status.OPEN, Status.ISSUED, Status.VOID


def document(tenant: TenantId = OURS, **fields: Any) -> Document:
    return Document(tenant, **{"status": OPEN, **fields})


def save(wanted: Document, **options: Any) -> SaveDocument:
    return SaveDocument(wanted, **options)


def over(wanted: Document, **options: Any) -> SaveDocument:
    """A save of a document that must exist already."""
    return SaveDocument(wanted, **{"expect": Expect.EXISTING, **options})


def saves(*items: SaveDocument, tenant: TenantId = OURS) -> SaveDocuments:
    return SaveDocuments(tenant, items, BY)


def asked(key: str = "a", **options: Any) -> IssueRequest:
    return IssueRequest(key, **{"start_if_unset": 1, **options})


def created(**fields: Any) -> SaveDocuments:
    return saves(save(document(**fields)))


def invoiced(key: str = "a", date: dt.date | None = None, **options: Any) -> SaveDocuments:
    """A new document with a number."""
    return saves(save(document(document_date=date), issue=asked(key, **options)))


def set_to(number: int | None) -> SetNext:
    return SetNext(OURS, LINE, number, SetPolicy(allow_lower=True, allow_clear=True), BY)


_LOCKED = DocumentLocked(FIRST, ISSUED)
_OF_FIRST = {"id": FIRST, "series": MAIN}
DATED = asked("b", dates_must_not_go_back=True)

DOCUMENT_REFUSALS: Sequence[tuple[str, tuple[Command, ...], SaveDocuments | ChangeDocument, Refusal]] = [
    # which document
    ("save: unknown", (), saves(over(document(id=UNKNOWN))), DocumentUnknown(UNKNOWN)),
    ("change: unknown", (), ChangeDocument(OURS, UNKNOWN, lambda _, __: None, BY), DocumentUnknown(UNKNOWN)),
    ("save: unknown at a version", (), saves(save(document(id=UNKNOWN), expected_version=1)), DocumentUnknown(UNKNOWN)),
    (
        "save: another tenant's",
        (created(),),
        saves(over(document(THEIRS, id=FIRST)), tenant=THEIRS),
        DocumentUnknown(FIRST),
    ),
    ("save: id taken", (created(),), created(id=FIRST), DocumentExists(FIRST)),
    ("save: id taken by a proposed one", (created(id=UNKNOWN),), created(id=UNKNOWN), DocumentExists(UNKNOWN)),
    (
        "save: id taken by another tenant",
        (created(),),
        saves(save(document(THEIRS, id=FIRST)), tenant=THEIRS),
        DocumentExists(FIRST),
    ),
    (
        "save: another tenant's, either way",
        (created(),),
        saves(save(document(THEIRS, id=FIRST), expect=Expect.EITHER), tenant=THEIRS),
        DocumentExists(FIRST),
    ),
    (
        "save: id taken within the command",
        (),
        saves(save(document(id=FIRST)), save(document(id=FIRST))),
        DocumentExists(FIRST),
    ),
    (
        "save: key of another id",
        (saves(save(document(), key="k")),),
        saves(save(document(id=UNKNOWN), key="k")),
        DocumentExists(FIRST),
    ),
    # which version
    (
        "save: changed meanwhile",
        (created(), saves(over(document(id=FIRST)))),
        saves(save(document(id=FIRST), expected_version=1)),
        DocumentChanged(FIRST, 2),
    ),
    (
        "save: a version that is not yet",
        (created(),),
        saves(save(document(id=FIRST), expected_version=2)),
        DocumentChanged(FIRST, 1),
    ),
    (
        "save: changed within the command",
        (created(),),
        saves(save(document(id=FIRST), expected_version=1), save(document(id=FIRST), expected_version=1)),
        DocumentChanged(FIRST, 2),
    ),
    (
        "save: version comes before lock",
        (invoiced(),),
        saves(save(document(**_OF_FIRST), expected_version=7)),
        DocumentChanged(FIRST, 1),
    ),
    # locked
    ("save: issued", (invoiced(),), saves(over(document(**_OF_FIRST))), _LOCKED),
    ("save: issued, issue again", (invoiced(),), saves(over(document(**_OF_FIRST), issue=asked("b"))), _LOCKED),
    (
        "amend: other lines",
        (invoiced(),),
        saves(over(document(**_OF_FIRST, status=ISSUED, lines=(Line("x"),)), allow_issued=True)),
        _LOCKED,
    ),
    (
        "amend: other customer",
        (invoiced(),),
        saves(over(document(**_OF_FIRST, status=ISSUED, customer=7), allow_issued=True)),
        _LOCKED,
    ),
    (
        "amend: other date",
        (invoiced(),),
        saves(over(document(**_OF_FIRST, status=ISSUED, document_date=LATE), allow_issued=True)),
        _LOCKED,
    ),
    (
        "amend: other kind",
        (invoiced(),),
        saves(over(document(**_OF_FIRST, status=ISSUED, kind=ORDER), allow_issued=True)),
        _LOCKED,
    ),
    (
        "amend: other series",
        (invoiced(),),
        saves(over(document(id=FIRST, status=ISSUED, series=SIDE), allow_issued=True)),
        _LOCKED,
    ),
    ("void: other lines", (invoiced(),), saves(over(document(**_OF_FIRST, lines=(Line("x"),)), void="")), _LOCKED),
    (
        "save: void",
        (created(), saves(over(document(id=FIRST), void="no"))),
        saves(over(document(id=FIRST))),
        DocumentLocked(FIRST, VOID),
    ),
    (
        "void: void",
        (created(), saves(over(document(id=FIRST), void="no"))),
        saves(over(document(id=FIRST), void="no")),
        DocumentLocked(FIRST, VOID),
    ),
    (
        "amend: void",
        (invoiced(), saves(over(document(**_OF_FIRST), void="no"))),
        saves(over(document(**_OF_FIRST), allow_issued=True)),
        DocumentLocked(FIRST, VOID),
    ),
    (
        "issue: void",
        (created(), saves(over(document(id=FIRST), void="no"))),
        saves(over(document(id=FIRST), issue=asked())),
        DocumentLocked(FIRST, VOID),
    ),
    # from where to where
    ("create: issued without a number", (), created(status=ISSUED), TransitionNotAllowed(DocumentId(0), None, ISSUED)),
    ("create: void", (), saves(save(document(), void="")), TransitionNotAllowed(DocumentId(0), None, VOID)),
    ("create: void by status", (), created(status=VOID), TransitionNotAllowed(DocumentId(0), None, VOID)),
    (
        "save: issued without a number",
        (created(),),
        saves(over(document(id=FIRST, status=ISSUED))),
        TransitionNotAllowed(FIRST, OPEN, ISSUED),
    ),
    (
        "save: void by status",
        (created(),),
        saves(over(document(id=FIRST, status=VOID))),
        TransitionNotAllowed(FIRST, OPEN, VOID),
    ),
    (
        "amend: back to open",
        (invoiced(),),
        saves(over(document(**_OF_FIRST), allow_issued=True)),
        TransitionNotAllowed(FIRST, ISSUED, OPEN),
    ),
    (
        "amend: void by status",
        (invoiced(),),
        saves(over(document(**_OF_FIRST, status=VOID), allow_issued=True)),
        TransitionNotAllowed(FIRST, ISSUED, VOID),
    ),
    (
        "amend: a second number",
        (invoiced(),),
        saves(over(document(**_OF_FIRST), issue=asked("b"), allow_issued=True)),
        TransitionNotAllowed(FIRST, ISSUED, ISSUED),
    ),
    # series
    ("save: wished series unknown", (), created(series=NOWHERE), SeriesUnknown(NOWHERE)),
    ("save: wished series another tenant's", (), created(series=FOREIGN), SeriesUnknown(FOREIGN)),
    ("issue: series unknown", (), invoiced(series=NOWHERE), SeriesUnknown(NOWHERE)),
    ("issue: series another tenant's", (), invoiced(series=FOREIGN), SeriesUnknown(FOREIGN)),
    (
        "issue: no default",
        (),
        saves(save(document(TenantId("nobody")), issue=asked()), tenant=TenantId("nobody")),
        SeriesUnknown(None),
    ),
    # numbers
    ("issue document: unset", (), invoiced(start_if_unset=None), CounterUnset(LINE)),
    ("issue document: negative start", (), invoiced(start_if_unset=-1), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    ("issue document: exhausted", (set_to(MAX_NUMBER), invoiced()), invoiced("b"), CounterExhausted(LINE)),
    ("issue document: taken", (set_to(5), invoiced(), set_to(5)), invoiced("b"), NumberTaken(LINE, 5)),
    (
        "issue document: key of another line",
        (invoiced(kind=CREDIT_NOTE),),
        invoiced(),
        KeyReused("a", CounterKey(MAIN, CREDIT_NOTE)),
    ),
    (
        "issue document: key of another series",
        (invoiced(series=SIDE),),
        invoiced(series=MAIN),
        KeyReused("a", CounterKey(SIDE, INVOICE)),
    ),
    (
        "issue document: key of another document",
        (invoiced(), created()),
        saves(over(document(id=SECOND), issue=asked())),
        KeyReused("a", LINE),
    ),
    (
        "issue document: key issued without a document",
        (Issue(OURS, LINE, "a", "x", BY, 1),),
        invoiced(),
        KeyReused("a", LINE),
    ),
    (
        "issue document: key issued to a document that is not",
        (Issue(OURS, LINE, "a", "document:1", BY, 1),),
        invoiced(),
        KeyReused("a", LINE),
    ),
    (
        "issue document: key claimed for a document without it",
        (created(), Issue(OURS, LINE, "a", "document:1", BY, 1)),
        saves(over(document(id=FIRST), issue=asked())),
        KeyReused("a", LINE),
    ),
    (
        "issue document: key used within the command",
        (),
        saves(save(document(), issue=asked()), save(document(kind=CREDIT_NOTE), issue=asked())),
        KeyReused("a", LINE),
    ),
    # dates
    (
        "issue document: date behind",
        (invoiced(date=LATE),),
        saves(save(document(document_date=EARLY), issue=DATED)),
        DateBehind(LINE, EARLY, LATE),
    ),
    (
        "issue document: date of the request behind",
        (invoiced(date=LATE),),
        saves(save(document(document_date=LATE), issue=asked("b", date=EARLY, dates_must_not_go_back=True))),
        DateBehind(LINE, EARLY, LATE),
    ),
    (
        "issue document: date behind a voided one",
        (invoiced(date=LATE), saves(over(document(**_OF_FIRST, document_date=LATE), void=""))),
        saves(save(document(document_date=EARLY), issue=DATED)),
        DateBehind(LINE, EARLY, LATE),
    ),
    (
        "issue document: date behind one of the command",
        (),
        saves(save(document(document_date=LATE), issue=asked()), save(document(document_date=EARLY), issue=DATED)),
        DateBehind(LINE, EARLY, LATE),
    ),
    # all or nothing
    (
        "save: the last of three spoils all",
        (set_to(5),),
        saves(save(document()), save(document(), issue=asked()), over(document(id=UNKNOWN))),
        DocumentUnknown(UNKNOWN),
    ),
]
