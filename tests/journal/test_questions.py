"""Every filter, applied to the file and to entries that are still to come; pages, lookups, reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.core.commands import PeekNext
from gateway.core.values import INVOICE, CounterKey, SeriesId, TenantId
from gateway.journal.models import Filter
from gateway.spi.adapter import Reply
from gateway.spi.findings import Finding
from gateway.spi.trace import Step, Trace
from gateway.spi.wire_fault import WireFault, WireFaultKind
from tests.journal.rig import START, Book, Hand, book

PEEK = PeekNext(TenantId("a"), CounterKey(SeriesId(1), INVOICE))


def fill(kept: Book) -> None:
    kept.record("a", operation="set", number=444, dialect="one")
    kept.hand.forward(1)
    kept.record("a", operation="peek", number=9**40, headers={"User-Agent": "Zeep/4.3 (www.python-zeep.org)"})
    kept.hand.forward(1)
    kept.record("b", 401, outcome="unauthorized", operation="set")
    kept.hand.forward(1)
    kept.record(None, 404, outcome="refused", dialect="", headers={})
    kept.hand.forward(1)
    kept.record(
        "a",
        500,
        outcome="NumberBehind",
        operation="set",
        number=443,
        findings=["clamped-number: x"],
        trace=Trace([Step(PEEK)]),
    )
    kept.record(
        "a", 0, outcome="reset", reply=Reply(0, wire=WireFault(WireFaultKind.RESET)), trace=Trace(faults=["f1"])
    )


QUESTIONS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1, 2, 3, 4, 5, 6]),
    ({"tenant": "a"}, [1, 2, 5, 6]),
    ({"tenant": ""}, [4]),
    ({"tenant": "c"}, []),
    ({"dialect": "one"}, [1]),
    ({"operation": "set"}, [1, 3, 5]),
    ({"outcome": "NumberBehind"}, [5]),
    ({"status": 401}, [3]),
    ({"number": 444}, [1]),
    ({"number": 9**40}, [2]),
    ({"request_id": "r-3"}, [3]),
    ({"user_agent": "Zeep/"}, [2]),
    ({"user_agent": "zeep/"}, []),
    ({"since": START + timedelta(seconds=1)}, [2, 3, 4, 5, 6]),
    ({"until": START + timedelta(seconds=1)}, [1, 2]),
    ({"since": START + timedelta(seconds=1), "until": START + timedelta(seconds=1)}, [2]),
    ({"after": 4}, [5, 6]),
    ({"finding": "clamped-number"}, [5]),
    ({"finding": "clamped"}, []),
    ({"near_miss": True}, [3, 4]),
    ({"near_miss": False}, [1, 2, 5, 6]),
    ({"near_miss": "wrong-credential"}, [3]),
    ({"strict": True}, [5]),
    ({"strict": False}, [1, 2, 3, 4, 6]),
    ({"tenant": "a", "operation": "set", "number": 444, "after": 1}, []),
]


@pytest.mark.parametrize(("question", "ids"), QUESTIONS)
async def test_questions(tmp_path: Path, question: dict[str, Any], ids: list[int]) -> None:
    async with book(tmp_path) as kept:
        fill(kept)
        where = Filter(**question)
        page = await kept.journal.find(where)
        assert [entry.id for entry in page.entries] == ids
        assert page.next is None
        newest = await kept.journal.find(where, newest_first=True)
        assert [entry.id for entry in newest.entries] == ids[::-1]
        count = await kept.journal.count(where)
        assert (count.count, count.completeness.complete) == (len(ids), True)


@given(
    where=st.builds(
        Filter,
        tenant=st.sampled_from([None, "", "a"]),
        operation=st.sampled_from([None, "set", ""]),
        outcome=st.sampled_from([None, "ok", "refused"]),
        status=st.sampled_from([None, 200, 404]),
        number=st.sampled_from([None, 7, 9**30]),
        user_agent=st.sampled_from([None, "x", "%", "xy"]),
        since=st.sampled_from([None, START, START + timedelta(microseconds=1)]),
        until=st.sampled_from([None, START, START + timedelta(microseconds=1)]),
        finding=st.sampled_from([None, "unknown-member"]),
        near_miss=st.sampled_from([None, True, False, "unknown-path"]),
        strict=st.sampled_from([None, True, False]),
    ),
    calls=st.lists(
        st.fixed_dictionaries(
            {
                "tenant": st.sampled_from([None, "a"]),
                "status": st.sampled_from([200, 404]),
                "outcome": st.sampled_from(["ok", "refused"]),
                "operation": st.sampled_from(["", "set"]),
                "number": st.sampled_from([None, 7, 9**30]),
                "headers": st.sampled_from([{}, {"User-Agent": "xyz"}, {"User-Agent": "%"}]),
                "findings": st.sampled_from([[], ["unknown-member: A"], ["unknown-member"]]),
            }
        ),
        max_size=5,
    ),
)
@settings(max_examples=60, deadline=None)
async def test_the_file_and_the_test_in_memory_agree(
    tmp_path_factory: pytest.TempPathFactory, where: Filter, calls: list[dict[str, Any]]
) -> None:
    async with book(tmp_path_factory.mktemp("book")) as kept:
        with kept.journal._waiters.waiter(where) as waiter:
            for facts in calls:
                kept.record(**facts)
                kept.hand.forward(1e-6)
        page = await kept.journal.find(where)
        assert [entry.id for entry in page.entries] == waiter.ids


async def test_pages_join_without_a_gap_or_a_twin(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        for _ in range(25):
            kept.record()
        for newest_first in (False, True):
            newest = kept.journal.position
            seen: list[int] = []
            cursor = None
            while True:
                page = await kept.journal.find(limit=10, cursor=cursor, newest_first=newest_first)
                seen += [entry.id for entry in page.entries]
                cursor = page.next
                if cursor is None:
                    break
                kept.record()  # entries that come meanwhile disturb nothing
            there = list(range(1, newest + 1))
            assert [number for number in seen if number <= newest] == (there[::-1] if newest_first else there)
            assert len(seen) == len(set(seen))


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1" * 19, "١"])
async def test_a_bad_cursor(tmp_path: Path, cursor: str) -> None:
    async with book(tmp_path) as kept:
        with pytest.raises(ValueError, match="not a cursor"):
            await kept.journal.find(cursor=cursor)


def test_moments_need_a_time_zone() -> None:
    with pytest.raises(ValidationError, match="time zone"):
        Filter(since=datetime(2026, 1, 1))


async def test_an_entry_tells_both_messages(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        call = kept.record(query="a=1", operation="op", principal="p", number=3, remote="10.0.0.1")
        for name in (1, call.request_id):
            found = await kept.journal.get(name)
            assert found.status == "found"
            entry = found.entry
            assert entry is not None
            assert (entry.tenant, entry.operation, entry.principal, entry.number) == ("a", "op", "p", 3)
            assert (entry.at, entry.duration_ms, entry.remote, entry.user_agent) == (
                START,
                1.5,
                "10.0.0.1",
                "tests/1.0",
            )
            request, reply = entry.request, entry.reply
            assert (request.method, request.path, request.query, request.body.text) == ("POST", "/p", "a=1", "hello")
            assert request.headers == (("User-Agent", "tests/1.0"),)
            assert (reply.status, reply.headers, reply.body.text) == (200, (("Content-Type", "text/plain"),), "world")


async def test_long_bodies_are_cut_and_say_so(tmp_path: Path) -> None:
    async with book(tmp_path, max_message_bytes=4) as kept:
        kept.record(body=b"123456", reply=Reply(200, (), b"1234"))
        entry = (await kept.journal.get(1)).entry
        assert entry is not None
        assert (entry.request.body.text, entry.request.body.cut, entry.request.body.size) == ("1234", True, 6)
        assert (entry.reply.body.text, entry.reply.body.cut) == ("1234", False)


@pytest.mark.parametrize(
    ("name", "status"), [(0, "absent"), (-3, "absent"), (2, "absent"), (10**12, "absent"), ("r-99", "absent")]
)
async def test_what_was_never_there_is_absent(tmp_path: Path, name: int | str, status: str) -> None:
    async with book(tmp_path) as kept:
        kept.record()
        assert (await kept.journal.get(name)).status == status


MISSES: list[tuple[dict[str, Any], str]] = [
    ({"status": 200, "findings": ["wrong-credential"]}, "wrong-credential"),  # a refusal with status 200
    ({"status": 200, "findings": ["unknown-member"]}, ""),
    ({"status": 500, "findings": ["unknown-member", "wrong-namespace: peek"]}, "wrong-namespace"),
    ({"status": 401}, "wrong-credential"),
    ({"status": 500, "outcome": "unauthorized"}, "wrong-credential"),
    ({"status": 405}, "wrong-verb"),
    ({"status": 415}, "wrong-content-type"),
    ({"status": 404}, "unknown-path"),
    ({"status": 404, "path": "/WS/v4/service"}, "wrong-path-case"),
    ({"status": 404, "operation": "get"}, ""),
    ({"status": 500, "outcome": "NumberBehind"}, ""),
    ({"status": 0, "outcome": "reset"}, ""),
]


@pytest.mark.parametrize(("facts", "expected"), MISSES)
async def test_near_misses(tmp_path: Path, facts: dict[str, Any], expected: str) -> None:
    from gateway.journal.near_miss import NearMisses

    async with book(tmp_path, near_misses=NearMisses(["/ws/v4/service"])) as kept:
        kept.record(None, **{"outcome": "refused", **facts})
        page = await kept.journal.near_misses()
        assert [entry.near_miss for entry in page.entries] == ([expected] if expected else [])


async def test_the_strict_report_names_clients_and_reasons(tmp_path: Path) -> None:
    unknown, clamped = f"{Finding.UNKNOWN_MEMBER}: Sufix", Finding.CLAMPED_NUMBER.value
    async with book(tmp_path) as kept:
        for findings in ([unknown], [unknown, clamped], []):
            kept.record(headers={"User-Agent": "sloppy"}, findings=findings)
        kept.record(headers={"User-Agent": "careful"})
        kept.record(headers={"User-Agent": "refused"}, status=401, findings=[Finding.WRONG_CREDENTIAL.value])
        report = await kept.journal.strict_report(Filter(tenant="a"))
        assert report.completeness.complete
        rows = [(c.user_agent, c.requests, c.would_fail, c.findings, c.examples) for c in report.clients]
        assert rows == [
            ("sloppy", 3, 2, {"unknown-member": 2, "clamped-number": 1}, (2, 1)),
            ("careful", 1, 0, {}, ()),
            ("refused", 1, 0, {}, ()),
        ]


async def test_the_journal_tells_about_itself(tmp_path: Path) -> None:
    hand = Hand()
    async with book(tmp_path, hand) as kept:
        fill(kept)
        status = await kept.journal.status()
        assert (status.mode, status.position, status.gaps) == ("on", 6, ())
        assert [(held.tenant, held.entries) for held in status.held] == [(None, 1), ("a", 4), ("b", 1)]
        assert kept.journal.figures() == {"journal_recorded": 6, "journal_lost": 0, "journal_waiting": 0}
