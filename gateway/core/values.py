"""The nouns of the canonical model, with their bounds.

What is made for every number that moves is a named tuple, the cheapest immutable object to make. The rest are frozen
dataclasses (ADR-34). Must not know: vendors, HTTP, databases, clocks.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple, NewType

TenantId = NewType("TenantId", str)
SeriesId = NewType("SeriesId", int)
LineName = NewType("LineName", str)
"""The name of a number line within its series."""
DocumentKind = NewType("DocumentKind", LineName)
"""What a document is. Each kind is also the name of the line that its documents draw from unless they name another one."""

INVOICE: Final = DocumentKind(LineName("invoice"))
CREDIT_NOTE: Final = DocumentKind(LineName("credit_note"))
DEBIT_NOTE: Final = DocumentKind(LineName("debit_note"))
RECEIPT: Final = DocumentKind(LineName("receipt"))
VOUCHER: Final = LineName("voucher")
"""The line of vouchers in the books: what was booked, not a document that anybody gets."""
STAMP: Final = LineName("stamp")
"""The line of numbers that are put on papers that came in."""
SERIES_CHAIN: Final = LineName("series")
"""Not a line: the ledger chain for what happens to the series itself (name, affixes, default), see ADR-8."""

MIN_NUMBER: Final = 0
MAX_NUMBER: Final = 2**63 - 2
"""The largest number that can be given out: one below the largest 64-bit integer, so that its successor still fits."""

OPERATORS: Final = frozenset({"admin", "command-line", "config"})
"""What `Origin.dialect` says when no dialect asks; these may use every series. No dialect has such a name."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def document_kind(text: str) -> DocumentKind:
    """Read a kind of document: 1-32 characters of a-z, 0-9 and underscore. Raises ValueError."""
    if not _NAME.fullmatch(text) or text == SERIES_CHAIN:
        raise ValueError(f"not a document kind: {text!r} (a-z, 0-9, _; 1-32 characters)")
    return DocumentKind(LineName(text))


def line_name(text: str) -> LineName:
    """Read the name of a line: 1-32 characters of a-z, 0-9 and underscore. Raises ValueError."""
    if not _NAME.fullmatch(text) or text == SERIES_CHAIN:
        raise ValueError(f"not a number line: {text!r} (a-z, 0-9, _; 1-32 characters)")
    return LineName(text)


def tenant_id(text: str) -> TenantId:
    """Read a tenant's id: 1-64 letters, digits, dot, dash, underscore. Raises ValueError."""
    if not _KEY.fullmatch(text):
        raise ValueError(f"not a tenant id: {text!r} (letters, digits, . _ -; 1-64 characters)")
    return TenantId(text)


class CounterKey(NamedTuple):
    """One number line: a series and a name."""

    series: SeriesId
    line: LineName


class OnHeld(enum.StrEnum):
    """What a draw does when the line stands at a number that was given out before (ADR-61).

    REFUSE: NumberTaken; nothing is consumed, and somebody must move the line.
    PASS_OVER: the line goes past all numbers in a row that were given out, with one ledger entry, and gives the next one.
    """

    REFUSE = enum.auto()
    PASS_OVER = enum.auto()


class Bounds(NamedTuple):
    """The numbers that a line may give out, both ends included; None leaves that end open (ADR-61)."""

    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        """As the ledger writes it: `100..199`, `100..`, `..199`, or `..` without bounds."""
        return f"{'' if self.first is None else self.first}..{'' if self.last is None else self.last}"


class Counter(NamedTuple):
    """Where a number line stands.

    next_number: the number that the next document gets, or None while the line was never set (or was cleared).
    issued: how many numbers were given out, reserved ones included.
    highest_issued: the highest number ever given out, or None; a number at or below it may already be taken. Claims may have
        taken numbers far ahead of the next one.
    latest_date: the latest date of a document that a number was given to, or None; only documents have dates.
    first_number, last_number: the bounds of the line, None without; a line that is unset starts at its first number.
    """

    key: CounterKey
    next_number: int | None = None
    issued: int = 0
    highest_issued: int | None = None
    latest_date: date | None = None
    first_number: int | None = None
    last_number: int | None = None

    @property
    def bounds(self) -> Bounds:
        """The bounds of the line."""
        return Bounds(self.first_number, self.last_number)

    @property
    def upcoming(self) -> int | None:
        """Where the line is drawn from: its next number, or its first one while it is unset; None when it has neither."""
        return self.first_number if self.next_number is None else self.next_number


@dataclass(frozen=True, slots=True)
class Series:
    """A named numbering series of one tenant (ADR-5).

    key: the stable name that configuration binds to.
    name: the name that clients see, and may change.
    owner: the dialect that alone may see and use it; "" = every dialect may. A series with an owner is never the default.
    """

    id: SeriesId
    tenant: TenantId
    key: str
    name: str
    prefix: str | None = None
    suffix: str | None = None
    is_default: bool = False
    owner: str = ""

    def is_open_to(self, dialect: str) -> bool:
        """Whether a dialect may see and use it; so may operators, whose names are in `OPERATORS`."""
        return not self.owner or self.owner == dialect or dialect in OPERATORS


_NO_COUNTERS: Final[Mapping[LineName, Counter]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series with its counters.

    counters: by the name of the line; a line that was never touched is absent.
    """

    series: Series
    counters: Mapping[LineName, Counter] = field(default_factory=lambda: _NO_COUNTERS)

    def next_number(self, line: LineName) -> int | None:
        """The next number of one line, None while unset."""
        counter = self.counters.get(line)
        return counter.next_number if counter else None

    def same_as(self, other: SeriesView) -> bool:
        """Equality. It is quick for the very same objects, which committed state hands out until something changes."""
        if self.series is other.series and self.counters is other.counters:
            return True
        return self.series == other.series and self.counters == other.counters

    def issued(self, line: LineName) -> int:
        """How many numbers of one line were given to documents."""
        counter = self.counters.get(line)
        return counter.issued if counter else 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asked, through which dialect, in which request and why. It goes to the ledger as it is, so it holds no secret."""

    dialect: str
    principal: str
    request_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A number given out: to a document, or reserved for one.

    key: makes a retry get the same number; unique within the tenant. That of a reserved number is `reserved_key`.
    document: what the number was given to, as `documents.reference_to` writes it, or as the client says; "" while reserved.
    voided: it is never given again.
    reserved: no document has it yet; one that claims it gets it.
    reservation_key: under which it was reserved; "" for a number that never was. Unique within the tenant.
    """

    tenant: TenantId
    counter: CounterKey
    number: int
    key: str
    document: str
    voided: bool = False
    reserved: bool = False
    reservation_key: str = ""


def is_text(text: str) -> bool:
    """True for what every database can keep: no U+0000, no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def reserved_key(reservation_key: str) -> str:
    """The key of a reserved number until a document claims it: keys of reservations and of documents do not meet."""
    return f"reservation:{reservation_key}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, once authenticated.

    principal: a name that may stand in logs.
    series: the one that the credential is bound to, None when it is bound to none.
    """

    tenant: TenantId
    principal: str
    series: SeriesId | None = None
