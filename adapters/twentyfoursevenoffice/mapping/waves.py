"""Items of one request that must not overtake one another.

Items are saved together, so that they share a commit and get their numbers in the order of the request. An item that must
see the result of an earlier one begins a new wave. There are two such cases: an earlier item is about the same order, or
the store may just have made up the id that the item names.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

AT_ONCE: Final = 500
"""The most items of a wave: what one request may put into the queue of the store at a time."""


@dataclass(frozen=True, slots=True)
class Item:
    """What decides in which wave an item is saved.

    key: the order that the item is about; None for a new one.
    makes_up: the store will make up an id for it.
    unknown: no order has the id of `key` when the request begins.
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
