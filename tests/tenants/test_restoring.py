"""What a restore says and does about tenants that differ between the copy and the store that it replaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.offline import SetRequest, set_next
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


@pytest.mark.parametrize(("ahead", "cautions"), [(0, 1), (100, 0)])
async def test_a_line_that_was_further_than_the_operator_says(tmp_path: Path, ahead: int, cautions: int) -> None:
    series = "[{key: main, name: main, default: true}]"
    text = f"store: sqlite:///n.db\njournal: {{mode: off}}\ntenants:\n  - id: stays\n    series: {series}\n"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    config, document = load_config(tmp_path / "config.yaml")
    await provided(config, STAYS)
    for number in (200, 300):
        await set_next(config, document, SetRequest("stays", "main", "invoice", number, False, ""))
        if number == 200:
            back_up(tmp_path / "n.db", tmp_path / "copy.db")
    done = await restore_file(config, "default", tmp_path / "copy.db", Wish(ahead))
    assert (
        done.cautions
        == [
            "tenant stays, series main, invoice: the watermark has seen the next number 300, and the line now goes on at 200: "
            "the numbers in between may be given again"
        ][:cautions]
    )
