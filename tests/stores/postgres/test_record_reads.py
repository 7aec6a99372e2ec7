"""Questions about records that wait at one time are one SELECT, and each gets its own answer."""

from __future__ import annotations

import asyncio
import re

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.core.record_commands import GetRecords, RecordsRead
from gateway.core.records import KindName, Record, RecordKind
from gateway.core.values import TenantId
from gateway.stores.engine.fences import Fence, TenantFencedError
from gateway.stores.postgres.record_reads import FEW, SharedRecordReads

A, B = TenantId("a"), TenantId("b")
THING, OTHER = RecordKind(KindName("test.thing")), RecordKind(KindName("test.other"))


class Database:
    """asked: the questions that came. Each is answered when `free` is set."""

    def __init__(self) -> None:
        self.asked: list[GetRecords] = []
        self.free = asyncio.Event()
        self.fails: Exception | None = None

    async def ask(self, query: GetRecords) -> RecordsRead:
        self.asked.append(query)
        await self.free.wait()
        if self.fails is not None:
            raise self.fails
        return RecordsRead({key: Record(*key) for key in query.keys if key.id != "9"}, frozenset({THING.name}))


def query(tenant: TenantId, *ids: int) -> GetRecords:
    return GetRecords(
        tenant, tuple(THING.key(tenant, own) for own in ids), (THING.name,) if ids[0] == 1 else (OTHER.name,)
    )


async def test_what_waits_is_asked_together_and_what_comes_later_is_asked_later() -> None:
    database = Database()
    reads = SharedRecordReads(database.ask)
    first = [asyncio.ensure_future(reads.read(one)) for one in (query(A, 1, 2), query(A, 2, 9), query(B, 1))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = asyncio.ensure_future(reads.read(query(A, 3)))
    await asyncio.sleep(0)
    assert [[key.id for key in one.keys] for one in database.asked] == [["1", "2", "9"], ["1"]], "a tenant each"
    database.free.set()
    found = await asyncio.gather(*first, late)
    assert [ids_of(one) for one in found] == [["1", "2"], ["2"], ["1"], ["3"]]
    assert [one.kinds for one in found] == [{THING.name}, set(), {THING.name}, set()]
    assert [key.id for key in database.asked[2].keys] == ["3"], "it may rest on a later commit"
    await reads.close()


def ids_of(answer: RecordsRead) -> list[str]:
    return [key.id for key in answer.records]


FENCED = TenantFencedError(A, Fence("moved", "west", "move-1", "now"))


@pytest.mark.parametrize("failure", [StoreUnavailableError("gone"), FENCED, RuntimeError("a bug")], ids=str)
async def test_a_failure_is_everybodys_and_a_cancelled_question_is_nobodys(failure: Exception) -> None:
    database = Database()
    reads = SharedRecordReads(database.ask)
    asked = [asyncio.ensure_future(reads.read(query(A, own))) for own in (1, 2, 3)]
    await asyncio.sleep(0)
    asked[0].cancel()
    database.fails = failure
    database.free.set()
    for one in asked[1:]:
        with pytest.raises(type(failure), match=re.escape(str(failure))) as caught:
            await one
        assert type(caught.value) is type(failure)
    database.fails = None
    assert ids_of(await reads.read(query(A, 4))) == ["4"]
    await reads.close()


async def test_a_large_question_goes_alone() -> None:
    database = Database()
    database.free.set()
    reads = SharedRecordReads(database.ask)
    many = query(A, *range(1, FEW + 2))
    found, small = await asyncio.gather(reads.read(many), reads.read(query(A, 1)))
    assert len(found.records) == FEW
    assert ids_of(small) == ["1"]
    assert len(database.asked) == 2
