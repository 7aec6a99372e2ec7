"""The rules about series: defaults, names, affixes, several counters at once."""

from __future__ import annotations

import pytest

from gateway.core.commands import (
    Command,
    CreateSeries,
    SetDefault,
)
from gateway.core.refusals import (
    Refused,
)
from gateway.core.results import (
    DefaultSet,
    SeriesCreated,
    SeriesUpdated,
)
from gateway.core.rules import replay
from gateway.core.values import (
    CREDIT_NOTE,
    DEBIT_NOTE,
    INVOICE,
    SERIES_CHAIN,
    CounterKey,
    SeriesId,
)
from tests.core.test_rules import (
    BY,
    FOREIGN,
    MAIN,
    OURS,
    SIDE,
    THEIRS,
    create,
    issue,
    set_to,
    state_after,
    update,
)


def test_the_first_series_of_a_tenant_is_its_default() -> None:
    state = state_after()
    assert [s.key for s in state.all_series.values() if s.is_default] == ["main", "main"]


def test_created_series_reads_as_it_was_answered() -> None:
    state = state_after()
    result = state.run(create("Third", invoice=5, credit_note=None)).result
    assert isinstance(result, SeriesCreated)
    assert result.view == state.view(result.view.series.id)
    assert set(result.view.counters) == {INVOICE}
    assert (result.view.next_number(INVOICE), result.view.issued(INVOICE)) == (5, 0)
    assert (result.view.next_number(CREDIT_NOTE), result.view.issued(CREDIT_NOTE)) == (None, 0)


def test_create_as_default_takes_over() -> None:
    state = state_after(create("Third", default=True))
    assert [s.name for s in state.all_series.values() if s.is_default and s.tenant == OURS] == ["Third"]
    chain = CounterKey(SeriesId(4), SERIES_CHAIN)
    assert [(e.operation, e.before, e.after) for e in state.entries[chain]] == [
        ("create", None, None),
        ("default", 1, 4),
    ]


def test_made_up_keys_are_free() -> None:
    state = state_after(create("Third", key="series-5"), create("Fourth"))
    assert state.all_series[SeriesId(5)].key == "series-5-new"


def test_names_are_compared_exactly_and_per_tenant() -> None:
    state = state_after(create("main"), create("MAIN"))
    state.run(CreateSeries(THEIRS, "Side", BY))
    assert len(state.all_series) == 6


def test_update_changes_everything_at_once() -> None:
    state = state_after(set_to(5))
    fields = {"name": "New", "prefix": "A-", "suffix": "/24", "make_default": True}
    result = state.run(update(SIDE, counters={INVOICE: 3, DEBIT_NOTE: 4}, **fields)).result
    assert isinstance(result, SeriesUpdated)
    assert result.view == state.view(SIDE)
    series = result.view.series
    assert (series.name, series.prefix, series.suffix, series.is_default, series.key) == (
        "New",
        "A-",
        "/24",
        True,
        "side",
    )
    assert {kind: c.next_number for kind, c in result.view.counters.items()} == {INVOICE: 3, DEBIT_NOTE: 4}
    assert not state.all_series[MAIN].is_default


def test_update_empties_affixes_and_leaves_what_is_not_named() -> None:
    state = state_after(update(SIDE, prefix="A-", suffix="/24"))
    state.run(update(SIDE, prefix=None))
    series = state.all_series[SIDE]
    assert (series.name, series.prefix, series.suffix) == ("Side", None, "/24")


@pytest.mark.parametrize(
    "command",
    [
        update(MAIN),
        update(MAIN, name="Main"),
        update(MAIN, make_default=True),
        SetDefault(OURS, MAIN, BY),
    ],
    ids=["empty update", "own name", "update to default again", "default again"],
)
def test_what_changes_nothing_writes_nothing(command: Command) -> None:
    assert state_after().run(command).changes == ()


def test_default_moves_and_is_recorded() -> None:
    state = state_after()
    result = state.run(SetDefault(OURS, SIDE, BY)).result
    assert isinstance(result, DefaultSet)
    assert result.view == state.view(SIDE)
    assert result.view.series.is_default
    assert not state.all_series[MAIN].is_default
    assert state.all_series[FOREIGN].is_default
    assert state.entries[CounterKey(SIDE, SERIES_CHAIN)][-1].operation == "default"


def test_a_freed_name_may_be_taken() -> None:
    state = state_after(update(SIDE, name="New"), create("Side"))
    assert state.all_series[SeriesId(4)].name == "Side"


def test_replay_decides_without_changing() -> None:
    state = state_after(set_to(5))
    first, second, third = replay(state, [issue("a"), set_to(4), issue("a")])
    assert first == third
    assert isinstance(second, Refused)
    assert state.issued == []
