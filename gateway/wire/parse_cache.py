"""Reads a body that is like an earlier one without parsing it again, and writes an answer without rendering it again.

A legacy client sends the same bytes over and over. When it sets a number, only the digits differ. What was read from the
earlier body then holds for the later one, with the other number in its place.

The cache assumes nothing about the format (ADR-33). It learns from two real bodies where the number stands, and proves by
reading made-up bodies the long way that only the number matters. It does not decide who may send the body or what the
number may be. Answers that differ only in a number are treated in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

_MAX_BYTES: Final = 4096
_MAX_EXACT: Final = 512
_MAX_KINDS: Final = 64
_MAX_PATTERNS: Final = 8
_MAX_DIGITS: Final = 9
"""Every integer type of every vendor holds a number of nine digits, so no reader treats one of them unlike the others."""
_PROBES: Final = (7, 1_000, 987_654_321, 999_999_999)
"""Made-up numbers that prove a pattern: one digit, a first thousand, nine different digits, and the largest number."""


@dataclass(frozen=True, slots=True)
class _Pattern(Generic[T]):
    """A form that bodies share: this start, a number from 1 to 999,999,999, this end. Such a body means `make(number)`."""

    start: bytes
    end: bytes
    make: Callable[[int], T]

    def number_in(self, body: bytes) -> int:
        """The number in a body of this pattern; 0 when the body does not follow the pattern."""
        if not (body.startswith(self.start) and body.endswith(self.end)):
            return 0
        digits = body[len(self.start) : len(body) - len(self.end)]
        return int(digits) if _is_number(digits) else 0


class Readings(Generic[K, T]):
    """Remembers what bodies of at most 4,096 bytes were read as: by their exact bytes, and by all bytes but one number.

    read: the long way, from a body and its kind (whatever else the outcome depends on). Its errors are passed on and
        never remembered. What it returns is shared between requests and must not be changed.
    renumbered: compares two messages. When they differ in one number only, it returns what makes a message from a
        number; otherwise None.
    remembers: False for a message that must not be kept, because it holds a secret, or is not worth it.
    """

    def __init__(
        self,
        read: Callable[[bytes, K], T],
        renumbered: Callable[[T, T], Callable[[int], T] | None],
        remembers: Callable[[T], bool] = lambda _: True,
    ) -> None:
        self._read = read
        self._renumbered = renumbered
        self._remembers = remembers
        self._exact: dict[tuple[bytes, K], T] = {}
        self._patterns: dict[K, tuple[_Pattern[T], ...]] = {}
        self._last: dict[K, tuple[bytes, T]] = {}

    def read(self, body: bytes, kind: K) -> T:
        """The message. Raises what the long way raises."""
        known = self._exact.get((body, kind))
        if known is not None:
            return known
        for pattern in self._patterns.get(kind, ()):
            number = pattern.number_in(body)
            if number:
                return pattern.make(number)
        message = self._read(body, kind)
        if len(body) <= _MAX_BYTES and self._remembers(message):
            self._remember(body, kind, message)
        return message

    def _remember(self, body: bytes, kind: K, message: T) -> None:
        _put(self._exact, (body, kind), message, _MAX_EXACT)
        # Only neighbours are compared. A client that counts upwards sends two bodies of one pattern in a row sooner or
        # later, and one earlier body per kind bounds the memory and the time.
        earlier = self._last.get(kind)
        _put(self._last, kind, (body, message), _MAX_KINDS)
        pattern = self._learned(kind, *earlier, body, message) if earlier else None
        if pattern is not None:
            others = self._patterns.get(kind, ())[: _MAX_PATTERNS - 1]
            _put(self._patterns, kind, (pattern, *others), _MAX_KINDS)

    def _learned(self, kind: K, body: bytes, message: T, other_body: bytes, other: T) -> _Pattern[T] | None:
        """The pattern that two bodies have in common, if they differ in one number and reading agrees."""
        parts = _around_number(body, other_body)
        make = self._renumbered(message, other) if parts else None
        if parts is None or make is None:
            return None
        pattern = _Pattern(*parts, make)
        try:
            probed = {number: self._read(b"%b%d%b" % (pattern.start, number, pattern.end), kind) for number in _PROBES}
        except Exception:  # noqa: BLE001 - the long way refuses such a number, so a short cut would accept too much
            return None
        known = {pattern.number_in(body): message, pattern.number_in(other_body): other}
        return pattern if all(make(number) == read for number, read in {**probed, **known}.items()) else None


class Writings:
    """Answers that are alike but for one number, remembered as what stands before and after it."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, tuple[bytes, bytes] | None] = {}

    def write(self, kind: Hashable, number: int, render: Callable[[int], bytes]) -> bytes:
        """What `render` makes of the number.

        number: the only part of the answer that may differ within a kind.
        kind: everything else that the answer depends on.
        """
        if not 0 < number <= _PROBES[-1]:
            return render(number)
        # "No short cut" (None) is remembered as well, or each such answer would be rendered five times.
        if kind not in self._parts:
            _put(self._parts, kind, _parts_of(render), _MAX_EXACT)
        parts = self._parts[kind]
        return render(number) if parts is None else b"%b%d%b" % (parts[0], number, parts[1])


def _parts_of(render: Callable[[int], bytes]) -> tuple[bytes, bytes] | None:
    """What stands before and after the number; None when the number is not in the answer exactly once, in ASCII digits."""
    parts = _around_number(render(_PROBES[-2]), render(_PROBES[-1]))
    proven = parts is not None and all(render(number) == b"%b%d%b" % (parts[0], number, parts[1]) for number in _PROBES)
    return parts if proven else None


def _put(memory: dict[K, T], key: K, value: T, limit: int) -> None:
    # The oldest entry goes, not the least used one: so a hit has nothing to write down.
    if len(memory) >= limit and key not in memory:
        del memory[next(iter(memory))]
    memory[key] = value


def _is_number(digits: bytes) -> bool:
    return len(digits) <= _MAX_DIGITS and digits.isdigit() and digits[:1] != b"0"


def _around_number(one: bytes, other: bytes) -> tuple[bytes, bytes] | None:
    """What stands before and after the only digits in which two texts differ; None when they differ in more than that."""
    start = _common(one, other, lambda text, size: text[:size])
    # 120 and 125 share their first digits, and 15 and 25 their last: step back to where the whole number begins and ends.
    while start and one[start - 1 : start].isdigit():
        start -= 1
    rest, other_rest = one[start:], other[start:]
    size = _common(rest, other_rest, lambda text, size: text[len(text) - size :])
    while size and rest[len(rest) - size : len(rest) - size + 1].isdigit():
        size -= 1
    if not (_is_number(rest[: len(rest) - size]) and _is_number(other_rest[: len(other_rest) - size])):
        return None
    return one[:start], one[len(one) - size :]


def _common(one: bytes, other: bytes, part: Callable[[bytes, int], bytes]) -> int:
    """The largest size for which the parts are equal. Halving compares slices in C; a loop over bytes would be slower."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if part(one, middle) == part(other, middle):
            low = middle
        else:
            high = middle - 1
    return low
