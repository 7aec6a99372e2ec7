"""What can be asked of the sequence service. Commands have imperatives as names, and each holds everything it needs.

A command or query carries the type of its answer, so that the type of `execute(command)` and `read(query)` is known. What a
vendor allows on a number line is a parameter of the command: the adapter's mapping chooses it, and `rules` decides by it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from gateway.core.catalogue import CatalogueItem, ItemKey
from gateway.core.documents import UNASSIGNED, Document, DocumentId, check_document
from gateway.core.results import (
    CatalogueSaved,
    DefaultSet,
    DocumentIdsFound,
    DocumentsFound,
    DocumentsRead,
    DocumentsSaved,
    NextPeeked,
    NextSet,
    NumberIssued,
    NumberVoided,
    SeriesCreated,
    SeriesListed,
    SeriesRead,
    SeriesUpdated,
)
from gateway.core.search import EVERYTHING, PAGE, DocumentFilter
from gateway.core.values import Bounds, CounterKey, DocumentKind, LineName, OnHeld, Origin, SeriesId, TenantId

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Query(Generic[R_co]):
    """What can be read of a tenant; R is the answer's type."""

    __slots__ = ()

    tenant: TenantId


class SeriesQuery(Query[R_co]):
    """A query about series and their lines; stores answer it from memory or in one statement.

    dialect: series that other dialects own are unknown to this one; None sees every series.
    """

    __slots__ = ()

    dialect: str | None


class DocumentQuery(Query[R_co]):
    """A query about documents."""

    __slots__ = ()


class Command(Generic[R_co]):
    """What can be changed for a tenant; R is the answer's type."""

    __slots__ = ()

    tenant: TenantId


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """What a caller may do to a line.

    allow_lower: may set below the current next number.
    allow_clear: may return the line to "unset".
    allow_when_issued: may change the line (or series) although documents were issued from it.
    locked_by: the lines whose numbers count for `allow_when_issued`; empty = every line.
    """

    allow_lower: bool = False
    allow_clear: bool = False
    allow_when_issued: bool = True
    locked_by: frozenset[LineName] = frozenset()


STRICT: Final = SetPolicy()
ANYTHING: Final = SetPolicy(allow_lower=True, allow_clear=True)
_NOTHING: Final[Mapping[LineName, int | None]] = MappingProxyType({})
_NO_BOUNDS: Final[Mapping[LineName, Bounds]] = MappingProxyType({})


