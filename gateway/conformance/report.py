"""The result of a run: one finding for each case, counted by operation and by how each case is known."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.spi.adapter import Evidence
from gateway.testing.golden import BrokenCase, GoldenCase


class Outcome(enum.StrEnum):
    """What became of a case.

    PASSED: the answer is as expected.
    DIFFERENT: the answer differs.
    KNOWN: it differs, as the file of known differences says.
    FIXED: it does not differ, although the file of known differences says so.
    NOT_APPLICABLE: it was not run.
    """

    PASSED = "passed"
    DIFFERENT = "different"
    KNOWN = "known difference"
    FIXED = "no longer different"
    NOT_APPLICABLE = "not applicable"


BAD: Final = frozenset({Outcome.DIFFERENT, Outcome.FIXED})
RUN: Final = frozenset({Outcome.PASSED, Outcome.DIFFERENT, Outcome.KNOWN, Outcome.FIXED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One case.

    case: the case.
    operation: the operation that it is about.
    outcome: what became of it.
    reason: why it was not run, or what is known about its difference.
    differences: in words.
    unobserved: parts of the expected state that the wire does not show.
    schema: whether the answer is valid against the vendor's contract; None when there was nothing to check.
    client: the real client that sends such requests; "" for none.
    negative: it expects a refusal.
    seconds: how long it took.
    """

    case: GoldenCase
    operation: str
    outcome: Outcome
    reason: str = ""
    differences: Sequence[str] = ()
    unobserved: Sequence[str] = ()
    schema: bool | None = None
    client: str = ""
    negative: bool = False
    seconds: float = 0.0

    def facts(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "case": self.case.name,
            "title": self.case.title,
            "operation": self.operation,
            "source": self.case.source,
            "evidence": self.case.verified.value,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "differences": list(self.differences),
            "state_not_observed": list(self.unobserved),
            "schema_valid": self.schema,
            "client": self.client,
            "negative": self.negative,
            "seconds": round(self.seconds, 4),
        }


@dataclass(slots=True)
class Count:
    """How many of the cases that were run passed."""

    passed: int = 0
    run: int = 0

    def add(self, *, good: bool) -> None:
        """One more."""
        self.run += 1
        self.passed += good

    def __str__(self) -> str:
        return f"{self.passed}/{self.run}" if self.run else "–"


AXES: Final = (*(evidence.value for evidence in Evidence), "schema", "real client", "negative")


@dataclass(slots=True)
class Row:
    """One operation: how many cases ran and passed on each axis. There is no total over axes or operations."""

    operation: str
    axes: dict[str, Count] = field(default_factory=lambda: {axis: Count() for axis in AXES})
    not_applicable: int = 0
    known: int = 0

    def add(self, finding: Finding) -> None:
        """Count one case."""
        if finding.outcome not in RUN:
            self.not_applicable += 1
            return
        good = finding.outcome is Outcome.PASSED
        self.known += finding.outcome is Outcome.KNOWN
        self.axes[finding.case.verified.value].add(good=good)
        if finding.schema is not None:
            self.axes["schema"].add(good=finding.schema)
        if finding.client:
            self.axes["real client"].add(good=good)
        if finding.negative:
            self.axes["negative"].add(good=good)

    def facts(self) -> dict[str, Any]:
        """As plain values."""
        axes = {name: {"passed": count.passed, "run": count.run} for name, count in self.axes.items()}
        return {
            "operation": self.operation,
            "axes": axes,
            "known_differences": self.known,
            "not_applicable": self.not_applicable,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run.

    dialect: the dialect.
    url: the endpoint.
    target: `gateway` or `service`, as the user says.
    started: when it began, UTC.
    version: the version of this program.
    findings: one for each case.
    stale: entries of the file of known differences that name no case.
    broken: cases that cannot be used; nothing was sent for them, and no row counts them.
    notes: what people should know about the run.
    """

    dialect: str
    url: str
    target: str
    started: str
    version: str
    findings: Sequence[Finding]
    stale: Sequence[str] = ()
    notes: Sequence[str] = ()
    broken: Sequence[BrokenCase] = ()

    @property
    def differs(self) -> bool:
        """True when there is an unknown difference, when a known difference is gone, or when no case was run.

        Also true when a case is broken: nobody knows then whether it differs.
        """
        bad = any(finding.outcome in BAD for finding in self.findings)
        return (
            bad or bool(self.stale) or bool(self.broken) or not any(finding.outcome in RUN for finding in self.findings)
        )

    def count(self, outcome: Outcome) -> int:
        """How many cases have this outcome."""
        return sum(finding.outcome is outcome for finding in self.findings)

    def rows(self) -> list[Row]:
        """One row per operation, in the order of the cases."""
        return rows_of(self.findings)

    def facts(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "dialect": self.dialect,
            "url": self.url,
            "target": self.target,
            "started": self.started,
            "gateway_version": self.version,
            "counts": {outcome.value: self.count(outcome) for outcome in Outcome},
            "differs": self.differs,
            "stale_known_differences": list(self.stale),
            "notes": list(self.notes),
            "broken_cases": [{"case": case.name, "reason": case.error} for case in self.broken],
            "operations": [row.facts() for row in self.rows()],
            "cases": [finding.facts() for finding in self.findings],
        }


def rows_of(findings: Iterable[Finding]) -> list[Row]:
    """One row per operation, in the order in which they come."""
    rows: dict[str, Row] = {}
    for finding in findings:
        rows.setdefault(finding.operation, Row(finding.operation)).add(finding)
    return list(rows.values())
