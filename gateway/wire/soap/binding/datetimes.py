"""xs:dateTime as .NET reads and writes it (XsdDateTime, kind kept on the round trip).

Reading: a date and time, a date, a year and month, or a year; without zone, with `Z` or with an offset. Seven fraction
digits are kept; further ones are rounded half to even. A time with an offset becomes UTC. (.NET would turn it into the
server's local time, which nobody outside knows: inferred.)

Writing: `Z` for a time with a zone, nothing for one without; fraction digits without trailing zeros. `write_local_time`
keeps the zone instead.

xs:date is the day as it is written; its zone is not kept.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from gateway.wire.soap.binding.problems import BadValueError

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)

_FORMAT = re.compile(
    r"\s*(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?)?)?(?:(Z)|([+-])(\d\d):(\d\d))?\s*",
    re.ASCII,
)

_COMMON = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?", re.ASCII)
"""What nearly all clients send. Python's own, faster reader agrees with .NET on it, or refuses it."""


class FineDateTime(datetime):
    """A datetime with a seventh fraction digit: `tick` counts 100 nanoseconds (1 to 9) beyond the microsecond.

    Order and arithmetic ignore the digit; equality, copying and writing keep it.
    """

    tick: int = 0

    @classmethod
    def of(cls, moment: datetime, tick: int) -> FineDateTime:
        """The moment with a further digit."""
        fine = cls.combine(moment.date(), moment.timetz())
        fine.tick = tick
        return fine

    def __eq__(self, other: object) -> bool:
        return datetime.__eq__(self, other) is True and self.tick == getattr(other, "tick", 0)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((datetime.__hash__(self), self.tick))

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return FineDateTime.of, (datetime.combine(self.date(), self.timetz()), self.tick)


def read_datetime(text: str) -> datetime:
    """The moment that a text names. Raises BadValueError."""
    if _COMMON.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # no such day, or 24:00:00, which .NET reads as midnight of the next day
    match = _FORMAT.fullmatch(text)
    if match is None:
        raise _not_a_moment(text)
    year, month, day, hour, minute, second, fraction, zulu, sign, zone_hours, zone_minutes = match.groups()
    try:
        moment = _moment(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
        if not fraction:
            tick = 0
        else:
            ticks = _ticks(fraction)
            moment += timedelta(microseconds=ticks // 10)
            tick = ticks % 10
    except (ValueError, OverflowError):
        raise _not_a_moment(text) from None
    if zulu:
        moment = moment.replace(tzinfo=UTC)
    elif sign:
        moment = _to_utc(moment, sign, int(zone_hours), int(zone_minutes), text)
    return FineDateTime.of(moment, tick) if tick else moment


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime:
    if hour == 24 and not minute and not second:
        return datetime(year, month, day) + timedelta(days=1)
    return datetime(year, month, day, hour, minute, second)


def _ticks(fraction: str) -> int:
    """A fraction in units of 100 ns, rounded half to even. Works on the digits: there may be thousands of them."""
    kept, rest = int(fraction[:7].ljust(7, "0")), fraction[7:].rstrip("0")
    if not rest or rest[0] < "5":
        return kept
    return kept + (kept & 1 if rest == "5" else 1)


def _to_utc(moment: datetime, sign: str, hours: int, minutes: int, text: str) -> datetime:
    if minutes > 59 or hours > 14 or (hours == 14 and minutes):
        raise _not_a_moment(text)
    offset = timedelta(hours=hours, minutes=minutes)
    try:
        return (moment - offset if sign == "+" else moment + offset).replace(tzinfo=UTC)
    except OverflowError:  # .NET clamps what falls off the calendar
        return _EARLIEST if sign == "+" else _LATEST


def _not_a_moment(text: str) -> BadValueError:
    return BadValueError(f"The string '{text}' is not a valid AllXsd value.")


def write_datetime(moment: datetime) -> str:
    """The text of a moment."""
    tick = getattr(moment, "tick", 0)
    zone = ""
    if moment.tzinfo is not None:
        zone = "Z"
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
    text = datetime.isoformat(moment)[:19]
    if moment.microsecond or tick:
        text += "." + f"{moment.microsecond:06d}{tick}".rstrip("0")
    return text + zone


def write_local_time(moment: datetime) -> str:
    """The text of a moment in whole seconds, with the offset of its zone; without a zone, no offset."""
    return datetime.isoformat(moment, timespec="seconds")


_DATE = re.compile(r"\s*(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?\s*", re.ASCII)


def read_date(text: str) -> date:
    """The day that a text names. Raises BadValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise _not_a_moment(text)
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        raise _not_a_moment(text) from None


def write_date(day: date) -> str:
    """The text of a day, without zone."""
    return date.isoformat(day)


def same_moment(left: datetime, right: datetime) -> bool:
    """Equality as .NET's DateTime has it: only the date and the time of day count, not the zone."""
    if left.tzinfo is not None:
        left = left.astimezone(UTC).replace(tzinfo=None)
    if right.tzinfo is not None:
        right = right.astimezone(UTC).replace(tzinfo=None)
    return left == right
