"""Tests in two forms: a short one that runs with all other tests, and a full one with LONG=1 (`make soak`).

Both check the same; the long form does it more often and in more combinations. Modules with both carry the mark `long_form`.
"""

from __future__ import annotations

import os
from typing import Final, TypeVar

T = TypeVar("T")

LONG: Final = os.environ.get("LONG") == "1"


def short_or_long(short: T, long: T) -> T:
    """The value for the form that runs."""
    return long if LONG else short
