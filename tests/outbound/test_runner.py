"""Due work is done: in its order, at its moment by the tenant's clock, at least once, and nothing delays anything else."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.commands import Command, CreateSeries, PeekNext, SetNext, SetPolicy
from gateway.core.together import Build, SoFar, Together
from gateway.core.values import INVOICE, CounterKey, TenantId
from gateway.core.work import DropWork, RetryWork, WorkId, WorkState
from gateway.outbound.plan import WorkLimits
from gateway.spi.destinations import allow_list
from gateway.spi.outbound import Outbound
from gateway.spi.work import Done, Outcome, Retry, Work
from gateway.stores.engine.tenant_rows import Contents
from tests.outbound.conftest import NOON
from tests.outbound.receiver import Receiver
from tests.outbound.workshop import BY, MINUTE, TENANT, Toy, Workshop
from tests.until import until


async def ended(workshop: Workshop, *ids: int, tenant: TenantId = TENANT) -> None:
    async def all_ended() -> bool:
        return all([(await workshop.item(own, tenant)).ended is not None for own in ids])

    await until(all_ended)


async def failed(workshop: Workshop, own: int, attempts: int = 1) -> None:
    async def has_failed() -> bool:
        item = await workshop.item(own)
        return item.attempts == attempts and not item.taken_by

    await until(has_failed)


async def test_a_callback_goes_out_at_once_and_is_done(workshop: Workshop, receiver: Receiver) -> None:
    runner = workshop.runner()
    own = await workshop.schedule("a", url=f"{receiver.url}/x")
    await ended(workshop, own)
    item = await workshop.item(own)
    assert (item.state, item.attempts, item.log[0].detail, item.ended) == (WorkState.DELIVERED, 1, "status 200", NOON)
    assert receiver.paths == ["/x"]
    await until(lambda: runner.figures()["due_work_delivered"] == 1)
    assert runner.held == [False]  # or it could be taken again in its name


async def test_first_attempts_keep_their_order_whatever_fails(workshop: Workshop, receiver: Receiver) -> None:
    """Every third receiver's answer is a failure; the retry table says when to try again."""
    receiver.status("/bad", 500, 502, 503)
    ids = [await workshop.schedule("a", url=f"{receiver.url}/{'bad' if n % 3 == 0 else n}") for n in range(9)]
    workshop.runner()
    await ended(workshop, *(own for n, own in enumerate(ids) if n % 3))
    assert workshop.toy.begun == [(own, 1) for own in ids]
    for own in ids[::3]:
        await failed(workshop, own)
        assert (await workshop.item(own)).due == NOON + MINUTE
    await workshop.clock.travel(TENANT, by_seconds=60)
    await ended(workshop, *ids)
    assert sorted(workshop.toy.begun[9:]) == [(own, 2) for own in ids[::3]]


async def test_travelling_makes_due_what_lies_before_at_once_and_in_order(
    workshop: Workshop, receiver: Receiver
) -> None:
    workshop.runner()
    later = [await workshop.schedule("a", due=NOON + n * MINUTE, url=f"{receiver.url}/{n}") for n in (30, 10, 20, 90)]
    now = await workshop.schedule("a", url=f"{receiver.url}/now")
    await ended(workshop, now)
    assert receiver.paths == ["/now"]
    await workshop.clock.travel(TENANT, to=NOON + 60 * MINUTE)
    await ended(workshop, *later[:3])
    assert receiver.paths == ["/now", "/10", "/20", "/30"]
    await workshop.clock.resume(TENANT)  # years later
    await ended(workshop, later[3])


async def test_a_clock_that_runs_makes_work_due_by_itself(workshop: Workshop, receiver: Receiver) -> None:
    other = TenantId("runs")
    workshop.runner()
    due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=0.2)
    own = await workshop.schedule("a", tenant=other, due=due, url=receiver.url)
    await ended(workshop, own, tenant=other)
    item = await workshop.item(own, other)
    assert item.ended is not None
    assert item.ended >= due


async def test_the_retry_table_ends(workshop: Workshop, receiver: Receiver) -> None:
    receiver.status("/x", 500, 500, 500)
    workshop.runner()
    own = await workshop.schedule("a", url=f"{receiver.url}/x")
    for n, delay in enumerate((MINUTE, 2 * MINUTE), 1):
        await failed(workshop, own, n)
        assert (await workshop.item(own)).due == workshop.clock.now(TENANT) + delay
        await workshop.clock.travel(TENANT, by_seconds=delay.total_seconds())
    await ended(workshop, own)
    item = await workshop.item(own)
    assert (item.state, item.attempts) == (WorkState.UNDELIVERABLE, 3)
    assert item.log[-1].detail == "last attempt: status 500"
    await workshop.store.execute(RetryWork(TENANT, WorkId(own), BY))
    await ended(workshop, own)
    assert (await workshop.item(own)).state is WorkState.DELIVERED


