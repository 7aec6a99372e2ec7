"""From an answered call to an entry: blots out secrets and lists the canonical commands. Runs in the journal's own thread."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import FunctionType
from typing import Any, Final

from gateway.core.commands import Command, Unchanged
from gateway.core.records import RecordKind
from gateway.journal.models import Answer, Body, Entry, Executed, Refusal, Request
from gateway.spi.adapter import Call, Reply
from gateway.spi.findings import tolerated
from gateway.spi.redaction import Pairs, Redact, Text, redacted_path, redactor_for
from gateway.spi.trace import Step
from gateway.spi.wire_fault import WireFaultKind

_SAID_ELSEWHERE: Final = frozenset({"by", "tenant"})
_REMEMBERED: Final = 1024
_USER_AGENT: Final = 500


@dataclass(frozen=True, slots=True)
class Captured:
    """An answered call as the journal took it over, secrets included: it must become an entry before it is kept."""

    id: int
    at: dt.datetime
    call: Call
    reply: Reply
    dialect: str
    outcome: str
    seconds: float
    near_miss: str

    @property
    def tenant(self) -> str:
        """The tenant, "" for nobody."""
        return self.call.tenant or ""

    @property
    def strict(self) -> bool:
        """True when the strict profile refused the call, or would have: the vendor tolerates what it found (ADR-18)."""
        call = self.call
        if call.outcome == "strict":
            return True
        # A request that was refused anyway proves nothing: only one that came as far as the core was really tolerated.
        reached = bool(call.trace and call.trace.steps) or 0 < self.reply.status < 400
        return reached and tolerated(call.findings)

    @property
    def user_agent(self) -> str:
        """What the client calls itself."""
        return self.call.headers.get("User-Agent", "")[:_USER_AGENT]


def _user_agent(headers: Pairs) -> str:
    return next((value for name, value in headers if name.lower() == "user-agent"), "")[:_USER_AGENT]


def _shown(text: str) -> str:
    """A client's text as it can be kept: what is no character shows as an escape. No store takes it as it is."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class Rendering:
    """Makes entries.

    redactors: the redaction of each dialect (ADR-20). Other dialects get the rules that hold for all.
    max_message_bytes: how much of a body is kept.
    """

    def __init__(self, redactors: Mapping[str, Redact], max_message_bytes: int) -> None:
        self._redactors = redactors
        self._otherwise = redactor_for(None, max_message_bytes)
        self._limit = max_message_bytes
        self._known: dict[Any, dict[str, Any]] = {}

    def entry(self, captured: Captured) -> Entry:
        """The entry for a call."""
        call, reply, trace = captured.call, captured.reply, captured.call.trace
        clean = self._redactors.get(captured.dialect, self._otherwise)(call, reply)
        broken = reply.wire.kind.value if reply.wire and reply.wire.kind is not WireFaultKind.NONE else ""
        return Entry(
            id=captured.id,
            request_id=call.request_id,
            at=captured.at,
            tenant=call.tenant,
            dialect=captured.dialect,
            operation=call.operation,
            outcome=captured.outcome,
            number=call.number,
            principal=_shown(call.principal),
            user_agent=_shown(_user_agent(clean.request_headers)),
            remote=_shown(call.remote),
            duration_ms=round(captured.seconds * 1000, 3),
            findings=tuple(map(_shown, call.findings)),
            near_miss=captured.near_miss,
            would_fail_in_strict=captured.strict,
            commands=tuple(self._executed(step) for step in trace.steps) if trace else (),
            faults=tuple(trace.faults) if trace else (),
            replay_of=trace.replay_of if trace else "",
            request=Request(
                method=call.method,
                path=_shown(redacted_path(call.path) if clean.path is None else clean.path),
                query=_shown(clean.query),
                base_url=_shown(call.base_url),
                headers=tuple((name, _shown(value)) for name, value in clean.request_headers),
                body=self._body(clean.request_body, len(call.body)),
            ),
            reply=Answer(
                status=reply.status or None,
                headers=clean.reply_headers,
                body=self._body(clean.reply_body, len(reply.body)),
                broken=broken,
            ),
        )

    def _body(self, text: Text, size: int) -> Body:
        kept = text.text[: self._limit]
        cut = text.cut or len(kept) < len(text.text)
        return Body(form=text.form, size=size, text=kept, charset=text.charset, cut=cut)

    def _executed(self, step: Step) -> Executed:
        # A command is new each time; only questions and their answers come again.
        facts_of = self._facts if isinstance(step.command, Command) else self._remembered
        return Executed(
            command=type(step.command).__name__,
            parameters=facts_of(step.command),
            result=None if step.result is None else facts_of(step.result),
            refusal=None if step.refusal is None else told_refusal(step.refusal),
            error=step.error,
            committed=step.committed,
        )

    def _facts(self, value: Any) -> dict[str, Any]:
        return self._small(plain(value, _SAID_ELSEWHERE))

    def _remembered(self, value: Any) -> dict[str, Any]:
        """Clients ask the same question again and again, and get the same answer."""
        try:
            facts = self._known.get(value)
        except TypeError:  # not hashable
            return self._facts(value)
        if facts is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            facts = self._known[value] = self._facts(value)
        return facts

    def _small(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The facts, or only their size when they are longer than a message may be: a result may be a page of documents."""
        # Counting values costs much less than writing them, and few values are always small enough.
        if _leaves(facts) <= _FEW_LEAVES:
            return facts
        size = len(json.dumps(facts, ensure_ascii=False))
        return facts if size <= max(self._limit, 1024) else {"omitted_characters": size}


def told_refusal(refusal: Any) -> Refusal:
    """A refusal of the core as a value. Its facts have a field of their own, because one of them may be called `name`."""
    return Refusal(name=type(refusal).__name__, facts=plain(refusal))


def plain(value: Any, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A frozen record of the core as plain JSON values, by field, without the fields that a command leaves unchanged."""
    facts = ((name, getattr(value, name)) for name in _names(type(value)) if name not in without)
    return {name: _plain(item) for name, item in facts if not isinstance(item, Unchanged)}


def _names(kind: type[Any]) -> tuple[str, ...]:
    names = _FIELD_NAMES.get(kind)
    if names is None:
        own = kind._fields if _is_named_tuple(kind) else (field.name for field in dataclasses.fields(kind))
        names = _FIELD_NAMES[kind] = tuple(own)
    return names


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    turn = _TURN_OF.get(kind)
    if turn is None:
        turn = _TURN_OF[kind] = _turn(kind)
    return turn(value)


def _turn(kind: type[Any]) -> Callable[[Any], Any]:
    if _is_named_tuple(kind):
        return plain
    for base, turn in _TURNS:
        if issubclass(kind, base):
            return turn
    return plain if dataclasses.is_dataclass(kind) else str


def _is_named_tuple(kind: type[Any]) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values()))
    return sum(map(_leaves, value)) if isinstance(value, list) else 1


_FEW_LEAVES: Final = 64
_FIELD_NAMES: Final[dict[type[Any], tuple[str, ...]]] = {}
_TURN_OF: Final[dict[type[Any], Callable[[Any], Any]]] = {}
"""How each type becomes plain. Filled when a type is met first, so it is bounded by the number of types in the core."""
_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None), float})
_TURNS: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (enum.Enum, lambda value: value.value if isinstance(value.value, str) else value.name.lower()),
    ((int, float, str), lambda value: value),
    (Decimal, str),
    ((dt.datetime, dt.date, dt.time), lambda value: value.isoformat()),
    (bytes, lambda value: f"{len(value)} bytes"),
    (RecordKind, lambda value: value.name),
    (FunctionType, lambda value: value.__name__),
    (Mapping, lambda value: {str(_plain(key)): _plain(item) for key, item in value.items()}),
    ((frozenset, set), lambda value: sorted(map(_plain, value), key=str)),
    ((tuple, list), lambda value: [_plain(item) for item in value]),
)
