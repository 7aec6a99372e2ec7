"""Files that are never saved go after a time, whole, also when the process dies in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.attachment import ghosts
from adapters.twentyfoursevenoffice.attachment.content import PIECE
from gateway.core.record_commands import SaveRecords
from gateway.core.work import WorkItem
from gateway.spi.work import Done, Outcome, Retry, Work
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.attachment.archive import TENANT, Archive, Fault, opened

CONTENT = bytes(5 * PIECE + 7)
DAY = timedelta(hours=24)


@pytest.fixture
async def archive() -> Archive:
    clock = HandClock()
    return await opened(MemoryStore(MemoryState(clock)), clock)


def planned(archive: Archive) -> list[WorkItem]:
    found: list[WorkItem] = sorted(archive.service.state.work.items.values(), key=lambda item: item.place)
    return found


async def performed(archive: Archive, item: WorkItem) -> Outcome:
    """One attempt at the moment that it is due, as the runner makes it."""
    archive.clock.moment = max(archive.clock.moment, item.due)
    work = Work(TENANT, item.id, item.dialect, item.kind, item.lane, item.body, item.due, archive.clock.moment, 1)
    nothing: Any = None
    outcome = await archive.dialect.perform(work, nothing)
    if isinstance(outcome, Done):
        for command in outcome.then:
            await archive.service.execute(command)
    return outcome


def kept(archive: Archive) -> list[str]:
    return sorted(
        f"{key.kind.rpartition('.')[2]} {key.id}" for key in archive.service.state.records if "file" in key.kind
    )


async def test_a_ghost_is_removed_whole(archive: Archive) -> None:
    file = await archive.create()
    await archive.append(file, CONTENT, 0)
    (item,) = planned(archive)
    assert (item.kind, item.due) == (ghosts.GHOST, archive.clock.moment + DAY)
    assert len(kept(archive)) == 7
    outcome = await performed(archive, item)
    assert outcome == Done(f"{len(CONTENT)} bytes removed", outcome.then)
    assert kept(archive) == []
    with pytest.raises(Fault, match="was not found"):
        await archive.append(file, b"more", 0)
    assert await archive.create() == file + 1, "ids do not come again"
    assert await performed(archive, item) == Done("there is no such file")


async def test_a_saved_file_stays(archive: Archive) -> None:
    await archive.upload(stamp=1)
    (item,) = planned(archive)
    assert await performed(archive, item) == Done("the file was saved")
    assert len(kept(archive)) == 2


async def test_a_chunk_gives_a_further_time(archive: Archive) -> None:
    file = await archive.create()
    archive.clock.forward(3600)
    await archive.append(file, b"slow", 0)
    first = planned(archive)[0]
    outcome = await performed(archive, first)
    assert (outcome.detail, len(kept(archive))) == ("chunks came meanwhile", 2)  # type: ignore[union-attr]
    second = planned(archive)[-1]
    assert second.due == first.due + timedelta(hours=1)
    await performed(archive, second)
    assert kept(archive) == []


async def test_how_long_is_a_choice(archive: Archive) -> None:
    await archive.with_settings(ghost_lifetime_hours=1).create()
    (item,) = planned(archive)
    assert item.due == archive.clock.moment + timedelta(hours=1)


async def test_a_removal_that_was_broken_off_goes_on(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ghosts, "_AT_ONCE", 2)
    file = await archive.create()
    await archive.append(file, CONTENT, 0)
    (item,) = planned(archive)
    execute, left = archive.service.execute, [2]

    async def dying(command: Any) -> Any:
        if isinstance(command, SaveRecords):
            left[0] -= 1
            if left[0] < 0:
                raise ConnectionError
        return await execute(command)

    monkeypatch.setattr(archive.service, "execute", dying)
    with pytest.raises(ConnectionError):
        await performed(archive, item)
    monkeypatch.setattr(archive.service, "execute", execute)
    assert len(kept(archive)) == 5, "the file and four of its six pieces"
    for operation in ("GetSize", "GetChecksum"):
        with pytest.raises(Fault, match="was not found"):
            await archive.ask(operation, f"<file><Id>{file}</Id></file>")
    await performed(archive, item)
    assert kept(archive) == []


async def test_a_file_that_is_used_at_that_moment(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    file = await archive.create()
    await archive.append(file, b"page", 0)
    (item,) = planned(archive)
    execute = archive.service.execute

    async def overtaken(command: Any) -> Any:
        monkeypatch.setattr(archive.service, "execute", execute)
        await archive.save(file, 1)
        return await execute(command)

    monkeypatch.setattr(archive.service, "execute", overtaken)
    assert await performed(archive, item) == Retry("somebody used the file")
    assert await performed(archive, item) == Done("the file was saved")


async def test_the_dialect_says_what_it_does_later(archive: Archive) -> None:
    (title,) = {kind.title for name, kind in archive.dialect.work.items() if name == ghosts.GHOST}
    assert title == "Removes a file that was never saved"
