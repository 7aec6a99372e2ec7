"""Moves number lines on after a store was put back to an earlier state, past the numbers that may have been given out since.

Nothing in an earlier state knows these numbers, so a person says how far they may have gone: for all lines, for some of them,
or both (ADR-56).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from gateway.core.commands import ListSeries, MoveAhead
from gateway.core.refusals import Refused
from gateway.core.values import MAX_NUMBER, Counter, CounterKey, Origin, SeriesId, TenantId, line_name
from gateway.stores.engine.database_store import DatabaseStore

_AT_ONCE: Final = 500
_MOST_SHOWN: Final = 10
_INT32: Final = 2**31 - 1


class NamedLine(NamedTuple):
    """A number line as people name it. series: the series' key."""

    tenant: str
    series: str
    kind: str

    def __str__(self) -> str:
        return "/".join(self)


class Moved(NamedTuple):
    """A line that was moved on. before, after: its next number; None when it is unset."""

    tenant: str
    series: str
    kind: str
    before: int | None
    after: int | None


class WishError(ValueError):
    """What was asked for cannot be done; the text is for people, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How far numbers may have gone on meanwhile.

    ahead: how many numbers each line may have given out; None leaves only the lines that `next` names.
    next: the next numbers of single lines, instead.
    """

    ahead: int | None = None
    next: Mapping[NamedLine, int] = field(default_factory=dict)


def read_wish(ahead: int | None, given: Iterable[str]) -> Wish:
    """A wish from the command line. given: texts like `TENANT/SERIES/KIND=N`. Raises WishError."""
    following = dict(_read_next(text) for text in given)
    if ahead is None and not following:
        raise WishError(
            "say how many numbers may have been given out since the copy was made: --ahead N for every line, or "
            "--next TENANT/SERIES/KIND=N for a single one (also both). Nothing in the copy knows that. A number that was given "
            "out is given again when N is too small, so choose it generously. --ahead 0 says that none was given out"
        )
    if ahead is not None and not 0 <= ahead <= MAX_NUMBER:
        raise WishError(f"--ahead: found {ahead}; allowed: 0 to {MAX_NUMBER}")
    return Wish(ahead, following)


def _read_next(text: str) -> tuple[NamedLine, int]:
    name, equals, number = text.rpartition("=")
    parts = name.split("/")
    if not equals or len(parts) != 3 or not all(parts) or not (number.isascii() and number.isdigit()):
        raise WishError(f"--next: found {text!r}; give TENANT/SERIES/KIND=N, like shop-17/main/invoice=10500")
    try:
        line_name(parts[2])
    except ValueError as error:
        raise WishError(f"--next: found {text!r}: {error}") from None
    if len(number) > len(str(MAX_NUMBER)) or int(number) > MAX_NUMBER:
        raise WishError(f"--next: found {text!r}; the largest number is {MAX_NUMBER}")
    return NamedLine(*parts), int(number)


class _Line(NamedTuple):
    name: NamedLine
    counter: Counter


_Series: TypeAlias = Mapping[tuple[str, str], SeriesId]
"""The ids of series, by tenant and key."""


async def _lines(store: DatabaseStore) -> tuple[list[_Line], _Series]:
    """Every line that has ever been touched, and every series."""
    lines: list[_Line] = []
    series: dict[tuple[str, str], SeriesId] = {}
    for tenant in sorted(await store.tenant_records.owners()):
        for view in (await store.read(ListSeries(tenant))).views:
            series[tenant, view.series.key] = view.series.id
            lines += [
                _Line(NamedLine(tenant, view.series.key, kind), counter)
                for kind, counter in sorted(view.counters.items())
            ]
    return lines, series


async def move_on(store: DatabaseStore, wish: Wish, source: str) -> list[Moved]:
    """Move every line on as wished; the ledger of each line says why. Returns the lines with what became of them.

    source: what the store was put back to, for the ledger.

    Raises WishError before anything is changed; StoreUnavailableError.
    """
    lines, series = await _lines(store)
    _check(wish, lines, series)
    names = list(dict.fromkeys([*(line.name for line in lines), *wish.next]))
    commands = [_command(wish, name, series[name.tenant, name.series], source) for name in names]
    moved: list[Moved] = []
    for start in range(0, len(commands), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        try:
            answers = await asyncio.gather(*map(store.execute, commands[part]))
        except Refused as refused:  # somebody has moved the line since it was checked
            raise WishError(f"refused: {refused.refusal}") from refused
        moved += [
            Moved(*name, answer.before.next_number, answer.after.next_number)
            for name, answer in zip(names[part], answers, strict=True)
        ]
    return moved


def _command(wish: Wish, name: NamedLine, series: SeriesId, source: str) -> MoveAhead:
    line = CounterKey(series, line_name(name.kind))
    number = wish.next.get(name)
    if number is not None:
        text = f"the operator says that the line goes on at {number}"
    elif wish.ahead:
        text = f"up to {wish.ahead} further numbers may have been given out since"
    else:
        text = "the operator says that no number was given out since"
    by = Origin("command-line", "operator", "", f"restored from {source}: {text}")
    if number is not None:
        return MoveAhead(TenantId(name.tenant), line, by, next_number=number)
    return MoveAhead(TenantId(name.tenant), line, by, ahead=wish.ahead)


def _check(wish: Wish, lines: Sequence[_Line], series: _Series) -> None:
    """Refuse what no line can do, before the first one is moved. Raises WishError."""
    problems = list(_problems(wish, lines, series))
    if problems:
        more = [f"and {len(problems) - _MOST_SHOWN} more"] if len(problems) > _MOST_SHOWN else []
        raise WishError("; ".join([*problems[:_MOST_SHOWN], *more]))


def _problems(wish: Wish, lines: Sequence[_Line], series: _Series) -> Iterator[str]:
    for name in wish.next:
        if (name.tenant, name.series) not in series:
            yield f"--next {name}: there is no such tenant and series"
    for line in lines:
        current, number = line.counter.next_number, wish.next.get(line.name)
        if number is None and wish.ahead is None:
            yield f"{line.name} has no answer: give --next {line.name}=N, or --ahead N for every line without one"
        elif number is not None and current is not None and number < current:
            yield f"--next {line.name}={number} goes back: the line stands at {current} already"
        elif number is None and current is not None and wish.ahead and current + wish.ahead > MAX_NUMBER:
            yield f"{line.name}: {current} and {wish.ahead} more is above the largest number {MAX_NUMBER}; give --next"


def cautions(moved: Sequence[Moved]) -> list[str]:
    """What people should know about lines that were moved on."""
    unset = [NamedLine(*line[:3]) for line in moved if line.after is None]
    large = [
        NamedLine(*line[:3])
        for line in moved
        if (line.before or 0) <= _INT32 and line.after is not None and line.after > _INT32
    ]
    texts = []
    if unset:
        texts.append(f"unset, and so not moved; a client may have begun them since: {_some(unset)}")
    if large:
        texts.append(f"now above {_INT32}, which clients with 32-bit numbers cannot read: {_some(large)}")
    return texts


def _some(names: Sequence[NamedLine]) -> str:
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(map(str, names[:_MOST_SHOWN])) + more
