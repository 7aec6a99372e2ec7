"""A thread with a read-only connection of its own, so that nothing slow holds up what is asked through another."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from gateway.core.ports import StoreUnavailableError
from gateway.stores.sqlite_connection import Connection
from gateway.stores.sqlite_file import Reader
from gateway.stores.statements import Row

T = TypeVar("T")


class ReadingThread:
    """Opens the file at the first question; answers one question after the other."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._reader: Reader | None = None

    async def ask(self, work: Callable[[Reader], T]) -> T:
        """Run `work` in the thread. Raises StoreUnavailableError, StoreOpenError."""

        def run() -> T:
            if self._reader is None:
                self._reader = Reader(self._path)
            return work(self._reader)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, run)
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"cannot read store {self._path}: {error}") from error

    async def select(self, *selects: tuple[str, Sequence[Any]]) -> list[Sequence[Row]]:
        """The rows of several SELECTs, all of one instant; `{}` in a text stands for a value."""

        def work(connection: Connection) -> list[Sequence[Row]]:
            texts = [(text.replace("{}", "?"), tuple(values)) for text, values in selects]
            return [connection.execute(*pair).fetchall() for pair in texts]

        return await self.ask(lambda reader: reader.within(work))

    async def close(self) -> None:
        """Close the connection and end the thread. May be called more than once."""
        if self._reader is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close_reader)
        self._thread.shutdown(wait=False)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
