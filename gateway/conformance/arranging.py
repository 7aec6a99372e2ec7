"""Brings the endpoint's number line to where a case wants it, over the vendor's own wire, or says why that cannot be.

A line is never moved by more than `reach`: a test must not use up a customer's numbers. Where a line cannot be moved to the
number of a case, the numbers of the case are moved to the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.conformance.endpoint import Endpoint
from gateway.testing.golden import GoldenCase
from gateway.testing.profile import Line, Profile
from gateway.testing.state import table_of

REACH: Final = 10_000
_EXTREME: Final = 1_000_000_000
"""Cases with numbers from here on are about how large they are; another number does not stand for them."""


class NotApplicable(Exception):  # noqa: N818 - an outcome
    """A case cannot be run at this endpoint; the text says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a line stands, and what else its reading told. next_number: None while it is unset."""

    next_number: int | None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case needs of the line.

    before: the next number that it must stand at, None for unset; only where `matters`. after: where it must stand
    afterwards, if `says_after`; unmoved: where it stood before. sets: the case sets the line, whatever it was.
    """

    matters: bool
    before: int | None = None
    says_after: bool = False
    after: int | None = None
    unmoved: bool = False
    sets: bool = False


@dataclass(frozen=True, slots=True)
class Arranged:
    """What was arranged. numbers: what stands for the case's numbers on the wire. expected: the next number afterwards."""

    numbers: Mapping[int, int] = field(default_factory=dict)
    is_watched: bool = False
    expected: int | None = None


def wanted_of(case: GoldenCase, profile: Profile) -> Wanted:
    """What a case needs of the line. Raises NotApplicable when it needs more than one line can give."""
    line = profile.line
    if line is None:
        if case.given:
            raise NotApplicable("this wire cannot set up what the case needs")
        return Wanted(matters=False)
    given, state = _own(case.given, line, "needs"), _own(case.state, line, "")
    stated = bool(case.given or case.state)
    if not stated and (profile.is_reading(case) or profile.is_negative(case)):
        return Wanted(matters=False)
    before, after = _number(given.get(line.kind, "unset")), _number(state.get(line.kind, "unset"))
    says_after = line.kind in state
    unmoved = says_after and before == after
    if profile.is_anywhere(case) and not _shows(case, line, before):
        return Wanted(matters=False, unmoved=unmoved)
    if not given and profile.is_setting(case):
        return Wanted(matters=False, says_after=says_after, after=after, sets=True)
    sets = profile.is_setting(case) and not profile.is_negative(case)
    return Wanted(matters=True, before=before, says_after=says_after, after=after, unmoved=unmoved, sets=sets)


def _shows(case: GoldenCase, line: Line, number: int | None) -> bool:
    """Whether the number stands in the expected answer."""
    return number is not None and str(number - (line.shows == "last")).encode() in (case.expected_body or b"")


def _own(stated: Mapping[str, Any], line: Line, verb: str) -> dict[str, Any]:
    """What is stated about the line. With a verb, anything else that is stated cannot be had."""
    others = stated.keys() - {line.series}
    table = table_of(stated[line.series]) if line.series in stated else {}
    more = table.keys() - {line.kind}
    if verb and others:
        raise NotApplicable(f"{verb} another series: {', '.join(sorted(others))}")
    if verb and more:
        raise NotApplicable(f"{verb} more than the next number: {', '.join(sorted(more))}")
    return table


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def unobserved(case: GoldenCase, line: Line | None) -> list[str]:
    """Parts of the expected state that this wire does not show."""
    shown = None if line is None else (line.series, line.kind)
    return [f"{key} {name}" for key, value in case.state.items() for name in table_of(value) if (key, name) != shown]


@dataclass(slots=True)
class Arranger:
    """Reads and moves the line of one endpoint. may_change: whether it may be moved at all."""

    endpoint: Endpoint
    may_change: bool
    reach: int = REACH

    async def standing(self) -> Standing:
        """Where the line stands. Raises NoAnswer."""
        line = self.line
        found = await self.endpoint.ask(line.read)
        value = found.get("value")
        return Standing(None if value is None else int(value) + (line.shows == "last"), found)

    @property
    def line(self) -> Line:
        """The line of the profile."""
        line = self.endpoint.profile.line
        if line is None:
            raise NotApplicable("this wire shows no number line")
        return line

    async def arrange(self, wanted: Wanted) -> Arranged:
        """Bring the line to where it is wanted. Raises NotApplicable, NoAnswer."""
        if wanted.after is not None and wanted.after - (wanted.before or 0) > self.reach:
            raise NotApplicable(f"would move the line to {wanted.after}; see --reach")
        if wanted.sets:
            await self._refuse_unsettable()
        if not wanted.matters:
            if wanted.unmoved:
                return Arranged({}, is_watched=True, expected=(await self.standing()).next_number)
            return Arranged({}, wanted.says_after, wanted.after)
        now = await self.standing()
        if now.next_number == wanted.before:
            return Arranged({}, wanted.says_after, wanted.after)
        if wanted.before is None:
            await self._clear(now)
            return Arranged({}, wanted.says_after, wanted.after)
        if self.may_change and await self._moved(now, wanted.before):
            return Arranged({}, wanted.says_after, wanted.after)
        if now.next_number is None:
            raise NotApplicable("the line is unset, and --allow-mutations is not given")
        return self._shifted(now.next_number, wanted.before, wanted)

    async def _refuse_unsettable(self) -> None:
        """Set the line to where it is: what that shows of a locked line is not what the case is about."""
        now = await self.standing()
        if not self.may_change or self.line.set is None or now.next_number is None:
            return
        if not await self.endpoint.tell(self.line.set, self._values(now, now.next_number)):
            raise NotApplicable("the endpoint does not let this line be set any more")

    def _values(self, now: Standing, number: int) -> dict[str, str]:
        return {**now.values, "number": str(number - (self.line.shows == "last"))}

    async def _clear(self, now: Standing) -> None:
        if self.line.clear is None:
            raise NotApplicable(f"needs a line that was never set; it stands at {now.next_number}")
        if not self.may_change:
            raise NotApplicable("needs an unset line, and --allow-mutations is not given")
        if not await self.endpoint.tell(self.line.clear, now.values):
            raise NotApplicable("the endpoint does not clear the line")

    async def _moved(self, now: Standing, number: int) -> bool:
        """Whether the line now stands at a number."""
        line, current = self.line, now.next_number
        if line.set is None:
            return False
        if number - (current or 0) > self.reach:
            raise NotApplicable(f"would move the line from {current} to {number}; see --reach")
        backwards = current is not None and number < current and not line.free
        if backwards and (line.clear is None or not await self.endpoint.tell(line.clear, now.values)):
            return False
        return await self.endpoint.tell(line.set, self._values(now, number))

    def _shifted(self, current: int, before: int, wanted: Wanted) -> Arranged:
        """The numbers of the case as far up or down as the line is."""
        if before >= _EXTREME:
            raise NotApplicable(f"needs the line at {before}; it stands at {current}")
        by, less = current - before, int(self.line.shows == "last")
        numbers = {number - less: number - less + by for number in (before, wanted.after) if number is not None}
        return Arranged(numbers, wanted.says_after, None if wanted.after is None else wanted.after + by)