ENDS = [
    ({"url": "http://169.254.169.254/"}, "callback", WorkState.UNDELIVERABLE, "link-local"),
    ({"url": "http://10.0.0.1/"}, "callback", WorkState.UNDELIVERABLE, "not on the list"),
    ({"url": "{receiver}/gone"}, "callback", WorkState.UNDELIVERABLE, "the receiver is gone"),
    ({"do": "bug"}, "callback", WorkState.WAITING, "a bug: ZeroDivisionError"),
    ({"do": "nothing"}, "callback", WorkState.WAITING, "a bug: TypeError"),
    ({"do": "others"}, "callback", WorkState.WAITING, "refused, or failed"),
    ({"do": "slow"}, "brief", WorkState.WAITING, "took too long"),
    ({"do": "soon"}, "callback", WorkState.WAITING, "not yet"),
    ({}, "unheard", WorkState.UNDELIVERABLE, "no kind of work named unheard"),
    ({"do": "secret"}, "thaw", WorkState.DELIVERED, "password=[redacted]"),
]


@pytest.mark.parametrize(("facts", "kind", "state", "word"), ENDS, ids=[row[3] for row in ENDS])
async def test_how_an_attempt_ends(
    workshop: Workshop, receiver: Receiver, facts: dict[str, str], kind: str, state: WorkState, word: str
) -> None:
    async def bug(work: Work, outbound: Outbound) -> Outcome:
        raise ZeroDivisionError

    async def slow(work: Work, outbound: Outbound) -> Outcome:
        await receiver.release.wait()
        return Done()

    async def soon(work: Work, outbound: Outbound) -> Outcome:
        return Retry("not yet", dt.timedelta(hours=5))

    async def secret(work: Work, outbound: Outbound) -> Outcome:
        return Done("password=geheim")

    async def nothing(work: Work, outbound: Outbound) -> Outcome:
        return None  # type: ignore[return-value]

    async def others(work: Work, outbound: Outbound) -> Outcome:
        return Done(then=(DropWork(TenantId("other"), work.id, work.origin()),))

    deeds = (bug, slow, soon, secret, nothing, others)
    workshop.toy.deeds = {deed.__name__: deed for deed in deeds}
    receiver.status("/gone", 410)
    workshop.runner()
    own = await workshop.schedule(
        "a", kind, **{name: value.format(receiver=receiver.url) for name, value in facts.items()}
    )
    await failed(workshop, own)
    item = await workshop.item(own)
    assert (item.state, word in item.log[0].detail) == (state, True), item.log
    if facts.get("do") == "soon":
        assert item.due == NOON + dt.timedelta(hours=5)


async def test_a_receiver_that_hangs_harms_no_other_lane_and_no_other_tenant(
    workshop: Workshop, receiver: Receiver
) -> None:
    workshop.limits = replace(workshop.limits, at_once=4, of_tenant=2)
    receiver.answers["/hangs"] = receiver.hang
    other = TenantId("other")
    hung = [await workshop.schedule(f"hung {n}", url=f"{receiver.url}/hangs") for n in range(3)]
    workshop.runner()
    await until(lambda: receiver.hung == 2)  # the third one has no room: its tenant has its share
    own = [await workshop.schedule("fine", tenant=other, url=f"{receiver.url}/{n}") for n in range(20)]
    await ended(workshop, *own, tenant=other)
    assert receiver.hung == 2
    receiver.release.set()
    await ended(workshop, *hung)


async def test_lanes_of_one_tenant_do_not_delay_one_another(workshop: Workshop, receiver: Receiver) -> None:
    receiver.answers["/hangs"] = receiver.hang
    hung = [await workshop.schedule("hung", url=f"{receiver.url}/hangs") for _ in range(3)]
    fine = [await workshop.schedule("fine", url=f"{receiver.url}/{n}") for n in range(10)]
    workshop.runner()
    await ended(workshop, *fine)
    assert receiver.hung == 1  # one first attempt in a lane at a time
    receiver.release.set()
    await ended(workshop, *hung)


