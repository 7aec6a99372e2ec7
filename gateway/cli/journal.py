"""Commands about requests in the journal: requests, wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gateway.cli.common import JsonOption, fail, out, say, show, show_raw
from gateway.cli.remote import (
    HOME,
    AnyTenantOption,
    DialectOption,
    NumberOption,
    OperationOption,
    OutcomeOption,
    StatusOption,
    TokenOption,
    UrlOption,
    admin_of,
    table,
)

app = typer.Typer()


@app.command()
def requests(
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    tenant: AnyTenantOption = None,
    dialect: DialectOption = None,
    operation: OperationOption = None,
    outcome: OutcomeOption = None,
    status: StatusOption = None,
    number: NumberOption = None,
    user_agent: Annotated[
        str | None, typer.Option(help="Only of clients whose User-Agent holds this.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only from this moment on, like 2026-01-31T12:00:00Z.", show_default=False)
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only up to this moment.", show_default=False)] = None,
    finding: Annotated[str | None, typer.Option(help="Only with this finding.", show_default=False)] = None,
    near_misses: Annotated[
        bool, typer.Option("--near-misses", help="Only refused requests that almost matched.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Only requests that the strict profile refuses, or would refuse.")
    ] = False,
    count: Annotated[bool, typer.Option("--count", help="Print only how many there are.")] = False,
    clients: Annotated[
        bool, typer.Option("--clients", help="What the strict profile would refuse, by client.")
    ] = False,
    raw: Annotated[str, typer.Option(help="Show both messages of one request, by id.")] = "",
    limit: Annotated[int, typer.Option(help="How many of the newest to show.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List requests and answers, the newest last; or count them; or list the clients that the strict profile would refuse."""
    from gateway.testing.client.admin import segment

    admin = admin_of(admin_url, token_file)
    if raw:
        show_raw(admin.get(f"/v1/requests/{segment(raw)}/raw"))
        return
    where = {
        "tenant": tenant,
        "dialect": dialect,
        "operation": operation,
        "outcome": outcome,
        "status": status,
        "number": number,
        "user_agent": user_agent,
        "since": since,
        "until": until,
        "finding": finding,
        "strict": strict or None,
    }
    if count or clients:
        answer = admin.get(
            "/v1/requests/strict-report" if clients else "/v1/requests/count",
            {**where, "near_miss": near_misses or None},
        )
        _print_answer(answer, as_json)
        return
    shown = {**where, "limit": limit, "newest_first": True}
    page = admin.get("/v1/requests/near-misses" if near_misses else "/v1/requests", shown)
    entries = list(reversed(page["entries"]))
    if as_json:
        out({**page, "entries": entries})
        return
    table(
        ["id", "at", "tenant", "dialect", "operation", "status", "outcome", "number", "ms", "findings, faults"],
        [_request_row(entry) for entry in entries],
    )
    _warn(page)


def _print_answer(answer: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        out(answer)
        return
    if "count" in answer:
        show(answer["count"])
    else:
        rows = [
            [own["user_agent"], own["requests"], own["would_fail"], _counts(own["findings"])]
            for own in answer["clients"]
        ]
        table(["client", "requests", "would fail", "findings"], rows)
    _warn(answer)


def _counts(findings: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in findings.items())


def _warn(answer: Mapping[str, Any]) -> None:
    if not answer["completeness"]["complete"]:
        say("the journal has dropped entries that may have matched: a request that is not shown may still have come")


def _request_row(entry: Mapping[str, Any]) -> list[Any]:
    status = entry["reply"]["status"]
    odd = [*entry["findings"], *(f"fault {name}" for name in entry["faults"])]
    odd += [f"replay of {entry['replay_of']}"] if entry["replay_of"] else []
    odd += [f"near miss: {entry['near_miss']}"] if entry["near_miss"] else []
    return [
        entry["id"],
        entry["at"][:23],
        entry["tenant"],
        entry["dialect"],
        entry["operation"] or entry["request"]["path"],
        status if status is not None else entry["reply"]["broken"],
        entry["outcome"],
        entry["number"],
        f"{entry['duration_ms']:.1f}",
        ", ".join(odd),
    ]


@app.command()
def wait(
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    tenant: AnyTenantOption = None,
    dialect: DialectOption = None,
    operation: OperationOption = None,
    outcome: OutcomeOption = None,
    status: StatusOption = None,
    number: NumberOption = None,
    n: Annotated[int, typer.Option("-n", help="Which match to wait for.")] = 1,
    timeout: Annotated[float, typer.Option(help="Seconds.")] = 30.0,
    from_now: Annotated[bool, typer.Option("--from-now", help="Requests that are there already do not count.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Wait until a request comes; exit code 1 when none does in time."""
    admin = admin_of(admin_url, token_file)
    where = {
        "tenant": tenant,
        "dialect": dialect,
        "operation": operation,
        "outcome": outcome,
        "status": status,
        "number": number,
        "after": admin.get("/v1/journal")["position"] if from_now else None,
        "n": n,
        "timeout_seconds": timeout,
    }
    answer = admin.ask("GET", "/v1/requests/wait", query=where, wait_seconds=timeout)
    if as_json:
        out(answer)
    elif answer["matched"]:
        from gateway.testing.client import Entry

        show(Entry(answer["entry"]).line())
    if not answer["matched"]:
        fail(f"{answer['count']} of {n} within {timeout} s")
