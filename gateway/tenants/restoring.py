"""Stores that go back to an earlier state: a copy takes the place of a SQLite file, or a database was restored (ADR-56)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.config.model import Config
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores import POSTGRES, gateway_connections, open_store, open_transfer, sqlite_path
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.engine.fences import Fences
from gateway.stores.errors import StoreError, StoreOpenError
from gateway.stores.sqlite.backup import Former, read_former, what_is_held
from gateway.stores.sqlite.lock import FileLock, make_directory
from gateway.stores.sqlite.log import log_of
from gateway.stores.sqlite.replacement import CopyRefusedError, replace, staged
from gateway.stores.watermark.comparison import passed
from gateway.stores.watermark.start import watermarked
from gateway.tenants.beginning import shown
from gateway.tenants.export_import import worded
from gateway.tenants.moving_on import Moved, Wish, cautions, move_on

_BACKUP: Final = "a backup of the database"


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that went back.

    store: its name.
    address: for people.
    kept: where the former file is; "" when there was none.
    entries: of the ledger, with those that say why lines were moved on.
    last: when the last entry before the restore was made, ISO 8601, UTC; "" when it is not known.
    moved: every line.
    cautions: what people should know.
    """

    store: str
    address: str
    kept: str
    entries: int
    last: str
    moved: list[Moved]
    cautions: list[str] = field(default_factory=list)


async def restore_file(config: Config, name: str, file: Path, wish: Wish) -> Restored:
    """Put a copy of a SQLite store in the place of the store, with its lines moved on; durable when it returns.

    name: of the store; no process may use its file.
    file: the copy; it stays as it is.

    Raises WishError, StoreError; then the store is as it was.
    """
    path = _file_of(config, name)
    with _locked(path), staged(file, path) as copy:
        held, former = what_is_held(copy), read_former(path)
        async with _opened(config, name, f"sqlite:///{copy}") as store:
            entries = await _verified(store, str(file))
            owners, fences = await store.tenant_records.holdings()
            moved = await move_on(store, wish, file.name)
            texts = [*_lacking({*owners, *fences}, former), *cautions(moved), *_fenced(fences)]
        texts += await _keep_away(f"sqlite:///{copy}", owners, former)
        if log_of(copy).exists():
            raise StoreError(f"{copy} could not be closed, because another program has it open")
        kept = replace(path, copy)
    texts += await _accept(config, name)
    return Restored(name, str(path), str(kept or ""), entries + len(moved), held.last or "", moved, texts)


async def restored_elsewhere(config: Config, name: str, wish: Wish) -> Restored:
    """Move the lines of a store on that was put back to an earlier state by other means.

    Raises WishError before anything is changed; StoreError.
    """
    url = _url(config, name)
    if url.startswith(POSTGRES):
        count = await gateway_connections(url)
        if count:
            raise StoreError(f"store {name!r} is in use: gateways have {count} connections to it; stop them first")
    elif not sqlite_path(url).exists():
        raise StoreOpenError(f"store {sqlite_path(url)} does not exist")
    async with _opened(config, name, url) as store:
        entries = await _verified(store, f"store {store.name}")
        if not await store.tenant_records.owners():
            raise StoreError(f"store {store.name} holds no tenant: it was not restored, or it is another database")
        moved = await move_on(store, wish, _BACKUP)
        _, fences = await store.tenant_records.holdings()
        texts = [*cautions(moved), *_fenced(fences)]
        address = store.name
    texts += await _accept(config, name)
    return Restored(name, address, "", entries + len(moved), "", moved, texts)


def _url(config: Config, name: str) -> str:
    return config.store_sections()[name].url.get_secret_value()


def _file_of(config: Config, name: str) -> Path:
    """The store's own file, whatever link leads to it; its directory is made."""
    path = Path(os.path.realpath(sqlite_path(_url(config, name))))
    make_directory(path.parent)
    return path


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep every gateway from a file. Raises StoreLockedError."""
    was_there = path.exists()
    lock = FileLock(path)
    try:
        yield
    finally:
        if not was_there and path.exists() and not path.stat().st_size:
            path.unlink()  # the lock has made it
        lock.release()


@asynccontextmanager
async def _opened(config: Config, name: str, url: str) -> AsyncIterator[DatabaseStore]:
    """A store, started. Raises StoreError, also when it cannot answer."""
    own = config.store_sections()[name].auto_migrate
    store = open_store(url, auto_migrate=config.auto_migrate if own is None else own)
    await store.start()
    try:
        yield store
    except StoreUnavailableError as error:
        raise StoreError(str(error)) from error
    finally:
        await store.close()


async def _verified(store: DatabaseStore, what: str) -> int:
    """How many entries the ledger has. Raises CopyRefusedError when it does not add up."""
    entries, findings = await store.verify()
    if findings:
        raise CopyRefusedError(f"the ledger of {what} does not add up: {'; '.join(worded(findings))}")
    return entries


async def _keep_away(url: str, owners: set[TenantId], former: Former) -> list[str]:
    """Fence the tenants again that have moved to another store since the copy was made: that store serves them now."""
    moved = {tenant: fence for tenant, fence in former.fences.items() if fence.state == "moved" and tenant in owners}
    if not moved:
        return []
    transfer = await open_transfer(url, write=True)
    try:
        for tenant, fence in moved.items():
            await transfer.set_fence(tenant, None, fence)
    finally:
        await transfer.close()
    return [f"{fence.text(tenant)}; what the copy has of it is not served" for tenant, fence in moved.items()]


def _lacking(known: set[TenantId], former: Former) -> list[str]:
    gone = sorted(former.owners - known - former.fences.keys())
    return [f"the former store had tenants that the copy lacks: {shown(gone)}"] if gone else []


def _fenced(fences: Fences) -> list[str]:
    return [
        f"{fence.text(tenant)}; its lines were not moved on"
        for tenant, fence in fences.items()
        if fence.state != "moved"
    ]


async def _accept(config: Config, name: str) -> list[str]:
    """Take the store for right from now on, whatever the watermark knows (ADR-54). Returns cautions. Raises StoreError."""
    async with (
        _opened(config, name, _url(config, name)) as store,
        watermarked(config, {name: store}, accept=True) as accepted,
    ):
        return passed(accepted)  # the watermark is written when the block ends
