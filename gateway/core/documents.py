"""Documents: orders, drafts, issued invoices and credit notes, with their lines. Values only; rules are in `document_rules`.

    DRAFT ⇄ OPEN → ISSUED → VOID          a draft or open document may also become VOID, without ever having a number

What a vendor knows beyond the canonical fields is kept beside them in `extras`, under the dialect's own name. It comes back
exactly as it was given (ADR-12).
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NewType, TypedDict, Unpack

from gateway.core.kept import KeptSequence
from gateway.core.values import INVOICE, CounterKey, DocumentKind, LineName, SeriesId, TenantId

DocumentId = NewType("DocumentId", int)
LineId = NewType("LineId", int)

UNASSIGNED: Final = DocumentId(0)
NEW_LINE: Final = LineId(0)
NEVER: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MAX_DOCUMENT_ID: Final = 2**31 - 1
"""The largest id that a client may propose: vendors' ids have 32 bits."""
MAX_DIGITS: Final = 30
"""How many digits an amount may have before the decimal point, and how many after it."""

_NO_EXTRAS: Final[Mapping[str, Any]] = MappingProxyType({})
_INT64: Final = 2**63


class Status(enum.StrEnum):
    """How far a document has come. Finer states are the dialect's own, see `Document.stage`."""

    DRAFT = "draft"
    OPEN = "open"
    ISSUED = "issued"
    VOID = "void"


class LineKind(enum.StrEnum):
    """What a line is. TEXT has no amounts."""

    NORMAL = "normal"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document.

    unit_price: before discount, in the document's currency.
    discount_percent, vat_rate: percent (25 means 25 %).
    product: id in the tenant's catalogue, or None.
    position: sorts the lines; lines of equal position keep the order in which they were given.
    id: unique in the document, never used again; NEW_LINE lets the store give one.
    extras: as in Document.
    """

    description: str = ""
    quantity: Decimal = Decimal(0)
    unit_price: Decimal = Decimal(0)
    discount_percent: Decimal = Decimal(0)
    vat_rate: Decimal = Decimal(0)
    product: int | None = None
    kind: LineKind = LineKind.NORMAL
    position: int = 0
    id: LineId = NEW_LINE
    extras: Mapping[str, Any] = field(default_factory=lambda: _NO_EXTRAS)

    def numbered(self, own: LineId) -> Line:
        """The line with this id."""
        return Line(
            self.description,
            self.quantity,
            self.unit_price,
            self.discount_percent,
            self.vat_rate,
            self.product,
            self.kind,
            self.position,
            own,
            self.extras,
        )


class DocumentFields(TypedDict, total=False):
    """The fields of a document that `Document.with_fields` may change."""

    kind: DocumentKind
    status: Status
    stage: str
    series: SeriesId | None
    customer: int | None
    external_status: int | None
    document_date: dt.date | None
    lines: Sequence[Line]
    extras: Mapping[str, Any]
    id: DocumentId
    number: int | None
    key: str
    version: int
    last_line: LineId
    registered: dt.datetime
    changed: dt.datetime
    line: LineName | None


@dataclass(frozen=True)
class Document:
    """One document as it stands. It has no slots, so that `with_fields` copies all fields at once.

    kind: what it is now; an order that is issued may become an invoice.
    stage: a free label of the dialect, searchable.
    series, line: where its number comes from; a wish before there is a number, certain once there is one. Without a line it
        draws from the one named as its kind.
    lines: sorted by position once they are saved. A store hands them out undecoded (`kept`), and they equal a tuple.
    extras: `{dialect: {name: value}}`. Values are None, bool, int, finite float, str, Decimal, datetime, date, and lists
        and string-keyed mappings of these. Never change a mapping that was handed over or handed out.
    id: unique in the whole store; UNASSIGNED lets the store give one, 1 to MAX_DOCUMENT_ID proposes one (ADR-15).

    The store gives the rest; it ignores these fields in what is saved:
    number: None while it has none.
    key: under which it was created; "" = none.
    version: 1 for the first.
    last_line: the highest line id that was ever given.
    registered, changed: UTC.
    """

    tenant: TenantId
    kind: DocumentKind = INVOICE
    status: Status = Status.DRAFT
    stage: str = ""
    series: SeriesId | None = None
    customer: int | None = None
    external_status: int | None = None
    document_date: dt.date | None = None
    lines: Sequence[Line] = ()
    extras: Mapping[str, Any] = field(default_factory=lambda: _NO_EXTRAS)
    id: DocumentId = UNASSIGNED
    number: int | None = None
    key: str = ""
    version: int = 0
    last_line: LineId = NEW_LINE
    registered: dt.datetime = NEVER
    changed: dt.datetime = NEVER
    line: LineName | None = None

    def with_fields(self, **fields: Unpack[DocumentFields]) -> Document:
        """The document with some fields changed; a tenth of the time that `dataclasses.replace` takes."""
        changed = object.__new__(Document)
        values = changed.__dict__
        values.update(self.__dict__)
        values.update(fields)
        return changed

    @property
    def counter(self) -> CounterKey | None:
        """The number line that its number comes from; None while it has no number."""
        if self.number is None or self.series is None or self.line is None:
            return None
        return CounterKey(self.series, self.line)

    @property
    def reference(self) -> str:
        """How issued numbers name this document."""
        return reference_to(self.id)


def reference_to(document: DocumentId) -> str:
    """What `Issued.document` holds for a number that belongs to a document of this store."""
    return f"document:{document}"


def referred_document(reference: str) -> DocumentId | None:
    """The document that `Issued.document` names; None when the number was issued without one."""
    digits = reference.removeprefix("document:")
    if digits == reference or not (digits.isascii() and digits.isdigit()):
        return None
    return DocumentId(int(digits))


def check_document(document: Document) -> None:
    """Check the bounds of a document about to be saved. Raises ValueError with a text for programmers.

    Lines as a store keeps them were checked when they were saved.
    """
    if not 0 <= document.id <= MAX_DOCUMENT_ID:
        raise ValueError(f"document id {document.id} is out of range")
    for name, value in (
        ("customer", document.customer),
        ("external_status", document.external_status),
        ("series", document.series),
    ):
        if value is not None and not -_INT64 <= value < _INT64:
            raise ValueError(f"{name} {value} is out of range")
    if isinstance(document.lines, KeptSequence):
        return
    for line in document.lines:
        _check_line(line)
    ids = [line.id for line in document.lines if line.id != NEW_LINE]
    if len(set(ids)) != len(ids):
        raise ValueError(f"document {document.id} has two lines of one id")


def _check_line(line: Line) -> None:
    for amount in (line.quantity, line.unit_price, line.discount_percent, line.vat_rate):
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, str) or exponent < -MAX_DIGITS or amount.adjusted() >= MAX_DIGITS:
            raise ValueError(f"line {line.id} has an amount that cannot be kept: {amount}")
    if line.product is not None and not -_INT64 <= line.product < _INT64:
        raise ValueError(f"product {line.product} is out of range")
