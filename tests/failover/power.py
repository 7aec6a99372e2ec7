"""States in which a power cut may leave the files of a SQLite store, and what SQLite recovers from them.

The model: everything that was synced is there. Of what was written after the last sync, any part may be there, in sectors.
SQLite syncs the log at each commit, the log's header before the first frame that relies on it, and the whole log before it
copies pages into the main file. So between two acknowledged commits the log may hold any part of the new frames; once the
log is complete, the main file may hold any part of the new pages.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from gateway.core.commands import Command, SaveDocument, SaveDocuments
from gateway.core.documents import Document, Status
from gateway.core.values import INVOICE
from gateway.stores import open_store
from tests.stores.commands import BY, TENANT, issue, provide_main, set_next, void

HEADER: Final = 32
FRAME_HEADER: Final = 24
SECTOR: Final = 512
TABLES: Final = ("series", "counters", "issued", "ledger", "documents", "meta")

Contents: TypeAlias = tuple[Any, ...]

looked_at: Final = [0]
"""How many states were recovered since the start."""


@dataclass(frozen=True)
class Files:
    """The main file and its log."""

    main: bytes
    log: bytes

    @classmethod
    def read(cls, path: Path) -> Files:
        """Read a store's files."""
        log = Path(f"{path}-wal")
        return cls(path.read_bytes(), log.read_bytes() if log.exists() else b"")

    def write(self, path: Path) -> None:
        """Write the files to the disk, and remove the shared-memory file beside them."""
        path.write_bytes(self.main)
        Path(f"{path}-wal").write_bytes(self.log)
        Path(f"{path}-shm").unlink(missing_ok=True)

    @property
    def frame(self) -> int:
        """The length of a frame in the log."""
        return FRAME_HEADER + int.from_bytes(self.log[8:12])

    def cuts(self) -> list[int]:
        """Where the log may be cut off: at the end of each frame, in its header, in its page, and in the log's own header."""
        ends = range(HEADER, len(self.log) + 1, self.frame)
        return [0, 7, *(cut for end in ends for cut in (end, end + 11, end + self.frame // 2) if cut <= len(self.log))]


@dataclass(frozen=True)
class Moment:
    """The files right after a commit was acknowledged, and the rows that they hold."""

    files: Files
    contents: Contents


class Disk:
    """What a disk holds for certain of one file that Python writes: a sync before now failed, or never came.

    held: what a power cut would leave.
    syncs: how many there were.
    """

    def __init__(self, file: Path, held: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held, self.syncs = held, 0
        self._file = file
        self._written: list[tuple[int, bytes]] = []
        self._true_pwrite, self._true_fsync = os.pwrite, os.fsync
        monkeypatch.setattr(os, "pwrite", self._pwrite)
        monkeypatch.setattr(os, "fsync", self._fsync)

    def _pwrite(self, fd: int, data: bytes, at: int) -> int:
        done = self._true_pwrite(fd, data, at)
        if self._is_of_the_file(fd):
            self._written.append((at, data[:done]))
        return done

    def _fsync(self, fd: int) -> None:
        self._true_fsync(fd)
        if self._is_of_the_file(fd):
            for at, data in self._written:
                self.held = self.held[:at].ljust(at, b"\0") + data + self.held[at + len(data) :]
            self._written.clear()
            self.syncs += 1

    def _is_of_the_file(self, fd: int) -> bool:
        return self._file.exists() and os.path.samestat(os.fstat(fd), self._file.stat())


def recovered(files: Files, path: Path) -> Contents:
    """The rows that SQLite recovers; a text in place of them when SQLite reports damage."""
    looked_at[0] += 1
    files.write(path)
    try:
        with closing(sqlite3.connect(path)) as connection:
            checked = connection.execute("PRAGMA quick_check").fetchall()
            if checked != [("ok",)]:
                return ("damaged", *checked)
            return tuple(tuple(sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)) for table in TABLES)
    except sqlite3.DatabaseError as error:
        return ("unreadable", str(error))


def patched(old: bytes, new: bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    """The old file with some spans of the new one; space between them that was never written is zero."""
    length = max([len(old), *(end for _, end in spans)])
    result = bytearray(old.ljust(length, b"\0"))
    for start, end in spans:
        result[start:end] = new[start:end]
    return bytes(result)


def changed_sectors(old: bytes, new: bytes, start: int = 0) -> list[tuple[int, int]]:
    """The sectors of the new file that differ from the old one."""
    spans = [(at, min(at + SECTOR, len(new))) for at in range(start - start % SECTOR, len(new), SECTOR)]
    return [(max(at, start), end) for at, end in spans if old[max(at, start) : end] != new[max(at, start) : end]]


def logs_between(before: Files, after: Files, chance: random.Random, tries: int) -> Iterator[bytes]:
    """Logs of a commit that was not acknowledged yet: each prefix of its frames, and any sectors of them."""
    renewed = before.log[:HEADER] != after.log[:HEADER]
    base = patched(before.log, after.log, [(0, HEADER)]) if renewed else before.log
    sectors = changed_sectors(base, after.log, HEADER)
    if renewed:
        yield base
    if not sectors:
        return
    first, last = sectors[0][0], sectors[-1][1]
    frame = after.frame
    begin = HEADER + (first - HEADER) // frame * frame
    for end in range(begin, last, frame):
        yield patched(base, after.log, [(begin, end)])
        yield patched(base, after.log, [(begin, end + chance.randrange(1, frame))])
    for _ in range(tries):
        yield patched(base, after.log, [span for span in sectors if chance.random() < chance.choice((0.1, 0.5, 0.9))])


def mains_between(before: Files, after: Files, chance: random.Random, tries: int) -> Iterator[bytes]:
    """Main files while pages are copied into them: any sectors of the new pages."""
    sectors = changed_sectors(before.main, after.main)
    for _ in range(tries if sectors else 0):
        yield patched(before.main, after.main, [span for span in sectors if chance.random() < chance.random()])


def losses(moments: Sequence[Moment], path: Path, *, tries: int, seed: int = 1) -> Iterator[str]:
    """Each state, in words, that holds neither the acknowledged commits nor these and the commit in progress."""
    chance = random.Random(seed)
    for number, (before, after) in enumerate(pairwise(moments), 1):
        for log in logs_between(before.files, after.files, chance, tries):
            whole = log == after.files.log
            found = recovered(Files(before.files.main, log), path)
            if found != after.contents and (whole or found != before.contents):
                yield f"commit {number}: {found[:3]!r} after a part of its frames was written"
        for main in mains_between(before.files, after.files, chance, tries):
            found = recovered(Files(main, after.files.log), path)
            if found != after.contents:
                yield f"commit {number}: {found[:3]!r} after a part of its pages was copied"


def wrong_cuts(moments: Sequence[Moment], path: Path) -> Iterator[str]:
    """Cut the last log off at any place: SQLite must recover the commits that were acknowledged at that length, and no more.

    Only for a life with one log from beginning to end.
    """
    last = moments[-1].files
    assert all(last.log.startswith(moment.files.log) for moment in moments), "the log was begun anew"
    for cut in last.cuts():
        kept = [moment for moment in moments if len(moment.files.log) <= cut]
        if kept:  # else the log is cut before the first moment, while the store was made
            found = recovered(Files(last.main, last.log[:cut]), path)
            if found != kept[-1].contents:
                yield f"cut at {cut} of {len(last.log)}: {found[:3]!r}"


def careless_losses(moments: Sequence[Moment], path: Path) -> Iterator[str]:
    """The control: pages are copied into the main file although the log is not synced yet."""
    chance = random.Random(1)
    for number, (before, after) in enumerate(pairwise(moments), 1):
        for main in mains_between(before.files, after.files, chance, 3):
            if recovered(Files(main, b""), path) not in (before.contents, after.contents):
                yield f"commit {number}"


def command(number: int) -> Command:
    """The command of the nth commit: mostly issues; now and then a set, a void, or several documents at once."""
    if number % 10 == 7:
        return set_next(number * 100)
    if number % 20 == 9:
        return void(number * 100 - 200)
    if number % 4 == 2:
        draft = Document(TENANT, INVOICE, Status.DRAFT, extras={"note": {"text": f"{number} " * 300}})
        return SaveDocuments(TENANT, (SaveDocument(draft),) * 5, BY)
    return issue(f"key {number}")


async def life_of(folder: Path, commits: int) -> list[Moment]:
    """A store's files after each of its acknowledged commits."""
    path, copy = folder / "numbers.db", folder / "copy.db"
    store = open_store(f"sqlite:///{path}")
    await store.start()
    try:
        await provide_main(store)
        files = [Files.read(path)]
        for number in range(commits):
            await store.execute(command(number))
            files.append(Files.read(path))
    finally:
        await store.close()
    moments = [Moment(each, recovered(each, copy)) for each in files]
    assert len({moment.contents for moment in moments}) == len(moments), "commits cannot be distinguished"
    assert all(len(moment.contents) == len(TABLES) for moment in moments), "what was acknowledged cannot be read"
    return moments
