"""What a store does beside requests, once a second: looks after its file, and folds the log into it when nothing happens."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from gateway.stores.errors import StoreError
from gateway.stores.sqlite.file import Writer
from gateway.stores.sqlite.lock import FileLock
from gateway.stores.sqlite.log import log_of
from gateway.stores.sqlite.trouble import StoreChangedError, is_damage

LOOK_SECONDS: Final = 1.0


class Upkeep:
    """Looks after one file, in the writer's thread.

    A plain copy of the file lacks what is only in the log. So after a second without a commit the log is folded into the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[Writer, int] | None = None
        self._touched: tuple[int, int] | None = None
        self._head = b""

    def look(self, writer: Writer, lock: FileLock) -> Exception | None:
        """Look at the file once. Returns what is wrong with it."""
        now = writer, writer.mark
        is_idle, self._seen = now == self._seen, now
        try:
            writer.look()
            if is_idle:
                self._check_untouched(lock)
                self._fold(writer)
            self._note(lock)
        except (StoreError, sqlite3.Error, OSError) as error:
            return error
        return None

    def _note(self, lock: FileLock) -> None:
        touched = _touched(self._path)
        if touched != self._touched:
            self._touched, self._head = touched, lock.head()

    def _check_untouched(self, lock: FileLock) -> None:
        """While this process commits nothing, nothing is written to the file itself: else somebody has overwritten it.

        A time alone says nothing: some file systems note it late, and `touch` changes it.
        """
        if self._touched is None or self._touched == _touched(self._path):
            return
        if self._touched[1] != self._path.stat().st_size or self._head != lock.head():
            raise StoreChangedError(self._path)

    def _fold(self, writer: Writer) -> None:
        try:
            if log_of(self._path).stat().st_size:
                writer.fold()
        except FileNotFoundError:
            pass
        except sqlite3.Error as error:
            if is_damage(error):
                raise  # all else is tried again: the log still has everything


def _touched(path: Path) -> tuple[int, int]:
    """When the file was written last, in nanoseconds, and its size in bytes."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size
