"""Each checker by itself: true stories pass, and each kind of broken promise is found. These are the checkers' controls."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations

import pytest

from tests.consistency.decisions import given_once, made_once
from tests.consistency.history import FINAL, INITIAL, Event, Finding, Story
from tests.consistency.registers import linearizable, lost_updates, vanished, went_back
from tests.consistency.stamps import RUNNING, time_of

Events = list[Event]


def wrote(value: str | None, sent: float, answered: float | None, outcome: str = "done", thing: str = "x") -> Event:
    return Event("writer", "", "write", thing, value, sent, answered, outcome)  # type: ignore[arg-type]


def unknown(value: str | None, sent: float) -> Event:
    return wrote(value, sent, None, "unknown")


def shown(value: str, sent: float, answered: float, client: str = "reader", gateway: str = "one") -> Event:
    return Event(client, gateway, "read", "x", value, sent, answered, "done")


def final(value: str, sent: float = 90) -> Event:
    return shown(value, sent, sent + 1, FINAL)


def claimed(outcome: str, thing: str = "x") -> Event:
    return Event("client", "", "claim", thing, None, 0, 1, outcome)  # type: ignore[arg-type]


GOOD: dict[str, Events] = {
    "nothing": [],
    "before the first write": [shown(INITIAL, 0, 1), wrote("a", 2, 3)],
    "one after the other": [wrote("a", 0, 1), shown("a", 2, 3), wrote("b", 4, 5), shown("b", 6, 7), final("b")],
    "either value while the write is under way": [
        wrote("a", 0, 1),
        wrote("b", 2, 9),
        shown("a", 3, 4),
        shown("b", 5, 6),
        final("b"),
    ],
    "writes at once, in either order": [wrote("a", 0, 5), wrote("b", 1, 4), final("a")],
    "a write without an answer, never done": [wrote("a", 0, 1), unknown("b", 2), shown("a", 3, 4), final("a")],
    "a write without an answer, done late": [wrote("a", 0, 1), unknown("b", 2), shown("a", 3, 4), final("b")],
    "a value that the gateway made up": [unknown(None, 0), shown("7", 1, 2), final("7")],
    "a refused write": [wrote("a", 0, 1), wrote("b", 2, 3, "refused"), final("a")],
    "a write after a final reading": [wrote("a", 0, 1), final("a", 2), wrote("b", 4, 5), final("b")],
    "two things": [wrote("a", 0, 1), wrote("other", 2, 3, thing="y"), final("a")],
}
BAD: dict[str, Events] = {
    "an old value after a new one": [wrote("a", 0, 1), wrote("b", 2, 3), shown("a", 4, 5)],
    "nothing after a write": [wrote("a", 0, 1), shown(INITIAL, 2, 3)],
    "a value that nobody wrote": [wrote("a", 0, 1), shown("z", 2, 3)],
    "a value before its write": [shown("a", 0, 1), wrote("a", 2, 3)],
    "a refused value": [wrote("a", 0, 1, "refused"), shown("a", 2, 3)],
    "back while the write is under way": [wrote("a", 0, 1), wrote("b", 2, 9), shown("b", 3, 4), shown("a", 5, 6)],
    "two readers in two orders": [
        wrote("a", 0, 9),
        wrote("b", 0, 9),
        shown("a", 1, 2, "one"),
        shown("b", 3, 4, "two"),
        shown("a", 5, 6, "one"),
    ],
    "an acknowledged write in between": [wrote("a", 0, 1), wrote("b", 3, 4), shown("a", 8, 9)],
    "shown, never acknowledged, and gone": [wrote("a", 0, 1), unknown("b", 2), shown("b", 3, 4), shown("a", 5, 6)],
}


@pytest.mark.parametrize("events", GOOD.values(), ids=GOOD)
def test_a_true_story_passes_all_checkers(events: Events) -> None:
    for checker in (linearizable, lost_updates, vanished, went_back):
        assert list(checker(events)) == []


@pytest.mark.parametrize("events", BAD.values(), ids=BAD)
def test_a_story_without_an_order_is_found(events: Events) -> None:
    assert list(linearizable(events))


Checker = Callable[[Iterable[Event]], Iterable[Finding]]
PROMISES: dict[str, tuple[Checker, Events]] = {
    "an acknowledged write is gone": (lost_updates, [wrote("a", 0, 1), wrote("b", 2, 3), final("a")]),
    "a write is gone altogether": (lost_updates, [wrote("a", 0, 1), final(INITIAL)]),
    "a later write is gone, an earlier one that lost is back": (
        lost_updates,
        [wrote("a", 0, 1), wrote("b", 2, 9), wrote("c", 3, 4), final("a")],
    ),
    "shown and gone": (vanished, [wrote("a", 0, 1), unknown("b", 2), shown("b", 3, 4), final("a")]),
    "shown to another client and gone": (vanished, [unknown("a", 0), shown("a", 1, 2, "other"), final(INITIAL)]),
    "one client, back": (went_back, [wrote("a", 0, 1), wrote("b", 2, 3), shown("b", 4, 5), shown("a", 6, 7)]),
}


@pytest.mark.parametrize(("checker", "events"), PROMISES.values(), ids=PROMISES)
def test_a_broken_promise_is_found(checker: Checker, events: Events) -> None:
    assert list(checker(events))


def test_a_finding_says_who_was_shown_what_when_and_what_contradicts() -> None:
    events = [wrote("a", 0, 1), wrote("b", 2, 3), shown("b", 4, 5, "Ada", "http://one"), final("a")]
    assert [finding.text for finding in vanished(events)] == [
        "x: vanished: Ada at http://one was shown b (4.000 to 5.000, done);"
        " but in the end the final reading at one was shown a (90.000 to 91.000, done), which is older"
    ]


def test_a_finding_keeps_its_key_when_more_is_known() -> None:
    events = [wrote("a", 0, 1), wrote("b", 2, 3), shown("a", 4, 5), final("a", 20)]
    more = [*events, wrote("c", 30, 31), shown("a", 40, 41), final("a", 50)]
    for checker in (linearizable, lost_updates):
        assert {finding.key for finding in checker(events)} == {finding.key for finding in checker(more)} != set()


STALE: Events = [wrote("a", 0, 1), wrote("b", 2, 3), shown("a", 3.9, 4)]
TOO_STALE: Events = [wrote("a", 0, 1), wrote("b", 2, 3), shown("a", 4.1, 4.2)]
BACK_WITHIN: Events = [wrote("a", 0, 1), wrote("b", 2, 3), shown("b", 3.1, 3.2), shown("a", 3.3, 3.4, gateway="two")]


def test_a_stale_value_may_be_shown_within_its_bound_only() -> None:
    assert list(linearizable(STALE))
    assert list(linearizable(STALE, staleness=1)) == []
    assert list(linearizable(TOO_STALE, staleness=1))


def test_another_gateway_may_be_behind_within_the_bound_but_no_gateway_goes_back() -> None:
    assert list(linearizable(BACK_WITHIN, staleness=1)) == []
    assert list(went_back(BACK_WITHIN))
    assert list(went_back(BACK_WITHIN, at_one_gateway=True)) == []
    same_gateway = [replace(event, gateway="one") for event in BACK_WITHIN]
    assert list(went_back(same_gateway, at_one_gateway=True))


def test_a_bound_does_not_excuse_a_value_that_vanishes() -> None:
    events = [wrote("a", 0, 1), unknown("b", 2), shown("b", 3, 4), shown("a", 9, 10)]
    assert list(linearizable(events, staleness=1))


def by_trying(events: Events) -> bool:
    """Whether an order of the requests explains a story: tries all orders, with and without each write that has no answer."""
    must = [event for event in events if event.outcome == "done"]
    may = [event for event in events if event.outcome == "unknown"]
    return any(
        _explains(order)
        for count in range(len(may) + 1)
        for some in combinations(may, count)
        for order in permutations([*must, *some])
    )


def _explains(order: Iterable[Event]) -> bool:
    value, before = INITIAL, float("-inf")
    for event in order:
        if event.latest < before or (event.kind == "read" and event.value != value):
            return False
        before = max(before, event.sent)
        value = str(event.value)
    return True


def by_chance(chance: random.Random) -> Events:
    """A small story in which each value is written once."""
    moments = chance.sample(range(100), 10)
    events: Events = []
    for place in range(5):
        sent, answered = sorted(moments[2 * place : 2 * place + 2])
        if place < 3:
            events.append(wrote("abc"[place], sent, answered) if chance.random() < 0.7 else unknown("abc"[place], sent))
        else:
            events.append(shown(chance.choice([INITIAL, *"abc"]), sent, answered))
    return events


def test_the_checker_agrees_with_trying_all_orders() -> None:
    found = {True: 0, False: 0}
    for seed in range(600):
        events = by_chance(random.Random(seed))
        sound = by_trying(events)
        assert (list(linearizable(events)) == []) == sound, (seed, events)
        found[sound] += 1
    assert min(found.values()) > 100, found


def test_what_is_given_once() -> None:
    assert list(given_once([claimed("done"), claimed("refused"), claimed("unknown"), claimed("done", "y")])) == []
    assert list(given_once([claimed("done"), claimed("done")]))


@pytest.mark.parametrize(
    ("outcome", "kept", "sound"),
    [
        ("done", 0, False),
        ("done", 1, True),
        ("done", 2, False),
        ("refused", 0, True),
        ("refused", 1, False),
        ("unknown", 0, True),
        ("unknown", 1, True),
        ("unknown", 2, False),
    ],
)
def test_what_one_request_makes(outcome: str, kept: int, sound: bool) -> None:
    assert (list(made_once([claimed(outcome)], {"x": kept})) == []) == sound


def test_the_time_of_a_stamp() -> None:
    now, moved = datetime(2024, 5, 1, tzinfo=UTC), [datetime(2030, 1, day, tzinfo=UTC) for day in (1, 2)]
    assert time_of(moved[1] + timedelta(minutes=5), moved, now) == moved[1].isoformat()
    assert time_of(moved[0], moved, now) == moved[0].isoformat()
    assert time_of(now - timedelta(seconds=3), moved, now) == RUNNING
    assert time_of(moved[0] - timedelta(seconds=1), moved, now) is None


def test_a_chain_whose_stamps_alternate_is_found() -> None:
    """Two gateways with two clocks: 2030, 2026, 2030. The stamps are reads of the clock, at the time of their requests."""
    clock = [wrote("2030", 0, 1), wrote("2026", 2, 3), shown("2026", 5, 6), shown("2030", 7, 8), shown("2026", 9, 10)]
    assert list(linearizable(clock, staleness=0.5))


def test_a_story_is_written_down_before_and_after() -> None:
    story = Story()
    event = story.begin("client", "one", "write", "x", "a")
    assert (event.outcome, event.answered, event.latest) == ("unknown", None, float("inf"))
    story.done(event)
    assert event.outcome == "done"
    assert event.sent <= event.latest < float("inf")
    story.refused(other := story.begin("client", "one", "write", "x", "b"))
    assert other.outcome == "refused"
    assert story.events == [event, other]
