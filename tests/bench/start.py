"""Cold starts: the time from the start of the process to its first answer to a client, and the memory it has then."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from tests.bench.servers import gateway_server, rss_mb


def cold_starts(folder: Path, times: int, loaded_mb: float) -> list[dict[str, Any]]:
    """Medians for a new store and for an existing one.

    loaded_mb: memory of a gateway that has been under load.
    """
    new = _starts([folder / f"new{number}" for number in range(times)])
    there = _starts([folder / "new0"] * times)
    return [
        {"name": "new SQLite store", **new, "rss_loaded_mb": 0},
        {"name": "existing SQLite store", **there, "rss_loaded_mb": round(loaded_mb)},
    ]


def _starts(folders: list[Path]) -> dict[str, float]:
    found = []
    for folder in folders:
        with gateway_server(folder) as server:
            found.append((server.start_seconds, server.start_cpu_seconds, rss_mb(server.pid)))
    medians = [statistics.median(figure[position] for figure in found) for position in range(3)]
    return dict(zip(("seconds", "cpu_seconds", "rss_mb"), (round(value, 3) for value in medians), strict=True))
