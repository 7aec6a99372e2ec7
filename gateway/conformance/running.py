"""Runs golden cases against an endpoint, one after the other, and never claims what it did not see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

from gateway.conformance.arranging import REACH, Arranger, NotApplicable, unobserved, wanted_of
from gateway.conformance.endpoint import Endpoint, NoAnswer
from gateway.conformance.known import KnownDifference, reason_of, stale_entries
from gateway.conformance.replacing import CannotReplace, Replacements
from gateway.conformance.report import Finding, Outcome, Report
from gateway.core.values import MAX_NUMBER
from gateway.testing.golden import Answer, CaseError, GoldenCase, differences, earlier
from gateway.testing.profile import Profile
from gateway.testing.workbench import Kit
from gateway.version import product_version
from gateway.wire.soap.envelope import EnvelopeRefused, open_envelope
from gateway.wire.soap.wsdl import Schemas
from gateway.wire.xml import XmlRefused

Watcher = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. only, skip: globs over case names. gateway: the endpoint is a gateway, so its own answers count too.

    pause_seconds: between cases, for an endpoint that counts requests.
    """

    credentials: Mapping[str, str] = field(default_factory=dict)
    allow_mutations: bool = False
    gateway: bool = False
    reach: int = REACH
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    known: Sequence[KnownDifference] = ()
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Run:
    kit: Kit
    endpoint: Endpoint
    arranger: Arranger
    options: Options
    declined: frozenset[str]
    schemas: Schemas | None

    @property
    def profile(self) -> Profile:
        return self.kit.profile


async def conform(dialect: str, url: str, options: Options, watch: Watcher = lambda _: None) -> Report:
    """Run a dialect's shipped cases against an endpoint. Raises CaseError when they cannot be used at all."""
    kit = Kit(dialect)
    if not kit.cases:
        raise CaseError(f"no golden cases of {dialect} are installed")
    cases = [case for case in kit.cases if _chosen(case, options)]
    if not cases:
        raise CaseError("no case has such a name")
    started = datetime.now(UTC).isoformat(timespec="seconds")
    notes: list[str] = []
    findings = []
    async with Endpoint(url, kit.profile, options.credentials) as endpoint:
        reach = MAX_NUMBER if options.gateway else options.reach
        arranger = Arranger(endpoint, options.allow_mutations, reach)
        declined = frozenset(operation.name for operation in kit.bench().dialect.operations if not operation.served)
        run = _Run(kit, endpoint, arranger, options, declined, _schemas(kit.profile))
        try:
            await endpoint.discover()
        except NoAnswer as error:
            notes.append(f"ids of the endpoint could not be found: {error}")
        for case in cases:
            finding = await _finding(run, case)
            findings.append(finding)
            watch(finding)
            await asyncio.sleep(options.pause_seconds)
    stale = stale_entries(options.known, kit.cases)
    target = "gateway" if options.gateway else "service"
    return Report(dialect, url, target, started, product_version(), findings, stale, notes)


def _chosen(case: GoldenCase, options: Options) -> bool:
    if options.only and not any(fnmatchcase(case.name, glob) for glob in options.only):
        return False
    return not any(fnmatchcase(case.name, glob) for glob in options.skip)


def _schemas(profile: Profile) -> Schemas | None:
    if not profile.schema_files:
        return None
    return Schemas(Path(str(import_module(profile.schema_package).__file__)).parent, profile.schema_files)


async def _finding(run: _Run, case: GoldenCase) -> Finding:
    profile = run.profile
    began = time.perf_counter()
    outcome, reason, found, valid = Outcome.PASSED, "", list[str](), None
    try:
        _refuse_unfit(run, case)
        found, valid = await _compared(run, case)
    except (NotApplicable, CannotReplace) as error:
        outcome, reason = Outcome.NOT_APPLICABLE, str(error)
    except NoAnswer as error:
        found = [f"no answer: {error}"]
    if outcome is not Outcome.NOT_APPLICABLE:
        outcome, reason = _judged(run.options.known, case, bool(found))
    return Finding(
        case=case,
        operation=profile.operation_of(case),
        outcome=outcome,
        reason=reason,
        differences=[_without_secrets(run.endpoint, text) for text in found],
        unobserved=unobserved(case, profile.line) if outcome is Outcome.PASSED else (),
        schema=valid,
        client=profile.client_of(case),
        negative=profile.is_negative(case),
        seconds=time.perf_counter() - began,
    )


