"""A write of the store's own happens only if the rows that it was decided on still read as they did."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.stores import DatabaseStore
from gateway.stores.engine import conditions
from gateway.stores.engine.conditions import Condition, ConditionFailedError
from gateway.stores.engine.group_commit import Write
from gateway.stores.engine.rows import KeptTenant, KeptToken
from gateway.stores.engine.staging import (
    MetaNoted,
    SnapshotDropped,
    SnapshotKept,
    StoreChange,
    TenantDropped,
    TenantKept,
    TokenDropped,
    TokenSaved,
)
from tests.stores.commands import TENANT, number_for, provide_main

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
FAR = 2**60
RECORD = KeptTenant(TENANT, "{}", "2024-01-01")
TOKEN = KeptToken("code", "d", TENANT, "{}", FAR)

KINDS: dict[str, tuple[StoreChange, StoreChange, Condition, Condition | None]] = {
    "token": (TokenSaved(TOKEN), TokenDropped("code", "d", TENANT), conditions.token_is_there("code", "d"), None),
    "tenant": (
        TenantKept(RECORD),
        TenantDropped(TENANT),
        conditions.tenant_is(TENANT, {"body": "{}", "created": "2024-01-01"}),
        conditions.tenant_is(TENANT, None),
    ),
    "tenant, whatever its body": (
        TenantKept(RECORD),
        TenantDropped(TENANT),
        conditions.tenant_is(TENANT, {"created": "2024-01-01"}),
        conditions.tenant_is(TENANT, None),
    ),
    "snapshot": (
        SnapshotKept(TENANT, "s", "2024-01-01", 0, b""),
        SnapshotDropped(TENANT, "s"),
        Condition(conditions.tables.snapshots, (TENANT, "s"), {"created": "2024-01-01"}),
        conditions.no_snapshot(TENANT, "s"),
    ),
}
"""For each kind of row: what makes it and what takes it away, and the conditions that it is there, and that it is not."""


async def submit(store: Any, *changes: StoreChange, on: tuple[Condition, ...] = ()) -> str:
    """Write; returns what became of it."""
    try:
        await store._submit(Write((*changes, MetaNoted("mark", f"{len(changes)} {on}")), conditions=on))
    except ConditionFailedError:
        return "failed"
    return "done"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_condition_is_about_the_row_as_it_is(store: DatabaseStore, kind: str) -> None:
    make, take, there, absent = KINDS[kind]
    assert await submit(store, on=(there,)) == "failed"
    assert await store.noted("mark") == {}, "nothing of the job was written"
    assert await submit(store, make, on=(absent,) if absent else ()) == "done"
    assert await submit(store, on=(there,)) == "done"
    if absent is not None:
        assert await submit(store, on=(absent,)) == "failed"
    assert await submit(store, take, on=(there,)) == "done"
    assert await submit(store, on=(there,)) == "failed"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_condition_sees_the_jobs_before_it_in_its_group(store: DatabaseStore, kind: str) -> None:
    make, take, there, absent = KINDS[kind]
    jobs = [((), (there,)), ((make,), ()), ((), (there,)), ((take,), (there,)), ((take,), (there,))]
    expected = ["failed", "done", "done", "done", "failed"]
    if absent is not None:
        jobs.insert(3, ((), (absent,)))
        expected.insert(3, "failed")
    groups = store.stats.groups  # type: ignore[attr-defined]
    assert await asyncio.gather(*(submit(store, *changes, on=on) for changes, on in jobs)) == expected
    assert store.stats.groups == groups + 1  # type: ignore[attr-defined]
    assert await submit(store, on=(there,)) == "failed"


async def test_a_note_is_replaced_only_where_it_reads_as_it_did(store: DatabaseStore) -> None:
    assert await submit(store, MetaNoted("n", "1"), on=(conditions.note_is("n", None),)) == "done"
    assert await submit(store, MetaNoted("n", "2"), on=(conditions.note_is("n", None),)) == "failed"
    assert await submit(store, MetaNoted("n", "2"), on=(conditions.note_is("n", "1"),)) == "done"
    assert await submit(store, MetaNoted("n", "3"), on=(conditions.note_is("n", "1"),)) == "failed"
    assert await store.noted("n") == {"n": "2"}
    jobs = [submit(store, MetaNoted("n", value), on=(conditions.note_is("n", "2"),)) for value in "abc"]
    assert sorted(await asyncio.gather(*jobs)) == ["done", "failed", "failed"]


async def test_a_job_whose_condition_fails_fails_alone(store: DatabaseStore) -> None:
    await provide_main(store)
    absent = conditions.note_is("n", "never")
    outcomes = await asyncio.gather(number_for(store, "a"), submit(store, on=(absent,)), number_for(store, "b"))
    assert outcomes == [1, "failed", 2]
    assert store.stats.replays == 0  # type: ignore[attr-defined]
    assert store.stats.refused == 1  # type: ignore[attr-defined]


async def test_every_condition_of_a_job_must_hold(store: DatabaseStore) -> None:
    await submit(store, MetaNoted("n", "1"))
    good, bad = conditions.note_is("n", "1"), conditions.tenant_is(TENANT, {})
    assert await submit(store, MetaNoted("n", "2"), on=(good, bad)) == "failed"
    assert await submit(store, MetaNoted("n", "2"), on=(bad, good)) == "failed"
    assert await submit(store, MetaNoted("n", "2"), on=(good,)) == "done"
