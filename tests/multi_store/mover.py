"""Moves a tenant in a process of its own, which ends as if by `kill -9` at a chosen place.

python -m tests.multi_store.mover CONFIG TENANT TARGET FILE (step|page|row) N      N counts from 0; -1: never
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.config.loading import load_config
from gateway.core.values import TenantId
from gateway.stores import export_file
from gateway.stores.engine.transfer import Page
from gateway.tenants.move import Move
from gateway.tenants.store_sessions import StoreSessions


class Place:
    """A place in the move. It counts how often it is passed, and kills the process at the chosen time."""

    def __init__(self, wanted: int) -> None:
        self._left = wanted

    def passed(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


async def main(config: str, tenant: str, target: str, file: str, what: str, number: str) -> int:
    place = Place(int(number))
    if what == "page":
        read = export_file.read_pages

        def pages(path: Path) -> Iterator[Page]:
            for page in read(path):
                place.passed()
                yield page

        export_file.read_pages = pages
    on_step = (lambda _: place.passed()) if what == "step" else (lambda _: None)
    async with StoreSessions(load_config(Path(config))[0]) as stores:
        report = await Move(stores, TenantId(tenant), target, Path(file), on_step).run()
    print(report.problems, flush=True)
    return 0 if report.done else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
