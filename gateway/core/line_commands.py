"""What can be asked of a number line besides setting it and drawing from it: claims, reservations, bounds (ADR-61).

    a claim       a document has a number that somebody else chose; the line passes it only when it stands there
    a reservation the line gives out its next number before there is a document; a document claims it later, or never
    bounds        the only numbers that the line may give out

A series that a dialect makes when it needs it first, and that no other dialect sees, is opened here, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gateway.core.commands import STRICT, Command, SetPolicy
from gateway.core.results import BoundsSet, NumberIssued, SeriesOpened
from gateway.core.values import Bounds, CounterKey, LineName, OnHeld, Origin, TenantId

_NO_NUMBERS: Final[Mapping[LineName, int | None]] = MappingProxyType({})
_NO_BOUNDS: Final[Mapping[LineName, Bounds]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Claim(Command[NumberIssued]):
    """Give a chosen number of a line to a document, under a key. The same key and number get the same answer again.

    From then on the number is held: nothing else gets it. A line that stands at the number goes one further. Below that the
    claim fills a hole, above it the number is held ahead; then the line stays where it is. A reserved number becomes the
    document's, while its reservation still answers with it.

    number: None draws the next one, exactly as Issue does.
    key: not empty (ValueError).
    start_if_unset, on_held: of a draw, see Issue. A claim of `start_if_unset` on an unset line starts the line.
    Refused: SeriesUnknown, NumberTaken, NumberOutOfRange, KeyReused; a draw also CounterUnset, CounterExhausted.
    """

    tenant: TenantId
    counter: CounterKey
    number: int | None
    key: str
    document: str
    by: Origin
    start_if_unset: int | None = None
    on_held: OnHeld = OnHeld.REFUSE

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a claim needs a key")


@dataclass(frozen=True, slots=True)
class Reserve(Command[NumberIssued]):
    """Draw the next number of a line without a document, under a key. The same key gets the same number again, used or not.

    A document gets the number by a claim. A number that no document ever claims is a hole with that name.

    key: not empty (ValueError); it has nothing to do with keys of documents.
    start_if_unset, on_held: see Issue.
    Refused: SeriesUnknown, CounterUnset, CounterExhausted, NumberOutOfRange, NumberTaken, KeyReused.
    """

    tenant: TenantId
    counter: CounterKey
    key: str
    by: Origin
    start_if_unset: int | None = None
    on_held: OnHeld = OnHeld.REFUSE

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a reservation needs a key")


@dataclass(frozen=True, slots=True)
class SetBounds(Command[BoundsSet]):
    """Set the bounds of a line. The bounds that it has already are accepted and change nothing (ADR-7).

    Numbers that were given out before may lie outside. The next number must not: it is one of first to last, or one behind
    last, when all are used up.

    first, last: 0 to MAX_NUMBER, both included; None = no bound.
    policy: only `allow_when_issued` and `locked_by` count.
    Refused: SeriesUnknown, SeriesInUse, NumberOutOfRange.
    """

    tenant: TenantId
    counter: CounterKey
    first: int | None
    last: int | None
    by: Origin
    policy: SetPolicy = STRICT


@dataclass(frozen=True, slots=True)
class OpenSeries(Command[SeriesOpened]):
    """Make sure that a dialect has a series of this key. However many ask at once, there is one such series.

    A series that is there already stays as it is.

    key: what it is found by.
    owner: the dialect; not empty (ValueError).
    name: "" makes one up. A name that is taken gets something behind it: nobody but operators sees it.
    counters, bounds: of a new series, by line.
    Refused: NameTaken (a series that is not the owner's has the key), NumberOutOfRange.
    """

    tenant: TenantId
    key: str
    owner: str
    by: Origin
    name: str = ""
    counters: Mapping[LineName, int | None] = field(default_factory=lambda: _NO_NUMBERS)
    bounds: Mapping[LineName, Bounds] = field(default_factory=lambda: _NO_BOUNDS)

    def __post_init__(self) -> None:
        if not self.owner or not self.key:
            raise ValueError("a series that is opened has a key and an owner")
