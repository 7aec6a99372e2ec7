"""What is known about each operation and how: from the golden cases, and from reports of their runs."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.admin.problems import DIALECT_UNKNOWN, EVIDENCE_UNAVAILABLE, Problem
from gateway.admin.routing import (
    Ask,
    Page,
    Paging,
    Route,
    View,
    invalid_field,
    page_after,
    read_cursor,
    write_cursor,
)
from gateway.conformance.evidence import EvidenceRow, Run, evidence, with_runs
from gateway.spi.adapter import Evidence

MOST_RUNS: Final = 100
_KEPT: Final[dict[str, tuple[EvidenceRow, ...]]] = {}
"""The rows of each installed dialect. Code and cases do not change while the process runs."""
_WORKING: Final = threading.Lock()


class EvidenceView(View):
    """One operation.

    operation: its name; `*` stands for what all operations have in common: access, messages, paths.
    mark: how it is known that the operation is as it is.
    cases: how many golden cases there are, by how each one is known.
    negative_cases: how many of these expect a refusal.
    real_clients: real clients whose requests are among the cases.
    checked_against_contract: whether answers are checked against the vendor's schemas.
    gateway: what runs against gateways say, or that there was none.
    real_service: what runs against the vendor's service say, or that there was none.
    broken_cases: cases that cannot be used; no other figure counts them.
    """

    dialect: str
    operation: str
    served: bool
    mark: Evidence | Literal[""]
    note: str
    cases: dict[Evidence, int]
    negative_cases: int
    real_clients: list[str]
    checked_against_contract: bool
    gateway: str
    real_service: str
    broken_cases: list[str]


class CaseOutcome(BaseModel):
    """One case of a run. Other fields of the report are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    operation: Annotated[str, Field(max_length=200)]
    outcome: Literal["passed", "different", "known difference", "no longer different", "not applicable"]


class RunReport(BaseModel):
    """A report as `invoice-gateway conform --json` writes it. Other fields are ignored.

    url: the endpoint. A later report on the same endpoint replaces this one.
    target: what the endpoint was, a gateway or the vendor's service.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    dialect: Annotated[str, Field(max_length=64)]
    url: Annotated[str, Field(max_length=2000)]
    target: Literal["gateway", "service"]
    started: AwareDatetime
    cases: Annotated[list[CaseOutcome], Field(max_length=100_000)]


class RunView(View):
    """A run whose report was handed in.

    day: the day on which it began.
    sent: how many cases were sent.
    agree: how many of these were answered as expected.
    """

    dialect: str
    target: Literal["gateway", "service"]
    url: str
    day: dt.date
    sent: int
    agree: int


def _rows_of(name: str) -> tuple[EvidenceRow, ...]:
    with _WORKING:
        if name not in _KEPT:
            _KEPT[name] = tuple(evidence([name]))
        return _KEPT[name]


async def evidence_of(names: Iterable[str], runs: Iterable[Run]) -> list[EvidenceRow]:
    """The rows of some dialects. They are worked out once, beside the event loop. Raises Problem."""
    rows: list[EvidenceRow] = []
    for name in names:
        try:
            rows += _KEPT[name] if name in _KEPT else await asyncio.to_thread(_rows_of, name)
        except Exception as error:
            # An adapter is somebody else's code. Any error while it is built is about this dialect alone.
            raise Problem(EVIDENCE_UNAVAILABLE, f"{name}: {error}") from error
    return with_runs(rows, list(runs))


def _runs(ask: Ask) -> dict[tuple[str, str, str], Run]:
    return ask.services.runs


async def _page(ask: Ask, names: Iterable[str]) -> Page[EvidenceView]:
    after = read_cursor(ask.query.cursor, str, int) or ("", -1)
    wanted = [name for name in sorted(names) if name >= after[0]]
    rows = await evidence_of(wanted, _runs(ask).values())
    places = dict.fromkeys(wanted, 0)
    later: list[tuple[int, EvidenceRow]] = []
    for row in rows:
        place = places[row.dialect]
        places[row.dialect] += 1
        if (row.dialect, place) > after:
            later.append((place, row))
    shown, following = page_after(later, ask.query.limit, lambda own: write_cursor(own[1].dialect, own[0]))
    return Page[EvidenceView](items=[_view(row) for _, row in shown], next=following)


def _view(row: EvidenceRow) -> EvidenceView:
    return EvidenceView.model_validate(row.facts())


async def list_evidence(ask: Ask) -> Page[EvidenceView]:
    """Every installed dialect by name; its operations in the order of the coverage table. There is no score over them."""
    return await _page(ask, ask.services.installed())


async def get_evidence(ask: Ask) -> Page[EvidenceView]:
    """One dialect, served here or not: its operations in the order of the coverage table."""
    name = ask.path["adapter"]
    if name not in ask.services.installed():
        raise Problem(DIALECT_UNKNOWN, f"no adapter {name} is installed")
    return await _page(ask, [name])


def _run_view(run: Run) -> RunView:
    sent, agree = (sum(counts) for counts in zip(*run.operations.values(), strict=True)) if run.operations else (0, 0)
    facts = {"dialect": run.dialect, "target": run.target, "url": run.url, "day": run.day}
    return RunView.model_validate({**facts, "sent": sent, "agree": agree})


async def list_runs(ask: Ask) -> Page[RunView]:
    """The runs that the evidence takes into account, by dialect, target and url. They are kept until the gateway ends."""
    after = read_cursor(ask.query.cursor, str, str, str)
    later = [key for key in sorted(_runs(ask)) if after is None or key > after]
    shown, following = page_after(later, ask.query.limit, lambda key: write_cursor(*key))
    return Page[RunView](items=[_run_view(_runs(ask)[key]) for key in shown], next=following)


async def hand_in_run(ask: Ask) -> RunView:
    """Take a report into account from now on. Of more than 100 the first ones are dropped."""
    report: RunReport = ask.body
    if report.dialect not in ask.services.installed():
        raise invalid_field("body", "dialect", "is not installed here")
    runs = _runs(ask)
    key = (report.dialect, report.target, report.url)
    runs.pop(key, None)
    runs[key] = Run.of(report.model_dump(mode="json"))
    while len(runs) > MOST_RUNS:
        del runs[next(iter(runs))]
    return _run_view(runs[key])


async def clear_runs(ask: Ask) -> None:
    """Forget all runs. The evidence then rests on the cases alone."""
    _runs(ask).clear()


def _route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
    return Route(method, path, name, "evidence", summary, handler, asks_store=False, **more)


_LIST: Final[dict[str, Any]] = {"query": Paging, "answer": Page[EvidenceView]}
_RUNS: Final = "/v1/evidence/runs"

ROUTES: Final = (
    _route(
        "GET",
        "/v1/evidence",
        "listEvidence",
        "What is known about every operation",
        list_evidence,
        problems=(EVIDENCE_UNAVAILABLE,),
        **_LIST,
    ),
    _route(
        "GET",
        "/v1/adapters/{adapter}/evidence",
        "getEvidence",
        "What is known about one dialect's operations",
        get_evidence,
        problems=(DIALECT_UNKNOWN, EVIDENCE_UNAVAILABLE),
        **_LIST,
    ),
    _route("GET", _RUNS, "listRuns", "Runs of the cases", list_runs, query=Paging, answer=Page[RunView]),
    _route(
        "POST",
        _RUNS,
        "handInRun",
        "Hand in a run of the cases",
        hand_in_run,
        body=RunReport,
        answer=RunView,
        status=201,
    ),
    _route("DELETE", _RUNS, "clearRuns", "Forget all runs", clear_runs, status=204),
)