async def test_a_retry_delays_no_later_event(workshop: Workshop, receiver: Receiver) -> None:
    """The retry hangs; what was scheduled after it goes out."""
    receiver.status("/x", 500)
    workshop.runner()
    again = await workshop.schedule("a", url=f"{receiver.url}/x")
    await failed(workshop, again)
    receiver.answers["/x"] = receiver.hang
    await workshop.clock.travel(TENANT, by_seconds=60)
    await until(lambda: receiver.hung == 1)
    later = await workshop.schedule("a", url=f"{receiver.url}/later")
    await ended(workshop, later)
    assert (await workshop.item(again)).state is WorkState.WAITING
    receiver.release.set()
    await ended(workshop, again)


async def test_two_runners_share_the_work_and_keep_the_order(workshop: Workshop, receiver: Receiver) -> None:
    ids = [await workshop.schedule("ab"[n % 2], url=f"{receiver.url}/{n}") for n in range(30)]
    for _ in range(2):
        workshop.runner()
    await ended(workshop, *ids)
    assert sorted(workshop.toy.begun) == [(own, 1) for own in ids]  # each one once
    for lane in (0, 1):
        assert [own for own, _ in workshop.toy.begun if (own - 1) % 2 == lane] == ids[lane::2]


async def test_what_a_dead_process_held_is_done_by_another_one(workshop: Workshop, receiver: Receiver) -> None:
    """The first runner dies in the middle: its tasks are gone, and nothing was given back."""
    now = [1_000_000]
    receiver.answers["/hangs"] = receiver.hang
    dead = workshop.runner(now_ms=lambda: now[0])
    own = await workshop.schedule("a", url=f"{receiver.url}/hangs")
    await until(lambda: receiver.hung == 1)
    await dead.die()
    assert (await workshop.item(own)).taken_by != ""
    receiver.answers.clear()
    now[0] += 29_000
    heir = workshop.runner(now_ms=lambda: now[0])
    await until(lambda: bool(heir._looks))
    assert receiver.paths == ["/hangs"]
    now[0] += 1_001
    heir.wake([TENANT])
    await ended(workshop, own)
    assert receiver.paths == ["/hangs", "/hangs"]


async def test_work_under_way_is_held_for_as_long_as_it_takes(workshop: Workshop, receiver: Receiver) -> None:
    workshop.limits = WorkLimits(lease_seconds=0.3)
    receiver.answers["/hangs"] = receiver.hang
    workshop.runner()
    own = await workshop.schedule("a", url=f"{receiver.url}/hangs")
    await until(lambda: receiver.hung == 1)
    first = (await workshop.item(own)).taken_until

    async def held_longer() -> bool:
        return (await workshop.item(own)).taken_until > first + 600

    workshop.runner()
    await until(held_longer)
    receiver.release.set()
    await ended(workshop, own)
    assert workshop.toy.begun == [(own, 1)]


async def test_what_is_dropped_while_it_is_under_way_is_let_go(workshop: Workshop, receiver: Receiver) -> None:
    workshop.limits = WorkLimits(lease_seconds=0.06)
    receiver.answers["/hangs"] = receiver.hang
    runner = workshop.runner()
    own = await workshop.schedule("a", url=f"{receiver.url}/hangs")
    await until(lambda: receiver.hung == 1)
    await workshop.store.execute(DropWork(TENANT, WorkId(own), BY))
    await until(lambda: not runner._running)
    assert (await workshop.item(own)).state is WorkState.DROPPED


async def test_an_id_that_comes_again_after_a_reset_is_an_item_of_its_own(
    workshop: Workshop, receiver: Receiver
) -> None:
    """The attempt at the former item is still under way: its end takes nothing from the new one."""
    receiver.answers["/hangs"] = receiver.hang
    runner = workshop.runner()
    former = await workshop.schedule("a", url=f"{receiver.url}/hangs")
    await until(lambda: receiver.hung == 1)
    await workshop.store.tenant_records.replace(TENANT, Contents())
    own = await workshop.schedule("b", url=f"{receiver.url}/hangs")
    assert own == former
    await until(lambda: receiver.hung == 2)
    assert [running.item.lane for running in runner._running.values()] == ["toy/a", "toy/b"]
    receiver.release.set()
    await ended(workshop, own)
    item = await workshop.item(own)
    assert (item.lane, item.state, item.attempts) == ("toy/b", WorkState.DELIVERED, 1)
    await until(lambda: not runner._running)


