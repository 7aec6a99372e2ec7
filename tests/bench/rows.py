"""The groups of rows, by name: the requests, the numbers of connections, and the variants that answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tests.bench.measure import Block, Target
from tests.bench.services import LARGE, SMALL
from tests.bench.stage import JOURNAL_ALL, JOURNAL_SHIPPED, Stage
from tests.bench.workloads import (
    INVOICEXPRESS_ISSUE,
    OFFICE_GET_1000,
    READS,
    RESURS_FIND,
    RESURS_GET_PAYMENT,
    RESURS_PEEK,
    RESURS_SET,
    WRITES,
    Workload,
    resurs_finalize,
)

USUAL: Final = 64


def reads(stage: Stage) -> Iterator[Block]:
    """Each dialect's read."""
    yield from _each(stage, "reads", READS)


def writes(stage: Stage) -> Iterator[Block]:
    """Each dialect's durable write."""
    yield from _each(stage, "writes", WRITES)


def _each(stage: Stage, group: str, workloads: Sequence[Workload]) -> Iterator[Block]:
    for workload in workloads:
        targets: list[Target] = [stage.bare(), stage.sqlite()]
        if workload is RESURS_PEEK:
            targets.append(stage.bare_on_uvloop())
        with stage.optional("PostgreSQL"):
            targets.append(stage.postgresql())
        yield Block(group, workload, USUAL, targets)


def connections(stage: Stage) -> Iterator[Block]:
    """1, 8 and 256 connections (all other groups use 64); beside one connection, bare transactions one after the other."""
    for count in (1, 8, 256):
        for workload in (RESURS_PEEK, RESURS_SET):
            targets: list[Target] = [stage.bare(), stage.sqlite()]
            with stage.optional("PostgreSQL"):
                targets.append(stage.postgresql())
            if count == 1 and workload is RESURS_SET:
                targets.append(stage.raw_sqlite())
            yield Block("connections", workload, count, targets)


def journal(stage: Stage) -> Iterator[Block]:
    """The journal off, in its default setting (it records up to 500 requests a second), and with every request."""
    shipped, everything = "SQLite, journal as shipped", "SQLite, journal of every request"
    for workload in (RESURS_PEEK, RESURS_SET):
        kept = [stage.journal(shipped, JOURNAL_SHIPPED), stage.journal(everything, JOURNAL_ALL)]
        yield Block("journal", workload, USUAL, [stage.bare(), stage.sqlite(), *kept])


def workers(stage: Stage) -> Iterator[Block]:
    """One process and two on the same port, beside the yardstick in one process and two."""
    with stage.optional("workers"):
        yield Block(
            "workers",
            RESURS_PEEK,
            USUAL,
            [stage.bare(), stage.two_bare(), stage.workers(1), stage.workers(2)],
        )


def two_gateways(stage: Stage) -> Iterator[Block]:
    """Peeks while nobody writes, and while another gateway sets the line that is peeked."""
    targets: list[Target] = [stage.bare()]
    with stage.optional("PostgreSQL"):
        targets += [stage.postgresql(), stage.beside_a_writer()]
    yield Block("two gateways", RESURS_PEEK, USUAL, targets)


def documents(stage: Stage) -> Iterator[Block]:
    """An answer with 1,000 orders."""
    targets: list[Target] = [stage.bare(), stage.sqlite()]
    with stage.optional("PostgreSQL"):
        targets.append(stage.postgresql())
    yield Block("documents", OFFICE_GET_1000, 2, targets)


def payments(stage: Stage) -> Iterator[Block]:
    """What shops ask of Resurs, in a store with 100,000 payments."""
    for workload in (RESURS_GET_PAYMENT, RESURS_FIND, resurs_finalize(stage.payments)):
        targets: list[Target] = [stage.bare(), stage.with_payments()]
        with stage.optional("PostgreSQL"):
            targets.append(stage.with_payments_on_postgresql())
        yield Block("payments", workload, USUAL, targets)


def services(stage: Stage) -> Iterator[Block]:
    """24SevenOffice's services around InvoiceService, in a store with 100,000 customers."""
    for workload in (*SMALL, *LARGE):
        targets: list[Target] = [stage.bare(), stage.with_customers()]
        with stage.optional("PostgreSQL"):
            targets.append(stage.with_customers_on_postgresql())
        yield Block("services", workload, 2 if workload in LARGE else USUAL, targets)


def peers(stage: Stage) -> Iterator[Block]:
    """Other ways to answer the same peek."""
    yield Block("peers", RESURS_PEEK, USUAL, [stage.bare(), stage.sqlite(), *stage.peers()])


def issues(stage: Stage) -> Iterator[Block]:
    """Durable numbers a second: the gateway, and databases that give out each number without HTTP."""
    targets: list[Target] = [stage.bare(), stage.sqlite()]
    with stage.optional("PostgreSQL"):
        targets.append(stage.postgresql())
    yield Block("issues", INVOICEXPRESS_ISSUE, USUAL, [*targets, *stage.databases()])
    yield Block("issues", RESURS_SET, USUAL, targets)


GROUPS: Final[dict[str, Callable[[Stage], Iterator[Block]]]] = {
    "reads": reads,
    "writes": writes,
    "connections": connections,
    "journal": journal,
    "workers": workers,
    "two gateways": two_gateways,
    "documents": documents,
    "payments": payments,
    "services": services,
    "peers": peers,
    "issues": issues,
}
