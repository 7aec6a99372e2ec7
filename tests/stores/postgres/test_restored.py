"""After a database was put back: its lines move on while no gateway uses it, and a watermark takes it for right again."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.loading import load_config
from gateway.config.model import Config
from gateway.stores import gateway_connections, open_store
from gateway.stores.errors import StoreError
from gateway.stores.watermark.comparison import StoreBehindError
from gateway.stores.watermark.start import watermarked
from gateway.tenants.moving_on import Wish, WishError
from gateway.tenants.restoring import restored_elsewhere
from tests import pg
from tests.stores.commands import number_for, provide_main
from tests.until import until


async def test_a_database_that_was_put_back_is_moved_on(cluster: pg.Cluster, database: str, tmp_path: Path) -> None:
    url, copy = cluster.url(database), f"{database}_copy"
    (tmp_path / "config.yaml").write_text(f"store: {url}\nwatermark: {{path: w.db}}\n", encoding="utf-8")
    config, _ = load_config(tmp_path / "config.yaml")
    store = open_store(url)
    await store.start()
    async with watermarked(config, {"default": store}):
        await provide_main(store)
        assert await number_for(store, "a") == 1
        with pytest.raises(StoreError, match="connections to it; stop them first"):
            await restored_elsewhere(config, "default", Wish(100))
    await store.close()
    await until(lambda: _unused(url))
    cluster.sql(f'CREATE DATABASE "{copy}" TEMPLATE "{database}"')
    await store_again(url, config, "after the copy")
    await until(lambda: _unused(url))
    cluster.sql(f'DROP DATABASE "{database}"')
    cluster.sql(f'ALTER DATABASE "{copy}" RENAME TO "{database}"')
    with pytest.raises(StoreBehindError):
        await store_again(url, config, "again")
    await until(lambda: _unused(url))
    with pytest.raises(WishError):
        await restored_elsewhere(config, "default", Wish())
    await until(lambda: _unused(url))
    done = await restored_elsewhere(config, "default", Wish(100))
    assert done.moved == [("demo", "main", "invoice", 2, 102)]
    await until(lambda: _unused(url))
    assert await store_again(url, config, "after the restore") == 102


async def store_again(url: str, config: Config, key: str) -> int:
    store = open_store(url)
    await store.start()
    try:
        async with watermarked(config, {"default": store}):
            return await number_for(store, key)
    finally:
        await store.close()


async def _unused(url: str) -> bool:
    return not await gateway_connections(url)
