"""Fault rules, as people write them and as they are shown: which calls, how often, at which moment, what goes wrong."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.simulation.fault_refusals import REFUSALS
from gateway.spi.adapter import Failure

Seconds = Annotated[float, Field(ge=0, le=600)]
Share = Annotated[float, Field(ge=0, le=1)]
FAILURES: Final = {failure.name.lower(): failure for failure in Failure}


class Point(enum.StrEnum):
    """When a rule strikes (ADR-21).

    ARRIVAL: the head of the request is there, the body is not read. Neither tenant nor operation is known yet.
    BEFORE_COMMIT: the request is understood, the core is not asked yet. Nothing is consumed.
    AFTER_COMMIT: a command has taken effect durably, the answer has not left. Only calls that changed something count.
    REPLY: the answer is ready, whatever it says.
    OUTBOUND: a request of the gateway's own is about to go out, such as a callback.
    """

    ARRIVAL = "arrival"
    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"
    REPLY = "reply"
    OUTBOUND = "outbound"


class Action(BaseModel):
    """What goes wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Latency(Action):
    """Waits: `seconds`, or evenly between `min_seconds` and `max_seconds`, or lognormally (`median_seconds`, `sigma`).

    Before the commit the wait counts towards the deadline, like a slow system's; at the reply it does not.
    """

    kind: Literal["latency"] = "latency"
    seconds: Seconds | None = None
    min_seconds: Seconds | None = None
    max_seconds: Seconds | None = None
    median_seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    sigma: Annotated[float, Field(ge=0, le=5)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Latency:
        given = {name for name in type(self).model_fields if name != "kind" and getattr(self, name) is not None}
        if given not in ({"seconds"}, {"min_seconds", "max_seconds"}, {"median_seconds", "sigma"}):
            raise ValueError("give seconds, or min_seconds and max_seconds, or median_seconds and sigma")
        if self.min_seconds is not None and self.max_seconds is not None and self.min_seconds > self.max_seconds:
            raise ValueError("min_seconds is above max_seconds")
        return self


class BusinessError(Action):
    """The core's refusal of this name, in the vendor's words, without asking the core."""

    kind: Literal["refusal"] = "refusal"
    refusal: str

    @model_validator(mode="after")
    def _known(self) -> BusinessError:
        if self.refusal not in REFUSALS:
            raise ValueError(f"no refusal of this name; known: {', '.join(sorted(REFUSALS))}")
        return self


class Failing(Action):
    """A failure of this name in the vendor's words: `rate_limited` (429 where the vendor has one), `unauthorized`, ….

    After the commit: the number is consumed, and yet the client gets an error.
    """

    kind: Literal["failure"] = "failure"
    failure: str

    @model_validator(mode="after")
    def _known(self) -> Failing:
        if self.failure not in FAILURES:
            raise ValueError(f"no failure of this name; known: {', '.join(sorted(FAILURES))}")
        return self


class ExpireSession(Action):
    """The session or token that the request presents is dropped for good, as if it had expired between two calls.

    Only for dialects with sessions or tokens; for those with credentials in each request use the failure `unauthorized`.
    """

    kind: Literal["expire_session"] = "expire_session"


class StoreSlow(Action):
    """Each use of the core waits so long first."""

    kind: Literal["store_slow"] = "store_slow"
    seconds: Seconds


class StoreGone(Action):
    """The store cannot answer. After the commit: it did commit, but nobody could tell."""

    kind: Literal["store_gone"] = "store_gone"


class LostReply(Action):
    """The connection is reset after the command has taken effect durably: the client cannot know."""

    kind: Literal["lost_reply"] = "lost_reply"


class Reset(Action):
    """The connection is reset instead of an answer."""

    kind: Literal["reset"] = "reset"


class EmptyReply(Action):
    """The connection is closed in order, without a byte."""

    kind: Literal["empty_reply"] = "empty_reply"


class ResetMidBody(Action):
    """Head and a part of the body, then a reset."""

    kind: Literal["reset_mid_body"] = "reset_mid_body"
    share: Share = 0.5


class TruncatedBody(Action):
    """Head with the full Content-Length and a part of the body, then an orderly close."""

    kind: Literal["truncated_body"] = "truncated_body"
    share: Share = 0.5


class GarbageBody(Action):
    """Random bytes of the body's length; status and headers as they were."""

    kind: Literal["garbage_body"] = "garbage_body"


class WrongContentLength(Action):
    """A Content-Length that is off by `offset` bytes; then the connection is closed."""

    kind: Literal["wrong_content_length"] = "wrong_content_length"
    offset: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 10


class SlowDrip(Action):
    """The body in pieces of `chunk_bytes`, `interval_seconds` apart."""

    kind: Literal["slow_drip"] = "slow_drip"
    chunk_bytes: Annotated[int, Field(ge=1, le=1_000_000)] = 16
    interval_seconds: Seconds = 0.1


class ReplyTwice(Action):
    """The whole answer two times. HTTP allows no such thing: a client that keeps the connection takes the second copy for
    the answer to its next request; one that closes it never sees it."""

    kind: Literal["reply_twice"] = "reply_twice"


class OutboundLost(Action):
    """A request of the gateway's own is lost on the way. The receiver never gets it, and the attempt fails."""

    kind: Literal["outbound_lost"] = "outbound_lost"


class OutboundAnswerLost(Action):
    """The receiver gets a request of the gateway's own, but its answer is lost, so the attempt fails."""

    kind: Literal["outbound_answer_lost"] = "outbound_answer_lost"


class OutboundDoubled(Action):
    """The receiver gets a request of the gateway's own two times."""

    kind: Literal["outbound_doubled"] = "outbound_doubled"


AnyAction: TypeAlias = Annotated[
    Latency
    | BusinessError
    | Failing
    | ExpireSession
    | StoreSlow
    | StoreGone
    | LostReply
    | Reset
    | EmptyReply
    | ResetMidBody
    | TruncatedBody
    | GarbageBody
    | WrongContentLength
    | SlowDrip
    | ReplyTwice
    | OutboundLost
    | OutboundAnswerLost
    | OutboundDoubled,
    Field(discriminator="kind"),
]

_ANSWERS: Final = (Point.REPLY, Point.AFTER_COMMIT)
POINTS: Final[dict[str, tuple[Point, ...]]] = {
    "latency": (Point.REPLY, Point.ARRIVAL, Point.BEFORE_COMMIT, Point.AFTER_COMMIT, Point.OUTBOUND),
    "refusal": (Point.BEFORE_COMMIT,),
    "failure": (Point.BEFORE_COMMIT, Point.ARRIVAL, Point.AFTER_COMMIT),
    "expire_session": (Point.BEFORE_COMMIT,),
    "store_slow": (Point.BEFORE_COMMIT,),
    "store_gone": (Point.BEFORE_COMMIT, Point.AFTER_COMMIT),
    "lost_reply": (Point.AFTER_COMMIT,),
    "reset": (Point.BEFORE_COMMIT, Point.ARRIVAL, Point.REPLY),
    "empty_reply": (*_ANSWERS, Point.ARRIVAL, Point.BEFORE_COMMIT),
    "reset_mid_body": _ANSWERS,
    "truncated_body": _ANSWERS,
    "garbage_body": _ANSWERS,
    "wrong_content_length": _ANSWERS,
    "slow_drip": _ANSWERS,
    "reply_twice": _ANSWERS,
    "outbound_lost": (Point.OUTBOUND,),
    "outbound_answer_lost": (Point.OUTBOUND,),
    "outbound_doubled": (Point.OUTBOUND,),
}
"""The moments at which each kind can strike. The first one holds when a rule names none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of action, for people.

    name: as rules give it.
    values: the names of its values, with the possible ones where there is a list.
    points: when it can strike.
    meaning: what goes wrong.
    """

    name: str
    values: Sequence[str]
    points: Sequence[str]
    meaning: str

    def facts(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "kind": self.name,
            "values": list(self.values),
            "points": list(self.points),
            "meaning": self.meaning,
        }


def kinds() -> list[Kind]:
    """Every kind of action, in the order of the manual."""
    names = {"refusal": sorted(REFUSALS), "failure": sorted(FAILURES)}
    union = get_args(AnyAction)[0]
    found = []
    for action in get_args(union):
        fields = {name: field for name, field in action.model_fields.items() if name != "kind"}
        values = [f"{name} (one of {', '.join(names[name])})" if name in names else name for name in fields]
        kind = str(action.model_fields["kind"].default)
        meaning = " ".join(inspect.cleandoc(action.__doc__ or "").partition("\n\n")[0].split()).replace("`", "")
        found.append(Kind(kind, values, [point.value for point in POINTS[kind]], meaning))
    return found


class FaultRule(BaseModel):
    """Which calls, how often, when, and what goes wrong. Of nth, first, every and rate at most one may be given.

    action: what goes wrong.
    tenant: only calls of this tenant; None for any.
    dialect: only calls of this dialect; None for any.
    operation: only this operation, as the journal shows it; None for any.
    at: when it strikes; None for the first possible moment of the action.
    nth: only the n-th call that matches.
    first: the first n calls that match.
    every: each n-th call that matches.
    rate: a share of the calls that match.
    seed: begins the random numbers for `rate`, so that the same calls in the same order are struck again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: AnyAction
    tenant: str | None = None
    dialect: str | None = None
    operation: str | None = None
    at: Point | None = None
    nth: Annotated[int, Field(ge=1)] | None = None
    first: Annotated[int, Field(ge=1)] | None = None
    every: Annotated[int, Field(ge=1)] | None = None
    rate: Share | None = None
    seed: int = 0

    @model_validator(mode="after")
    def _consistent(self) -> FaultRule:
        if sum(value is not None for value in (self.nth, self.first, self.every, self.rate)) > 1:
            raise ValueError("nth, first, every and rate are alternatives")
        if self.point not in POINTS[self.action.kind]:
            allowed = ", ".join(POINTS[self.action.kind])
            raise ValueError(f"{self.action.kind} cannot strike at {self.point}; at: {allowed}")
        if self.point is Point.ARRIVAL and (self.tenant is not None or self.operation is not None):
            raise ValueError("on arrival neither tenant nor operation is known; strike at before_commit instead")
        return self

    @property
    def point(self) -> Point:
        """When it strikes."""
        return self.at or POINTS[self.action.kind][0]


class ActiveRule(BaseModel):
    """A rule in force.

    calls: how many calls matched since it was added.
    hits: how many of these it struck.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    rule: FaultRule
    added_at: datetime
    calls: int = 0
    hits: int = 0
