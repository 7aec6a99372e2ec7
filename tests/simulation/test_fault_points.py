"""Every fault at every moment it can strike: what a raw client sees, and where the number line stands afterwards."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.simulation.fault_models import POINTS, FaultRule, Point
from tests.simulation.raw import PEEK, Rig, set_to, soap


def rule(kind: str, **changes: Any) -> FaultRule:
    names = {"tenant", "dialect", "operation", "at", "nth", "first", "every", "rate", "seed"}
    outer = {name: value for name, value in changes.items() if name in names}
    inner = {name: value for name, value in changes.items() if name not in names}
    return FaultRule.model_validate({"action": {"kind": kind, **inner}, **outer})


async def test_a_lost_reply_leaves_the_number_consumed(rig: Rig) -> None:
    rig.gateway.faults.add(rule("lost_reply", tenant="demo", operation="setInvoiceSequence", nth=1))
    seen = await rig.send(set_to(444))
    assert (seen.data, seen.end) == (b"", "reset")
    assert await rig.moves() == [444]
    assert await rig.next_number() == 444
    assert (await rig.send(set_to(445))).status == 200


async def test_lost_replies_pass_over_calls_that_change_nothing(rig: Rig) -> None:
    added = rig.gateway.faults.add(rule("lost_reply", first=1))
    assert (await rig.send(PEEK)).status == 200
    assert (await rig.send(set_to(-5))).status == 500
    assert (await rig.send(set_to(5))).end == "reset"
    after = rig.gateway.faults.get(added.id)
    assert after is not None
    assert (after.calls, after.hits) == (1, 1)


NOTHING_CONSUMED = [
    (rule("reset"), b"", "reset", 0),
    (rule("empty_reply", at="before_commit"), b"", "eof", 0),
    (rule("refusal", refusal="NumberBehind"), b"<errorTypeId>1</errorTypeId>", "eof", 500),
    (rule("refusal", refusal="NumberTaken"), b"<errorTypeId>29</errorTypeId>", "eof", 500),
    (rule("failure", failure="overloaded"), b"INTERNAL_ERROR", "eof", 500),
    (rule("failure", failure="unauthorized"), b"", "eof", 401),
    (rule("store_gone"), b"INTERNAL_ERROR", "eof", 500),
]


@pytest.mark.parametrize(
    ("planted", "part", "end", "status"), NOTHING_CONSUMED, ids=[str(row[0].action) for row in NOTHING_CONSUMED]
)
async def test_before_the_commit_nothing_is_consumed(
    rig: Rig, planted: FaultRule, part: bytes, end: str, status: int
) -> None:
    rig.gateway.faults.add(planted.model_copy(update={"tenant": "demo", "nth": 1}))
    seen = await rig.send(set_to(444))
    assert (seen.status, seen.end) == (status, end)
    assert part in seen.data
    assert await rig.moves() == []
    assert (await rig.send(set_to(444))).status == 200
    assert await rig.moves() == [444]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [("failure", {"failure": "internal"}), ("store_gone", {}), ("empty_reply", {}), ("reset_mid_body", {})],
)
async def test_after_the_commit_the_number_is_gone_whatever_the_client_is_told(
    rig: Rig, kind: str, changes: dict[str, Any]
) -> None:
    rig.gateway.faults.add(rule(kind, at="after_commit", **changes))
    seen = await rig.send(set_to(444))
    assert seen.status in {0, 500} or seen.end == "reset"
    assert await rig.moves() == [444]


async def test_on_arrival_the_body_is_not_read(rig: Rig) -> None:
    rig.gateway.faults.add(rule("reset", at="arrival", nth=1))
    whole = set_to(444)
    head = whole[: whole.index(b"\r\n\r\n") + 4]
    assert (await asyncio.wait_for(rig.send(head), 60)).end == "reset"  # without the rule this would wait for the body
    assert await rig.moves() == []


async def test_on_arrival_a_failure_is_in_dialect(rig: Rig) -> None:
    rig.gateway.faults.add(rule("failure", failure="overloaded", at="arrival", dialect="resurs"))
    seen = await rig.send(set_to(444))
    assert (seen.status, b"ECommerceError" in seen.body) == (500, True)


async def answer_without_faults(rig: Rig) -> bytes:
    return (await rig.send(PEEK)).body


async def test_a_reset_in_the_midst_of_the_body(rig: Rig) -> None:
    whole = await answer_without_faults(rig)
    rig.gateway.faults.add(rule("reset_mid_body", share=0.25))
    seen = await rig.send(PEEK)
    assert seen.end == "reset"
    assert seen.body == whole[: len(whole) // 4]


async def test_a_truncated_body_ends_in_order_but_early(rig: Rig) -> None:
    whole = await answer_without_faults(rig)
    rig.gateway.faults.add(rule("truncated_body"))
    seen = await rig.send(PEEK)
    assert (seen.status, seen.end, seen.body) == (200, "eof", whole[: len(whole) // 2])
    assert seen.header(b"Content-Length") == b"%d" % len(whole)


async def test_a_garbage_body_has_the_right_length_and_is_the_same_for_the_same_seed(rig: Rig) -> None:
    whole = await answer_without_faults(rig)
    bodies = []
    for seed in (1, 1, 2):
        added = rig.gateway.faults.add(rule("garbage_body", seed=seed))
        bodies.append((await rig.send(PEEK)).body)
        rig.gateway.faults.remove(added.id)
    assert bodies[0] == bodies[1] != bodies[2]
    assert len(bodies[0]) == len(whole)
    assert b"Envelope" not in bodies[0]


@pytest.mark.parametrize("offset", [-7, 12])
async def test_a_wrong_content_length(rig: Rig, offset: int) -> None:
    whole = await answer_without_faults(rig)
    rig.gateway.faults.add(rule("wrong_content_length", offset=offset))
    seen = await rig.send(PEEK)
    assert seen.header(b"Content-Length") == b"%d" % (len(whole) + offset)
    assert (seen.body, seen.end) == (whole, "eof")


async def test_an_empty_reply_is_an_orderly_close(rig: Rig) -> None:
    rig.gateway.faults.add(rule("empty_reply"))
    assert await rig.send(PEEK) == type(await rig.send(PEEK))(b"", "eof")


async def test_a_slow_drip_arrives_whole_and_in_pieces(rig: Rig) -> None:
    whole = await answer_without_faults(rig)
    pieces = -(-len(whole) // 100)
    rig.gateway.faults.add(rule("slow_drip", chunk_bytes=100, interval_seconds=0.02))
    started = time.perf_counter()
    seen = await rig.send(PEEK)
    assert time.perf_counter() - started >= 0.02 * pieces
    assert seen.body == whole


async def test_a_reply_that_comes_twice_is_taken_for_the_next_answer(rig: Rig) -> None:
    rig.gateway.faults.add(rule("reply_twice", nth=1))
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.port)
    answers = []
    for request in (soap("<c:peekInvoiceSequence/>", "X-Kept: 1"), set_to(444)):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answers.append(await reader.readexactly(length))
    writer.close()
    assert answers[0] == answers[1]
    assert b"peekInvoiceSequenceResponse" in answers[1]


@pytest.mark.parametrize(
    "form",
    [
        {"seconds": 0.08},
        {"min_seconds": 0.08, "max_seconds": 0.09},
        {"median_seconds": 0.08, "sigma": 0.0},
    ],
)
@pytest.mark.parametrize("point", [point for point in POINTS["latency"] if point is not Point.OUTBOUND])
async def test_latency(rig: Rig, form: dict[str, float], point: Point) -> None:
    rig.gateway.faults.add(rule("latency", at=point, **form))
    started = time.perf_counter()
    assert (await rig.send(set_to(444))).status == 200
    assert time.perf_counter() - started >= 0.08
    assert await rig.moves() == [444]


async def test_a_slow_store_is_slow_at_every_use(rig: Rig) -> None:
    rig.gateway.faults.add(rule("store_slow", seconds=0.08))
    started = time.perf_counter()
    assert (await rig.send(PEEK)).status == 200
    assert time.perf_counter() - started >= 0.08


async def test_a_latency_above_the_deadline_is_the_dialects_time_out_and_consumes_nothing(rig: Rig) -> None:
    for mount in rig.gateway.mounts:
        mount.exchange._deadlines.seconds = 0.05
    rig.gateway.faults.add(rule("latency", seconds=30, at="before_commit"))
    seen = await rig.send(set_to(444))
    assert (seen.status, b"INTERNAL_ERROR" in seen.body) == (500, True)
    assert await rig.moves() == []


async def test_nth_first_every_and_rate_count_only_calls_that_match(rig: Rig) -> None:
    async def struck(calls: int = 8) -> list[bool]:
        found = []
        for _ in range(calls):
            await rig.send(soap("<c:getInvoiceData/>"))  # another operation
            found.append((await rig.send(PEEK)).status == 500)
        rig.gateway.faults.clear()
        return found

    peeks = {"operation": "peekInvoiceSequence", "failure": "overloaded"}
    rig.gateway.faults.add(rule("failure", nth=3, **peeks))
    assert await struck(4) == [False, False, True, False]
    rig.gateway.faults.add(rule("failure", first=2, **peeks))
    assert await struck(4) == [True, True, False, False]
    rig.gateway.faults.add(rule("failure", every=2, **peeks))
    assert await struck(4) == [False, True, False, True]
    rig.gateway.faults.add(rule("failure", rate=0.5, seed=7, **peeks))
    once = await struck()
    rig.gateway.faults.add(rule("failure", rate=0.5, seed=7, **peeks))
    assert await struck() == once
    assert 0 < sum(once) < 8


async def test_rules_are_listed_counted_and_removed(rig: Rig) -> None:
    faults = rig.gateway.faults
    assert rig.gateway.watch.faults is None
    first, second = faults.add(rule("reset", tenant="demo")), faults.add(rule("reset", tenant="other"))
    assert rig.gateway.watch.faults is faults
    await rig.send(PEEK)
    shown = {active.id: (active.calls, active.hits) for active in faults.rules()}
    assert shown == {first.id: (1, 1), second.id: (0, 0)}
    removed = faults.remove(first.id)
    assert removed is not None
    assert removed.hits == 1
    assert faults.remove(first.id) is None
    assert (await rig.send(PEEK)).status == 200
    assert faults.clear(second.rule.tenant) == 1  # type: ignore[arg-type]
    assert rig.gateway.watch.faults is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": {"kind": "lost_reply"}, "at": "before_commit"},
        {"action": {"kind": "reset"}, "at": "arrival", "tenant": "demo"},
        {"action": {"kind": "reset"}, "at": "arrival", "operation": "x"},
        {"action": {"kind": "reset"}, "nth": 1, "first": 2},
        {"action": {"kind": "reset"}, "nth": 0},
        {"action": {"kind": "reset"}, "rate": 1.5},
        {"action": {"kind": "refusal", "refusal": "NoSuch"}},
        {"action": {"kind": "failure", "failure": "no_such"}},
        {"action": {"kind": "latency"}},
        {"action": {"kind": "latency", "seconds": 1, "sigma": 1}},
        {"action": {"kind": "latency", "min_seconds": 2, "max_seconds": 1}},
        {"action": {"kind": "latency", "seconds": 601}},
        {"action": {"kind": "nonsense"}},
        {"action": {"kind": "reset"}, "surprise": 1},
    ],
)
def test_what_is_no_rule(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FaultRule.model_validate(wrong)


def test_every_kind_of_action_has_its_points() -> None:
    kinds = {
        entry["properties"]["kind"]["const"]
        for entry in FaultRule.model_json_schema()["$defs"].values()
        if "kind" in entry.get("properties", {})
    }
    assert kinds == set(POINTS)
