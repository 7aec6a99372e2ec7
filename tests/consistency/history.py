"""What clients did and saw, beside the number lines: one event for each request, written down before it is sent.

Each *thing* is a register: a write gives it a value that no other write gives it, a read shows the value that it has. So
every value that is shown names the write that it comes from.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

INITIAL: Final = "(nothing yet)"
"""The value of a thing before its first write."""
FINAL: Final = "the final reading"
"""The client that reads everything when all others have ended."""


@dataclass(slots=True)
class Event:
    """One request of one client.

    client: who asked.
    gateway: the address that was asked.
    kind: `write` changes a thing; `read` shows it; `claim` asks for what is given once only.
    thing: what it is about.
    value: what is written or shown; None for a write whose value the gateway makes up and that has no answer.
    sent, answered: moments of time.monotonic; None: no answer ever came.
    outcome: `done`, `refused` (nothing was done), or `unknown`.
    """

    client: str
    gateway: str
    kind: Literal["write", "read", "claim"]
    thing: str
    value: Hashable
    sent: float
    answered: float | None = None
    outcome: Literal["done", "refused", "unknown"] = "unknown"

    @property
    def latest(self) -> float:
        """The last moment at which it can have taken effect."""
        return self.answered if self.answered is not None and self.outcome != "unknown" else float("inf")

    def surely_before(self, other: Event) -> bool:
        """True when it was answered before the other one was sent."""
        return self.latest < other.sent

    def __str__(self) -> str:
        end = f"{self.answered:.3f}" if self.answered is not None else "no answer"
        verb = {"write": "wrote", "read": "was shown", "claim": "claimed"}[self.kind]
        what = self.value if self.kind != "claim" else ""
        place = f" at {self.gateway}" if self.gateway else ""
        return f"{self.client}{place} {verb} {what} ({self.sent:.3f} to {end}, {self.outcome})".replace("  ", " ")


@dataclass
class Story:
    """All events of all clients."""

    events: list[Event] = field(default_factory=list)

    def begin(
        self, client: str, gateway: str, kind: Literal["write", "read", "claim"], thing: str, value: Hashable = None
    ) -> Event:
        """Write an event down before its request is sent."""
        event = Event(client, gateway, kind, thing, value, time.monotonic())
        self.events.append(event)
        return event

    @staticmethod
    def done(event: Event, value: Hashable = None) -> None:
        """Write down an acknowledgement, with the value that it shows."""
        event.answered, event.outcome = time.monotonic(), "done"
        if value is not None:
            event.value = value

    def shown(self, client: str, gateway: str, values: Mapping[str, Hashable], sent: float) -> None:
        """Write down what one answer shows of some things.

        sent: when its request was sent.
        """
        now = time.monotonic()
        self.events += [Event(client, gateway, "read", *item, sent, now, "done") for item in values.items()]

    @staticmethod
    def refused(event: Event) -> None:
        """Write down that nothing was done."""
        event.answered, event.outcome = time.monotonic(), "refused"


class Finding(NamedTuple):
    """A promise that was broken.

    key: the same for the same finding, however often its story is judged.
    text: who did and saw what, where and when, and what contradicts it.
    """

    key: str
    text: str


def by_thing(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    """The events of each thing, in the order in which they were sent."""
    things: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda one: one.sent):
        things[event.thing].append(event)
    return things


@dataclass
class Register:
    """The events of one thing, each read beside its write."""

    thing: str
    writes: list[Event]
    reads: list[Event]
    _origin: dict[Hashable, Event]

    def origin(self, read: Event) -> Event | None:
        """The write whose value a read shows; None when nobody wrote it."""
        return self._origin.get(read.value)

    def finals(self) -> Iterator[Event]:
        """What the final reading shows."""
        return (read for read in self.reads if read.client == FINAL)


def register(thing: str, events: Iterable[Event]) -> Register:
    """Match reads with writes. A value that only a write without an answer can have made up is that write's."""
    events = list(events)
    before = Event("the beginning", "", "write", thing, INITIAL, float("-inf"), float("-inf"), "done")
    writes = [before, *(event for event in events if event.kind == "write")]
    reads = [event for event in events if event.kind == "read" and event.outcome == "done"]
    origin = {write.value: write for write in writes if write.value is not None}
    nameless = [write for write in writes if write.value is None and write.outcome == "unknown"]
    for read in reads:
        if read.value not in origin and nameless:
            origin[read.value] = nameless.pop(0)
    return Register(thing, writes, reads, origin)
