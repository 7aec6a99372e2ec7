"""Short names for commands on one tenant's main series."""

from __future__ import annotations

from gateway.core.commands import Issue, PeekNext, SetNext, SetPolicy, Void
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesId, TenantId
from gateway.stores import DatabaseStore

TENANT = TenantId("demo")
BY = Origin("test", "tester", "request-1")
FREE = SetPolicy(allow_lower=True, allow_clear=True)
LINE = CounterKey(SeriesId(1), INVOICE)


async def provide_main(store: DatabaseStore) -> None:
    """Make series 1, `main`, as the first thing in an empty store."""
    assert await store.provision(TENANT, [("main", "Main", None, None, True)]) == {"main": 1}


def issue(key: str, start: int | None = 1, line: CounterKey = LINE, document: str = "") -> Issue:
    return Issue(TENANT, line, key, document or f"document {key}", BY, start)


def set_next(number: int | None, policy: SetPolicy = FREE) -> SetNext:
    return SetNext(TENANT, LINE, number, policy, BY)


def void(number: int) -> Void:
    return Void(TENANT, LINE, number, BY)


async def peek(store: DatabaseStore) -> int | None:
    return (await store.read(PeekNext(TENANT, LINE))).counter.next_number


async def number_for(store: DatabaseStore, key: str) -> int:
    result = await store.execute(issue(key))
    return result.issued.number  # type: ignore[union-attr]
