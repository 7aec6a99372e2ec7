"""Rules about documents: what may be saved over what, and how a document gets and loses its number. Pure functions.

Several saves of one command are decided one on top of the other. When one is refused, the whole command is (ADR-11).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from gateway.core.changes import Change, Decision, DocumentSaved
from gateway.core.claim_rules import claim_number
from gateway.core.commands import Expect, IssueRequest, SaveDocument, SaveDocuments, Void
from gateway.core.document_commands import ChangeDocument
from gateway.core.documents import (
    NEW_LINE,
    UNASSIGNED,
    Document,
    DocumentId,
    Line,
    LineId,
    Status,
    reference_to,
    referred_document,
)
from gateway.core.kept import KeptSequence
from gateway.core.line_commands import Claim
from gateway.core.numbering import NumberState, read_series, void_number
from gateway.core.pending_state import PendingState
from gateway.core.refusals import (
    DateBehind,
    DocumentChanged,
    DocumentExists,
    DocumentLocked,
    DocumentUnknown,
    KeyReused,
    Refused,
    TransitionNotAllowed,
)
from gateway.core.results import DocumentsSaved, Saved
from gateway.core.values import Counter, CounterKey, Issued, LineName, Origin, TenantId

if TYPE_CHECKING:
    from gateway.core.rules import State


class DocumentState(NumberState, Protocol):
    """The part of the state that finds documents."""

    def now(self, tenant: TenantId) -> dt.datetime: ...
    def document(self, document: DocumentId) -> Document | None: ...
    def document_under(self, tenant: TenantId, key: str) -> Document | None: ...

    def new_document_id(self, besides: Collection[DocumentId]) -> DocumentId:
        """The id that the next new document gets, other than those given."""
        ...


ALLOWED: Final[Mapping[Status | None, frozenset[Status]]] = MappingProxyType(
    {
        None: frozenset({Status.DRAFT, Status.OPEN, Status.ISSUED}),
        Status.DRAFT: frozenset({Status.DRAFT, Status.OPEN, Status.ISSUED, Status.VOID}),
        Status.OPEN: frozenset({Status.DRAFT, Status.OPEN, Status.ISSUED, Status.VOID}),
        Status.ISSUED: frozenset({Status.ISSUED, Status.VOID}),
        Status.VOID: frozenset(),
    }
)
"""From which status to which; None is a new document. To ISSUED and from it only along with a number, see
`_refuse_transition`."""


def save_documents(state: State, command: SaveDocuments) -> Decision[DocumentsSaved]:
    """Decide a SaveDocuments. Raises Refused."""
    pending: _Saving = _OneSave(state) if len(command.saves) == 1 else PendingState(state)
    saved = tuple(_save(pending, save, command.by) for save in command.saves)
    return Decision(DocumentsSaved(saved), tuple(pending.changes))


def change_document(state: State, command: ChangeDocument) -> Decision[DocumentsSaved]:
    """Decide a ChangeDocument. Raises Refused, and ValueError when `change` returns another document."""
    before = state.document(command.document)
    if before is None or before.tenant != command.tenant:
        raise Refused(DocumentUnknown(command.document))
    own = before.series
    save = command.change(before, lambda: read_series(state, command.tenant, own, command.by.dialect))
    if save is None:
        return Decision(DocumentsSaved(()), ())
    if (save.document.tenant, save.document.id) != (command.tenant, command.document):
        raise ValueError("a change of another document")
    pending = _OneSave(state)
    saved = _save(pending, save, command.by)
    return Decision(DocumentsSaved((saved,)), tuple(pending.changes))


def owner_voided(state: DocumentState, voided: Issued) -> tuple[Change, ...]:
    """When a number is voided by itself, the document that has it is void, too (ADR-13)."""
    document = _owner(state, voided)
    if document is None:
        return ()
    return (DocumentSaved(_next_version(state, document.with_fields(status=Status.VOID))),)


class _Saving(DocumentState, Protocol):
    """The state as the next save of a command sees it, and the changes so far."""

    changes: list[Change]

    def add(self, changes: Sequence[Change]) -> None: ...


class _OneSave:
    """The state for a command of one save: nobody asks for what is put on top, so it is only collected."""

    def __init__(self, state: DocumentState) -> None:
        self.changes: list[Change] = []
        self.add = self.changes.extend
        self.now, self.series, self.default_series = state.now, state.series, state.default_series
        self.counter, self.first_free = state.counter, state.first_free
        self.issued_under, self.issued_number = state.issued_under, state.issued_number
        self.document, self.document_under = state.document, state.document_under
        self.new_document_id = state.new_document_id


def _save(state: _Saving, save: SaveDocument, by: Origin) -> Saved:
    replayed = _replayed(state, save)
    if replayed is not None:
        return replayed
    before = _read_expected(state, save)
    after = _merged(state, save, before, by)
    if save.issue is not None:
        return _issue(state, save.issue, after, by)
    if save.void is not None and before is not None and before.counter is not None:
        return _void_issued(state, after, before.counter, save.void, by)
    state.add((DocumentSaved(after),))
    return Saved(after)


def _replayed(state: _Saving, save: SaveDocument) -> Saved | None:
    """What an earlier save under the same key led to, None when there was none.

    Raises Refused when the key was used for something else.
    """
    tenant, document_id = save.document.tenant, save.document.id
    issued = state.issued_under(tenant, save.issue.key) if save.issue is not None else None
    if issued is not None and save.issue is not None:
        document = _owner(state, issued)
        if document is None or not _same_request(save, save.issue, issued, document):
            raise Refused(KeyReused(issued.key, issued.counter))
        return Saved(document, issued, state.series(issued.counter.series), replayed=True)
    earlier = state.document_under(tenant, save.key) if save.key and save.creates else None
    if earlier is None:
        return None
    if document_id not in (UNASSIGNED, earlier.id):
        raise Refused(DocumentExists(earlier.id))
    return Saved(earlier, replayed=True)


def _same_request(save: SaveDocument, issue: IssueRequest, issued: Issued, document: Document) -> bool:
    """Whether a save could be a repetition of the one that got this number."""
    return (
        save.document.id in (UNASSIGNED, document.id)
        and issue.series in (None, issued.counter.series)
        and issue.number in (None, issued.number)
        and (issue.kind or save.document.kind) == document.kind
        and line_of(issue, save.document) == issued.counter.line
    )


def line_of(issue: IssueRequest, document: Document) -> LineName:
    """The name of the line that the number comes from."""
    return issue.line or document.line or issue.kind or document.kind


def _owner(state: DocumentState, issued: Issued) -> Document | None:
    """The document that has a number; None when the number was issued without one."""
    named = referred_document(issued.document)
    document = state.document(named) if named is not None else None
    if document is None or document.tenant != issued.tenant:
        return None
    return document if (document.counter, document.number) == (issued.counter, issued.number) else None


def _read_expected(state: _Saving, save: SaveDocument) -> Document | None:
    """The document as it stands, None for a new one. Raises Refused when that is not what the save expects."""
    wanted = save.document.id
    found = state.document(wanted) if wanted != UNASSIGNED else None
    own = found if found is not None and found.tenant == save.document.tenant else None
    if own is None:
        if save.expected_version is not None or save.expect is Expect.EXISTING:
            raise Refused(DocumentUnknown(wanted))
        if found is not None:
            raise Refused(DocumentExists(wanted))  # another tenant's
        return None
    if save.creates:
        raise Refused(DocumentExists(wanted))
    if save.expected_version is not None and save.expected_version != own.version:
        raise Refused(DocumentChanged(own.id, own.version))
    return own


def _merged(state: _Saving, save: SaveDocument, before: Document | None, by: Origin) -> Document:
    """The document as it shall read, but for the number that it may still get. Raises Refused."""
    wanted = save.document
    status = _status_after(save)
    document_id = before.id if before is not None else wanted.id
    _refuse_transition(save, document_id, before, status)
    if before is not None and before.status is Status.ISSUED:
        _refuse_amendment(wanted, before)
        amended = before.with_fields(
            status=status, stage=wanted.stage, external_status=wanted.external_status, extras=wanted.extras
        )
        return _next_version(state, amended)
    if wanted.series is not None:
        read_series(state, wanted.tenant, wanted.series, by.dialect)
    lines, last_line = _numbered_lines(wanted.lines, before)
    merged = wanted.with_fields(status=status, lines=lines, last_line=last_line, number=None)
    if before is None:
        document_id = document_id or state.new_document_id(())
        now = state.now(wanted.tenant)
        return merged.with_fields(id=document_id, key=save.key, version=1, registered=now, changed=now)
    return _next_version(
        state, merged.with_fields(key=before.key, version=before.version, registered=before.registered)
    )


def _next_version(state: DocumentState, document: Document) -> Document:
    """The document one version further, changed now."""
    return document.with_fields(version=document.version + 1, changed=state.now(document.tenant))


def _status_after(save: SaveDocument) -> Status:
    if save.issue is not None:
        return Status.ISSUED
    return Status.VOID if save.void is not None else save.document.status


def _refuse_transition(save: SaveDocument, document: DocumentId, before: Document | None, after: Status) -> None:
    present = before.status if before is not None else None
    amends = save.allow_issued or save.void is not None
    if present is Status.VOID or (present is Status.ISSUED and not amends):
        raise Refused(DocumentLocked(document, present))
    numbered_already = present is Status.ISSUED
    numbered_after = after is Status.ISSUED
    by_number_only = numbered_after and (save.issue is None) != numbered_already
    voids_unasked = after is Status.VOID and save.void is None
    if after not in ALLOWED[present] or by_number_only or voids_unasked:
        raise Refused(TransitionNotAllowed(document, present, after))


def _refuse_amendment(wanted: Document, before: Document) -> None:
    """An issued document keeps what its number stands for (ADR-13)."""

    def fixed(document: Document) -> tuple[object, ...]:
        return document.kind, document.series, document.customer, document.document_date, document.lines

    if fixed(wanted) != fixed(before) or wanted.line not in (None, before.line):
        raise Refused(DocumentLocked(before.id, before.status))


def _numbered_lines(lines: Sequence[Line], before: Document | None) -> tuple[Sequence[Line], LineId]:
    """Lines by position, and the highest id. New lines get ids that no line of the document ever had. Raises ValueError."""
    last = before.last_line if before is not None else NEW_LINE
    if before is not None and isinstance(lines, KeptSequence) and lines == before.lines:
        return lines, last
    numbered = []
    highest = last
    for line in sorted(lines, key=lambda line: line.position):
        if not NEW_LINE <= line.id <= last:
            raise ValueError(f"no line ever had the id {line.id}")
        if line.id == NEW_LINE:
            highest = LineId(highest + 1)
            numbered.append(line.numbered(highest))
        else:
            numbered.append(line)
    return tuple(numbered), highest


def _issue(state: _Saving, request: IssueRequest, document: Document, by: Origin) -> Saved:
    wanted = request.series if request.series is not None else document.series
    series = read_series(state, document.tenant, wanted, by.dialect)
    line = CounterKey(series.id, line_of(request, document))
    date = request.date or document.document_date
    if request.dates_must_not_go_back:
        _refuse_earlier_date(state.counter(line), date)
    named = reference_to(document.id)
    claim = Claim(
        document.tenant,
        line,
        request.number,
        request.key,
        named,
        _reason(by, named),
        request.start_if_unset,
        request.on_held,
    )
    issued, changes = claim_number(state, claim, date)
    after = document.with_fields(
        kind=request.kind or document.kind,
        line=line.line,
        series=series.id,
        number=issued.number,
        document_date=date,
    )
    state.add((*changes, DocumentSaved(after)))
    return Saved(after, issued, series)


def _refuse_earlier_date(counter: Counter, date: dt.date | None) -> None:
    latest = counter.latest_date
    if date is not None and latest is not None and date < latest:
        raise Refused(DateBehind(counter.key, date, latest))


def _void_issued(state: _Saving, document: Document, line: CounterKey, reason: str, by: Origin) -> Saved:
    number = document.number if document.number is not None else -1
    by_save = _reason(by, reference_to(document.id), reason)
    voided, changes = void_number(state, Void(document.tenant, line, number, by_save))
    state.add((*changes, DocumentSaved(document)))
    return Saved(document, voided, state.series(line.series))


def _reason(by: Origin, document: str, text: str = "") -> Origin:
    """Who saves, with a reason for the ledger that names the document and says why."""
    return Origin(by.dialect, by.principal, by.request_id, "; ".join(filter(None, (document, text, by.reason))))
