"""Runs golden cases against an endpoint, one after the other. It never claims what it did not see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

from gateway.conformance.customers import GivenCustomer, Place, Places
from gateway.conformance.endpoint import Endpoint, NoAnswer
from gateway.conformance.known_differences import KnownDifference, reason_of, stale_entries
from gateway.conformance.managed_customers import MadeCustomers
from gateway.conformance.preconditions import LINES, REACH, Arranger
from gateway.conformance.report import Finding, Outcome, Report
from gateway.conformance.requirements import NotApplicable
from gateway.conformance.substitution import CannotReplace
from gateway.conformance.translation import Terms
from gateway.core.values import MAX_NUMBER
from gateway.spi.redaction_forms import without_credentials
from gateway.testing.client import Admin
from gateway.testing.golden import BrokenCase, CaseError, GoldenCase, differences, earlier, learned
from gateway.testing.harness import Kit
from gateway.testing.profile import Profile
from gateway.version import product_version
from gateway.wire.soap.envelope import EnvelopeRefused, open_envelope
from gateway.wire.soap.wsdl import Schemas
from gateway.wire.xml import XmlRefused

Watcher = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    credentials: of the customer, by the names of the profile.
    allow_mutations: also run cases that change something.
    gateway: the endpoint is a gateway, so its own answers count, too.
    reach: the most numbers that a line is moved forward.
    lines: how many other lines are made at most.
    only: run only cases with these names (globs).
    skip: leave out cases with these names (globs).
    known: known differences.
    pause_seconds: time between two cases, for an endpoint that limits requests.
    admin: the admin port of the gateway under test, which makes customers for each case; None without one.
    """

    credentials: Mapping[str, str] = field(default_factory=dict)
    allow_mutations: bool = False
    gateway: bool = False
    reach: int = REACH
    lines: int = LINES
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    known: Sequence[KnownDifference] = ()
    pause_seconds: float = 0.0
    admin: Admin | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    kit: Kit
    places: Places
    options: Options
    declined: frozenset[str]
    schemas: Schemas | None

    @property
    def profile(self) -> Profile:
        return self.kit.profile


async def conform(dialect: str, url: str, options: Options, watch: Watcher = lambda _: None) -> Report:
    """Run a dialect's shipped cases against an endpoint. Raises CaseError when they cannot be used at all."""
    kit = Kit(dialect)
    if not kit.found:
        raise CaseError(f"no golden cases of {dialect} are installed")
    cases = [case for case in kit.cases if _chosen(case, options)]
    broken = [case for case in kit.broken if _chosen(case, options)]
    if not cases and not broken:
        raise CaseError("no case has such a name")
    started = datetime.now(UTC).isoformat(timespec="seconds")
    notes: list[str] = []
    findings = {}
    async with _places(kit, url, options, cases, notes) as places:
        declined = frozenset(operation.name for operation in kit.bench().dialect.operations if not operation.served)
        run = _Run(kit, places, options, declined, _schemas(kit.profile))
        for case in places.in_order(cases):
            findings[case.name] = finding = await _finding(run, case)
            watch(finding)
            await asyncio.sleep(options.pause_seconds)
    stale = stale_entries(options.known, kit.found)
    target = "gateway" if options.gateway else "service"
    shown = [findings[case.name] for case in cases]
    return Report(dialect, without_credentials(url), target, started, product_version(), shown, stale, notes, broken)


def _places(
    kit: Kit, url: str, options: Options, cases: Sequence[GoldenCase], notes: list[str]
) -> AbstractAsyncContextManager[Places]:
    if options.admin is not None:
        return MadeCustomers.opened(kit, url, options.admin)
    endpoint = Endpoint(url, kit.profile, options.credentials)
    reach = MAX_NUMBER if options.gateway else options.reach
    return GivenCustomer.opened(
        endpoint, Arranger(endpoint, options.allow_mutations, reach, options.lines), cases, notes
    )


def _chosen(case: GoldenCase | BrokenCase, options: Options) -> bool:
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
    outcome, reason = Outcome.PASSED, ""
    seen = _Seen()
    try:
        _refuse_declined(run, case)
        run.places.refuse_unfit(case)
        async with run.places.of(case) as place:
            await _compare(run, case, place, seen)
    except (NotApplicable, CannotReplace) as error:
        outcome, reason = Outcome.NOT_APPLICABLE, str(error)
    except NoAnswer as error:
        seen.differences.append(f"no answer: {error}")
    if outcome is not Outcome.NOT_APPLICABLE:
        outcome, reason = _judged(run.options.known, case, bool(seen.differences))
    return Finding(
        case=case,
        operation=profile.operation_of(case),
        outcome=outcome,
        reason=reason,
        differences=[run.places.hidden(text) for text in seen.differences],
        unobserved=seen.unobserved if outcome is Outcome.PASSED else (),
        schema=seen.valid,
        client=profile.client_of(case),
        negative=profile.is_negative(case),
        seconds=time.perf_counter() - began,
    )


def _refuse_declined(run: _Run, case: GoldenCase) -> None:
    """Raises NotApplicable for a case that shows how the gateway declines what the vendor does."""
    own = run.profile.is_gateways_own(case) or run.profile.operation_of(case) in run.declined
    if own and not run.options.gateway:
        raise NotApplicable("shows what the gateway declines; the vendor would do it")


@dataclass(slots=True)
class _Seen:
    """What was seen of a case.

    differences: in words.
    valid: whether the answer is valid against the contract; None when there is nothing to check.
    unobserved: parts of the expected state that the wire does not show.
    """

    differences: list[str] = field(default_factory=list)
    valid: bool | None = None
    unobserved: Sequence[str] = ()


async def _compare(run: _Run, case: GoldenCase, place: Place, seen: _Seen) -> None:
    """Send the case and what comes before it. Raises CannotReplace, NoAnswer."""
    terms = Terms(place, run.profile)
    seen.unobserved = place.unobserved
    for index in range(len(case.before)):
        # Put into the endpoint's terms again at each step: it may hold ids that the previous answer has shown.
        step = earlier(terms.apply(case))[index]
        first = await place.endpoint.send(step)
        refused = run.profile.refused_before
        if first.status != step.status or (refused and refused.search(first.body.decode("utf-8", "replace"))):
            seen.differences.append(f"what is sent before was answered with {first.status}: {first.body[:2000]!r}")
            return
        terms.learn(step, first)
        try:
            case = learned(case, index, first.body)
        except CaseError as error:
            seen.differences.append(str(error))
            return
    ready = terms.apply(case)
    answer = await place.endpoint.send(ready)
    if terms.learn(ready, answer):  # the answer shows ids of what the case itself creates, which it also expects
        ready = terms.apply(case)
    seen.differences += differences(ready, answer, place.endpoint.url)
    invalid = None if run.schemas is None else _schema_findings(run.schemas, answer.body)
    seen.valid = None if invalid is None else not invalid
    seen.differences += [f"not valid against the contract: {text}" for text in invalid or ()]
    seen.differences += await place.check(terms.numbers)


def _schema_findings(schemas: Schemas, body: bytes) -> list[str] | None:
    """What is wrong with the payload of a SOAP answer; None when the answer has no payload to check."""
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
