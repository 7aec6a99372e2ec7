"""Checkers of decisions: what one request may do once only. Each yields findings in words, none when its promise is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from tests.consistency.history import Event, Finding


def given_once(events: Iterable[Event]) -> Iterator[Finding]:
    """What is given once, such as a token for a code or a name that must be free, is given to one request at most."""
    taken: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind == "claim" and event.outcome == "done":
            taken[event.thing].append(event)
    for thing, claims in taken.items():
        if len(claims) > 1:
            text = f"{thing}: given {len(claims)} times: {'; '.join(map(str, claims))}"
            yield Finding(f"{thing} is given twice", text)


def made_once(events: Iterable[Event], kept: Mapping[str, int]) -> Iterator[Finding]:
    """A request that makes something makes one when it is acknowledged, none when it is refused, else at most one.

    kept: how many of each thing the store holds in the end.
    """
    for event in events:
        if event.kind == "claim" and event.thing in kept:
            least, most = {"done": (1, 1), "refused": (0, 0), "unknown": (0, 1)}[event.outcome]
            if not least <= kept[event.thing] <= most:
                text = f"{event.thing}: {event}, but the store has {kept[event.thing]} of it"
                yield Finding(f"{event.thing} is made {kept[event.thing]} times", text)
