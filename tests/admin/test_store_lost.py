"""Another program writes into the store: no dialect answers from old memory, and the gateway says that it is not ready."""

from __future__ import annotations

import sqlite3

import pytest

from tests.admin.actions import ask_dialects, made
from tests.admin.conftest import Admin
from tests.until import until


async def test_a_store_that_another_program_writes_is_down_in_every_dialect(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.stores.sqlite.store.LOOK_SECONDS", 0.05)
    tenant = await made(admin, id="t", series=[{"key": "main"}])
    assert set((await ask_dialects(admin, tenant)).values()) == {200}
    assert (await admin.client.get("/readyz")).status == 200
    with sqlite3.connect(admin.gateway.store.default.path) as stranger:  # type: ignore[attr-defined]
        stranger.execute("UPDATE series SET prefix = 'X'")
    stranger.close()

    async def is_noticed() -> bool:
        return (await admin.client.get("/readyz")).status == 503

    await until(is_noticed)
    assert 200 not in (await ask_dialects(admin, tenant)).values()
