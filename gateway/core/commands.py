"""What can be asked of the sequence service. Commands are imperatives; each names everything it needs.

A vendor's policy on the same number line is a parameter here, chosen in the adapter's mapping and decided in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from gateway.core.values import CounterKey, DocumentKind, Origin, SeriesId, TenantId


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """What a caller may do to a line.

    allow_lower: may set below the current next number.
    allow_clear: may return the line to "unset".
    allow_when_issued: may change the line (or series) although documents were issued from it.
    locked_by: the kinds whose issued documents count for `allow_when_issued`; empty = every kind.
    """

    allow_lower: bool = False
    allow_clear: bool = False
    allow_when_issued: bool = True
    locked_by: frozenset[DocumentKind] = frozenset()


STRICT: Final = SetPolicy()
ANYTHING: Final = SetPolicy(allow_lower=True, allow_clear=True)
_NOTHING: Final[Mapping[DocumentKind, int | None]] = MappingProxyType({})


class Unchanged:
    """The type of `UNCHANGED`: a field the command leaves as it is (None means "make it empty")."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Final = Unchanged()


@dataclass(frozen=True, slots=True)
class PeekNext:
    """Read the next number of a line without consuming it. Refused: SeriesUnknown."""

    tenant: TenantId
    counter: CounterKey


@dataclass(frozen=True, slots=True)
class GetSeries:
    """Read one series with its counters. `series` None asks for the tenant's default. Refused: SeriesUnknown."""

    tenant: TenantId
    series: SeriesId | None


@dataclass(frozen=True, slots=True)
class ListSeries:
    """Read all series of a tenant with their counters, by ascending id."""

    tenant: TenantId


@dataclass(frozen=True, slots=True)
class SetNext:
    """Set the next number of a line; None clears it. Equal to the current one is accepted and changes nothing.

    Refused: SeriesUnknown, SeriesInUse, ClearNotAllowed, NumberBehind, NumberOutOfRange.
    """

    tenant: TenantId
    counter: CounterKey
    next_number: int | None
    policy: SetPolicy
    by: Origin


@dataclass(frozen=True, slots=True)
class CreateSeries:
    """Create a series. `counters` gives next numbers by kind; `key` "" lets the store make one up (`series-<id>`).

    The first series of a tenant is the default whatever `make_default` says.
    Refused: NameTaken (also when another series has the `key`), NumberOutOfRange.
    """

    tenant: TenantId
    name: str
    by: Origin
    key: str = ""
    prefix: str | None = None
    suffix: str | None = None
    counters: Mapping[DocumentKind, int | None] = field(default_factory=lambda: _NOTHING)
    make_default: bool = False


@dataclass(frozen=True, slots=True)
class UpdateSeries:
    """Change name, affixes, several counters and the default flag of a series at once: all or nothing.

    Refused: SeriesUnknown, SeriesInUse, NameTaken, NumberBehind, NumberOutOfRange, ClearNotAllowed.
    """

    tenant: TenantId
    series: SeriesId
    policy: SetPolicy
    by: Origin
    name: str | Unchanged = UNCHANGED
    prefix: str | Unchanged | None = UNCHANGED
    suffix: str | Unchanged | None = UNCHANGED
    counters: Mapping[DocumentKind, int | None] = field(default_factory=lambda: _NOTHING)
    make_default: bool = False


@dataclass(frozen=True, slots=True)
class SetDefault:
    """Make a series the tenant's default; the former default stops being it. Refused: SeriesUnknown."""

    tenant: TenantId
    series: SeriesId
    by: Origin


@dataclass(frozen=True, slots=True)
class Issue:
    """Give the next number of a line to a document, under a key: the same key gets the same number again.

    key: not empty, or two documents would share a number (ValueError).
    start_if_unset: the first number when the line was never set; None refuses instead.
    Refused: SeriesUnknown, CounterUnset, CounterExhausted, NumberOutOfRange, NumberTaken, KeyReused.
    """

    tenant: TenantId
    counter: CounterKey
    key: str
    document: str
    by: Origin
    start_if_unset: int | None = None

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("an issue needs a key")


@dataclass(frozen=True, slots=True)
class Void:
    """Mark an issued number as void; it is never given again. Refused: SeriesUnknown, NumberUnknown, AlreadyVoid."""

    tenant: TenantId
    counter: CounterKey
    number: int
    by: Origin


Query: TypeAlias = PeekNext | GetSeries | ListSeries
Command: TypeAlias = SetNext | CreateSeries | UpdateSeries | SetDefault | Issue | Void
