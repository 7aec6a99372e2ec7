"""Tokens: durable, hashed, with an expiry, and found without waiting once they are known."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores import SqliteStore
from gateway.stores.engine import tokens
from tests.stores.commands import TENANT
from tests.stores.conftest import MakeStore

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class SetClock:
    """A clock that stands where the test puts it."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self, tenant: TenantId | None = None) -> datetime:
        return self.time


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def vault(make_store: MakeStore, clock: SetClock) -> SqliteStore:
    return await make_store(clock=clock)


def rows(store: SqliteStore) -> list[Any]:
    connection = sqlite3.connect(store.path)
    try:
        return connection.execute("SELECT * FROM tokens ORDER BY kind, digest").fetchall()
    finally:
        connection.close()


async def test_put_get_drop(vault: SqliteStore) -> None:
    await vault.put("access", "secret", TENANT, {"user": "demo", "scopes": ["a", "b"]}, NOW + HOUR)
    assert await vault.get("access", "secret") == (TENANT, {"user": "demo", "scopes": ["a", "b"]})
    assert await vault.get("refresh", "secret") is None
    assert await vault.get("access", "Secret") is None
    assert await vault.drop("access", "secret")
    assert await vault.get("access", "secret") is None
    assert rows(vault) == []
    assert not await vault.drop("access", "secret")


async def test_a_token_that_was_dropped_is_not_replaced(vault: SqliteStore) -> None:
    assert not await vault.replace("access", "secret", TENANT, {}, NOW + HOUR)
    await vault.put("access", "secret", TENANT, {"n": 1}, NOW + HOUR)
    assert await vault.replace("access", "secret", TenantId("other"), {"n": 2}, NOW + HOUR)
    assert await vault.get("access", "secret") == (TenantId("other"), {"n": 2})
    both = vault.drop("access", "secret"), vault.replace("access", "secret", TENANT, {"n": 3}, NOW + HOUR)
    assert await asyncio.gather(*both) == [True, False]
    assert await vault.get("access", "secret") is None


async def test_of_many_who_drop_a_token_one_has_dropped_it(vault: SqliteStore) -> None:
    for number in range(5):
        await vault.put("code", f"{number}", TENANT, {}, NOW + HOUR)
        dropped = await asyncio.gather(*(vault.drop("code", f"{number}") for _ in range(4)))
        assert sorted(dropped) == [False, False, False, True]
    assert vault.stats.replays == 0


async def test_a_token_put_again_beside_its_end_is_there_or_not_as_the_order_says(vault: SqliteStore) -> None:
    await vault.put("access", "secret", TENANT, {"n": 1}, NOW + HOUR)
    dropped, _ = await asyncio.gather(
        vault.drop("access", "secret"), vault.put("access", "secret", TENANT, {"n": 2}, NOW + HOUR)
    )
    assert dropped
    assert await vault._find_token("access", tokens._digest("secret")) is not None
    _, dropped = await asyncio.gather(
        vault.put("access", "secret", TENANT, {"n": 3}, NOW + HOUR), vault.drop("access", "secret")
    )
    assert dropped
    assert await vault._find_token("access", tokens._digest("secret")) is None


