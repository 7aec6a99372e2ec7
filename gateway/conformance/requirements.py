"""What a case needs of the customer's number line, and what it says about the line afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.testing.golden import GoldenCase
from gateway.testing.line_state import table_of
from gateway.testing.profile import Line, Numbers, Profile

EXTREME: Final = 1_000_000_000
"""From here on a case is about the size of its number, so no other number can stand for it."""
_AHEAD: Final = 20
"""How many numbers a case takes at most, when it does not say where the line stands afterwards."""


class NotApplicable(Exception):
    """A case cannot be run at this endpoint; the text says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case needs of the line.

    matters: the line must stand at a certain number before.
    before: that number; None for unset.
    says_after: the case says where the line stands afterwards.
    after: that number; None for unset.
    unmoved: the line must stand afterwards where it stood before.
    sets: the case sets the line, whatever it was before.
    draws: the case gives out numbers, which cannot be given again.
    issued: how many documents took numbers before.
    values: what else the line must have before, by the names of its requests, in its form on the wire.
    values_after: the same for afterwards.
    """

    matters: bool
    before: int | None = None
    says_after: bool = False
    after: int | None = None
    unmoved: bool = False
    sets: bool = False
    draws: bool = False
    issued: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    values_after: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_unset(self) -> bool:
        """True when the case needs a line that was never set."""
        return self.matters and self.before is None

    @property
    def stays_unset(self) -> bool:
        """True when the line is unset afterwards, too."""
        return self.needs_unset and self.after is None and not self.issued and not self.sets


def wanted_of(case: GoldenCase, profile: Profile) -> Wanted:
    """What a case needs of the line. Raises NotApplicable when it needs more than one line can give."""
    line = profile.line
    if line is None:
        return Wanted(matters=False)
    given, state = _own(case.given, line, must=True), _own(case.state, line, must=False)
    stated = bool(case.given or case.state)
    if not stated and (profile.is_reading(case) or profile.is_negative(case)):
        return Wanted(matters=False)
    before, after = _number(given.get(line.kind, "unset")), _number(state.get(line.kind, "unset"))
    says_after = line.kind in state
    unmoved = says_after and before == after
    if profile.is_anywhere(case) and not _shows(case, line, before):
        return Wanted(matters=False, unmoved=unmoved)
    values_after = _written(state, line)
    if not given and not case.before and profile.is_setting(case):
        return Wanted(matters=False, says_after=says_after, after=after, sets=True)
    return Wanted(
        matters=True,
        before=before,
        says_after=says_after,
        after=after,
        unmoved=unmoved,
        sets=profile.is_setting(case) and not profile.is_negative(case),
        draws=profile.is_drawing(case),
        issued=given.get("issued", 0),
        values=_written(given, line),
        values_after=values_after,
    )


def floating_of(case: GoldenCase, numbers: Numbers) -> tuple[int, int] | None:
    """The first number that a case may take, and the next one afterwards, for a wire where only answers show numbers.

    None when the case says nothing about numbers. Raises NotApplicable when it needs the line at one certain number.
    """
    others = case.given.keys() - {numbers.series}
    if others:
        raise NotApplicable(f"needs another series, which this wire cannot make: {', '.join(sorted(others))}")
    given, state = (table_of(stated[numbers.series]) if stated else {} for stated in (case.given, case.state))
    more = given.keys() - {numbers.kind}
    if more:
        raise NotApplicable(f"needs more than the next number, which this wire cannot set: {', '.join(sorted(more))}")
    before, after = _number(given.get(numbers.kind)), _number(state.get(numbers.kind))
    if before is None:
        if after is not None:
            raise NotApplicable("needs a line that was never set, and this wire can neither see nor clear one")
        return None
    if before >= EXTREME:
        raise NotApplicable(f"needs the line at {before}, and this wire cannot move one")
    return before, max(before + _AHEAD, before if after is None else after)


def _shows(case: GoldenCase, line: Line, number: int | None) -> bool:
    """Whether the number stands in the expected answer."""
    return number is not None and str(number - (line.shows == "last")).encode() in (case.expected_body or b"")


def _own(stated: Mapping[str, Any], line: Line, *, must: bool) -> dict[str, Any]:
    """What a case states about the line.

    must: a statement that this wire cannot bring about is a reason not to run the case.
    """
    others = stated.keys() - {line.series}
    table = table_of(stated[line.series]) if line.series in stated else {}
    more = table.keys() - {line.kind, *line.defaults, *(("issued",) if line.issue else ())}
    if must and others:
        raise NotApplicable(f"needs a second series ({', '.join(sorted(others))}); only an admin port makes one")
    if must and "issued" in more:
        raise NotApplicable("needs documents with numbers, and this wire cannot make any")
    if must and more:
        raise NotApplicable(f"needs more of the line than this wire can set: {', '.join(sorted(more))}")
    return table


def _written(stated: Mapping[str, Any], line: Line) -> dict[str, str]:
    return {name: line.written(value) for name, value in stated.items() if name in line.defaults}


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def unobserved(case: GoldenCase, line: Line | None) -> list[str]:
    """Parts of the expected state that this wire does not show."""
    shown = set() if line is None else {(line.series, name) for name in (line.kind, *line.defaults)}
    return [
        f"{key} {name}" for key, value in case.state.items() for name in table_of(value) if (key, name) not in shown
    ]
