"""Stores on real files, and the short names that these tests use for commands."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.stores import SqliteStore, open_store

MakeStore = Callable[..., Awaitable[SqliteStore]]


@pytest.fixture
def store_path(tmp_path: Path, blank_store: Path) -> Path:
    """The path of an empty store file for this test alone."""
    path = tmp_path / "numbers.db"
    shutil.copy(blank_store, path)
    return path


@pytest.fixture
async def make_store(store_path: Path) -> AsyncIterator[MakeStore]:
    """Opens and starts stores on `store_path`; closes them at the end."""
    opened: list[SqliteStore] = []

    async def make(**options: Any) -> SqliteStore:
        store = open_store(f"sqlite:///{store_path}", **options)
        opened.append(store)
        await store.start()
        return store

    yield make
    for store in opened:
        await store.close()


@pytest.fixture
async def store(make_store: MakeStore) -> SqliteStore:
    """A started store."""
    return await make_store()
