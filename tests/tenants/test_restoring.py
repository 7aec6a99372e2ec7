"""What a restore says and does about tenants that differ between the copy and the store that it replaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.loading import load_config
from gateway.config.model import Config
from gateway.core.values import TenantId
from gateway.stores import open_store, open_transfer
from gateway.stores.engine.fences import Fence
from gateway.stores.sqlite.backup import back_up
from gateway.tenants.moving_on import Wish
from gateway.tenants.restoring import restore_file

pytestmark = pytest.mark.database
STAYS, MOVES, COMES = TenantId("stays"), TenantId("moves"), TenantId("comes")


async def provided(config: Config, *tenants: TenantId) -> None:
    store = open_store(config.default_url)
    await store.start()
    for tenant in tenants:
        await store.provision(tenant, [("main", "Main", None, None, True)])
    await store.close()


async def fenced(config: Config, tenant: TenantId, fence: Fence | None) -> None:
    transfer = await open_transfer(config.default_url, write=True)
    await transfer.set_fence(tenant, (await transfer.presence(tenant)).fence, fence)
    await transfer.close()


async def test_tenants_that_have_come_and_gone_since_the_copy(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("store: sqlite:///n.db\nwatermark: {mode: off}\n", encoding="utf-8")
    config, _ = load_config(tmp_path / "config.yaml")
    await provided(config, STAYS, MOVES)
    back_up(tmp_path / "n.db", tmp_path / "copy.db")
    await provided(config, COMES)
    moved = Fence("moved", "east", "m", "2024-02-29T12:00:00+00:00")
    await fenced(config, MOVES, moved)
    done = await restore_file(config, "default", tmp_path / "copy.db", Wish(5))
    assert done.cautions == [
        "the former store had tenants that the copy lacks: comes",
        "tenant moves was moved to store 'east': pin it there (`store: east`); what the copy has of it is not served",
    ]
    transfer = await open_transfer(config.default_url, write=False)
    assert await transfer.fences() == {MOVES: moved}, "or two stores would give out its numbers"
    await transfer.close()


async def test_a_copy_made_during_a_move_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("store: sqlite:///n.db\nwatermark: {mode: off}\n", encoding="utf-8")
    config, _ = load_config(tmp_path / "config.yaml")
    await provided(config, STAYS, MOVES)
    await fenced(config, MOVES, Fence("moving", "east", "m", "2024-02-29T12:00:00+00:00"))
    back_up(tmp_path / "n.db", tmp_path / "copy.db")
    await fenced(config, MOVES, None)
    done = await restore_file(config, "default", tmp_path / "copy.db", Wish(5))
    assert not any("lacks" in text for text in done.cautions)
    assert any("is being moved to store 'east'" in text and "were not moved on" in text for text in done.cautions)