async def test_stopping_waits_for_what_ends_and_gives_back_the_rest(workshop: Workshop, receiver: Receiver) -> None:
    gate = asyncio.Event()

    async def ends(work: Work, outbound: Outbound) -> Outcome:
        await gate.wait()
        return Done()

    workshop.toy.deeds["ends"] = ends
    receiver.answers["/hangs"] = receiver.hang
    runner = workshop.runner()
    hung = await workshop.schedule("a", url=f"{receiver.url}/hangs")
    brief = await workshop.schedule("b", "thaw", do="ends")
    behind = await workshop.schedule("b", "thaw", do="ends")
    await until(lambda: len(workshop.toy.begun) == 2 and receiver.hung == 1)
    stopping = asyncio.create_task(runner.stop(0.2))
    gate.set()
    await stopping
    assert (await workshop.item(brief)).state is WorkState.DELIVERED
    for own in (hung, behind):
        item = await workshop.item(own)
        assert (item.state, item.attempts, item.taken_by) == (WorkState.WAITING, 0, "")
    receiver.answers.clear()
    workshop.runner(toy=Toy(deeds=workshop.toy.deeds))
    await ended(workshop, hung, behind)


async def test_only_some_of_what_has_ended_is_kept(workshop: Workshop, receiver: Receiver) -> None:
    workshop.limits = WorkLimits(kept=3)
    workshop.runner()
    ids = [await workshop.schedule("a", url=receiver.url) for _ in range(8)]

    async def three() -> bool:
        return [item.id for item in await workshop.store.work.page(TENANT)] == ids[-3:]

    await until(three)


async def test_work_of_others_waits(workshop: Workshop, receiver: Receiver) -> None:
    """Neither a dialect that is not served nor a tenant that is not served here is touched."""
    served: set[TenantId] = set()
    runner = workshop.runner(toy=Toy(), is_served=served.__contains__)
    own = await workshop.schedule("a", url=receiver.url)
    await until(lambda: bool(runner._looks))
    assert (await workshop.item(own)).attempts == 0
    served.add(TENANT)
    runner.wake([TENANT])
    await ended(workshop, own)


async def test_a_list_that_is_changed_and_a_retry_by_hand(workshop: Workshop, receiver: Receiver) -> None:
    workshop.allowed = allow_list([])
    workshop.runner()
    own = await workshop.schedule("a", url=receiver.url)
    await ended(workshop, own)
    assert (await workshop.item(own)).state is WorkState.UNDELIVERABLE
    workshop.allowed = allow_list(["127.0.0.1"])
    await workshop.store.execute(RetryWork(TENANT, WorkId(own), BY))
    await ended(workshop, own)
    assert (await workshop.item(own)).state is WorkState.DELIVERED


async def test_what_an_item_leads_to_happens_once_together_with_its_end(workshop: Workshop) -> None:
    """Work of the dialect's own: it moves a number line, as `automatic`, in the transaction that notes the end."""
    created = await workshop.store.execute(CreateSeries(TENANT, "main", BY, key="main"))
    line = CounterKey(created.view.series.id, INVOICE)

    async def thaw(work: Work, outbound: Outbound) -> Outcome:
        number, by = work.facts["number"], work.origin("thawed")

        def one_more(so_far: SoFar) -> Command[Any]:
            return SetNext(TENANT, line, so_far.results[0].after.next_number + 1, SetPolicy(), by)

        first = SetNext(TENANT, line, number, SetPolicy(), by)
        return Done(then=(Together(TENANT, (first, Build(one_more)), by),))

    workshop.toy.deeds["thaw"] = thaw
    workshop.runner()
    own = await workshop.schedule("a", "thaw", do="thaw", number=7)
    await ended(workshop, own)
    refused = await workshop.schedule("b", "callback", do="thaw", number=3)  # behind the line
    await failed(workshop, refused)
    assert (await workshop.item(refused)).log[0].detail == "what it leads to was refused, or failed"
    entries = [entry async for entry in workshop.store.ledger(TENANT) if entry.operation == "set"]
    assert [(entry.after, entry.principal, entry.reason) for entry in entries] == [
        (7, "automatic", "thawed"),
        (8, "automatic", "thawed"),
    ]


async def test_what_a_lost_item_leads_to_does_not_happen(workshop: Workshop) -> None:
    """Somebody drops the item while it is performed."""
    created = await workshop.store.execute(CreateSeries(TENANT, "main", BY, key="main"))
    line = CounterKey(created.view.series.id, INVOICE)

    async def thaw(work: Work, outbound: Outbound) -> Outcome:
        await workshop.store.execute(DropWork(TENANT, work.id, BY))
        return Done(then=(SetNext(TENANT, line, 7, SetPolicy(), work.origin()),))

    workshop.toy.deeds["thaw"] = thaw
    runner = workshop.runner()
    own = await workshop.schedule("a", "thaw", do="thaw")
    await until(lambda: len(runner.held) == 1 and not runner._running)
    assert (await workshop.item(own)).state is WorkState.DROPPED
    assert (await workshop.store.read(PeekNext(TENANT, line))).counter.next_number is None
