"""What `ledger verify` costs as a ledger grows: seconds and peak memory. Run: python -m tests.bench.verify 1000000"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.bulk import add_issued
from tests.bench.growth import fill
from tests.bench.prepared import prepare
from tests.bench.servers import CONFIG, ROOT
from tests.pg import binaries, destroy, make_cluster
from tests.processes import clean_environment, command

ORDERS: Final = 100
SIZES: Final = (ORDERS, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Verified:
    """What one run of the command cost.

    peak_mb: the most memory that its process had, in MB.
    """

    seconds: float
    peak_mb: float
    text: str


def verified(folder: Path, address: str) -> Verified:
    """Run the command on the store that `gateway_server(folder, address)` opens."""
    store = address or f"sqlite:///{folder / 'bench.db'}"
    words = command("ledger", "verify", "--config", str(CONFIG), "--store", store)
    began = time.perf_counter()
    with subprocess.Popen(
        words, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, text
    return Verified(time.perf_counter() - began, usage.ru_maxrss / 1024, text)


def grown(folder: Path, address: str, size: int) -> None:
    """Make a store with so many numbers on one line."""
    prepare(folder, address, drafts=0, orders=ORDERS)
    asyncio.run(fill(folder, address, add_issued, size - ORDERS))


def main(sizes: Sequence[int]) -> None:
    """Print a table."""
    print("| store | numbers | seconds | peak MB |\n|---|---|---|---|")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="verify-")))
        stores = ["SQLite"]
        programs = binaries()
        if programs is not None:
            cluster = make_cluster(programs, shared_buffers="256MB")
            stack.callback(destroy, cluster)
            stores.append("PostgreSQL")
        for store in stores:
            for size in sizes:
                address = cluster.url(cluster.database()) if store == "PostgreSQL" else ""
                own = folder / f"{store}-{size}"
                grown(own, address, size)
                found = verified(own, address)
                print(f"| {store} | {size:,} | {found.seconds:.1f} | {found.peak_mb:.0f} |", flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or SIZES)
