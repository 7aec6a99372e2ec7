"""`[given]` and `[expect.state]` of golden cases: brings a tenant's series into a state, and compares them with one.

main = 444                                   the next invoice number of series `main` is 444
main = { invoice = 444, receipt = "unset" }  next numbers by kind
main = { invoice = 5, held = [7, 9] }        numbers 7 and 9 of the invoices are held by claims
main = { invoice = 5, bounds = [1, 99] }     only 1 to 99 can be given out to invoices
main = { issued = 3, prefix = "P" }          three invoices were issued; the prefix is P (so are suffix and name given)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

from gateway.core.commands import ANYTHING, Command, CreateSeries, Issue, ListSeries, Query, R, SetNext, UpdateSeries
from gateway.core.line_commands import Claim, SetBounds
from gateway.core.refusals import Refused
from gateway.core.values import (
    INVOICE,
    MAX_NUMBER,
    MIN_NUMBER,
    OPERATORS,
    SERIES_CHAIN,
    CounterKey,
    Origin,
    SeriesView,
    TenantId,
    line_name,
)
from gateway.spi.adapter import Adapter, lines_of
from gateway.testing.case_error import CaseError
from gateway.testing.memory_store import MemoryState

V = TypeVar("V")
BY: Final = Origin("test", "golden", "")
AFFIXES: Final = frozenset({"prefix", "suffix", "name"})
_LISTED: Final = frozenset({"held", "bounds"})
MOST_ISSUED: Final = 10_000
"""The most documents that a case begins with: each one is made by a command of its own."""


class Numbers(Protocol):
    """The store that is arranged and compared."""

    async def read(self, query: Query[R]) -> R: ...
    async def execute(self, command: Command[R]) -> R: ...


def table_of(value: Any) -> dict[str, Any]:
    """What a case says about a series, as a table. A bare number is the next number of its invoices."""
    return dict(value) if isinstance(value, Mapping) else {"invoice": value}


def refuse_given(given: Mapping[str, Any]) -> None:
    """Raises ValueError for a `[given]` that no line can be brought to."""
    for key, value in given.items():
        for name, wanted in table_of(value).items():
            if name in _LISTED:
                _refuse_list(f"[given] {key}: {name}", wanted, name == "bounds")
            elif name == "issued":
                _refuse_outside(f"[given] {key}: issued", wanted, 0, MOST_ISSUED)
            else:
                _refuse_odd(f"[given] {key}", name, wanted, MAX_NUMBER)


def refuse_state(state: Mapping[str, Any]) -> None:
    """Raises ValueError for an `[expect.state]` in which no line can be."""
    for key, value in state.items():
        for name, wanted in table_of(value).items():
            if name != "default":
                _refuse_odd(f"[expect.state] {key}", name, wanted, MAX_NUMBER + 1)
            elif type(wanted) is not bool:
                raise ValueError(f"[expect.state] {key}: default must be true or false, found {wanted!r}")


def _refuse_odd(place: str, name: str, wanted: Any, largest: int) -> None:
    if name in AFFIXES:
        if type(wanted) is not str:
            raise ValueError(f"{place}: {name} must be a text, found {wanted!r}")
        return
    try:
        line_name(name)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
    if wanted != "unset":
        _refuse_outside(f"{place}: {name}", wanted, MIN_NUMBER, largest, ' or "unset"')


def _refuse_list(place: str, wanted: Any, is_pair: bool) -> None:
    if not isinstance(wanted, list) or (is_pair and len(wanted) != 2):
        raise ValueError(f"{place} must be a list of {'two numbers' if is_pair else 'numbers'}, found {wanted!r}")
    for number in wanted:
        _refuse_outside(place, number, MIN_NUMBER, MAX_NUMBER)


def _refuse_outside(place: str, wanted: Any, least: int, most: int, otherwise: str = "") -> None:
    if type(wanted) is not int or not least <= wanted <= most:
        raise ValueError(f"{place} must be a whole number from {least} to {most}{otherwise}, found {wanted!r}")


async def views_of(numbers: Numbers, tenant: TenantId) -> dict[str, SeriesView]:
    """A tenant's series by key and by name."""
    views = (await numbers.read(ListSeries(tenant))).views
    return {view.series.key: view for view in views} | {view.series.name: view for view in views}


async def arrange(numbers: Numbers, tenant: TenantId, given: Mapping[str, Any]) -> None:
    """Bring a tenant's series into the given state by ordinary commands; a series that is not there is created.

    Raises CaseError for a state that the rules about numbers and names refuse.
    """
    for key, value in given.items():
        try:
            await _arrange_series(numbers, tenant, key, table_of(value))
        except Refused as error:
            raise CaseError(f"[given] {key} cannot be brought about: {error}") from None


async def _arrange_series(numbers: Numbers, tenant: TenantId, key: str, table: dict[str, Any]) -> None:
    if key not in await views_of(numbers, tenant):
        await numbers.execute(CreateSeries(tenant, key, BY, key=key))
    series = (await views_of(numbers, tenant))[key].series
    affixes = {name: table.pop(name) for name in sorted(AFFIXES & table.keys())}
    line = CounterKey(series.id, INVOICE)
    for number in range(table.pop("issued", 0)):
        await numbers.execute(Issue(tenant, line, f"given-{number}", "given", BY, start_if_unset=1))
    if "bounds" in table:
        first, last = table.pop("bounds")
        await numbers.execute(SetBounds(tenant, line, first, last, BY))
    for number in table.pop("held", ()):
        await numbers.execute(Claim(tenant, line, number, f"held-{number}", "held", BY))
    for kind, next_number in table.items():
        counter = CounterKey(series.id, line_name(kind))
        await numbers.execute(SetNext(tenant, counter, None if next_number == "unset" else next_number, ANYTHING, BY))
    if affixes:
        await numbers.execute(UpdateSeries(tenant, series.id, ANYTHING, BY, **affixes))


async def state_differences(numbers: Numbers, tenant: TenantId, expected: Mapping[str, Any]) -> list[str]:
    """The differences between the series and what is expected, in words; an empty list when there are none."""
    return compare(await views_of(numbers, tenant) if expected else {}, _actual, expected)


def compare(views: Mapping[str, V], actual_of: Callable[[V, str], Any], expected: Mapping[str, Any]) -> list[str]:
    """The same for series that were read already.

    views: the series, by key and by name.
    actual_of: the value that a view has under a name.
    expected: as in `[expect.state]`.
    """
    found: list[str] = []
    for key, value in expected.items():
        if key not in views:
            found.append(f"no series {key}; there are {sorted(views)}")
            continue
        for name, wanted in table_of(value).items():
            actual = actual_of(views[key], name)
            if actual != wanted:
                found.append(f"{key} {name}: {actual!r}, expected {wanted!r}")
    return found


def undeclared_lines(state: MemoryState, adapter: Adapter) -> list[str]:
    """The lines that a dialect has drawn from, set or claimed from, and that its adapter does not declare, in words."""
    lines = lines_of(adapter)
    if lines is None:
        return []
    others = {BY.dialect, *OPERATORS}
    used = {entry.chain.line for entry in state.ledger() if entry.dialect not in others} - {SERIES_CHAIN, *lines}
    return [f"uses the number line {line!r}, but the adapter declares only {sorted(lines)}" for line in sorted(used)]


def _actual(view: SeriesView, name: str) -> Any:
    if name in AFFIXES:
        return getattr(view.series, name)
    if name == "default":
        return view.series.is_default
    number = view.next_number(line_name(name))
    return "unset" if number is None else number
