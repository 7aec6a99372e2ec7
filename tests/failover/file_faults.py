"""Faults under a gateway on a SQLite file: its process is killed again and again, its disk fills up.

The disk is a small file system of the test's own (root only), or a limit on the length of files.
"""

from __future__ import annotations

import asyncio
import errno
import random
import resource
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

from tests.failover.clusters import until
from tests.failover.scene import FileScene

DISK_BYTES: Final = 24 << 20
FULL_SECONDS: Final = 2.0
KILLS: Final = 20
KILL_AFTER: Final = (0.05, 0.6)
ROOM_BYTES: Final = 20_000
"""How much the file may still grow when its limit is set."""


@asynccontextmanager
async def killed_again_and_again(scene: FileScene) -> AsyncIterator[float]:
    """kill -9 the gateway at random moments of its work, and start it again on the same file."""
    chance = random.Random(1)
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(*KILL_AFTER))
        scene.gateways.members[0].kill()
        await asyncio.to_thread(scene.gateways.start, 0)
    yield time.monotonic()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few megabytes in memory. Raises OSError where mounting is not permitted."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        raise OSError(errno.EPERM, done.stderr.decode().strip())
    try:
        yield folder
    finally:
        until(
            lambda: not subprocess.run(["umount", str(folder)], check=False, capture_output=True).returncode, "umount"
        )


def fill(file: FileIO) -> None:
    """Make a file grow until its file system is full."""
    try:
        while True:
            file.write(bytes(4096))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def disk_filled(disk: Path) -> Callable[[FileScene], AbstractAsyncContextManager[float]]:
    """Another file takes all free space of the store's file system, and is removed again."""

    @asynccontextmanager
    async def fault(scene: FileScene) -> AsyncIterator[float]:
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            end = time.monotonic() + FULL_SECONDS
            while time.monotonic() < end:
                fill(file)
                await asyncio.sleep(0.02)
        assert scene.gateways.addresses.failures, "nobody noticed"
        ballast.unlink()
        yield time.monotonic()

    return fault


def beside_a_reader(
    fault: Callable[[FileScene], AbstractAsyncContextManager[float]],
) -> Callable[[FileScene], AbstractAsyncContextManager[float]]:
    """The same, while somebody reads the file, from before the fault until after the recovery."""

    @asynccontextmanager
    async def both(scene: FileScene) -> AsyncIterator[float]:
        with closing(sqlite3.connect(f"file:{scene.file}?mode=ro", uri=True, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            before = reader.execute("SELECT count(*) FROM ledger").fetchone()
            async with fault(scene) as mark:
                yield mark
            assert reader.execute("SELECT count(*) FROM ledger").fetchone() == before

    return both


@asynccontextmanager
async def file_limited(scene: FileScene) -> AsyncIterator[float]:
    """For a while no file of the gateway may become longer than the store's log is now."""
    process = scene.gateways.members[0].process
    assert process is not None
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    length = Path(f"{scene.file}-wal").stat().st_size
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (length + ROOM_BYTES, before[1]))
    await asyncio.sleep(FULL_SECONDS)
    assert scene.gateways.addresses.failures, "nobody noticed"
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
    yield time.monotonic()
