"""Questions to one journal file. Any process may read the file while another one writes it."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.journal.models import Entry, Filter, Gap, Held
from gateway.journal.query import conditions, moment

HELD: Final = "SELECT tenant, count(*), sum(size) FROM entries GROUP BY tenant"


class JournalReading:
    """What an open file says. Not thread-safe."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def gaps(self) -> list[Gap]:
        """All stretches that are not known, oldest first."""
        rows = self._db.execute(
            "SELECT reason, tenant, since_us, until_us, count, through_id FROM gaps ORDER BY since_us"
        )
        return [
            Gap(
                reason=reason,
                tenant=tenant,
                since=moment(since),
                until=None if until is None else moment(until),
                count=count,
                through_id=through,
            )
            for reason, tenant, since, until, count, through in rows
        ]

    def find(self, where: Filter, limit: int, *, newest_first: bool, beyond: int | None) -> list[Entry]:
        """Entries that match, in the order of their ids.

        where: the conditions.
        limit: how many at most.
        newest_first: by descending id.
        beyond: the id after which to go on, in that order; None to begin.
        """
        sql, values = conditions(where)
        if beyond is not None:
            sql += f" AND id {'<' if newest_first else '>'} ?"
            values.append(beyond)
        order = "DESC" if newest_first else "ASC"
        question = f"SELECT document FROM entries WHERE {sql} ORDER BY id {order} LIMIT ?"
        rows = self._db.execute(question, (*values, limit))
        return [Entry.model_validate_json(row[0]) for row in rows]

    def count(self, where: Filter) -> int:
        """How many match."""
        sql, values = conditions(where)
        return int(self._db.execute(f"SELECT count(*) FROM entries WHERE {sql}", values).fetchone()[0])

    def clients(self, where: Filter) -> list[tuple[int, str, int, str]]:
        """Id, client, whether the strict profile would refuse it, and findings of each entry that matches; newest first."""
        sql, values = conditions(where)
        columns = "id, user_agent, strict, findings"
        return self._db.execute(f"SELECT {columns} FROM entries WHERE {sql} ORDER BY id DESC", values).fetchall()

    def held(self) -> list[Held]:
        """What is kept, by tenant."""
        rows = self._db.execute(f"{HELD} ORDER BY tenant").fetchall()
        return [Held(tenant=name or None, entries=count, bytes=size) for name, count, size in rows]
