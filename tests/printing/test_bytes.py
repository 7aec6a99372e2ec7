"""The bytes of a printed document never change."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.printing.layout import STANDARD
from gateway.printing.pdf import write_pdf
from tests.printing.papers import digest, whole

ROOT = Path(__file__).parents[2]
KNOWN = {"5.1.0": "9f6a0158604e070f818e058e5933aaa628db38b1ac313232f624b237ace5de72"}
"""The digest that each version of reportlab gives."""


def test_the_same_bytes_every_time_and_everywhere() -> None:
    """Twice in one process, in a process that hashes in another order, and as they were before."""
    first = digest()
    assert digest() == first
    other = {
        **os.environ,
        "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2",
        "TZ": "Asia/Tokyo",
    }
    command = [sys.executable, "-m", "tests.printing.papers"]
    done = subprocess.run(command, cwd=ROOT, env=other, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == first
    version = importlib.metadata.version("reportlab")
    assert KNOWN.get(version, first) == first


def test_the_same_bytes_in_threads() -> None:
    first = write_pdf(whole(), STANDARD)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: write_pdf(whole(), STANDARD), range(12)))
    assert set(made) == {first}
