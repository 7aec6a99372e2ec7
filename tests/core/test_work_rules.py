"""The rules about work that is due: order within a lane, who holds an item, what ends it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.values import Origin, TenantId
from gateway.core.work import (
    MAX_ATTEMPTS_KEPT,
    MAX_BODY,
    MAX_LANE,
    Delivered,
    DropWork,
    Ending,
    FinishWork,
    ForgetWork,
    GivenBack,
    GivenUp,
    NewWork,
    RetryWork,
    ScheduleWork,
    TakeWork,
    TryAgain,
    WorkId,
    WorkItem,
    WorkState,
)
from tests.core.memory_state import MOMENT, MemoryState

T = TenantId("t")
BY = Origin("vendor", "user", "request-1", "because")
MINUTE = dt.timedelta(minutes=1)
LEASE = 1000


class Desk:
    """Commands against one state, at a machine's time that the test moves. now: milliseconds since 1970."""

    def __init__(self) -> None:
        self.state = MemoryState()
        self.now = 5_000

    def schedule(self, *lanes: str, due: dt.datetime | None = None) -> list[WorkId]:
        items = tuple(NewWork("callback", lane, due=due) for lane in lanes)
        return [item.id for item in self.state.run(ScheduleWork(T, items, BY)).result.items]

    def item(self, own: int) -> WorkItem:
        found = self.state.work.item(T, WorkId(own))
        assert found is not None
        return found

    def take(self, own: int, taker: str = "me") -> bool:
        command = TakeWork(T, WorkId(own), self.item(own).lane, taker, self.now, self.now + LEASE)
        return self.state.run(command).result.item is not None

    def finish(self, own: int, ending: Ending, taker: str = "me") -> bool:
        return self.state.run(FinishWork(T, WorkId(own), taker, ending)).result.item is not None


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_scheduled_work_waits_in_the_lane_of_its_dialect(desk: Desk) -> None:
    assert desk.schedule("a", "b") == [1, 2]
    assert desk.schedule("a", due=MOMENT + MINUTE) == [3]
    first = desk.item(1)
    assert (first.dialect, first.kind, first.lane, first.request_id) == ("vendor", "callback", "vendor/a", "request-1")
    assert (first.due, first.scheduled, first.state, first.attempts) == (MOMENT, MOMENT, WorkState.WAITING, 0)
    assert desk.item(3).due == MOMENT + MINUTE
    assert desk.state.run(ScheduleWork(T, (), BY)).changes == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ""},
        {"lane": "x" * (MAX_LANE + 1)},
        {"body": "x" * (MAX_BODY + 1)},
        {"body": "\0"},
        {"lane": "\0"},
        {"kind": "\0"},
        {"body": '"\ud800"'},
        {"lane": "\ud800"},
        {"due": dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=1)))},
        {"due": dt.datetime(2024, 1, 1)},
    ],
    ids=str,
)
def test_what_cannot_be_scheduled(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        NewWork(**{"kind": "callback", "lane": "a", **wrong})  # type: ignore[arg-type]


def test_nothing_is_taken_before_its_moment(desk: Desk) -> None:
    desk.schedule("a", due=MOMENT + MINUTE)
    assert not desk.take(1)
    desk.state.clock.forward(60)
    assert desk.take(1)


def test_an_item_is_of_one_taker_until_its_time_is_up(desk: Desk) -> None:
    desk.schedule("a")
    assert desk.take(1, "one")
    assert not desk.take(1, "two")
    desk.now += LEASE - 1
    assert not desk.take(1, "two")
    assert desk.take(1, "one")  # holds it for longer
    desk.now += LEASE
    assert desk.take(1, "two")
    assert not desk.finish(1, Delivered(), "one")  # has lost it
    assert desk.finish(1, Delivered(), "two")
    assert not desk.finish(1, Delivered(), "two")
    assert not desk.take(1, "two")


def test_first_attempts_of_a_lane_come_one_after_the_other_and_retries_stand_beside(desk: Desk) -> None:
    desk.schedule("a", "a", "b", "a")
    assert not desk.take(2)  # 1 comes before it
    assert desk.take(1)
    assert not desk.take(2, "other")  # 1 is under way
    assert desk.take(3, "other")  # another lane
    assert desk.finish(1, TryAgain(MOMENT + MINUTE, "no answer"))
    assert desk.take(2)
    assert not desk.take(4, "other")
    desk.state.clock.forward(60)
    assert desk.take(1, "other")  # a retry waits for nobody
    assert desk.finish(2, GivenUp("no such host"))
    assert desk.take(4)


def test_an_earlier_moment_comes_before_a_lower_id(desk: Desk) -> None:
    desk.schedule("a", due=MOMENT + 2 * MINUTE)
    desk.schedule("a", due=MOMENT + MINUTE)
    desk.state.clock.forward(180)
    assert not desk.take(1)
    assert desk.take(2)


def test_an_item_of_an_earlier_moment_waits_for_the_one_under_way(desk: Desk) -> None:
    desk.schedule("a")
    assert desk.take(1)
    desk.schedule("a", due=MOMENT - MINUTE)
    assert not desk.take(2, "other")
    desk.now += LEASE  # who worked on 1 has died
    assert desk.take(2, "other")


def test_what_ends_an_attempt(desk: Desk) -> None:
    desk.schedule(*"abcd")
    for own, ending in enumerate(
        (Delivered("200"), GivenUp("refused"), TryAgain(MOMENT + MINUTE, "502"), GivenBack()), 1
    ):
        assert desk.take(own)
        assert desk.finish(own, ending)
    done, given_up, again, back = (desk.item(own) for own in (1, 2, 3, 4))
    assert (done.state, done.attempts, done.ended) == (WorkState.DELIVERED, 1, MOMENT)
    assert (given_up.state, given_up.ended) == (WorkState.UNDELIVERABLE, MOMENT)
    assert (again.state, again.attempts, again.due, again.ended) == (WorkState.WAITING, 1, MOMENT + MINUTE, None)
    assert (back.state, back.attempts, back.log, back.taken_by) == (WorkState.WAITING, 0, (), "")
    assert [(one.outcome, one.detail) for own in (done, given_up, again) for one in own.log] == [
        ("delivered", "200"),
        ("given_up", "refused"),
        ("failed", "502"),
    ]


def test_only_the_last_attempts_are_kept(desk: Desk) -> None:
    desk.schedule("a")
    for _ in range(MAX_ATTEMPTS_KEPT + 5):
        assert desk.take(1)
        desk.finish(1, TryAgain(MOMENT, "x" * 10_000))
    assert desk.item(1).attempts == MAX_ATTEMPTS_KEPT + 5
    assert len(desk.item(1).log) == MAX_ATTEMPTS_KEPT
    assert len(desk.item(1).log[-1].detail) == 500


def test_people_drop_and_retry(desk: Desk) -> None:
    desk.schedule("a", "a")
    run = desk.state.run
    assert desk.take(1)
    assert run(DropWork(T, WorkId(1), BY)).result.item == desk.item(1)
    assert not desk.finish(1, Delivered())
    assert desk.item(1).state is WorkState.DROPPED
    assert run(DropWork(T, WorkId(1), BY)).result.item is None
    assert desk.take(2)  # no longer behind it
    desk.finish(2, TryAgain(MOMENT + MINUTE))
    assert not desk.take(2)
    for own in (1, 2):
        again = run(RetryWork(T, WorkId(own), BY)).result.item
        assert again is not None
        assert (again.state, again.due, again.ended) == (WorkState.WAITING, MOMENT, None)
        assert again.log[-1].detail == "because"
        assert desk.take(own)
        desk.finish(own, Delivered())
        assert run(RetryWork(T, WorkId(own), BY)).result.item is None
    for command in (RetryWork, DropWork):
        assert run(command(T, WorkId(99), BY)).result.item is None


def test_what_has_ended_is_forgotten_and_nothing_else(desk: Desk) -> None:
    desk.schedule("a", "b")
    assert desk.take(1)
    desk.finish(1, Delivered())
    assert desk.state.run(ForgetWork(T, (WorkId(1), WorkId(2), WorkId(3)))).result.ids == (1,)
    assert list(desk.state.work.items) == [(T, 2)]


def test_an_id_that_was_forgotten_never_comes_again(desk: Desk) -> None:
    desk.schedule("a", "b")
    for own in (1, 2):
        desk.state.run(DropWork(T, WorkId(own), BY))
    assert desk.state.run(ForgetWork(T, (WorkId(1), WorkId(2)))).result.ids == (1,)
    desk.schedule("a")
    assert list(desk.state.work.items) == [(T, 2), (T, 3)]


def test_a_lane_that_is_not_the_items_takes_nothing(desk: Desk) -> None:
    desk.schedule("a")
    assert desk.state.run(TakeWork(T, WorkId(1), "vendor/b", "me", 0, 1)).result.item is None


STEP = st.tuples(
    st.sampled_from(["schedule", "take", "deliver", "fail", "give up", "give back", "drop", "later", "die"]),
    st.integers(0, 7),
    st.sampled_from("ab"),
    st.sampled_from(["one", "two"]),
)


@given(st.lists(STEP, max_size=60))
def test_any_steps_keep_the_order_of_first_attempts(steps: list[tuple[str, int, str, str]]) -> None:
    """Two takers in any order: what begins first in a lane is the first of those that are due and were never attempted."""
    desk = Desk()
    for step, number, lane, taker in steps:
        ids = [own for _, own in desk.state.work.items]
        if step == "schedule":
            desk.schedule(lane, due=desk.state.clock.moment + number * MINUTE)
        elif step == "later":
            desk.state.clock.forward(60 * number)
        elif step == "die":
            desk.now += LEASE
        elif ids:
            _step(desk, step, ids[number % len(ids)], taker)


def _step(desk: Desk, step: str, own: WorkId, taker: str) -> None:
    endings: dict[str, Ending] = {
        "deliver": Delivered(),
        "fail": TryAgain(desk.state.clock.moment + MINUTE),
        "give up": GivenUp(),
        "give back": GivenBack(),
    }
    before = desk.item(own)
    if step == "drop":
        desk.state.run(DropWork(T, own, BY))
    elif step in endings:
        assert desk.finish(own, endings[step], taker) == (
            before.state is WorkState.WAITING and before.taken_by == taker
        )
    elif desk.take(own, taker):
        assert before.state is WorkState.WAITING
        if before.taken_by != taker:
            _check_begun(desk, before)
        assert replace(desk.item(own), taken_by="", taken_until=0) == replace(before, taken_by="", taken_until=0)


def _check_begun(desk: Desk, item: WorkItem) -> None:
    now = desk.state.clock.moment
    assert item.due <= now
    assert not item.is_taken(desk.now)
    if item.is_first:
        others = [own for own in desk.state.work.first_attempts(T, item.lane) if own.id != item.id]
        assert not [own for own in others if own.is_taken(desk.now) or (own.due, own.id) < (item.due, item.id)]
