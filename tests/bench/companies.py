"""What 24SevenOffice's CompanyService costs with 100,000 customers: `python -m tests.bench.companies [count]`.

The handlers are called without HTTP and XML, on a SQLite file and on a PostgreSQL of its own. Each figure is the median of some
repetitions, in milliseconds.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from gateway.stores import migrate_store, open_store
from gateway.testing.memory_store import HandClock
from schemas.twentyfoursevenoffice.common import EmailAddress, EmailAddresses
from schemas.twentyfoursevenoffice.company.types import Company
from tests.adapters.twentyfoursevenoffice.company.desk import Desk, business
from tests.stores.postgres.conftest import fresh_cluster

COUNT: Final = 100_000
BATCH: Final = 1000
REPEATS: Final = 15
PROPERTIES: Final = ("OrganizationNumber", "EmailAddresses", "Addresses", "PhoneNumbers", "Type", "PaymentTime")


def company(number: int) -> Company:
    """A company as clients send it."""
    mail = f"post{number}@bedrift.example"
    return business(
        f"Bedrift {number:06} AS",
        organization_number=f"{number:09}",
        external_id=f"E-{number}",
        email_addresses=EmailAddresses(invoice=EmailAddress(name=mail, value=mail)),
        payment_time=14,
    )


async def median(work: Callable[[int], Awaitable[Any]], turns: Iterable[int]) -> float:
    times = []
    for turn in turns:
        began = time.perf_counter()
        await work(turn)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def measure(url: str, count: int) -> dict[str, float]:
    clock = HandClock()
    store = open_store(url, clock=clock)
    await store.start()
    desk = Desk(store, clock)
    found: dict[str, float] = {}

    async def save(first: int) -> None:
        clock.forward(1)
        await desk.save(*(company(number) for number in range(first, first + BATCH)))

    found["SaveCompanies, 1,000 new ones"] = await median(save, range(1, count, BATCH))
    turns = [1 + turn * 7919 % count for turn in range(REPEATS)]
    last = clock.moment
    works: dict[str, Callable[[int], Awaitable[Any]]] = {
        "GetCompanies by one id": lambda turn: desk.get(*PROPERTIES, company_id=turn),
        "GetCompanies by 1,000 ids": lambda turn: desk.get(
            *PROPERTIES, company_ids=[1 + (turn + 97 * step) % count for step in range(BATCH)]
        ),
        "GetCompanies by a part of a name, one hit": lambda turn: desk.get(*PROPERTIES, company_name=f"t {turn:06} a"),
        "GetCompanies by a part of a name, 100 hits": lambda turn: desk.get(
            *PROPERTIES, company_name=f"{turn % 1000:03} as"
        ),
        "GetCompanies by a part of a name, none": lambda turn: desk.get(*PROPERTIES, company_name=f"nobody {turn}"),
        "GetCompanies by the beginning of a name": lambda turn: desk.get(
            *PROPERTIES, company_name=f"bedrift {turn:06}%"
        ),
        "GetCompanies by e-mail": lambda turn: desk.get(*PROPERTIES, company_email=f"post{turn}@bedrift.example"),
        "GetCompanies by organization number": lambda turn: desk.get(*PROPERTIES, organization_number=f"{turn:09}"),
        "GetCompanies by ChangedAfter, none": lambda _: desk.get(*PROPERTIES, changed_after=last),
        "GetCompanies by ChangedAfter, 1,000": lambda _: desk.get(
            *PROPERTIES, changed_after=last - timedelta(seconds=1)
        ),
        "GetCompanies by ChangedAfter and name, one": lambda turn: desk.get(
            *PROPERTIES, changed_after=last - timedelta(seconds=count), company_name=f"%{turn:06}%"
        ),
        **{
            f"GetCompanySyncList page {page}": (lambda _, page=page: desk.sync(page=page))  # type: ignore[misc]
            for page in (1, count // 2000, count // 1000)
        },
        "GetCompanySyncList page 1, Active true": lambda _: desk.sync(page=1, active=True),
        "GetCompanySyncList page 1, ChangedAfter": lambda _: desk.sync(
            page=1, changed_after=last - timedelta(seconds=3)
        ),
        f"GetCompanySyncList page {count // 2000}, ChangedAfter of all": lambda _: desk.sync(
            page=count // 2000, changed_after=last - timedelta(seconds=count)
        ),
        "SaveCompanies, one new": lambda turn: desk.save(company(count + turn)),
        "SaveCompanies, one changed": lambda turn: desk.save(Company(id=turn, note="changed")),
    }
    for name, work in works.items():
        found[name] = await median(work, turns)
    await store.close()
    return found


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, fresh_cluster() as cluster:
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'gateway.db'}", "PostgreSQL": cluster.url()}
        figures = {}
        for name, url in urls.items():
            migrate_store(url)
            figures[name] = await measure(url, count)
    print(f"| {count} customers, ms | " + " | ".join(figures) + " |\n|---|" + "---|" * len(figures))
    for row in figures["SQLite"]:
        print(f"| {row} | " + " | ".join(f"{own[row]:.1f}" for own in figures.values()) + " |")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
