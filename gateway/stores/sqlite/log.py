"""The log beside a SQLite file, as a file: how what it shows is made durable, whatever became of earlier syncs (ADR-51)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20


def make_log_durable(store: Path) -> None:
    """Write the log of a store over itself, byte for byte, and sync it. Raises OSError. Nobody may write to it meanwhile.

    A sync alone is not enough. After a sync that failed, the kernel may take the lost pages for written and not try again;
    it reports such a failure only once. Writing them again needs no further room on most file systems.
    """
    # SQLite has its locks on the main file and the -shm file: closing this one, which would let them go, does no harm
    try:
        fd = os.open(log_of(store), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        at = 0
        while data := os.pread(fd, _CHUNK, at):
            at += os.pwrite(fd, data, at)
        if at:
            os.fsync(fd)
            sync_directory(store.parent)
    finally:
        os.close(fd)


def log_of(store: Path) -> Path:
    """The path of a store's log."""
    return store.with_name(f"{store.name}-wal")


def sync_directory(directory: Path) -> None:
    """Make the names of new files durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
