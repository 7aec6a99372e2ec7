"""Which items may begin now: a table, and any set of items."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.values import TenantId
from gateway.core.work import WorkId, WorkItem
from gateway.outbound.plan import Next, WorkLimits, next_work

NOW = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
NOW_MS = 1_000_000
MINUTE = dt.timedelta(minutes=1)
T = TenantId("t")


def item(own: int, lane: str = "a", minutes: int = 0, attempts: int = 0, taken: int = 0, tenant: str = T) -> WorkItem:
    """An item that is due so many minutes from now. taken: until so many milliseconds from now; 0 for nobody's."""
    return WorkItem(
        tenant=TenantId(tenant),
        id=WorkId(own),
        dialect="toy",
        kind="callback",
        lane=f"toy/{lane}",
        body="{}",
        due=NOW + minutes * MINUTE,
        scheduled=NOW,
        attempts=attempts,
        taken_by="somebody" if taken else "",
        taken_until=NOW_MS + taken if taken else 0,
    )


def planned(*heads: WorkItem, under_way: tuple[WorkItem, ...] = (), limits: WorkLimits | None = None) -> Next:
    return next_work(heads, under_way, limits or WorkLimits(), NOW, NOW_MS, {"toy"})


def ids(plan: Next) -> list[int]:
    return [own.id for own in plan.begin]


def test_due_items_begin_in_their_order_and_the_next_moment_is_known() -> None:
    plan = planned(item(3, "c"), item(1, "a", -1), item(2, "b"), item(4, "d", 5), item(5, "e", 9))
    assert (ids(plan), plan.due, plan.free_ms, plan.is_crowded) == ([1, 2, 3], NOW + 5 * MINUTE, None, False)


def test_what_somebody_holds_is_left_until_its_time_is_up() -> None:
    plan = planned(item(1, "a", taken=500), item(2, "b", taken=300), item(3, "c", taken=-1))
    assert (ids(plan), plan.free_ms) == ([3], NOW_MS + 300)


def test_a_lane_has_one_first_attempt_and_beside_it_one_retry() -> None:
    first, again = item(1), item(2, attempts=1)
    assert ids(planned(first, again)) == [1, 2]
    assert ids(planned(item(3), under_way=(first,))) == []
    assert ids(planned(item(3, attempts=1), under_way=(first,))) == [3]
    assert ids(planned(item(3, attempts=1), under_way=(again,))) == []
    assert ids(planned(item(3), under_way=(again,))) == [3]
    assert ids(planned(item(3), under_way=(item(1, tenant="other"),))) == [3]


def test_dialects_that_are_not_served_here_are_left_alone() -> None:
    assert ids(planned(replace(item(1), dialect="other"))) == []


def test_bounds() -> None:
    limits = WorkLimits(at_once=4, of_tenant=3)
    heads = [item(n, str(n)) for n in range(1, 6)]
    plan = planned(*heads, limits=limits)
    assert (ids(plan), plan.is_crowded) == ([1, 2, 3], True)
    others = tuple(item(n, str(n), tenant="other") for n in range(10, 13))
    assert ids(planned(*heads, under_way=others, limits=limits)) == [1]
    retries = [item(n, str(n), attempts=1) for n in range(1, 6)]
    assert ids(planned(*retries, limits=limits)) == [1, 2]
    assert ids(planned(*retries, heads[4], limits=limits)) == [1, 2, 5]


ITEM = st.builds(
    item,
    own=st.integers(1, 30),
    lane=st.sampled_from("abcd"),
    minutes=st.integers(-3, 3),
    attempts=st.integers(0, 2),
    taken=st.sampled_from([0, 0, 0, -5, 5]),
    tenant=st.sampled_from([T, "other"]),
)
LIMITS = st.builds(WorkLimits, at_once=st.integers(1, 6), of_tenant=st.integers(1, 6))


@given(st.lists(ITEM, unique_by=lambda own: own.id), st.lists(ITEM, max_size=5, unique_by=lambda own: own.id), LIMITS)
def test_any_items_within_the_bounds(heads: list[WorkItem], under_way: list[WorkItem], limits: WorkLimits) -> None:
    mine = [own for own in heads if own.tenant == T]
    plan = planned(*mine, under_way=tuple(under_way), limits=limits)
    assert all(own.due <= NOW and not own.is_taken(NOW_MS) for own in plan.begin)
    assert list(plan.begin) == sorted(plan.begin, key=lambda own: (own.due, own.id))
    begun, busy = [(own.lane, own.is_first) for own in plan.begin], [own for own in under_way if own.tenant == T]
    assert len(set(begun)) == len(begun)
    assert not set(begun) & {(own.lane, own.is_first) for own in busy}
    if plan.begin:
        assert len(plan.begin) + len(under_way) <= limits.at_once
        assert len(plan.begin) + len(busy) <= limits.of_tenant
    for own in mine:  # nothing that could begin is left out without a reason
        may = own.due <= NOW and not own.is_taken(NOW_MS)
        if may and own not in plan.begin:
            assert plan.is_crowded
    later = [own.due for own in mine if own.due > NOW]
    assert plan.due == min(later, default=None)
