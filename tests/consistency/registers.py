"""Checkers of registers: things that are written and read. Each yields findings in words, none when its promise is kept."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.consistency.history import Event, Finding, Register, by_thing, register


@dataclass
class _Span:
    """All events of one value: its write and the reads that show it.

    value: as findings name it.
    ended: the event that was answered first. The value stands from then on, if not since before.
    began: the event that was sent last. The value stands until then, if not longer.
    """

    value: str
    ended: Event
    began: Event
    since: float
    until: float

    @property
    def lasts(self) -> bool:
        """True when the value stands at least from `since` to `until`; else it stands at some moment between the two."""
        return self.since < self.until


def linearizable(events: Iterable[Event], staleness: float = 0.0) -> Iterator[Finding]:
    """Each thing behaves as if its requests were done one at a time, each between its question and its answer.

    This rules out a lost update, an old value after a new one, a value that vanishes, and a value that nobody wrote. A write
    without an answer may be done at any later moment, or never.

    staleness: a read may show what was true so many seconds before its question.
    """
    for thing, own in by_thing(events).items():
        found = register(thing, own)
        for read in found.reads:
            yield from _impossible(found, read)
        yield from _contradictions(thing, _spans(found, staleness))


def _impossible(found: Register, read: Event) -> Iterator[Finding]:
    origin = found.origin(read)
    key = f"{found.thing} shows {read.value}"
    if origin is None:
        yield Finding(key, f"{found.thing}: {read}, which nobody wrote")
    elif origin.outcome == "refused":
        yield Finding(key, f"{found.thing}: {read}, but {origin}")
    elif read.latest < origin.sent:
        yield Finding(key, f"{found.thing}: {read}, before {origin}")


def _spans(found: Register, staleness: float) -> list[_Span]:
    """The spans of all values; a write that nobody read and nobody acknowledged may never have been done."""
    members: dict[int, list[Event]] = defaultdict(list)
    for read in found.reads:
        origin = found.origin(read)
        if origin is not None:
            members[id(origin)].append(read)
    spans = []
    for write in found.writes:
        reads = members[id(write)]
        if write.outcome == "done" or (write.outcome == "unknown" and reads):
            ended = min([write, *reads], key=lambda event: event.latest)
            began = max([write, *reads], key=lambda event: _start(event, staleness))
            value = str(reads[0].value if write.value is None else write.value)
            spans.append(_Span(value, ended, began, ended.latest, _start(began, staleness)))
    return spans


def _start(event: Event, staleness: float) -> float:
    return event.sent - staleness if event.kind == "read" else event.sent


def _contradictions(thing: str, spans: Iterable[_Span]) -> Iterator[Finding]:
    """Two values cannot both last through one moment, and no value can stand only while another one lasts.

    Because each value is written once, nothing else can contradict an order of the requests (Gibbons and Korach, "Testing
    shared memories", 1997).
    """
    spans = list(spans)
    lasting = sorted((span for span in spans if span.lasts), key=lambda span: span.since)
    for one, other in pairwise(lasting):
        if other.since < one.until:
            yield Finding(f"{thing} stands at {one.value} too long", f"{thing}: {_lasts(one)}; but {_lasts(other)}")
    starts = [span.since for span in lasting]
    for short in spans:
        place = bisect.bisect_left(starts, short.until) - 1
        if not short.lasts and place >= 0 and short.since < lasting[place].until:
            one = lasting[place]
            yield Finding(f"{thing} stands at {one.value} too long", f"{thing}: {_lasts(one)}; meanwhile {short.began}")


def _lasts(span: _Span) -> str:
    return f"one value stood from ({span.ended}) until ({span.began})"


def lost_updates(events: Iterable[Event]) -> Iterator[Finding]:
    """An acknowledged write is in every later final reading, unless a write that may have come after it replaced it."""
    for thing, own in by_thing(events).items():
        found = register(thing, own)
        for last in found.finals():
            origin = found.origin(last)
            done = [write for write in found.writes if write.outcome == "done" and write.surely_before(last)]
            lost = [write for write in done if _older(origin, write)]
            if lost:
                text = f"{thing}: lost update: {lost[-1]}; but in the end {last}, which is older"
                yield Finding(f"{thing} lost an update to {last.value}", text)


def vanished(events: Iterable[Event]) -> Iterator[Finding]:
    """What anybody was shown is there in the end, unless it was overwritten, even if its write was never acknowledged."""
    for thing, own in by_thing(events).items():
        found = register(thing, own)
        for last in found.finals():
            origin = found.origin(last)
            gone = [read for read in found.reads if read.latest < last.sent and _older(origin, found.origin(read))]
            if gone:
                text = f"{thing}: vanished: {gone[-1]}; but in the end {last}, which is older"
                yield Finding(f"{thing} vanished for {last.value}", text)


def _older(one: Event | None, other: Event | None) -> bool:
    return one is not None and other is not None and one.surely_before(other)


def went_back(events: Iterable[Event], at_one_gateway: bool = False) -> Iterator[Finding]:
    """No client is shown an older value after a newer one.

    at_one_gateway: this holds for the answers of one gateway only, as for things that may be shown stale.
    """
    for thing, own in by_thing(events).items():
        found = register(thing, own)
        readers: dict[Hashable, list[Event]] = defaultdict(list)
        for read in found.reads:
            readers[read.client, read.gateway if at_one_gateway else ""].append(read)
        for reads in readers.values():
            yield from _back(found, reads)


def _back(found: Register, reads: Iterable[Event]) -> Iterator[Finding]:
    newest: Event | None = None
    for read in reads:
        if newest is not None and newest.surely_before(read) and _older(found.origin(read), found.origin(newest)):
            text = f"{found.thing}: went back: {newest}; then {read}, which is older"
            yield Finding(f"{found.thing} went back from {newest.value} to {read.value} for {read.client}", text)
        else:
            newest = read