def _refuse_unfit(run: _Run, case: GoldenCase) -> None:
    """Raises NotApplicable for a case that must not or cannot be sent to this endpoint."""
    profile, options = run.profile, run.options
    if case.settings:
        raise NotApplicable(f"shows the gateway's settings {', '.join(sorted(case.settings))}")
    own = profile.is_gateways_own(case) or profile.operation_of(case) in run.declined
    if own and not options.gateway:
        raise NotApplicable("shows what the gateway declines; the vendor would do it")
    missing = run.endpoint.missing(case)
    if missing:
        raise NotApplicable(f"needs --credentials for {', '.join(missing)}")
    if profile.needs_new_customer(case):
        raise NotApplicable("shows data that only the customer of the cases has")
    if not options.allow_mutations and (case.before or not profile.is_reading(case)):
        raise NotApplicable("may change something, and --allow-mutations is not given")


async def _compared(run: _Run, case: GoldenCase) -> tuple[list[str], bool | None]:
    """What differs, and whether the answer is valid against the contract. Raises NotApplicable, CannotReplace, NoAnswer."""
    endpoint = run.endpoint
    wanted = wanted_of(case, run.profile)
    endpoint.replacements.apply(case)  # what cannot be replaced is found out before anything is moved
    before = await run.arranger.arrange(wanted)
    values = endpoint.replacements.with_numbers(before.numbers)
    made: dict[str, str] = {}
    for index in range(len(case.before)):
        step = earlier(_with_made(run, values, made).apply(case))[index]
        first = await endpoint.send(step)
        refused = run.profile.refused_before
        if first.status != step.status or (refused and refused.search(first.body.decode("utf-8", "replace"))):
            return [f"what is sent before was answered with {first.status}: {first.body[:2000]!r}"], None
        _note_made(run, made, first)
    ready = _with_made(run, values, made).apply(case)
    answer = await endpoint.send(ready)
    known = len(made)
    if _note_made(run, made, answer) > known:  # what the case itself creates is told by its own answer
        ready = _with_made(run, values, made).apply(case)
    found = differences(ready, answer, endpoint.url)
    invalid = None if run.schemas is None else _schema_findings(run.schemas, answer.body)
    found += [f"not valid against the contract: {text}" for text in invalid or ()]
    if before.is_watched:
        found += await _line_differences(run, before.expected)
    return found, None if invalid is None else not invalid


def _with_made(run: _Run, values: Replacements, made: Mapping[str, str]) -> Replacements:
    created = run.profile.created
    return values.with_created(created, made) if created and made else values


def _note_made(run: _Run, made: dict[str, str], answer: Answer) -> int:
    """Note an id that was not seen before: the cases count theirs from 1. Returns how many there are."""
    created = run.profile.created
    match = created.find.search(answer.body.decode("utf-8", "replace")) if created and answer.status < 300 else None
    if match and match["value"] not in made.values():
        made[str(len(made) + 1)] = match["value"]
    return len(made)


async def _line_differences(run: _Run, expected: int | None) -> list[str]:
    now = (await run.arranger.standing()).next_number
    return [] if now == expected else [f"the line stands at {now}, expected {expected}"]


def _schema_findings(schemas: Schemas, body: bytes) -> list[str] | None:
    """What is wrong with the payload of a SOAP answer; None when it is none."""
    try:
        payload = open_envelope(body).payload
    except (XmlRefused, EnvelopeRefused):
        return None
    if payload is None:
        return None
    if str(payload.tag).rpartition("}")[2] != "Fault":
        return [finding.message for finding in schemas.findings(payload)]
    details = [child for part in payload if str(part.tag).lower().endswith("detail") for child in part]
    return [finding.message for detail in details for finding in schemas.findings(detail)] if details else None


def _judged(known: Sequence[KnownDifference], case: GoldenCase, differs: bool) -> tuple[Outcome, str]:
    reason = reason_of(known, case)
    if reason is None:
        return (Outcome.DIFFERENT if differs else Outcome.PASSED), ""
    return (Outcome.KNOWN, reason) if differs else (Outcome.FIXED, f"known as different, but it is not: {reason}")


def _without_secrets(endpoint: Endpoint, text: str) -> str:
    for secret in endpoint.secrets():
        text = text.replace(secret, "[token]")
    return endpoint.replacements.hidden(text)
