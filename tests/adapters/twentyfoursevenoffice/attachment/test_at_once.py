"""Several clients at once: one number for many, numbers drawn by many, chunks of many files; on every store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.core.gaps import GapReason, find_gaps
from gateway.stores import open_store
from gateway.testing.memory_store import HandClock
from tests.adapters.twentyfoursevenoffice.attachment.archive import (
    BERGEN,
    TENANT,
    Archive,
    Fault,
    claimed,
    md5,
    opened,
)

MANY = 8


async def check_one_number(writers: Sequence[Archive]) -> None:
    """Many save with one new number at once: all succeed, one claims it, the others add a page. Source: N-23."""
    for number in (1, 9, 103):
        files = [await writer.create() for writer in writers for _ in range(MANY)]
        at = [writer for writer in writers for _ in range(MANY)]
        await asyncio.gather(*(each.append(file, b"page", 0) for each, file in zip(at, files, strict=True)))
        await asyncio.gather(*(each.save(file, number) for each, file in zip(reversed(at), files, strict=True)))
        found = await writers[-1].find(f"<StampNo><int>{number}</int></StampNo>")
        assert [info.id for info in found] == files
    assert [await writers[0].next_stamp(), await writers[-1].next_of(BERGEN)] == [10, 104]
    assert await claimed(writers[0].service) == [1, 9, 103]


async def check_numbers_ahead(writers: Sequence[Archive]) -> None:
    """Several different numbers ahead of the line at once: the line stands behind the highest, in whatever order they came."""
    numbers = [200 + 7 * place for place in range(MANY)]
    at = [writers[place % len(writers)] for place in range(MANY)]
    await asyncio.gather(*(each.upload(stamp=number) for each, number in zip(at, numbers, strict=True)))
    assert await writers[-1].next_stamp() == numbers[-1] + 1


async def check_drawing(writers: Sequence[Archive]) -> None:
    """Each client draws a number and saves with it: nobody fails, and no two claims are of one number."""
    before = await claimed(writers[0].service)

    async def one(writer: Archive) -> int:
        number = await writer.next_stamp()
        await writer.upload(stamp=number)
        return number

    drawn = await asyncio.gather(*(one(writer) for writer in writers for _ in range(MANY)))
    new = sorted(set(drawn))
    assert await claimed(writers[0].service) == sorted([*before, *new])
    assert await writers[-1].next_stamp() == new[-1] + 1


async def check_uploads(writers: Sequence[Archive]) -> None:
    """Chunks of several files at once, each file through all writers in turn; the last one reads what all have written."""

    async def one(seed: int) -> None:
        content = bytes((seed + place) % 251 for place in range(150_000))
        file = await writers[0].create()
        for turn, offset in enumerate(range(0, len(content), 30_000)):
            await writers[turn % len(writers)].append(file, content[offset : offset + 30_000], offset)
        await writers[-1].save(file)
        assert await writers[0].checksum(file) == md5(content)
        assert await writers[-1].download(file, 0, len(content)) == content

    await asyncio.gather(*(one(seed) for seed in range(4)))


async def check_a_save_against_a_chunk(writers: Sequence[Archive]) -> None:
    """Whichever is first, the saved content is what its checksum says."""
    file = await writers[0].create()
    await writers[0].append(file, b"page", 0)
    saved, appended = await asyncio.gather(
        writers[0].save(file, 301), writers[-1].append(file, b"more", 4), return_exceptions=True
    )
    assert saved is None
    content = b"page" if isinstance(appended, Fault) else b"pagemore"
    assert await writers[-1].download(file, 0, 99) == content
    assert await writers[-1].checksum(file) == md5(content)


async def check_all(writers: Sequence[Archive]) -> None:
    await check_one_number(writers)
    await check_drawing(writers)
    await check_numbers_ahead(writers)
    await check_uploads(writers)
    await check_a_save_against_a_chunk(writers)
    service: Any = writers[0].service
    found = [gap.reason for report in await find_gaps(service.ledger(TENANT)) for gap in report.gaps]
    assert GapReason.UNKNOWN not in found


async def test_at_once(tmp_path: Path, blank_store: Path) -> None:
    path = tmp_path / "files.db"
    path.write_bytes(blank_store.read_bytes())
    store = open_store(f"sqlite:///{path}")
    await store.start()
    try:
        await check_all([await opened(store, HandClock())])
    finally:
        await store.close()
