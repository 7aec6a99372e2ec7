"""The limit of a disk: durable transactions one after the other on bare sqlite3, as small as a set. Prints JSON."""

from __future__ import annotations

import json
import sqlite3
import sys
import time

TABLES = """
CREATE TABLE counters (series INTEGER, kind TEXT, next_number INTEGER, PRIMARY KEY (series, kind)) WITHOUT ROWID;
CREATE TABLE ledger (series INTEGER, kind TEXT, number INTEGER, text TEXT, hash TEXT, PRIMARY KEY (series, kind, number))
WITHOUT ROWID;
INSERT INTO counters VALUES (1, 'invoice', 1);
"""


def main(path: str, seconds: float) -> None:
    """Move the line and note it, durably (WAL, synchronous=FULL), until the time is over."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.executescript(TABLES)
    times: list[float] = []
    (number,) = connection.execute("SELECT next_number FROM counters").fetchone()
    began, cpu = time.perf_counter(), time.process_time()
    while (start := time.perf_counter()) < began + seconds:
        number += 1
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE counters SET next_number = ? WHERE series = 1 AND kind = 'invoice'", (number,))
        connection.execute("INSERT INTO ledger VALUES (1, 'invoice', ?, ?, ?)", (number, "x" * 120, "0" * 64))
        connection.execute("COMMIT")
        times.append(time.perf_counter() - start)
    took, spent = time.perf_counter() - began, time.process_time() - cpu
    times.sort()
    figures = {"rate": len(times) / took, "answers": len(times), "cpu_us": spent / len(times) * 1e6}
    shares = {"p50_ms": times[len(times) // 2] * 1000, "p99_ms": times[int(len(times) * 0.99)] * 1000}
    print(json.dumps({**figures, **shares}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
