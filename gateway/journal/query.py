"""A question in two forms that must agree: SQL for entries in the file, a test for a call that was answered just now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from gateway.journal.models import Completeness, Filter, Gap
from gateway.spi.findings import code_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Head(NamedTuple):
    """The parts of an entry that questions can be about. The fields are the columns of the file; tenant "" is nobody."""

    id: int
    at_us: int
    request_id: str
    tenant: str
    dialect: str
    operation: str
    outcome: str
    status: int
    number: str
    user_agent: str
    near_miss: str
    strict: int
    findings: str


def microseconds(moment: datetime) -> int:
    """A moment as microseconds since 1970, exactly (a float would round them)."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(us: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return _EPOCH + timedelta(microseconds=us)


def joined(findings: tuple[str, ...] | list[str]) -> str:
    """Finding codes as they are kept for searching: each between blanks, so that no code matches a part of another."""
    return "".join(f" {code_of(finding)} " for finding in findings)


def number_text(number: int | None) -> str:
    """A number as it is kept for searching: as text, because numbers may be longer than a database's integers."""
    return "" if number is None else str(number)


_EQUAL: Final = ("tenant", "dialect", "operation", "outcome", "status", "request_id")
_OTHERS: Final[Mapping[str, tuple[str, Callable[[Any], Any], Callable[[Head, Any], bool]]]] = MappingProxyType(
    {
        "number": ("number = ?", number_text, lambda head, value: head.number == value),
        "user_agent": ("instr(user_agent, ?) > 0", str, lambda head, value: value in head.user_agent),
        "since": ("at_us >= ?", microseconds, lambda head, value: head.at_us >= value),
        "until": ("at_us <= ?", microseconds, lambda head, value: head.at_us <= value),
        "after": ("id > ?", int, lambda head, value: head.id > value),
        "finding": ("instr(findings, ?) > 0", lambda code: f" {code} ", lambda head, value: value in head.findings),
        "strict": ("strict = ?", int, lambda head, value: head.strict == value),
    }
)


def conditions(where: Filter) -> tuple[str, list[Any]]:
    """The WHERE clause, without the word, and its values."""
    clauses, values = ["1"], []
    for name in _EQUAL:
        if (value := getattr(where, name)) is not None:
            clauses.append(f"{name} = ?")
            values.append(value)
    for name, (clause, turn, _) in _OTHERS.items():
        if (value := getattr(where, name)) is not None:
            clauses.append(clause)
            values.append(turn(value))
    if isinstance(where.near_miss, bool):
        clauses.append("near_miss != ''" if where.near_miss else "near_miss = ''")
    elif where.near_miss is not None:
        clauses.append("near_miss = ?")
        values.append(where.near_miss)
    return " AND ".join(clauses), values


def matches(where: Filter, head: Head) -> bool:
    """The same question about one entry."""
    for name in _EQUAL:
        value = getattr(where, name)
        if value is not None and getattr(head, name) != value:
            return False
    for name, (_, turn, test) in _OTHERS.items():
        value = getattr(where, name)
        if value is not None and not test(head, turn(value)):
            return False
    if isinstance(where.near_miss, bool):
        return bool(head.near_miss) is where.near_miss
    return where.near_miss is None or head.near_miss == where.near_miss


def completeness(where: Filter, gaps: list[Gap]) -> Completeness:
    """Which gaps an answer touches, and what that means for it."""
    touched = tuple(gap for gap in gaps if _touches(gap, where))
    evicted = [gap.until for gap in touched if gap.reason == "evicted" and gap.until is not None]
    lost = [gap.count for gap in touched if gap.reason not in {"evicted", "cleared"}]
    return Completeness(
        complete=not touched,
        evicted_before=max(evicted, default=None),
        lost=None if None in lost else sum(count for count in lost if count is not None),
        gaps=touched,
    )


def _touches(gap: Gap, where: Filter) -> bool:
    if gap.tenant is not None and where.tenant is not None and gap.tenant != where.tenant:
        return False
    if where.since is not None and gap.until is not None and gap.until < where.since:
        return False
    if where.until is not None and gap.since > where.until:
        return False
    return where.after is None or gap.through_id is None or gap.through_id > where.after


def read_cursor(cursor: str | None) -> int | None:
    """The id that a cursor holds; None for the first page. Raises ValueError."""
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise ValueError("not a cursor of this journal")
    return int(cursor)
