"""Explains a raw request: its dialect, what it asks for, and how the other dialects would say the same.

The request is answered on numbers in memory. No real store is read or changed.
"""

from __future__ import annotations

import asyncio
import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from gateway.core.commands import GetSeries, ListSeries, PeekNext, SetNext, UpdateSeries
from gateway.core.values import INVOICE
from gateway.journal.capture import plain
from gateway.spi.adapter import Evidence, Reply
from gateway.spi.hosts import HostTable, vendor_hosts
from gateway.spi.redaction import REDACTED, redactor_for
from gateway.spi.registry import installed_adapters
from gateway.spi.trace import Step, Trace
from gateway.testing.golden import CaseError, GoldenCase
from gateway.testing.harness import Bench, Kit
from gateway.testing.profile import Line, WireRequest
from gateway.wire.xml import escape_text

_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_REDACTED_FIELD: Final = re.compile(r"([\w.-]+)=" + re.escape(REDACTED))
_REDACTED_ELEMENT: Final = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)([^<>]*)>" + re.escape(REDACTED))


@dataclass(frozen=True, slots=True)
class Asked:
    """One command or query of the request.

    command: its name.
    parameters: its fields.
    answer: the result, the refusal or the error.
    """

    command: str
    parameters: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saying:
    """The same in another dialect.

    dialect: the dialect.
    request: the request as text; "" when there is none.
    reason: why there is none.
    """

    dialect: str
    request: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a request is.

    dialect: the dialect that has its path.
    title: the name of that dialect for people.
    operation: the vendor's name of the operation; "" when there is none.
    as_demo: no customer here has its credentials, so it was explained as if the demo customer had sent it.
    outcome: as the journal would note it.
    findings: what is odd about it.
    asked: its commands and queries.
    status: the status of the answer, on numbers in memory.
    reply: the body of the answer.
    same: how the other dialects would say the same.
    """

    dialect: str
    title: str
    operation: str
    as_demo: bool
    outcome: str
    findings: Sequence[str]
    asked: Sequence[Asked]
    status: int
    reply: str
    same: Sequence[Saying]

    def facts(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "dialect": self.dialect,
            "title": self.title,
            "operation": self.operation,
            "as_demo_customer": self.as_demo,
            "outcome": self.outcome,
            "findings": list(self.findings),
            "commands": [
                {"command": one.command, "parameters": one.parameters, "answer": one.answer} for one in self.asked
            ],
            "status": self.status,
            "reply": self.reply,
            "other_dialects": [
                {"dialect": one.dialect, "request": one.request, "reason": one.reason} for one in self.same
            ],
        }


def read_request(raw: bytes) -> GoldenCase:
    """A request as it goes over the wire: request line, headers, an empty line, the body. Raises CaseError."""
    head, *rest = _HEAD_END.split(raw.removeprefix(BOM_UTF8).lstrip(b"\r\n"), maxsplit=1)
    first, *lines = head.decode("iso-8859-1").splitlines() or [""]
    match = re.fullmatch(r"([A-Z]+) (\S+)(?: HTTP/\d(?:\.\d)?)?", first.strip())
    if match is None:
        raise CaseError(f"the first line must be like `POST /path HTTP/1.1`, found {first[:80]!r}")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise CaseError(f"not a header: {line[:80]!r}")
        headers[name.strip()] = value.strip()
    target = re.sub(r"^https?://[^/]+", "", match[2]) or "/"
    body = rest[0] if rest else b""
    length = next((value for name, value in headers.items() if name.lower() == "content-length"), "")
    if length.isascii() and length.isdigit():
        body = body[: int(length[-18:])]
    case = WireRequest(match[1], target, headers).as_case()
    return replace(case, body=body or None, verified=Evidence.RECORDED)


def explain(raw: bytes, next_number: int | None = 444) -> Explanation:
    """Explain a request. Raises CaseError when no dialect has its path.

    next_number: the next number of the line that it meets; None for a line that was never set.
    """
    return asyncio.run(_explained(read_request(raw), next_number))


async def _explained(case: GoldenCase, next_number: int | None) -> Explanation:
    kits = [Kit(name) for name in sorted(installed_adapters())]
    benches = {kit.name: kit.bench() for kit in kits}
    path = case.path.partition("?")[0]
    name = _dialect_of(case, path, benches)
    if name is None:
        raise CaseError(f"no dialect has the path {path}")
    bench = benches[name]
    for other in benches.values():
        await _begin(other, next_number)
    call = bench.call(await bench.ready(_unredacted(case, bench)))
    reply, trace = await bench.trace(call)
    stranger = not trace.steps and (reply.status in {401, 403} or call.outcome == "unauthorized")
    if stranger:
        call = bench.call(await bench.ready(_as_demo(case, bench)))
        reply, trace = await bench.trace(call)
    return Explanation(
        dialect=name,
        title=bench.kit.adapter.title,
        operation=call.operation,
        as_demo=stranger,
        outcome=call.outcome or ("ok" if reply.status < 400 else "refused"),
        findings=call.findings,
        asked=[_asked(step) for step in trace.steps],
        status=reply.status,
        reply=reply.body.decode("utf-8", "replace"),
        same=[await _said(other, trace) for other_name, other in benches.items() if other_name != name],
    )


def _dialect_of(case: GoldenCase, path: str, benches: Mapping[str, Bench]) -> str | None:
    """The dialect that answers: the owner of the host name, else the one that claims the path (ADR-59)."""
    adapters = {name: bench.kit.adapter for name, bench in benches.items()}
    table = HostTable((name, vendor_hosts(each, each.Settings())) for name, each in adapters.items())
    host = next((value for name, value in case.headers.items() if name.lower() == "host"), "")
    claiming = (name for name, bench in benches.items() if bench.dialect.claims(path))
    return table.owner(host) or next(claiming, None)


async def _begin(bench: Bench, next_number: int | None) -> None:
    line = bench.kit.profile.line
    if line is not None and next_number is not None:
        await bench.arrange({line.series: {line.kind: next_number}})


def _asked(step: Step) -> Asked:
    answer: dict[str, Any] = {"result": plain(step.result)} if step.result is not None else {"error": step.error}
    if step.refusal is not None:
        answer = {"refusal": type(step.refusal).__name__, **plain(step.refusal)}
    return Asked(type(step.command).__name__, plain(step.command), answer)


def _as_demo(case: GoldenCase, bench: Bench) -> GoldenCase:
    """The request of another customer, as if the demo customer had sent it."""
    # The dialect's redaction knows where secrets are (ADR-20): blot them out, then fill in those of the demo customer.
    kept = redactor_for(bench.dialect)(bench.call(case), Reply(200))
    path = case.path.partition("?")[0]
    body = kept.request_body.text.encode() if kept.request_body.form == "text" else case.body
    blotted = replace(
        case, path=f"{path}?{kept.query}" if kept.query else path, headers=dict(kept.request_headers), body=body
    )
    return _unredacted(blotted, bench)


def _unredacted(case: GoldenCase, bench: Bench) -> GoldenCase:
    """The request with the demo customer's secrets where the journal has blotted out another customer's."""
    profile = bench.kit.profile
    secrets = {name.lower().replace("_", ""): item.value for name, item in profile.credentials.items()}

    def field(match: re.Match[str]) -> str:
        return f"{match[1]}={quote(secrets.get(match[1].lower().replace('_', ''), REDACTED), safe='')}"

    def element(match: re.Match[str]) -> str:
        secret = secrets.get(match[1].lower(), REDACTED)
        return match[0].replace(REDACTED, escape_text(secret))

    def text(value: str) -> str:
        return _REDACTED_ELEMENT.sub(element, _REDACTED_FIELD.sub(field, value))

    headers = {name: _header(name, value, bench) for name, value in case.headers.items()}
    body = None if case.body is None else text(case.body.decode("iso-8859-1")).encode("iso-8859-1")
    return replace(case, path=text(case.path.replace(quote(REDACTED), REDACTED)), headers=headers, body=body)


def _header(name: str, value: str, bench: Bench) -> str:
    if REDACTED not in value:
        return value
    profile = bench.kit.profile
    token = next(iter(profile.tokens), "")
    if value.lower().startswith("bearer ") and token:
        return f"Bearer {{{{token.{token}}}}}"
    if name.lower() == "cookie" and token:
        return value.replace(REDACTED, f"{{{{token.{token}}}}}")
    own = profile.line.read.headers if profile.line else {}
    return next((text for other, text in own.items() if other.lower() == name.lower()), value)


async def _said(bench: Bench, trace: Trace) -> Saying:
    """How a dialect would ask what the request has asked."""
    name, line = bench.kit.name, bench.kit.profile.line
    if line is None:
        return Saying(name, reason="shows no number line: numbers are only given to documents")
    steps = [step for step in trace.steps if isinstance(step.command, (PeekNext, GetSeries, ListSeries))]
    moves = [step for step in trace.steps if isinstance(step.command, (SetNext, UpdateSeries))]
    if moves:
        return await _moved(bench, line, moves[-1].command)
    if steps:
        return Saying(name, _text(line.read, {}))
    return Saying(name, reason="there is no one request that says the same")


async def _moved(bench: Bench, line: Line, command: SetNext | UpdateSeries) -> Saying:
    name = bench.kit.name
    if isinstance(command, UpdateSeries):
        if INVOICE not in command.counters:
            return Saying(name, reason="there is no one request that says the same")
        number = command.counters[INVOICE]
    else:
        number = command.next_number
    request = line.clear if number is None else line.set
    if request is None:
        return Saying(name, reason="cannot clear a line" if number is None else "cannot set a line")
    _, values = await bench.ask(line.read)
    shown = "" if number is None else str(number - (line.shows == "last"))
    return Saying(name, _text(request, {**values, "number": shown}))


def _text(request: WireRequest, values: Mapping[str, str]) -> str:
    """A request as text, with the demo customer's credentials."""
    case = request.filled(values).as_case()
    headers = {**case.headers, **({"Authorization": "Bearer TOKEN"} if case.bearer else {})}
    lines = [f"{case.method} {case.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    body = (case.body or b"").decode().strip()
    return "\n".join([*lines, "", body] if body else lines)