class Unchanged:
    """The type of `UNCHANGED`, which stands for a field that the command leaves as it is. None makes the field empty."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Final = Unchanged()


@dataclass(frozen=True, slots=True)
class PeekNext(SeriesQuery[NextPeeked]):
    """Read the next number of a line without consuming it. Refused: SeriesUnknown."""

    tenant: TenantId
    counter: CounterKey
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class GetSeries(SeriesQuery[SeriesRead]):
    """Read one series with its counters. Refused: SeriesUnknown.

    series: None asks for the tenant's default.
    """

    tenant: TenantId
    series: SeriesId | None
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class ListSeries(SeriesQuery[SeriesListed]):
    """Read all series of a tenant that the dialect sees, with their counters, by ascending id."""

    tenant: TenantId
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class SetNext(Command[NextSet]):
    """Set the next number of a line. The number where the line stands already is accepted and changes nothing (ADR-7).

    next_number: None clears the line.
    Refused: SeriesUnknown, SeriesInUse, ClearNotAllowed, NumberBehind, NumberOutOfRange.
    """

    tenant: TenantId
    counter: CounterKey
    next_number: int | None
    policy: SetPolicy
    by: Origin


@dataclass(frozen=True, slots=True)
class MoveAhead(Command[NextSet]):
    """Move a line past numbers that may have been given out by a store that is lost. The ledger gets an entry in any case.

    Give one of the two (ValueError):
    ahead: how many numbers to leave out, 0 or more. A line that is unset stays unset.
    next_number: where the line goes on, at or above where it stands.
    Refused: SeriesUnknown, NumberBehind, NumberOutOfRange.
    """

    tenant: TenantId
    counter: CounterKey
    by: Origin
    ahead: int | None = None
    next_number: int | None = None

    def __post_init__(self) -> None:
        if (self.ahead is None) == (self.next_number is None) or (self.ahead or 0) < 0:
            raise ValueError("give either ahead, 0 or more, or next_number")


@dataclass(frozen=True, slots=True)
class CreateSeries(Command[SeriesCreated]):
    """Create a series.

    key: "" lets the store make one up (`series-<id>`).
    counters: next numbers by line.
    make_default: the first series without an owner is the default in any case. Not together with `owner` (ValueError).
    owner: the only dialect that may see and use it; "" = every dialect.
    bounds: of lines, by name.
    Refused: NameTaken (also when another series has the `key`), NumberOutOfRange.
    """

    tenant: TenantId
    name: str
    by: Origin
    key: str = ""
    prefix: str | None = None
    suffix: str | None = None
    counters: Mapping[LineName, int | None] = field(default_factory=lambda: _NOTHING)
    make_default: bool = False
    owner: str = ""
    bounds: Mapping[LineName, Bounds] = field(default_factory=lambda: _NO_BOUNDS)

    def __post_init__(self) -> None:
        if self.owner and self.make_default:
            raise ValueError("a series of one dialect cannot be the default")


@dataclass(frozen=True, slots=True)
class UpdateSeries(Command[SeriesUpdated]):
    """Change name, affixes, several counters and the default flag of a series at once: all or nothing.

    Refused: SeriesUnknown, SeriesOwned, SeriesInUse, NameTaken, NumberBehind, NumberOutOfRange, ClearNotAllowed.
    """

    tenant: TenantId
    series: SeriesId
    policy: SetPolicy
    by: Origin
    name: str | Unchanged = UNCHANGED
    prefix: str | Unchanged | None = UNCHANGED
    suffix: str | Unchanged | None = UNCHANGED
    counters: Mapping[LineName, int | None] = field(default_factory=lambda: _NOTHING)
    make_default: bool = False


@dataclass(frozen=True, slots=True)
class SetDefault(Command[DefaultSet]):
    """Make a series the tenant's default; the former default stops being it. Refused: SeriesUnknown, SeriesOwned."""

    tenant: TenantId
    series: SeriesId
    by: Origin


@dataclass(frozen=True, slots=True)
class Issue(Command[NumberIssued]):
    """Give the next number of a line to a document, under a key. The same key gets the same number again.

    key: not empty (ValueError), or two documents would share a number.
    start_if_unset: the first number of a line that is unset and has no first number of its own; None refuses instead.
    Refused: SeriesUnknown, CounterUnset, CounterExhausted, NumberOutOfRange, NumberTaken, KeyReused.
    """

    tenant: TenantId
    counter: CounterKey
    key: str
    document: str
    by: Origin
    start_if_unset: int | None = None
    on_held: OnHeld = OnHeld.REFUSE

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("an issue needs a key")


@dataclass(frozen=True, slots=True)
class Void(Command[NumberVoided]):
    """Mark an issued number as void; it is never given again. Refused: SeriesUnknown, NumberUnknown, AlreadyVoid."""

    tenant: TenantId
    counter: CounterKey
    number: int
    by: Origin


class Expect(enum.Enum):
    """What a save expects of the document's id: that it is new, that it exists, or either."""

    NEW = enum.auto()
    EXISTING = enum.auto()
    EITHER = enum.auto()


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """Give the document a number, in the same transaction, under a key.

    key: not empty (ValueError); the same key gets the same number and document again.
    series: None takes the document's own series, and the tenant's default when the document has none.
    kind: the document becomes this kind; None keeps its own.
    line: where the number comes from; None takes the document's own line, and the one named as the kind when it has none.
    number: claim this number (see `line_commands.Claim`); None draws the next one.
    on_held: what a draw does at a number that was given out before.
    start_if_unset: as in Issue.
    date: the document's date from now on; None keeps it.
    dates_must_not_go_back: refuse a date before the latest one of the same line (DateBehind).
    """

    key: str
    series: SeriesId | None = None
    kind: DocumentKind | None = None
    start_if_unset: int | None = None
    date: dt.date | None = None
    dates_must_not_go_back: bool = False
    line: LineName | None = None
    number: int | None = None
    on_held: OnHeld = OnHeld.REFUSE

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("an issue needs a key")


