"""The watermark at the start of a process: a store that is not there at all, and commands that work while no gateway runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from gateway.config.model import Config
from gateway.core.ports import StoreUnavailableError
from gateway.stores import SQLITE, sqlite_path
from gateway.stores.engine.chain_ends import Standing
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.errors import StoreError
from gateway.stores.watermark.comparison import Behind, StoreBehindError, compare
from gateway.stores.watermark.file import WatermarkFile
from gateway.stores.watermark.keeper import Watermark
from gateway.stores.watermark.path import watermark_path


async def refuse_missing(config: Config) -> None:
    """Refuse a SQLite store whose file is missing or empty although the watermark knows it, before an empty one is made.

    Raises StoreBehindError, WatermarkError.
    """
    path = watermark_path(config)
    if path is None:
        return
    file, behind, addresses = WatermarkFile(path), {}, {}
    for name, section in config.store_sections().items():
        url = section.url.get_secret_value()
        if url.startswith(SQLITE) and _is_missing(sqlite_path(url)):
            known = await asyncio.to_thread(file.known, name)
            addresses[name] = str(sqlite_path(url).absolute())
            behind[name] = (await compare(known, Standing(), _nothing_at)).behind
    found = {name: chains for name, chains in behind.items() if chains}
    if found:
        raise StoreBehindError(found, path, addresses, is_missing=True)


@contextlib.asynccontextmanager
async def watermarked(
    config: Config, stores: Mapping[str, DatabaseStore], *, accept: bool = False
) -> AsyncIterator[list[Behind]]:
    """Around a command that writes into stores beside no gateway: refuse those that are behind, note what is written.

    The block gets what is behind and was accepted.

    stores: by name; started.

    Raises StoreBehindError, WatermarkError, StoreError.
    """
    watermark = Watermark(watermark_path(config))
    try:
        accepted = await watermark.check(stores, accept=accept)
        watermark.attach(stores)
        yield accepted
    except StoreUnavailableError as error:
        raise StoreError(str(error)) from error
    finally:
        await watermark.close()


async def _nothing_at(_: object) -> dict[tuple[int, str, int], str]:
    return {}


def _is_missing(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0
