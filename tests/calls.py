"""The cost of work, measured without a clock: how many calls the interpreter makes.

A count is the same on a busy machine as on an idle one. It grows with every loop over what was sent, so it shows whether
work is linear or quadratic. It does not show the cost of a call inside a C library: `make bench` shows times.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def counted_calls() -> Iterator[Callable[[], int]]:
    """Yields a meter: calls and returns so far, of Python and C functions, in this thread and in those that begin meanwhile."""
    count = itertools.count()  # counts in one step, whichever thread it is

    def note(_frame: Any, _event: str, _argument: Any) -> None:
        next(count)

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield lambda: next(count)
    finally:
        sys.setprofile(before)
        threading.setprofile(before)
