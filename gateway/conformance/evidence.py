"""What is known about each operation of each dialect, and how: one row per operation, and no score over them.

Generated from the coverage table and the golden cases; reports of conformance runs add what was seen, and where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.spi.adapter import Evidence, Operation
from gateway.testing.golden import GoldenCase
from gateway.testing.profile import Profile
from gateway.testing.workbench import Kit

EVERY_OPERATION: Final = "*"
NOT_VERIFIED: Final = "not verified on the real service"
NOT_RUN: Final = "no run at hand"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One operation. `*` stands for what is about all of them: access, envelopes, paths.

    mark: how it is known that the operation is as it is. cases: golden cases by how each is known. negative: those that
    expect a refusal. clients: real clients whose requests are among the cases. contract: answers are checked against a
    schema. on_gateway, on_service: what runs say, or that there is none.
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
        }


@dataclass(slots=True)
class _Seen:
    """What reports of runs say about one operation."""

    texts: list[str] = field(default_factory=list)

    def text(self, otherwise: str) -> str:
        return "; ".join(self.texts) or otherwise


def evidence(dialects: Iterable[str], reports: Sequence[Mapping[str, Any]] = ()) -> list[EvidenceRow]:
    """The rows of several dialects. reports: as `conform --json` writes them. Raises CaseError."""
    return [row for name in dialects for row in _rows(Kit(name), reports)]


def _rows(kit: Kit, reports: Sequence[Mapping[str, Any]]) -> Iterable[EvidenceRow]:
    operations = list(kit.bench().dialect.operations)
    general = [case for case in kit.cases if kit.profile.operation_of(case) == EVERY_OPERATION]
    if general:
        operations.insert(0, Operation(EVERY_OPERATION, True, Evidence.INFERRED, "access, messages, paths"))
    own = [report for report in reports if report.get("dialect") == kit.name]
    for operation in operations:
        cases = [case for case in kit.cases if kit.profile.operation_of(case) == operation.name]
        yield _row(kit, operation, cases, own)


def _row(
    kit: Kit, operation: Operation, cases: Sequence[GoldenCase], reports: Sequence[Mapping[str, Any]]
) -> EvidenceRow:
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
        on_gateway=_seen(reports, operation.name, "gateway").text(NOT_RUN),
        on_service=_seen(reports, operation.name, "service").text(NOT_VERIFIED),
    )


def _seen(reports: Sequence[Mapping[str, Any]], operation: str, target: str) -> _Seen:
    seen = _Seen()
    for report in reports:
        if report.get("target") != target:
            continue
        run = [case for case in report.get("cases", ()) if case["operation"] == operation]
        done = [case for case in run if case["outcome"] != "not applicable"]
        if done:
            agree = sum(case["outcome"] == "passed" for case in done)
            seen.texts.append(f"{agree} of {len(done)} cases agree ({report['url']}, {report['started'][:10]})")
    return seen
