"""The journal's file: SQLite, used by one thread only. It holds entries, and the gaps in them (ADR-19).

It runs with `synchronous=NORMAL` in WAL mode. A killed process loses what was not handed over yet; a power cut also loses
the last commits. The next start notices both by the flag `open` and notes a gap. The flag itself is made durable when the
file is opened.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.journal.models import Entry, Gap, GapReason, Held, Limits
from gateway.journal.opening import lock_of, opened
from gateway.journal.query import Head, joined, microseconds, number_text
from gateway.journal.reading import HELD, JournalReading

SKIPPED_IDS: Final = 1_000_000
"""Ids left out after a crash. Entries that were lost had ids that clients may know, and no id is ever given twice."""
_MOST_GAPS: Final = 200
_INSERT: Final = f"INSERT INTO entries VALUES ({', '.join('?' * (len(Head._fields) + 2))})"


class JournalFile(JournalReading):
    """A journal that this process writes. Not thread-safe."""

    def __init__(
        self,
        path: Path,
        limits: Limits,
        *,
        now: datetime,
        partial: Collection[GapReason] = (),
        skipped: int = SKIPPED_IDS,
    ) -> None:
        """Open or create the file. Raises JournalError; JournalBusyError when another process has the file.

        An unclean end, or a time without recording, becomes a gap. A damaged journal is renamed to `<name>.damaged`, and a new
        one begins that knows nothing of the time before. Any other file that is no journal is refused.

        path: the file.
        limits: how much to keep.
        now: the time of opening.
        partial: why this journal will not get every request while it is open; empty when it gets all of them.
        skipped: how many ids to leave out after a crash.
        """
        self.path = path
        self._limits = limits
        self._partial = partial
        self._lock = lock_of(path)
        try:
            db, damaged = opened(path)
            super().__init__(db)
            self._held = {row[0]: [row[1], row[2]] for row in self._db.execute(HELD)}
            self.next_id = 1
            self._begin(now, damaged, skipped)
        except BaseException:
            self._release()
            raise

    # Life

    def _begin(self, now: datetime, damaged: bool, skipped: int) -> None:
        state = dict(self._db.execute("SELECT name, value FROM state"))
        us, last = microseconds(now), state.get("last_us", 0)
        # `open` is still 1 when nobody closed the file.
        crashed = damaged or bool(state.get("open"))
        self.next_id = max(state.get("next_id", 1), self._newest_id() + 1) + skipped * crashed
        with self._durably(), self._db:
            through = self.next_id - 1
            self._db.execute("UPDATE gaps SET until_us = ?, through_id = ? WHERE until_us IS NULL", (us, through))
            if crashed:
                self.add_gap("crash", None, last, us, None, through)
            elif "off_us" in state:
                self.add_gap("off", None, state["off_us"], us, None, through)
            for reason in self._partial:
                self.add_gap(reason, None, us, None, None, None)
            self._db.execute("DELETE FROM state WHERE name = 'off_us'")
            self._note(open=1, last_us=us, next_id=self.next_id)

    def close(self, now: datetime) -> None:
        """Close the file properly, so that the next start knows that nothing is missing."""
        try:
            with contextlib.suppress(sqlite3.Error), self._durably(), self._db:
                us, through = microseconds(now), self.next_id - 1
                self._db.execute("UPDATE gaps SET until_us = ?, through_id = ? WHERE until_us IS NULL", (us, through))
                self._note(open=0, last_us=us, next_id=self.next_id)
            self._db.close()
        finally:
            self._release()

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @contextlib.contextmanager
    def _durably(self) -> Any:
        # Only the beginning and the end must survive a power cut: without them the next start would not notice it.
        self._db.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            self._db.execute("PRAGMA synchronous=NORMAL")

    def _note(self, **values: int) -> None:
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())

    def _newest_id(self) -> int:
        newest = self._db.execute("SELECT max(id) FROM entries").fetchone()[0]
        return int(newest or 0)

    # Writing

    def write(self, entries: Sequence[Entry], now: datetime, next_id: int, gaps: Iterable[Gap] = ()) -> None:
        """Keep entries and gaps, and drop what is above the bounds, all in one commit. Raises sqlite3.Error."""
        # The counts in memory are changed along with the rows, so a transaction that fails must take them back as well.
        before = {tenant: list(held) for tenant, held in self._held.items()}
        try:
            with self._db:
                self._insert(entries)
                for gap in gaps:
                    self._add(gap)
                for tenant in {entry.tenant or "" for entry in entries}:
                    self._evict(tenant, now)
                self.next_id = max(self.next_id, next_id)
                self._note(last_us=microseconds(now), next_id=self.next_id)
        except BaseException:
            self._held = before
            raise

    def _insert(self, entries: Sequence[Entry]) -> None:
        rows = []
        for entry in entries:
            document = entry.model_dump_json()
            size = len(document.encode("utf-8", "surrogatepass"))
            rows.append((*head_of(entry), size, document))
            held = self._held.setdefault(entry.tenant or "", [0, 0])
            held[0] += 1
            held[1] += size
        self._db.executemany(_INSERT, rows)

    def expire(self, now: datetime) -> None:
        """Drop entries that are too old, of every tenant."""
        with self._db:
            for tenant in list(self._held):
                self._evict(tenant, now)

    def _evict(self, tenant: str, now: datetime) -> None:
        """Drop the oldest entries until the bounds hold, and one percent more, so that not every entry costs an eviction."""
        held, limits = self._held[tenant], self._limits
        oldest_us = microseconds(now) - int(limits.max_age_seconds * 1_000_000)
        spare = (limits.max_entries // 100, limits.max_bytes // 100)
        full = held[0] > limits.max_entries or held[1] > limits.max_bytes
        gone, freed, last_id, last_us = 0, 0, 0, 0
        rows = self._db.execute("SELECT id, at_us, size FROM entries WHERE tenant = ? ORDER BY id", (tenant,))
        for row_id, at_us, size in rows:
            over = held[0] - gone > limits.max_entries - spare[0] or held[1] - freed > limits.max_bytes - spare[1]
            if not (full and over) and at_us >= oldest_us:
                break
            gone, freed, last_id, last_us = gone + 1, freed + size, row_id, at_us
        rows.close()
        if gone:
            self._db.execute("DELETE FROM entries WHERE tenant = ? AND id <= ?", (tenant, last_id))
            held[0], held[1] = held[0] - gone, held[1] - freed
            self._merge("evicted", tenant, gone, last_us, last_id)

    def clear(self, tenant: str | None, now: datetime) -> int:
        """Drop a tenant's entries, or all of them. Returns how many."""
        with self._db:
            tenants = list(self._held) if tenant is None else [tenant]
            cleared = 0
            for name in tenants:
                gone = self._held.pop(name, [0, 0])[0]
                self._db.execute("DELETE FROM entries WHERE tenant = ?", (name,))
                if gone:
                    self._merge("cleared", name, gone, microseconds(now), self.next_id - 1)
                cleared += gone
        return cleared

    def held(self) -> list[Held]:
        """What is kept, by tenant; from the counts in memory."""
        return [Held(tenant=name or None, entries=c, bytes=size) for name, (c, size) in sorted(self._held.items()) if c]

    # Gaps

    def _merge(self, reason: GapReason, tenant: str, count: int, until_us: int, through_id: int) -> None:
        """Note that the oldest entries are gone. They are one gap for each tenant and reason, which grows."""
        merged = self._db.execute(
            "UPDATE gaps SET until_us = max(until_us, ?), through_id = max(through_id, ?), count = count + ?"
            " WHERE reason = ? AND tenant = ?",
            (until_us, through_id, count, reason, tenant),
        )
        if not merged.rowcount:
            self.add_gap(reason, tenant, 0, until_us, count, through_id)

    def add_gap(
        self,
        reason: GapReason,
        tenant: str | None,
        since_us: int,
        until_us: int | None,
        count: int | None,
        through_id: int | None,
    ) -> None:
        """Note a stretch that is not known. Fields as in `Gap`, times in microseconds since 1970."""
        row = (reason, tenant, since_us, until_us, count, through_id)
        self._db.execute("INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?)", row)
        if self._db.execute("SELECT count(*) FROM gaps").fetchone()[0] > _MOST_GAPS:
            self._compact()

    def _add(self, gap: Gap) -> None:
        until = None if gap.until is None else microseconds(gap.until)
        self.add_gap(gap.reason, gap.tenant, microseconds(gap.since), until, gap.count, gap.through_id)

    def _compact(self) -> None:
        """Merge the older half of the gaps into one that covers them all. It is less exact, but it never hides a loss."""
        oldest = "SELECT rowid FROM gaps WHERE until_us IS NOT NULL ORDER BY until_us LIMIT ?"
        span = "SELECT min(since_us), max(until_us), sum(count), count(count) = count(*), max(through_id)"
        row = self._db.execute(f"{span} FROM gaps WHERE rowid IN ({oldest})", (_MOST_GAPS // 2,)).fetchone()
        self._db.execute(f"DELETE FROM gaps WHERE rowid IN ({oldest})", (_MOST_GAPS // 2,))
        counted = row[2] if row[3] else None
        self._db.execute("INSERT INTO gaps VALUES ('several', NULL, ?, ?, ?, ?)", (row[0], row[1], counted, row[4]))


def head_of(entry: Entry) -> Head:
    """The parts of an entry that questions can be about."""
    return Head(
        id=entry.id,
        at_us=microseconds(entry.at),
        request_id=entry.request_id,
        tenant=entry.tenant or "",
        dialect=entry.dialect,
        operation=entry.operation,
        outcome=entry.outcome,
        status=entry.reply.status or 0,
        number=number_text(entry.number),
        user_agent=entry.user_agent,
        near_miss=entry.near_miss,
        strict=int(entry.would_fail_in_strict),
        findings=joined(entry.findings),
    )


def note_not_recording(path: Path, now: datetime) -> None:
    """Note in an existing journal that requests are answered without it from now on. Without a file, do nothing."""
    if not path.exists():
        return
    lock = lock_of(path)
    try:
        db, damaged = opened(path)
        with contextlib.closing(db), db:
            us = 0 if damaged else microseconds(now)
            db.execute("INSERT OR IGNORE INTO state VALUES ('off_us', ?)", (us,))
    finally:
        os.close(lock)
