"""What the sequence service answers: one class per command, participles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gateway.core.values import Counter, Issued, Series, SeriesView


@dataclass(frozen=True, slots=True)
class NextPeeked:
    """Answer to PeekNext: the series and the line as committed; `counter.next_number` is None while unset."""

    series: Series
    counter: Counter


@dataclass(frozen=True, slots=True)
class SeriesRead:
    """Answer to GetSeries."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class SeriesListed:
    """Answer to ListSeries, by ascending id."""

    views: tuple[SeriesView, ...]


@dataclass(frozen=True, slots=True)
class NextSet:
    """Answer to SetNext: the line before and after."""

    series: Series
    before: Counter
    after: Counter


@dataclass(frozen=True, slots=True)
class SeriesCreated:
    """Answer to CreateSeries."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class SeriesUpdated:
    """Answer to UpdateSeries."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class DefaultSet:
    """Answer to SetDefault."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class NumberIssued:
    """Answer to Issue. `replayed` is True when the key already had this number."""

    series: Series
    issued: Issued
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class NumberVoided:
    """Answer to Void."""

    issued: Issued


Result: TypeAlias = NextSet | SeriesCreated | SeriesUpdated | DefaultSet | NumberIssued | NumberVoided
QueryResult: TypeAlias = NextPeeked | SeriesRead | SeriesListed
