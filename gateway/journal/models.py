"""What the journal says: entries, questions, answers, and how complete an answer is. Plain models, ready for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

GapReason: TypeAlias = Literal[
    "evicted", "overload", "crash", "off", "sampled", "workers", "write_failed", "cleared", "several"
]
"""Why entries are missing.

evicted: dropped to keep within the bounds.
overload: more calls at once than could be recorded.
crash: the process ended without closing the journal.
off: recording was switched off.
sampled: only a share of the calls is recorded.
workers: other worker processes answered clients as well, and this process does not read what they recorded.
write_failed: the disk refused the entries.
cleared: deleted on request.
several: more than one of these, merged because there were too many gaps.
"""


class JournalError(Exception):
    """The request journal cannot be opened; the text is for people."""


class Model(BaseModel):
    """A value."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(Model):
    """A body as it is kept.

    form: `text`; `none` without a body; `withheld` when it is no text in which secrets could be found.
    size: bytes as received or sent.
    text: the body, secrets blotted out.
    charset: how the text was read.
    cut: only the beginning is here.
    """

    form: Literal["none", "text", "withheld"]
    size: int
    text: str = ""
    charset: str = ""
    cut: bool = False


class Request(Model):
    """A request, secrets blotted out.

    path: within the dialect, as sent.
    base_url: the address by which the client reached the dialect.
    """

    method: str
    path: str
    query: str
    base_url: str
    headers: tuple[tuple[str, str], ...]
    body: Body


class Answer(Model):
    """An answer, secrets blotted out.

    status: None when no answer was sent.
    broken: how a fault rule broke the answer on the wire; "" when it did not.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: Body
    broken: str = ""


class Refusal(Model):
    """Why a command was not carried out.

    name: the core's refusal, like `NumberBehind`.
    facts: the fields of the refusal, by name.
    """

    name: str
    facts: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _nested(cls, value: Any) -> Any:
        """Older journals on disk have the facts beside the name."""
        if isinstance(value, dict) and "facts" not in value:
            return {"name": value.get("name"), "facts": {key: own for key, own in value.items() if key != "name"}}
        return value


class Executed(Model):
    """A canonical command or query of a call, with its result, its refusal or its error.

    command: its name.
    parameters: its fields, by name.
    result: the fields of the result; None without one.
    refusal: why the core refused it; None when it did not.
    error: what went wrong; "" when nothing did.
    committed: it took effect durably; None when nobody knows.
    """

    command: str
    parameters: dict[str, Any]
    result: dict[str, Any] | None = None
    refusal: Refusal | None = None
    error: str = ""
    committed: bool | None = False


class Entry(Model):
    """One exchange.

    id: ascending in the order of answers.
    request_id: the id that answers and logs show.
    at: when it was answered, UTC, by the machine's clock.
    tenant: None when nobody was authenticated.
    dialect: the dialect that answered.
    operation: the vendor's name of it; "" when the request was not understood.
    outcome: one word for what came of it.
    number: the number that it was about.
    principal: who was authenticated.
    user_agent: what the client calls itself.
    remote: the client's address.
    duration_ms: the time to answer, in milliseconds.
    findings: codes, some with a detail.
    near_miss: why a refused request almost matched; "" when it did not.
    would_fail_in_strict: the vendor tolerated something that the strict profile refuses.
    commands: what the core was asked.
    faults: ids of the fault rules that struck.
    replay_of: the request whose answer was given again; "" when this one was worked on.
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
    """A question. Every field that is given must hold.

    tenant: "" asks for requests without a tenant.
    user_agent: a part of it, in exact case.
    since: this moment or later; with a time zone.
    until: this moment or earlier; with a time zone.
    after: only ids above this one.
    finding: a code.
    near_miss: True for every kind, False for none, or the code of one.
    strict: True for what the strict profile would refuse.
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
    """A stretch of time of which the journal does not know all requests.

    reason: why.
    tenant: whose requests are missing; None for anybody's.
    since: the first moment.
    until: the last moment; None while it goes on.
    count: how many requests; None when unknown.
    through_id: no entry after this id is concerned; None while it goes on.
    """

    reason: GapReason
    tenant: str | None
    since: datetime
    until: datetime | None
    count: int | None
    through_id: int | None


class Completeness(Model):
    """Whether an answer is all there is. If not, it is a lower bound, and "none" means "unknown".

    complete: nothing is missing.
    evicted_before: entries up to this moment were dropped to keep within the bounds.
    lost: how many were never written; None when nobody knows.
    gaps: every stretch that the question touches.
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
    """Some of the entries that match.

    next: the cursor for those that follow; None at the end.
    """

    entries: tuple[Entry, ...]
    next: str | None
    completeness: Completeness


class Lookup(Model):
    """Whether an entry exists.

    status: found; absent for certain; or unknown, because it may have been dropped.
    """

    status: Literal["found", "absent", "unknown"]
    entry: Entry | None = None


class Waited(Model):
    """The n-th match, or how many there were when the time was up.

    matched: the n-th match came.
    count: how many matched.
    entry: the n-th match; None when there is none, or when it could not be kept.
    """

    matched: bool
    count: int
    entry: Entry | None
    completeness: Completeness


class StrictClient(Model):
    """What one client would have met in the strict profile.

    user_agent: the client.
    requests: how many it sent.
    would_fail: how many of these the strict profile would refuse.
    findings: how often each code was found.
    examples: ids of some entries.
    """

    user_agent: str
    requests: int
    would_fail: int
    findings: dict[str, int]
    examples: tuple[int, ...]


class StrictReport(Model):
    """A line for each client; the one that would fail most often comes first."""

    clients: tuple[StrictClient, ...]
    completeness: Completeness


class Held(Model):
    """What is kept for one tenant.

    tenant: None for requests without a tenant.
    """

    tenant: str | None
    entries: int
    bytes: int


class Status(Model):
    """The journal itself.

    sample: the share of calls that is recorded.
    position: the newest id that was given.
    waiting: entries that are not written yet.
    held: what is kept, by tenant.
    gaps: what is not known.
    """

    mode: Literal["on", "sampled"]
    sample: float
    path: str
    position: int
    waiting: int
    held: tuple[Held, ...]
    gaps: tuple[Gap, ...]


class Limits(Model):
    """Bounds of the journal.

    max_entries: entries kept for each tenant.
    max_bytes: bytes of entries kept for each tenant.
    max_age_seconds: how long an entry is kept.
    max_message_bytes: how much of a body is kept.
    max_waiting: entries of all tenants in memory that are not written yet.
    max_per_second: entries of all tenants recorded in a second, on average. Calls above it are counted as lost.
    """

    max_entries: Annotated[int, Field(ge=1)] = 10_000
    max_bytes: Annotated[int, Field(ge=1)] = 64 * 1024 * 1024
    max_age_seconds: Annotated[float, Field(gt=0)] = 7 * 86400.0
    max_message_bytes: Annotated[int, Field(ge=0)] = 64 * 1024
    max_waiting: Annotated[int, Field(ge=1)] = 1_000
    max_per_second: Annotated[float, Field(gt=0)] = 500.0
