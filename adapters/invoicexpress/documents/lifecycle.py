"""The vendor's states of a document, and the ways between them. The core keeps the state as the stage of the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.core.documents import Document, Status
from gateway.core.values import CREDIT_NOTE, DEBIT_NOTE, INVOICE, DocumentKind

DIALECT: Final = "invoicexpress"

DRAFT: Final = "draft"
FINAL: Final = "final"
SECOND_COPY: Final = "second_copy"
SETTLED: Final = "settled"
CANCELED: Final = "canceled"
DELETED: Final = "deleted"

FINALIZED: Final = "finalized"
UNSETTLED: Final = "unsettled"

TRANSITIONS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        (DRAFT, FINALIZED): FINAL,
        (DRAFT, DELETED): DELETED,
        (FINAL, SECOND_COPY): SECOND_COPY,
        (FINAL, CANCELED): CANCELED,
        (SECOND_COPY, CANCELED): CANCELED,
        (FINAL, SETTLED): SETTLED,
        (SECOND_COPY, SETTLED): SETTLED,
        (SETTLED, UNSETTLED): FINAL,
    }
)
"""From a state and what change-state asks for to the next state. Everything else fails. Source: R-32."""

EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {FINALIZED: "edited", UNSETTLED: "edited", **{name: name for name in (DELETED, SECOND_COPY, CANCELED, SETTLED)}}
)
"""The word of the timeline for a change of state. It has no word of its own for the first two. Source: R-36."""


class DocumentType(NamedTuple):
    """One type of document.

    plural: its resource in paths.
    root: the root of its XML.
    name: what `type` shows.
    kind: the core's word for it.
    """

    plural: str
    root: str
    name: str
    kind: DocumentKind

    @property
    def label(self) -> str:
        """How error texts name it."""
        return self.root.replace("_", " ").capitalize()


TYPES: Final = (
    DocumentType("invoices", "invoice", "Invoice", INVOICE),
    DocumentType("credit_notes", "credit_note", "CreditNote", CREDIT_NOTE),
    DocumentType("debit_notes", "debit_note", "DebitNote", DEBIT_NOTE),
)
BY_KIND: Final[Mapping[DocumentKind, DocumentType]] = MappingProxyType({kind.kind: kind for kind in TYPES})
BY_NAME: Final[Mapping[str, DocumentType]] = MappingProxyType({kind.name: kind for kind in TYPES})


def is_ours(document: Document) -> bool:
    """True for a document that was made through this dialect."""
    return DIALECT in document.extras and document.kind in BY_KIND


def state_of(document: Document) -> str:
    """The vendor's state. A number that was voided by other means than this dialect shows as canceled. Source: R-32."""
    if document.status is Status.VOID:
        return DELETED if document.number is None else CANCELED
    return document.stage


class Search(NamedTuple):
    """A search that the core can make: some stages of one status."""

    stages: tuple[str, ...]
    status: Status


_ISSUED: Final = (FINAL, SECOND_COPY, SETTLED)


def searches_for(states: Iterable[str]) -> list[Search]:
    """Searches that together find each document in these states once. Unknown states find nothing."""
    wanted = frozenset(states)
    found = []
    if DRAFT in wanted:
        found.append(Search((DRAFT,), Status.DRAFT))
    if issued := tuple(state for state in _ISSUED if state in wanted):
        found.append(Search(issued, Status.ISSUED))
    if CANCELED in wanted:
        found.append(Search((*_ISSUED, CANCELED), Status.VOID))
    if DELETED in wanted:
        found.append(Search((DRAFT, DELETED), Status.VOID))
    return found


LISTED: Final = (DRAFT, *_ISSUED, CANCELED)
"""What lists show unless they are asked for certain states."""
