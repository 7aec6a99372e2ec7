"""Brings the endpoint's number line to where a case needs it, over the vendor's own wire, or says why it cannot (ADR-31).

A line is never moved by more than `reach`, because a test must not use up a customer's numbers. When a line cannot be moved
to the number of a case, the numbers of the case are moved to the line. When that does not work either, and the wire can make
further lines, another line is made. A number that a case gives out cannot be given again, so the line never goes back for such
a case.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.conformance.endpoint import Endpoint
from gateway.conformance.requirements import EXTREME, NotApplicable, Wanted
from gateway.conformance.substitution import SMALLEST_REPLACEABLE
from gateway.testing.profile import Line

REACH: Final = 10_000
LINES: Final = 100
_FAR: Final = 100
"""The most numbers that a case takes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the reading of a line shows.

    next_number: the next number; None while it is unset.
    values: what else was found, by name.
    """

    next_number: int | None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arranged:
    """What was arranged.

    numbers: the numbers on the wire that stand for those of the case.
    is_watched: the line is compared afterwards.
    expected: the next number afterwards; None for unset.
    values: what else the line must show afterwards.
    """

    numbers: Mapping[int, int] = field(default_factory=dict)
    is_watched: bool = False
    expected: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Arranger:
    """Reads and moves the line of one endpoint.

    endpoint: the endpoint.
    may_change: whether the line may be moved at all.
    reach: the most numbers that the line may be moved forward.
    lines: how many other lines may be made.
    made: how many other lines were made.
    """

    endpoint: Endpoint
    may_change: bool
    reach: int = REACH
    lines: int = LINES
    made: int = 0
    _first: dict[str, str] = field(default_factory=dict)
    _highest: int = 0

    async def standing(self) -> Standing:
        """Where the line stands. Raises NoAnswer."""
        line = self.line
        found = await self.endpoint.ask(line.read)
        value = found.get("value")
        for name in found.keys() & self.endpoint.profile.references.keys():
            self.endpoint.rename(name, found[name])  # a case may have given it another one
        standing = Standing(None if value is None else int(value) + (line.shows == "last"), found)
        self._highest = max(self._highest, standing.next_number or 0)
        return standing

    @property
    def line(self) -> Line:
        """The line of the profile."""
        line = self.endpoint.profile.line
        if line is None:
            raise NotApplicable("this wire shows no number line")
        return line

    async def arrange(self, wanted: Wanted) -> Arranged:
        """Bring the line to where the case needs it. Raises NotApplicable, NoAnswer."""
        if wanted.after is not None and wanted.after - (wanted.before or 0) > self.reach:
            raise NotApplicable(f"would move the line to {wanted.after}; see --reach")
        wanted = self._as_shown(wanted)
        try:
            return await self._on_this_line(wanted)
        except NotApplicable:
            if not self.may_change or self.line.fresh is None:
                raise
        await self._begin_another()
        return await self._on_this_line(wanted)

    def _as_shown(self, wanted: Wanted) -> Wanted:
        """What the case needs, in terms that this wire can show.

        When the wire shows the last number and 0 for none, a line whose next number is 1 looks like one that was never set.
        """
        line = self.line
        if line.shows != "last" or line.read.absent != "0":
            return wanted
        before, after = (None if number == 1 else number for number in (wanted.before, wanted.after))
        return replace(wanted, before=before, after=after)

    async def _on_this_line(self, wanted: Wanted) -> Arranged:
        if self.may_change and self.line.choose is not None:
            await self.endpoint.tell(self.line.choose, {})
        if wanted.sets:
            await self._refuse_unsettable()
        if not wanted.matters:
            if wanted.unmoved:
                return Arranged({}, is_watched=True, expected=(await self.standing()).next_number)
            return self._there(wanted)
        now = await self.standing()
        if wanted.draws and wanted.before is not None:
            return await self._shifted(await self._where_none_was_given(now, wanted.before), wanted, wanted.before)
        if self._is_there(now, wanted):
            await self._issue(wanted)
            return self._there(wanted)
        if wanted.before is None:
            await self._clear(now)
            await self._issue(wanted)
            return self._there(wanted)
        if self.may_change and await self._moved(now, wanted, wanted.before):
            return self._there(wanted)
        return await self._shifted(now, wanted, wanted.before)

    @staticmethod
    def _there(wanted: Wanted) -> Arranged:
        return Arranged({}, wanted.says_after, wanted.after, wanted.values_after)

    def _is_there(self, now: Standing, wanted: Wanted) -> bool:
        """True when the line is as the case needs it."""
        return now.next_number == wanted.before and self._shows(now, wanted)

    def _shows(self, now: Standing, wanted: Wanted) -> bool:
        others = {**self.line.defaults, **wanted.values}
        return all(now.values.get(name) == value for name, value in others.items())

    async def _refuse_unsettable(self) -> None:
        """Set the line to the number that it has. If the endpoint refuses even that, the line is locked.

        The refusal of a locked line would look like a difference, although the case is about something else.
        """
        now = await self.standing()
        if not self.may_change or self.line.set is None or now.next_number is None:
            return
        if not await self.endpoint.tell(self.line.set, self._values(now, now.next_number)):
            raise NotApplicable("the endpoint does not let this line be set any more")

    def _values(self, now: Standing, number: int, wanted: Wanted | None = None) -> dict[str, str]:
        others = {**self.line.defaults, **wanted.values} if wanted else {}
        return {**now.values, **others, "number": str(number - (self.line.shows == "last"))}

    async def _clear(self, now: Standing) -> None:
        if self.line.clear is None:
            where = f"it stands at {now.next_number}" if now.next_number is not None else "more was set of it"
            raise NotApplicable(f"needs a line that was never set, and this wire cannot clear one; {where}")
        if not self.may_change:
            raise NotApplicable("needs an unset line, and --allow-mutations is not given")
        if not await self.endpoint.tell(self.line.clear, now.values):
            raise NotApplicable("the endpoint does not clear the line")

    async def _issue(self, wanted: Wanted) -> None:
        if wanted.issued and not (self.line.issue and self.may_change):
            raise NotApplicable("needs documents with numbers, and this wire cannot make any")
        for _ in range(wanted.issued):
            await self.endpoint.ask_in_turn(self.line.issue)

    async def _begin_another(self) -> None:
        """Make a line that was never set, and use it for the line of the cases from now on."""
        if self.made >= self.lines:
            raise NotApplicable("needs another number line, and no more may be made; see --lines")
        line, name = self.line, f"conform-{secrets.token_hex(4)}"
        found = await self.endpoint.ask(line.fresh, {"fresh": name}) if line.fresh else {}
        if not found:
            raise NotApplicable("needs another number line, and the endpoint does not make one")
        known = {item.name: item.new for item in self.endpoint.replacements.values}
        for reference, value in found.items():
            self._first.setdefault(reference, known[reference])
            self.endpoint.rename(reference, value)
        self.made += 1
        if line.choose is not None:
            await self.endpoint.tell(line.choose, {})

    async def leave(self) -> None:
        """Choose the customer's own line again. Raises NoAnswer."""
        for reference, value in self._first.items():
            self.endpoint.rename(reference, value)
        if self._first and self.line.choose is not None:
            await self.endpoint.tell(self.line.choose, {})

    async def _moved(self, now: Standing, wanted: Wanted, number: int) -> bool:
        """Move the line to a number. False when the endpoint does not."""
        line, current = self.line, now.next_number
        if line.set is None:
            return False
        if number - (current or 0) > self.reach:
            raise NotApplicable(f"would move the line from {current} to {number}; see --reach")
        backwards = current is not None and number < current and not line.free
        if backwards and (line.clear is None or not await self.endpoint.tell(line.clear, now.values)):
            return False
        return await self.endpoint.tell(line.set, self._values(now, number, wanted))

    async def _where_none_was_given(self, now: Standing, number: int) -> Standing:
        """Move the line to where it was never further, at least to a number when it is unset."""
        ahead = self._highest or number
        there = now.next_number is not None and now.next_number >= ahead
        if there or not self.may_change or self.line.set is None:
            return now
        await self.endpoint.tell(self.line.set, self._values(now, ahead))
        return await self.standing()

    async def _shifted(self, now: Standing, wanted: Wanted, before: int) -> Arranged:
        """Move the numbers of the case by as much as the line is away from them."""
        current = now.next_number
        if current is None:
            raise NotApplicable(
                "the line is unset, and the endpoint does not set it"
                if self.may_change
                else "the line is unset, and --allow-mutations is not given"
            )
        if not self._shows(now, wanted):
            await self._show(now, wanted, current)
        if before >= EXTREME:
            raise NotApplicable(f"needs the line at {before}; it stands at {current}")
        if before < SMALLEST_REPLACEABLE:
            moved = "; the endpoint does not bring it there" if self.may_change else ""
            raise NotApplicable(
                f"needs the line at {before}{moved}, and a number this small could be any other one in a case"
            )
        # A case shows the numbers that it takes, from `before` to `after`. A far `after` is a number that it sets, and
        # the thousands between the two are not in it.
        by, less = current - before, int(self.line.shows == "last")
        after = wanted.after if wanted.after is not None and 0 <= wanted.after - before <= _FAR else before
        taken = {before, *range(before, after + 1), *(() if wanted.after is None else (wanted.after,))}
        numbers = {number - less: number - less + by for number in taken}
        expected = None if wanted.after is None else wanted.after + by
        return Arranged(numbers, wanted.says_after, expected, wanted.values_after)

    async def _show(self, now: Standing, wanted: Wanted, current: int) -> None:
        line = self.line
        if line.set is None or not self.may_change:
            others = ", ".join(sorted({*line.defaults, *wanted.values}))
            raise NotApplicable(f"needs the line with another {others}, and --allow-mutations is not given")
        if not await self.endpoint.tell(line.set, self._values(now, current, wanted)):
            raise NotApplicable("the endpoint does not let this line be set any more")