@dataclass(frozen=True, slots=True)
class SaveDocument:
    """One document as it shall read, whole (ADR-11). Lines that are not in it any more are gone.

    document: its status is DRAFT or OPEN; the save itself makes it ISSUED or VOID.
    expect: NEW refuses an id that is taken, EXISTING one that is unknown.
    expected_version: refuse unless the document stands at this version (implies EXISTING); None does not look.
    key: of a new document, "" = none; a second save under the key changes nothing and gets that document (replayed).
    issue: give the document a number. Not together with `void` (ValueError).
    void: make the document void, for this reason.
    allow_issued: the document may be issued already; then only stage, external_status and extras may differ (ADR-13).
    """

    document: Document
    expect: Expect = Expect.NEW
    expected_version: int | None = None
    key: str = ""
    issue: IssueRequest | None = None
    void: str | None = None
    allow_issued: bool = False

    def __post_init__(self) -> None:
        if self.issue is not None and self.void is not None:
            raise ValueError("a document cannot be issued and voided at once")
        if self.expect is Expect.EXISTING and self.document.id == UNASSIGNED:
            raise ValueError("an existing document has an id")
        check_document(self.document)

    @property
    def creates(self) -> bool:
        """True when the document must not exist yet."""
        return self.expect is Expect.NEW and self.expected_version is None


@dataclass(frozen=True, slots=True)
class SaveDocuments(Command[DocumentsSaved]):
    """Save several documents, issue numbers to them, void them: all or nothing, one decided on top of the other.

    Refused: DocumentUnknown, DocumentExists, DocumentChanged, DocumentLocked, TransitionNotAllowed, SeriesUnknown; when
    issuing also DateBehind, CounterUnset, CounterExhausted, NumberOutOfRange, NumberTaken, KeyReused.
    """

    tenant: TenantId
    saves: tuple[SaveDocument, ...]
    by: Origin

    def __post_init__(self) -> None:
        if any(save.document.tenant != self.tenant for save in self.saves):
            raise ValueError("a document of another tenant")


@dataclass(frozen=True, slots=True)
class SaveCatalogue(Command[CatalogueSaved]):
    """Put items into the tenant's catalogue, replacing those of the same type and id, and take others out.

    remove: take out these.
    exactly: take out whatever is not in `items`.
    Items of which there may be many become records (ADR-16); those that are so already stay as they are.
    Refused: RecordsFull.
    """

    tenant: TenantId
    by: Origin
    items: tuple[CatalogueItem, ...] = ()
    remove: tuple[ItemKey, ...] = ()
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class GetDocuments(DocumentQuery[DocumentsRead]):
    """Read documents by id. Those that the tenant does not have are left out."""

    tenant: TenantId
    ids: tuple[DocumentId, ...]


@dataclass(frozen=True, slots=True)
class SearchDocuments(DocumentQuery[DocumentsFound]):
    """Read a page of documents by ascending id.

    after_id: only ids above this one.
    limit: how many at most.
    """

    tenant: TenantId
    where: DocumentFilter = EVERYTHING
    after_id: DocumentId = UNASSIGNED
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class SearchDocumentIds(DocumentQuery[DocumentIdsFound]):
    """Read only the ids of documents, ascending.

    after_id: only ids above this one.
    limit: how many at most; None = all.
    """

    tenant: TenantId
    where: DocumentFilter = EVERYTHING
    after_id: DocumentId = UNASSIGNED
    limit: int | None = None
