"""Tests in two forms: a short one that runs with all others, and with LONG=1 (`make soak`) the same in full.

Both check the same; the long one does it more often and in more combinations. Their modules carry the mark `long_form`.
"""

from __future__ import annotations

import os
from typing import Final, TypeVar

T = TypeVar("T")

LONG: Final = os.environ.get("LONG") == "1"


def short_or_long(short: T, long: T) -> T:
    """What is for the form that runs."""
    return long if LONG else short
