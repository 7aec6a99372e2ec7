"""Items of one request that must not overtake one another.

Items are worked on together, so that they share a commit and get their numbers in the order of the request. Two items about
the same order are the exception: the later one has to see what the earlier one did, so it begins a new wave.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

AT_ONCE: Final = 500
"""Items of one wave: what one request may put into the queue of the store at a time."""


def waves(keys: Sequence[Hashable | None]) -> Iterator[range]:
    """Consecutive ranges of items, none with the same key twice. None is a key that is never the same."""
    start = 0
    seen: set[Hashable] = set()
    for index, key in enumerate(keys):
        if key in seen or index - start == AT_ONCE:
            yield range(start, index)
            start = index
            seen.clear()
        if key is not None:
            seen.add(key)
    if start < len(keys):
        yield range(start, len(keys))
