"""What a question about records costs as their number grows, from 1,000 to 1,000,000, asked of the store itself."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import asyncpg

from gateway.core.catalogue_records import CUSTOMER
from gateway.core.commands import Expect
from gateway.core.documents import NEVER
from gateway.core.record_commands import (
    BY_CHANGED,
    MAX_COUNTED,
    CountRecords,
    GetRecords,
    RecordCursor,
    SaveRecord,
    SaveRecords,
    SearchRecords,
)
from gateway.core.records import RecordId
from gateway.core.values import Origin
from gateway.stores import DatabaseStore, migrate_store, open_store
from tests.bench.bulk import PostgresTables, SqliteTables
from tests.bench.customers import TENANT, add_records, check_rows, customer
from tests.bench.stage import Stage

SIZES: Final = (1_000, 1_000_000)
BY: Final = Origin("bench", "bench", "")
REPEATS: Final = 25
COLUMNS: Final = (
    "get 1",
    "get 100",
    "find one by e-mail",
    "page of 100 by name",
    "page of 100 by id",
    "100 latest changes",
    "count",
    "part of a name",
    "last page with tombstones",
    "count of changes",
    "save 1",
    "save 100",
)


def records(stage: Stage, most: int, *, postgresql: bool) -> list[dict[str, Any]]:
    """The times as tables, sizes down, questions across: medians in milliseconds."""
    check_rows()
    found = []
    for store in ("SQLite", "PostgreSQL") if postgresql else ("SQLite",):
        with stage.optional(f"records on {store}"):
            rows = [_measured(stage, store, size) for size in (SIZES[0], *(s for s in SIZES[1:] if s <= most))]
            columns = ["records", *COLUMNS, "MB", "start s"]
            found.append({"title": f"Growing number of records ({store})", "columns": columns, "rows": rows})
    return found


def _measured(stage: Stage, store: str, size: int) -> list[Any]:
    cluster = stage.cluster() if store == "PostgreSQL" else None
    path = stage.folder / f"records-{size}.db"
    url = f"sqlite:///{path}" if cluster is None else cluster.url(cluster.database())
    began = time.perf_counter()
    migrate_store(url)
    asyncio.run(_fill(url, path, size))
    print(f"{store} with {size:,} records made in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return asyncio.run(_times(url, path, size))


async def _fill(url: str, path: Path, size: int) -> None:
    if url.startswith("sqlite"):
        tables = SqliteTables(path)
        await add_records(tables, size)
        tables.close()
        return
    connection = await asyncpg.connect(url)
    await add_records(PostgresTables(connection), size)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _size(url: str, path: Path) -> float:
    if url.startswith("sqlite"):
        return path.stat().st_size / 1e6
    connection = await asyncpg.connect(url)
    found: int = await connection.fetchval("SELECT pg_database_size(current_database())")
    await connection.close()
    return found / 1e6


async def _times(url: str, path: Path, size: int) -> list[Any]:
    megabytes = await _size(url, path)
    store = open_store(url)
    began = time.perf_counter()
    await store.start()
    started = time.perf_counter() - began
    try:
        times = [await _median(work) for work in _questions(store, size)]
    finally:
        await store.close()
    return [size, *times, round(megabytes, 1), round(started, 2)]


def _questions(store: DatabaseStore, size: int) -> list[Callable[[int], Awaitable[Any]]]:
    """The questions in the order of COLUMNS; each gets a number that is another one each time."""
    middle = RecordCursor("", RecordId(str(size // 2)))

    def keys(turn: int, count: int) -> GetRecords:
        ids = (1 + (turn * 7919 + step * 104729) % size for step in range(count))
        return GetRecords(TENANT, tuple({CUSTOMER.key(TENANT, own) for own in ids}))

    def search(*where: Any, **options: Any) -> Awaitable[Any]:
        return store.read(SearchRecords(TENANT, CUSTOMER, where, **options))

    def save(turn: int, count: int) -> Awaitable[Any]:
        own = (1 + (turn * 7919 + step * 613) % size for step in range(count))
        saves = [SaveRecord(customer(number), Expect.EITHER) for number in dict.fromkeys(own)]
        return store.execute(SaveRecords(TENANT, CUSTOMER, tuple(saves), BY))

    def mail(turn: int) -> str:
        return f"c{1 + turn * 7919 % size:07}@example.com"

    return [
        lambda turn: store.read(keys(turn, 1)),
        lambda turn: store.read(keys(turn, 100)),
        lambda turn: search(CUSTOMER.is_one_of("email", mail(turn))),
        lambda _: search(CUSTOMER.begins_with("name", "customer 0000"), order="name"),
        lambda _: search(after=middle),
        lambda _: search(changed_after=NEVER, order=BY_CHANGED, descending=True),
        lambda _: store.read(CountRecords(TENANT, CUSTOMER)),
        lambda turn: search(CUSTOMER.is_like("name", f"%er {1 + turn * 7919 % size:07}")),
        lambda _: search(with_deleted=True, skip=size - 100),
        lambda _: store.read(CountRecords(TENANT, CUSTOMER, (), MAX_COUNTED, NEVER, with_deleted=True)),
        lambda turn: save(turn, 1),
        lambda turn: save(turn, 100),
    ]


async def _median(work: Callable[[int], Awaitable[Any]]) -> float:
    times = []
    for turn in range(REPEATS):
        began = time.perf_counter()
        await work(turn)
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 2)
