"""The facts that a text names: `R-05`, `CO-24`, and each of `P-20 to P-22`."""

from __future__ import annotations

import re
from typing import Final

_FACTS: Final = re.compile(r"\b([A-Z]{1,2})-(\d{2,3})\b(?: to \1-(\d{2,3})\b)?")
_MOST: Final = 100


def facts_in(text: str) -> set[str]:
    """Every fact that a text names, with those between the two ends of a range."""
    found = set()
    for letters, first, last in _FACTS.findall(text):
        end = min(int(last or first), int(first) + _MOST)
        found |= {f"{letters}-{number:0{len(first)}}" for number in range(int(first), end + 1)}
    return found
