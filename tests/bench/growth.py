"""What a request costs as a store grows: from two series to 10,000, from 1,000 numbers and documents to 1,000,000."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from tests.bench.bulk import PostgresTables, SqliteTables, Tables, add_issued, add_series
from tests.bench.measure import Block, Row, Served
from tests.bench.prepared import ORDERS, prepare
from tests.bench.servers import gateway_server, rss_mb
from tests.bench.stage import Stage
from tests.bench.workloads import INVOICEXPRESS_ISSUE, RESURS_PEEK, RESURS_SET, Workload, office_get

GET_100: Final = Workload("24SevenOffice GetInvoices, 100 orders", office_get)
WORKLOADS: Final = (RESURS_PEEK, RESURS_SET, INVOICEXPRESS_ISSUE, GET_100)
COLUMNS: Final = ("peek", "set", "issue", "GetInvoices of 100")
SERIES: Final = (2, 100, 1_000, 10_000)
NUMBERS: Final = (ORDERS, 10_000, 100_000, 1_000_000)
CONNECTIONS: Final = 16

Grow = Callable[[Tables, int], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Axis:
    """What grows.

    title: the heading of its table.
    sizes: how many there are; every store begins with the first size.
    grow: adds that many to a store.
    """

    title: str
    unit: str
    sizes: Sequence[int]
    grow: Grow

    def up_to(self, most: int) -> list[int]:
        """The first size, and all others up to a bound."""
        return [self.sizes[0], *(size for size in self.sizes[1:] if size <= most)]


AXES: Final = (
    Axis("Growing number of series", "series", SERIES, add_series),
    Axis("Growing number of ledger entries, numbers and documents", "numbers", NUMBERS, add_issued),
)


@dataclass
class Grown:
    """A gateway on a store of one size.

    start_seconds: how long a start takes on the store as it is.
    """

    size: int
    served: Served
    start_seconds: float
    rss_mb: float


def growth(stage: Stage, rounds: int, seconds: float, most: int, *, postgresql: bool) -> list[dict[str, Any]]:
    """The curves as tables, sizes down, requests across: the server's CPU in multiples of a bare request of that round."""
    stores = ["SQLite", "PostgreSQL"] if postgresql else ["SQLite"]
    curves = []
    for store in stores:
        for axis in AXES:
            with stage.optional(f"growth on {store}"), ExitStack() as stack:
                grown = [_grown(stage, stack, store, axis, size) for size in axis.up_to(most)]
                curves.append(_curve(stage, store, axis, grown, rounds, seconds))
    return curves


def _grown(stage: Stage, stack: ExitStack, store: str, axis: Axis, size: int) -> Grown:
    folder = stage.folder / f"{store}-{axis.unit}-{size}"
    address = stage.cluster().url(stage.cluster().database()) if store == "PostgreSQL" else ""
    began = time.perf_counter()
    prepare(folder, address, drafts=stage.drafts)
    asyncio.run(fill(folder, address, axis.grow, size - axis.sizes[0]))
    text = f"{store} with {size:,} {axis.unit} made in {time.perf_counter() - began:.0f} s"
    print(text, file=sys.stderr, flush=True)
    starts = [_start_once(folder, address) for _ in range(2)]
    server = stack.enter_context(gateway_server(folder, address))
    served = Served(f"{size:,} {axis.unit}", server, is_gateway=True)
    numbers = size if axis.unit == "numbers" else ORDERS
    served.requests[GET_100.name] = office_get(server.address, range(1, numbers + 1, numbers // 100))
    return Grown(size, served, statistics.median([*starts, server.start_seconds]), rss_mb(server.pid))


def _start_once(folder: Path, address: str) -> float:
    with gateway_server(folder, address) as server:
        return server.start_seconds


async def fill(folder: Path, address: str, grow: Grow, count: int) -> None:
    """Make the store that `gateway_server(folder, address)` opens larger. No gateway may have it open."""
    if address:
        connection = await asyncpg.connect(address)
        try:
            await grow(PostgresTables(connection), count)
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()
    else:
        tables = SqliteTables(folder / "bench.db")
        await grow(tables, count)
        tables.close()


def _curve(stage: Stage, store: str, axis: Axis, grown: Sequence[Grown], rounds: int, seconds: float) -> dict[str, Any]:
    found: dict[str, list[Row]] = {}
    for workload, name in zip(WORKLOADS, COLUMNS, strict=True):
        targets = [stage.bare(), *(one.served for one in grown)]
        found[name] = Block("growth", workload, CONNECTIONS, targets).measure(rounds, seconds, warm=True)[1:]
    rows = []
    for position, one in enumerate(grown):
        costs = [_cost(found[name][position]) for name in COLUMNS]
        rows.append([one.size, *costs, round(one.start_seconds, 2), round(one.rss_mb)])
    wrong = sum(row.facts()["not_2xx"] for rows_of in found.values() for row in rows_of)
    return {
        "title": f"{axis.title} ({store})",
        "store": store,
        "unit": axis.unit,
        "columns": [axis.unit, *COLUMNS, "start s", "RSS MB"],
        "rows": rows,
        "refused": wrong,
    }


def _cost(row: Row) -> float:
    """CPU of a request in multiples of what the bare handler spends in the same round."""
    return round(statistics.median(1 / ratio for ratio in row.cpu_ratios), 2)
