"""What the journal tells: entries, questions, answers, and how complete an answer is. Plain models, ready for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

GapReason: TypeAlias = Literal[
    "evicted", "overload", "crash", "off", "sampled", "workers", "write_failed", "cleared", "several"
]
"""Let go to keep the bounds; more at once than could be taken over; the process ended without closing; recording was
switched off; only a share is recorded; other worker processes answer as well; the disk refused; deleted on request;
several of these, merged when there were too many."""


class JournalError(Exception):
    """The request journal cannot be opened; the text is for people."""


class Model(BaseModel):
    """A value."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(Model):
    """A body as kept. form: `text`, `none` (there was none) or `withheld` (no text in which secrets could be found).

    size: bytes as received or sent. cut: only the beginning is here. charset: how the text was read.
    """

    form: Literal["none", "text", "withheld"]
    size: int
    text: str = ""
    charset: str = ""
    cut: bool = False


class Request(Model):
    """A request, secrets blotted out. path: within the dialect, as sent."""

    method: str
    path: str
    query: str
    base_url: str
    headers: tuple[tuple[str, str], ...]
    body: Body


class Answer(Model):
    """An answer, secrets blotted out. status: None when there was none. broken: the fault of the wire it left with."""

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: Body
    broken: str = ""


class Refusal(Model):
    """Why a command was not carried out. name: of the core's refusal, like `NumberBehind`. facts: its fields, by name."""

    name: str
    facts: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _nested(cls, value: Any) -> Any:
        """Journals on disk from before `facts` have them beside the name."""
        if isinstance(value, dict) and "facts" not in value:
            return {"name": value.get("name"), "facts": {key: own for key, own in value.items() if key != "name"}}
        return value


class Executed(Model):
    """A canonical command or query of a call, and its result, refusal or error (one of them).

    committed: took effect durably; None when nobody knows.
    """

    command: str
    parameters: dict[str, Any]
    result: dict[str, Any] | None = None
    refusal: Refusal | None = None
    error: str = ""
    committed: bool | None = False


class Entry(Model):
    """One exchange. id: ascending in the order of answers. at: when it was answered, UTC, by the machine's clock.

    tenant: None when nobody was authenticated. number: the number it was about. findings: codes, some with a detail.
    near_miss: why a refused request almost matched, else "". would_fail_in_strict: the vendor tolerated something.
    faults: ids of the rules that struck. replay_of: the request whose answer was given again.
    """

    id: int
    request_id: str
    at: datetime
    tenant: str | None
    dialect: str
    operation: str
    outcome: str
    number: int | None
    principal: str
    user_agent: str
    remote: str
    duration_ms: float
    findings: tuple[str, ...] = ()
    near_miss: str = ""
    would_fail_in_strict: bool = False
    commands: tuple[Executed, ...] = ()
    faults: tuple[str, ...] = ()
    replay_of: str = ""
    request: Request
    reply: Answer


class Filter(Model):
    """A question; every given field must hold. tenant: "" asks for requests of no tenant.

    since, until: inclusive, aware. after: only ids above. user_agent: a part of it, in exact case. finding: a code.
    near_miss: True for every kind, or the code of one. strict: True for what the strict profile would refuse.
    """

    tenant: str | None = None
    dialect: str | None = None
    operation: str | None = None
    outcome: str | None = None
    status: int | None = None
    number: int | None = None
    request_id: str | None = None
    user_agent: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int | None = None
    finding: str | None = None
    near_miss: bool | str | None = None
    strict: bool | None = None

    @field_validator("since", "until")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value


class Gap(Model):
    """A stretch the journal does not know (all of). tenant: None = anybody's. count: how many, None = unknown.

    until: None while it goes on. through_id: no entry after this id is concerned; None while it goes on.
    """

    reason: GapReason
    tenant: str | None
    since: datetime
    until: datetime | None
    count: int | None
    through_id: int | None


class Completeness(Model):
    """Whether an answer is all there is. When not, it is a lower bound, and "none" means "unknown".

    evicted_before: entries up to there were let go to keep within the bounds. lost: how many were never written; None
    when their number is unknown. gaps: every stretch that the question touches.
    """

    complete: bool
    evicted_before: datetime | None = None
    lost: int | None = 0
    gaps: tuple[Gap, ...] = ()


class Count(Model):
    """How many entries match."""

    count: int
    completeness: Completeness


class Page(Model):
    """Some of the entries that match. next: the cursor for those that follow, None at the end."""

    entries: tuple[Entry, ...]
    next: str | None
    completeness: Completeness


class Lookup(Model):
    """The answer to "is there this entry": found, absent for certain, or unknown because it may have been let go."""

    status: Literal["found", "absent", "unknown"]
    entry: Entry | None = None


class Waited(Model):
    """The n-th match, or how many there were when the time was up.

    matched: the n-th match came; `entry` is it, None only if it could not be kept.
    """

    matched: bool
    count: int
    entry: Entry | None
    completeness: Completeness


class StrictClient(Model):
    """What one client (User-Agent) would have met in the strict profile. examples: ids of some entries."""

    user_agent: str
    requests: int
    would_fail: int
    findings: dict[str, int]
    examples: tuple[int, ...]


class StrictReport(Model):
    """Per client, those who would fail most first."""

    clients: tuple[StrictClient, ...]
    completeness: Completeness


class Held(Model):
    """What is kept for one tenant; tenant None for requests of nobody."""

    tenant: str | None
    entries: int
    bytes: int


class Status(Model):
    """The journal itself. waiting: entries not yet written. position: the newest id given."""

    mode: Literal["on", "sampled"]
    sample: float
    path: str
    position: int
    waiting: int
    held: tuple[Held, ...]
    gaps: tuple[Gap, ...]


class Limits(Model):
    """Bounds for each tenant. max_waiting: entries in memory that are not written yet, of all tenants.

    max_per_second: entries recorded a second, on average and of all tenants; what is above is counted as lost.
    """

    max_entries: Annotated[int, Field(ge=1)] = 10_000
    max_bytes: Annotated[int, Field(ge=1)] = 64 * 1024 * 1024
    max_age_seconds: Annotated[float, Field(gt=0)] = 7 * 86400.0
    max_message_bytes: Annotated[int, Field(ge=0)] = 64 * 1024
    max_waiting: Annotated[int, Field(ge=1)] = 1_000
    max_per_second: Annotated[float, Field(gt=0)] = 500.0
