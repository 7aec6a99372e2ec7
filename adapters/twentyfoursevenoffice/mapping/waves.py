"""Items of one request that must not overtake one another.

Items are worked on together, so that they share a commit and get their numbers in the order of the request. An item that has
to see what an earlier one did begins a new wave: one about the same order, and one whose id may just have been made up.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

AT_ONCE: Final = 500
"""Items of one wave: what one request may put into the queue of the store at a time."""


@dataclass(frozen=True, slots=True)
class Item:
    """What decides about an item. key: the order it is about, None for a new one.

    makes_up: the store is to make up an id. unknown: no order has the key's id when the request begins.
    """

    key: Hashable | None
    makes_up: bool = False
    unknown: bool = False


def waves(items: Sequence[Item]) -> Iterator[range]:
    """Consecutive ranges of items."""
    start = 0
    seen: set[Hashable] = set()
    made_up = False
    for index, item in enumerate(items):
        if item.key in seen or (item.unknown and made_up) or index - start == AT_ONCE:
            yield range(start, index)
            start, made_up = index, False
            seen.clear()
        if item.key is not None:
            seen.add(item.key)
        made_up = made_up or item.makes_up
    if start < len(items):
        yield range(start, len(items))
