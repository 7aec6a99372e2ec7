"""What is known about each operation of each dialect, and how: one row per operation, and no score over them.

The rows are made from the coverage table and the golden cases. Reports of conformance runs add what was seen, and where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.spi.adapter import Evidence, Operation
from gateway.testing.golden import BrokenCase, CaseError, GoldenCase
from gateway.testing.harness import Kit
from gateway.testing.profile import Profile

EVERY_OPERATION: Final = "*"
NOT_VERIFIED: Final = "not verified on the real service"
NOT_RUN: Final = "no run at hand"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One operation.

    dialect: the dialect.
    operation: its name; `*` stands for what all operations have in common: access, envelopes, paths.
    served: False when the gateway declines it.
    mark: how it is known that the operation is as it is.
    note: why it is declined, or what else is to be known.
    cases: how many golden cases there are, by how each is known.
    negative: how many of these expect a refusal.
    clients: real clients whose requests are among the cases.
    contract: answers are checked against a schema.
    on_gateway: what runs against gateways say, or that there is none.
    on_service: what runs against the vendor's service say, or that there is none.
    broken: cases that cannot be used; no other figure counts them.
    """

    dialect: str
    operation: str
    served: bool
    mark: str
    note: str
    cases: Mapping[str, int]
    negative: int
    clients: Sequence[str]
    contract: bool
    on_gateway: str = NOT_RUN
    on_service: str = NOT_VERIFIED
    broken: Sequence[BrokenCase] = ()

    def facts(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "dialect": self.dialect,
            "operation": self.operation,
            "served": self.served,
            "mark": self.mark,
            "note": self.note,
            "cases": dict(self.cases),
            "negative_cases": self.negative,
            "real_clients": list(self.clients),
            "checked_against_contract": self.contract,
            "gateway": self.on_gateway,
            "real_service": self.on_service,
            "broken_cases": [case.name for case in self.broken],
        }


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the golden cases. Source: a report as `conform --json` writes it.

    dialect: the dialect.
    target: `gateway` or `service`.
    url: the endpoint.
    day: the day on which it began.
    operations: by operation, how many cases were sent, and how many of these were answered as expected.
    """

    dialect: str
    target: str
    url: str
    day: str
    operations: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Run:
        """The run that a report is about. Raises CaseError."""
        try:
            sent = [case for case in report["cases"] if case["outcome"] != "not applicable"]
            done = Counter(case["operation"] for case in sent)
            agreed = Counter(case["operation"] for case in sent if case["outcome"] == "passed")
            counts = {operation: (count, agreed[operation]) for operation, count in done.items()}
            return cls(report["dialect"], report["target"], report["url"], str(report["started"])[:10], counts)
        except (KeyError, TypeError, AttributeError) as error:
            raise CaseError(f"is no report of `conform --json`: {error}") from None


def evidence(dialects: Iterable[str], reports: Iterable[Mapping[str, Any]] = ()) -> list[EvidenceRow]:
    """The rows of several dialects, with what reports of `conform --json` say. Raises CaseError."""
    return with_runs([row for name in dialects for row in _rows(Kit(name))], list(map(Run.of, reports)))


def with_runs(rows: Iterable[EvidenceRow], runs: Sequence[Run]) -> list[EvidenceRow]:
    """The same rows, and what runs say of each."""
    return [
        replace(
            row,
            on_gateway=_seen(row, runs, "gateway") or row.on_gateway,
            on_service=_seen(row, runs, "service") or row.on_service,
        )
        for row in rows
    ]


def _rows(kit: Kit) -> Iterable[EvidenceRow]:
    operations = list(kit.bench().dialect.operations)
    if any(kit.profile.operation_of(case) == EVERY_OPERATION for case in kit.found):
        operations.insert(0, Operation(EVERY_OPERATION, True, Evidence.INFERRED, "access, messages, paths"))
    for operation in operations:
        cases = [case for case in kit.cases if kit.profile.operation_of(case) == operation.name]
        yield _row(kit, operation, cases)


def _row(kit: Kit, operation: Operation, cases: Sequence[GoldenCase]) -> EvidenceRow:
    profile: Profile = kit.profile
    counted = Counter(case.verified.value for case in cases)
    general = operation.name == EVERY_OPERATION
    return EvidenceRow(
        dialect=kit.name,
        operation=operation.name,
        served=operation.served,
        mark="" if general else operation.evidence.value,
        note=operation.note,
        cases={evidence.value: counted[evidence.value] for evidence in Evidence},
        negative=sum(map(profile.is_negative, cases)),
        clients=sorted({client for case in cases if (client := profile.client_of(case))}),
        contract=bool(profile.schema_files) and bool(cases),
        broken=[case for case in kit.broken if profile.operation_of(case) == operation.name],
    )


def _seen(row: EvidenceRow, runs: Sequence[Run], target: str) -> str:
    """What runs against one kind of endpoint say about an operation; "" when none was about it."""
    own = [run for run in runs if (run.dialect, run.target) == (row.dialect, target)]
    counted = ((run, run.operations.get(row.operation)) for run in own)
    return "; ".join(
        f"{counts[1]} of {counts[0]} cases agree ({run.url}, {run.day})" for run, counts in counted if counts
    )
