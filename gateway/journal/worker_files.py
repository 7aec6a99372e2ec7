"""The files of several workers as one journal (ADR-27): ids in one order, and questions that are asked of every file.

Each worker writes a file of its own: `x.db`, `x.2.db`, …. Each of them can read all files, also those of workers that have
ended. What another worker has not written yet is not in its file: the supervisor has it written before it passes on a question.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.journal.file import JournalFile
from gateway.journal.models import Entry, Filter, Gap, GapReason, Held, JournalError, Limits
from gateway.journal.opening import JournalBusyError, connect, lock_of
from gateway.journal.reading import JournalReading

MOST_FILES: Final = 255
_FILES: Final = 256
_TICK_NS: Final = 62_500
"""Ids grow by 256 in this time. They stay below 2**53, which every JSON reader can hold exactly, until 2096."""
_BEGIN_NS: Final = 1_735_689_600_000_000_000
"""2025-01-01 UTC."""


class SharedIds:
    """Ids of one order for the entries of several workers: from a clock that all of them share, and from the file's number.

    ahead_ns: added to the monotonic clock, which all processes of a machine share and nobody can set back.
    """

    def __init__(self, ahead_ns: int) -> None:
        self._ahead_ns = ahead_ns

    @classmethod
    def after_all(cls, path: Path) -> SharedIds:
        """Ids above all those that the journal of this path has given, even if the machine's clock was set back since."""
        past_ns = (max(map(_next_id, paths_of(path)), default=1) // _FILES + 1) * _TICK_NS
        return cls(max(time.time_ns() - _BEGIN_NS, past_ns) - time.monotonic_ns())

    @property
    def ahead_ns(self) -> int:
        """To hand to the workers."""
        return self._ahead_ns

    def now(self) -> int:
        """Every id that any worker has given until now is below the end of this tick; later ones are above this id."""
        return (time.monotonic_ns() + self._ahead_ns) // _TICK_NS * _FILES

    def next(self, last: int, number: int) -> int:
        """The next id of a worker.

        last: its newest id.
        number: of its file.
        """
        return max(self.now(), (last // _FILES + 1) * _FILES) + number


@contextlib.contextmanager
def held_by_supervisor(path: Path) -> Iterator[None]:
    """Keep a journal for the workers of one supervisor. Raises JournalError, JournalBusyError.

    Answers are about all files, so another gateway must not write one of them.
    """
    os.close(lock_of(path))  # refuses to begin beside a process without workers
    lock = lock_of(numbered(path, 0), path)
    try:
        yield
    finally:
        os.close(lock)


def numbered(path: Path, number: int) -> Path:
    """The path of the n-th file; the first one has the journal's own path."""
    return path if number == 1 else path.with_suffix(f".{number}{path.suffix}")


def number_of(path: Path, file: Path) -> int:
    """The number of a file; 0 when it is none of this journal."""
    if file == path:
        return 1
    middle = file.name.removeprefix(path.stem + ".").removesuffix(path.suffix)
    number = int(middle) if middle.isascii() and middle.isdigit() and len(middle) < 4 else 0
    return number if file == numbered(path, number) else 0


def paths_of(path: Path) -> list[Path]:
    """Every file that exists."""
    if not path.parent.is_dir():
        return []
    return sorted(
        (file for file in path.parent.iterdir() if number_of(path, file)), key=lambda one: number_of(path, one)
    )


def open_free(path: Path, limits: Limits, now: datetime, partial: Collection[GapReason]) -> JournalFile:
    """Open the first file that no other process has. Raises JournalError. Parameters as for `JournalFile`."""
    for number in range(1, MOST_FILES):
        with contextlib.suppress(JournalBusyError):
            return JournalFile(numbered(path, number), limits, now=now, partial=partial, skipped=0)
    return JournalFile(numbered(path, MOST_FILES), limits, now=now, partial=partial, skipped=0)


def _next_id(path: Path) -> int:
    with contextlib.suppress(sqlite3.DatabaseError, JournalError), contextlib.closing(connect(path)) as db:
        found = db.execute("SELECT value FROM state WHERE name = 'next_id'").fetchone()
        return int(found[0]) if found else 1
    return 1  # the worker that opens it begins a new file, or says what is wrong


class AllFiles:
    """What several files say together. The methods are those of `JournalReading`."""

    def __init__(self, files: Sequence[JournalReading]) -> None:
        self._files = files

    def gaps(self) -> list[Gap]:
        """What none of the files knows. What one lacks because other workers answered is in the others."""
        found = (gap for file in self._files for gap in file.gaps() if gap.reason != "workers")
        return sorted(found, key=_in_order)

    def find(self, where: Filter, limit: int, *, newest_first: bool, beyond: int | None) -> list[Entry]:
        """Entries that match, in the order of their ids."""
        found = (file.find(where, limit, newest_first=newest_first, beyond=beyond) for file in self._files)
        return list(heapq.merge(*found, key=lambda entry: entry.id, reverse=newest_first))[:limit]

    def count(self, where: Filter) -> int:
        """How many match."""
        return sum(file.count(where) for file in self._files)

    def clients(self, where: Filter) -> list[tuple[int, str, int, str]]:
        """Facts of each entry that matches; newest first."""
        return sorted((row for file in self._files for row in file.clients(where)), reverse=True)

    def held(self) -> list[Held]:
        """What is kept, by tenant."""
        entries, size = Counter[str](), Counter[str]()
        for held in (held for file in self._files for held in file.held()):
            entries[held.tenant or ""] += held.entries
            size[held.tenant or ""] += held.bytes
        return [Held(tenant=name or None, entries=entries[name], bytes=size[name]) for name in sorted(entries)]


def _in_order(gap: Gap) -> tuple[object, ...]:
    """Oldest first; every worker gives the same order, whichever file it reads first."""
    return gap.since, gap.reason, gap.tenant or "", gap.through_id or 0, gap.count or 0


@contextlib.contextmanager
def all_files(own: JournalFile, path: Path, limits: Limits) -> Iterator[AllFiles]:
    """Every file of the journal: the own one, those of other workers, and those that nobody writes now."""
    with contextlib.ExitStack() as stack:
        files: list[JournalReading] = [own]
        for other in paths_of(path):
            if other != own.path:
                _note_death(other, limits)
                files.append(JournalReading(stack.enter_context(contextlib.closing(connect(other)))))
        yield AllFiles(files)


def _note_death(path: Path, limits: Limits) -> None:
    """Note a gap in the file of a worker that died: nobody knows what it had not written."""
    try:
        with contextlib.closing(connect(path)) as db:
            closed = not db.execute("SELECT value FROM state WHERE name = 'open' AND value = 1").fetchone()
    except sqlite3.DatabaseError:
        closed = False
    if not closed:
        with _idle(path, limits):
            pass


@contextlib.contextmanager
def _idle(path: Path, limits: Limits) -> Iterator[JournalFile | None]:
    """A file that no worker writes now; None when one does."""
    try:
        file = JournalFile(path, limits, now=datetime.now(UTC), skipped=0)  # ids follow the clock
    except JournalBusyError:
        yield None
        return
    try:
        yield file
    finally:
        file.close(datetime.now(UTC))


def idle_files(own: JournalFile, path: Path, limits: Limits) -> Iterator[JournalFile]:
    """Each file that no worker writes now, opened to be changed."""
    for other in paths_of(path):
        if other != own.path:
            with _idle(other, limits) as file:
                if file is not None:
                    yield file
