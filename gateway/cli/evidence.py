"""Commands about what is known of each operation: conform, evidence."""

from __future__ import annotations

import asyncio
import enum
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.common import JsonOption, out, say, show
from gateway.cli.remote import TokenOption, admin_of

if TYPE_CHECKING:
    from gateway.conformance.evidence import EvidenceRow, Run
    from gateway.conformance.report import Report
    from gateway.conformance.runner import Options
    from gateway.testing.client import Admin

app = typer.Typer()


class Format(enum.StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


@app.command()
def conform(
    dialect: Annotated[str, typer.Option(help="Name of the dialect.")],
    url: Annotated[str, typer.Option(help="Address of the endpoint, up to the vendor's own paths.")],
    credentials: Annotated[
        list[str], typer.Option(help="name=value, name=@file or name=$VARIABLE; as often as needed.")
    ] = [],
    allow_mutations: Annotated[
        bool, typer.Option("--allow-mutations", help="Also run cases that change something.")
    ] = False,
    gateway: Annotated[
        bool, typer.Option("--gateway", help="The endpoint is a gateway: its own answers are compared, too.")
    ] = False,
    admin_url: Annotated[
        str,
        typer.Option(
            help="Admin port of the gateway under test: each case gets a customer made for it.", show_default=False
        ),
    ] = "",
    admin_token_file: TokenOption = None,
    reach: Annotated[int, typer.Option(help="How far a number line may be moved.")] = 10_000,
    lines: Annotated[int, typer.Option(help="How many number lines may be made, where that is possible.")] = 100,
    only: Annotated[list[str], typer.Option(help="Run only cases of this name (glob).")] = [],
    skip: Annotated[list[str], typer.Option(help="Leave out cases of this name (glob).")] = [],
    known: Annotated[Path | None, typer.Option(help="File of known differences.", show_default=False)] = None,
    pause: Annotated[float, typer.Option(help="Seconds between cases.")] = 0.0,
    report: Annotated[Format, typer.Option("--format", help="How to write the report.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File for it.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the shipped golden cases of a dialect against an endpoint; exit code 1 when something differs."""
    from gateway.conformance.known_differences import read_known
    from gateway.conformance.reporters import WRITERS
    from gateway.conformance.runner import Options

    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter("--url must begin with http:// or https://")
    if admin_url and credentials:
        raise typer.BadParameter(
            "--credentials and --admin-url are alternatives: with an admin port customers are made"
        )
    options = Options(
        credentials=dict(map(_credential, credentials)),
        allow_mutations=allow_mutations,
        gateway=gateway or bool(admin_url),
        admin=admin_of(admin_url, admin_token_file) if admin_url else None,
        reach=reach,
        lines=lines,
        only=only,
        skip=skip,
        known=read_known(known) if known else (),
        pause_seconds=pause,
    )
    found = _conform(dialect, url, options)
    if options.admin is not None:
        _hand_in(options.admin, found)
    text = WRITERS["json" if as_json else report.value](found)
    if output is None:
        show(text, newline=False)
    else:
        try:
            output.touch(mode=0o600)  # differences may quote a session or a name; a file that exists keeps its mode
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            show(text, newline=False)  # the run took long: do not lose its report
            raise typer.BadParameter(f"--output {output}: {error.strerror}") from None
    if found.differs:
        raise typer.Exit(1)


def _hand_in(admin: Admin, report: Report) -> None:
    """Hand in the report to the evidence of the admin port. A failure is only a message: the report itself is still shown."""
    from gateway.testing.client import AdminError, NoGatewayError

    try:
        admin.post("/v1/evidence/runs", report.facts())
    except (AdminError, NoGatewayError) as error:
        say(f"the report was not handed in to the evidence: {error}")


def _conform(dialect: str, url: str, options: Options) -> Report:
    from gateway.conformance.runner import conform as run_cases

    if not sys.stderr.isatty():
        return asyncio.run(run_cases(dialect, url, options))
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.completed} cases"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("")
        return asyncio.run(
            run_cases(dialect, url, options, lambda done: progress.update(task, advance=1, description=done.case.name))
        )


def _credential(text: str) -> tuple[str, str]:
    import os

    from gateway.spi.foreign_text import TextError, read_secret

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"--credentials {name!r}: must be name=value, name=@file or name=$VARIABLE")
    if value.startswith("@"):
        try:
            return name, read_secret(Path(value[1:]))
        except TextError as error:
            raise typer.BadParameter(f"--credentials {name}: {value[1:]} {error}") from None
    if value.startswith("$"):
        if value[1:] not in os.environ:
            raise typer.BadParameter(f"--credentials {name}: the environment has no variable {value[1:]}")
        return name, os.environ[value[1:]]
    return name, value


@app.command()
def evidence(
    dialect: Annotated[list[str], typer.Option(help="Name of a dialect; all installed ones if not given.")] = [],
    reports: Annotated[
        list[Path], typer.Option("--report", help="A report of `conform --json` to take into account.")
    ] = [],
    as_json: JsonOption = False,
) -> None:
    """What is known about each operation of each dialect, and how; exit code 2 when a golden case is broken."""
    from gateway.conformance.evidence import evidence as rows_of
    from gateway.conformance.evidence import with_runs
    from gateway.spi.registry import installed_adapters

    runs = [_run_in(path) for path in reports]
    rows = with_runs(rows_of(dialect or sorted(installed_adapters())), runs)
    if as_json:
        out([row.facts() for row in rows])
    else:
        _print_evidence(rows, runs=bool(runs))
        declined = sum(not row.served for row in rows)
        say(
            f"{len(rows)} rows, {declined} of them declined operations; cases: documented/recorded/client-derived/inferred"
        )
    broken = [case for row in rows for case in row.broken]
    for case in broken:
        say(f"broken case, not counted: {case.error}")
    if broken:
        raise typer.Exit(2)


def _run_in(path: Path) -> Run:
    """The run whose report `conform --json` has written to a file."""
    from gateway.conformance.evidence import Run as RunOf
    from gateway.spi.foreign_text import TextError, json_value, read_text
    from gateway.testing.golden import CaseError

    try:
        return RunOf.of(json_value(read_text(path)))
    except (TextError, CaseError) as error:
        raise typer.BadParameter(f"--report {path}: {error}") from None


def _print_evidence(rows: list[EvidenceRow], *, runs: bool) -> None:
    from gateway.cli.remote import table

    heads = ["dialect", "operation", "served", "mark", "cases d/r/c/i", "refusals", "real clients", "real service"]
    rows_shown = []
    for row in rows:
        if row.served:
            name = "(every operation)" if row.operation == "*" else row.operation
            counts = "/".join(map(str, row.cases.values()))
            clients = ", ".join(row.clients) or "–"
            cells = [row.dialect, name, "yes", row.mark, counts, str(row.negative), clients, row.on_service]
            rows_shown.append([*cells, *([row.on_gateway] if runs else [])])
        else:
            rows_shown.append([row.dialect, row.operation, "no", row.mark, "", "", row.note, ""])
    table([*heads, *(["gateway"] if runs else [])], rows_shown, width=200)