async def test_a_token_whose_end_is_in_doubt_is_looked_up_again(
    vault: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit may have taken effect; what the cache says must not stand in the way."""
    await vault.put("access", "secret", TENANT, {}, NOW + HOUR)
    submit = vault._tokens._submit

    async def lost(job: Any) -> Any:
        await submit(job)
        raise StoreUnavailableError("no answer", committed=None)

    monkeypatch.setattr(vault._tokens, "_submit", lambda job: asyncio.ensure_future(lost(job)))
    with pytest.raises(StoreUnavailableError):
        await vault.drop("access", "secret")
    with pytest.raises(StoreUnavailableError):
        await vault.put("access", "other", TENANT, {"n": 1}, NOW + HOUR)
    monkeypatch.undo()
    assert await vault.get("access", "secret") is None
    assert await vault.get("access", "other") == (TENANT, {"n": 1})


async def test_a_token_outlives_a_restart(vault: SqliteStore, make_store: MakeStore, clock: SetClock) -> None:
    await vault.put("access", "secret", TENANT, {"n": 1}, NOW + HOUR)
    await vault.close()
    again = await make_store(clock=clock)
    assert await again.get("access", "secret") == (TENANT, {"n": 1})
    await again.drop("access", "secret")
    assert await again.get("access", "secret") is None


async def test_a_token_ends_on_time(vault: SqliteStore, clock: SetClock) -> None:
    await vault.put("access", "secret", TENANT, {}, NOW + HOUR)
    clock.time = NOW + HOUR - timedelta(milliseconds=1)
    assert await vault.get("access", "secret") is not None
    clock.time = NOW + HOUR
    assert await vault.get("access", "secret") is None


async def test_put_again_replaces(vault: SqliteStore, make_store: MakeStore, clock: SetClock) -> None:
    await vault.put("access", "secret", TENANT, {"n": 1}, NOW + HOUR)
    await vault.put("access", "secret", TenantId("other"), {"n": 2}, NOW + 2 * HOUR)
    clock.time = NOW + HOUR
    assert await vault.get("access", "secret") == (TenantId("other"), {"n": 2})
    await vault.close()
    assert await (await make_store(clock=clock)).get("access", "secret") == (TenantId("other"), {"n": 2})


async def test_the_token_itself_is_nowhere_in_the_file(vault: SqliteStore) -> None:
    await vault.put("access", "very-secret-text", TENANT, {}, NOW + HOUR)
    await vault.close()
    assert b"very-secret-text" not in vault.path.read_bytes()


async def test_a_known_token_is_answered_without_the_database(
    vault: SqliteStore, make_store: MakeStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault.put("access", "secret", TENANT, {}, NOW + HOUR)
    await vault.close()
    again = await make_store(clock=clock)
    asked: list[str] = []
    true_find = again._tokens._find

    async def find(kind: str, digest: str) -> Any:
        asked.append(kind)
        return await true_find(kind, digest)

    monkeypatch.setattr(again._tokens, "_find", find)
    for _ in range(3):
        assert await again.get("access", "secret") is not None
    assert asked == ["access"]


async def test_a_token_is_prolonged(vault: SqliteStore, make_store: MakeStore, clock: SetClock) -> None:
    await vault.put("access", "secret", TENANT, {"n": 1}, NOW + HOUR)
    commits = vault.stats.commits
    await vault.prolong("access", "secret", NOW + 1.5 * HOUR, HOUR)
    assert vault.stats.commits == commits, "hardly longer: not worth a write"
    await vault.prolong("access", "secret", NOW + 2 * HOUR, HOUR)
    await vault.prolong("access", "secret", NOW, -HOUR)  # never shorter
    clock.time = NOW + 2 * HOUR - timedelta(milliseconds=1)
    assert await vault.get("access", "secret") == (TENANT, {"n": 1})
    await vault.close()
    again = await make_store(clock=clock)
    assert await again.get("access", "secret") == (TENANT, {"n": 1})
    clock.time = NOW + 2 * HOUR
    assert await again.get("access", "secret") is None
    await again.prolong("access", "secret", NOW + 3 * HOUR, HOUR)
    await again.prolong("access", "unknown", NOW + 3 * HOUR, HOUR)
    assert await again.get("access", "secret") is None, "what has ended stays so"


async def test_a_prolongation_changes_no_facts(vault: SqliteStore, clock: SetClock) -> None:
    """Facts that change at the same time as a prolongation stay changed, whichever is written first."""
    await vault.put("access", "secret", TENANT, {"n": 0}, NOW + HOUR)
    for n in range(1, 5):
        change = vault.put("access", "secret", TENANT, {"n": n}, NOW + HOUR)
        prolong = vault.prolong("access", "secret", NOW + (n + 1) * HOUR, timedelta())
        await asyncio.gather(*((change, prolong) if n % 2 else (prolong, change)))
        found = await vault.get("access", "secret")
        assert found is not None
        assert found[1]["n"] == n


async def test_the_cache_is_bounded_and_forgets_nothing(vault: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "CACHED_TOKENS", 3)
    for i in range(10):
        await vault.put("access", f"secret-{i}", TENANT, {"n": i}, NOW + HOUR)
    assert len(vault._tokens._cache) == 3
    assert [(await vault.get("access", f"secret-{i}"))[1]["n"] for i in range(10)] == list(range(10))  # type: ignore[index]
    assert len(vault._tokens._cache) == 3


async def test_expired_tokens_of_the_tenant_are_purged(
    vault: SqliteStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PURGE_EVERY", 2)
    await vault.put("access", "old", TENANT, {}, NOW + HOUR)
    await vault.put("access", "other's", TenantId("other"), {}, NOW + HOUR)
    clock.time = NOW + 2 * HOUR
    await vault.put("access", "second", TENANT, {}, NOW + 3 * HOUR)
    assert len(rows(vault)) == 3
    await vault.put("access", "third", TENANT, {}, NOW + 3 * HOUR)
    assert sorted(row[2] for row in rows(vault)) == ["demo", "demo", "other"]


async def test_a_token_dropped_while_it_is_looked_up_does_not_come_back(
    vault: SqliteStore, make_store: MakeStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault.put("access", "secret", TENANT, {}, NOW + HOUR)
    await vault.close()
    again = await make_store(clock=clock)
    found, go_on = asyncio.Event(), asyncio.Event()
    true_find = again._tokens._find

    async def find(kind: str, digest: str) -> Any:
        row = await true_find(kind, digest)
        if not found.is_set():
            found.set()
            await go_on.wait()
        return row

    monkeypatch.setattr(again._tokens, "_find", find)
    looking = asyncio.ensure_future(again.get("access", "secret"))
    await found.wait()
    await again.drop("access", "secret")
    go_on.set()
    await looking
    assert await again.get("access", "secret") is None


async def test_what_was_handed_out_cannot_be_changed(vault: SqliteStore) -> None:
    facts = {"n": 1}
    await vault.put("access", "secret", TENANT, facts, NOW + HOUR)
    facts["n"] = 2
    stored = await vault.get("access", "secret")
    assert stored is not None
    with pytest.raises(TypeError):
        stored[1]["n"] = 3  # type: ignore[index]
    assert await vault.get("access", "secret") == (TENANT, {"n": 1})
