"""Series and number lines as JSON, in both directions."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from gateway.admin.routing import Body, View
from gateway.config.model import LineKey
from gateway.core.values import MAX_NUMBER, MIN_NUMBER

Number = Annotated[int, Field(ge=MIN_NUMBER, le=MAX_NUMBER)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Affix = Annotated[str, Field(max_length=255)]
Reason = Annotated[str, Field(max_length=1000)]


class CounterView(View):
    """One number line.

    kind: the same as `line`, under its former name.
    next_number: null while unset.
    issued: how many numbers were given out, reserved ones included.
    highest_issued: the highest of these; null when there is none.
    latest_date: the latest date of a document with a number; null when none has a date.
    first_number: no number below it is given out, and an unset line starts there; null for no bound.
    last_number: no number above it is given out; null for no bound.
    """

    line: str
    kind: str
    next_number: int | None
    issued: int
    highest_issued: int | None
    latest_date: dt.date | None
    first_number: int | None
    last_number: int | None


class SeriesShown(View):
    """A series with the lines that were ever touched.

    owner: the dialect that alone sees and uses it; null when every dialect does.
    """

    id: int
    key: str
    name: str
    prefix: str | None
    suffix: str | None
    default: bool
    owner: str | None
    counters: list[CounterView]


class LineBounds(Body):
    """The only numbers that a line may give out, both ends included.

    first: null for no bound.
    last: null for no bound.
    """

    first: Number | None = None
    last: Number | None = None


class NewSeries(Body):
    """A new series.

    key: what credentials can be bound to; made up when not given.
    numbers: next numbers, by line.
    bounds: by line.
    reason: kept in the ledger.
    """

    name: Name
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = None
    prefix: Affix | None = None
    suffix: Affix | None = None
    default: bool = False
    numbers: dict[LineKey, Number] = Field(default_factory=dict)
    bounds: dict[LineKey, LineBounds] = Field(default_factory=dict)
    reason: Reason = ""


class SeriesChange(Body):
    """A change of a series. What is not given stays; null empties an affix.

    default: true makes it the default series. To take that away, make another series the default.
    reason: kept in the ledger.
    """

    name: Name | None = None
    prefix: Affix | None = None
    suffix: Affix | None = None
    default: bool = False
    reason: Reason = ""


class Policy(Body):
    """What a change of a line may do.

    allow_lower: set a number below the next one.
    allow_clear: return the line to unset.
    allow_when_issued: change the line although documents have numbers of it.
    """

    allow_lower: bool = False
    allow_clear: bool = True
    allow_when_issued: bool = True


class CounterChange(Body):
    """A change of a line.

    next_number: null clears the line.
    reason: kept in the ledger.
    """

    next_number: Number | None
    policy: Policy = Policy()
    reason: Reason = ""


class BoundsChange(LineBounds):
    """Other bounds of a line. Its next number must be within them, or one behind the last number.

    policy: only `allow_when_issued` counts.
    reason: kept in the ledger.
    """

    policy: Policy = Policy()
    reason: Reason = ""
