"""The command line: data on standard output, talk on standard error. Commands import what they need when they run."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.config import Config, load_config
from gateway.config_file import Document

if TYPE_CHECKING:
    from gateway.core.values import SeriesView

app = typer.Typer(
    name="invoice-gateway",
    help="Legacy invoice-numbering dialects over one durable sequence service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
series_app = typer.Typer(help="Look at and move number lines.", no_args_is_help=True)
ledger_app = typer.Typer(help="The record of every move of a number line.", no_args_is_help=True)
app.add_typer(series_app, name="series")
app.add_typer(ledger_app, name="ledger")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", envvar="INVOICE_GATEWAY_CONFIG", help="Configuration file (YAML).", show_default=False
    ),
]
StoreOption = Annotated[
    str | None, typer.Option("--store", help="Store URL, like sqlite:///data/numbers.db.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
TenantOption = Annotated[str, typer.Option("--tenant", help="Tenant id; the first configured one if not given.")]


def _load(config: Path | None, **flags: Any) -> tuple[Config, Document]:
    return load_config(config, flags)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _out(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _run(main: Coroutine[Any, Any, int]) -> None:
    """Run on the fastest loop at hand and leave with the coroutine's exit code."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        code = asyncio.run(main)
    else:
        code = uvloop.run(main)
    if code:
        raise typer.Exit(code)


@app.command()
def serve(
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="Address for the dialects.", show_default=False)] = None,
    port: Annotated[
        int | None, typer.Option(help="Port for the dialects; 0 = any free one.", show_default=False)
    ] = None,
    admin_port: Annotated[
        int | None, typer.Option(help="Port for health and metrics; 0 = any.", show_default=False)
    ] = None,
    store: StoreOption = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes on one port (PostgreSQL only).", show_default=False)
    ] = None,
    examples: Annotated[bool, typer.Option("--examples", help="Print endpoints and commands to try (stderr).")] = False,
) -> None:
    """Serve the dialects until SIGTERM or Ctrl-C; requests in flight are answered first."""
    loaded, document = _load(config, host=host, port=port, admin_port=admin_port, store=store, workers=workers)
    if loaded.workers > 1:
        from gateway.supervisor.supervisor import supervise  # noqa: PLC0415

        _run(supervise(loaded, document, sys.argv[1:]))
        return
    from gateway.serve import serve_until_stopped  # noqa: PLC0415

    _run(serve_until_stopped(loaded, document, examples=examples))


@app.command("check-config")
def check_config(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check a configuration without starting anything; every problem is listed with its line."""
    loaded, document = _load(config)
    from gateway.plan import plan  # noqa: PLC0415

    checked = plan(loaded, document)
    dialects = {name: len(bound) for name, bound in checked.bindings.items()}
    if as_json:
        _out({"file": document.name, "dialects": dialects, "tenants": [tenant.id for tenant in loaded.tenants]})
        return
    listed = ", ".join(f"{name} ({count} tenants)" for name, count in sorted(dialects.items()))
    typer.echo(f"{document.name}: fine. dialects: {listed}; store: {loaded.store}")


@app.command()
def migrate(
    config: ConfigOption = None,
    store: StoreOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be done.")] = False,
) -> None:
    """Bring the store's schema to this version."""
    loaded, _ = _load(config, store=store)
    from gateway.stores import migrate_store  # noqa: PLC0415

    steps = migrate_store(loaded.store, dry_run=dry_run)
    for step in steps:
        typer.echo(f"{'pending' if dry_run else 'applied'} {step}")
    if not steps:
        _say("nothing to do: the schema is current")


@series_app.command("list")
def series_list(
    config: ConfigOption = None, store: StoreOption = None, tenant: TenantOption = "", as_json: JsonOption = False
) -> None:
    """All series of a tenant with their counters."""
    from gateway.inspection import list_series  # noqa: PLC0415

    loaded, _ = _load(config, store=store)
    _print_series(asyncio.run(list_series(loaded, tenant)), as_json)


@series_app.command("show")
def series_show(
    key: Annotated[str, typer.Argument(help="The series' key, as in the configuration, or its id.")],
    config: ConfigOption = None,
    store: StoreOption = None,
    tenant: TenantOption = "",
    as_json: JsonOption = False,
) -> None:
    """One series with its counters."""
    from gateway.inspection import find_series, list_series  # noqa: PLC0415

    loaded, _ = _load(config, store=store)
    view = find_series(asyncio.run(list_series(loaded, tenant)), key)
    if view is None:
        _say(f"no series {key!r}")
        raise typer.Exit(1)
    _print_series([view], as_json)


def _print_series(views: list[SeriesView], as_json: bool) -> None:
    from gateway.inspection import series_facts  # noqa: PLC0415

    facts = [series_facts(view) for view in views]
    if as_json:
        _out(facts)
        return
    for fact in facts:
        mark = " (default)" if fact["default"] else ""
        typer.echo(f"{fact['key']}  id {fact['id']}  tenant {fact['tenant']}  name {fact['name']!r}{mark}")
        for kind, counter in fact["counters"].items():
            shown = "unset" if counter["next"] is None else counter["next"]
            typer.echo(f"  {kind}: next {shown}, issued {counter['issued']}")


@series_app.command("set")
def series_set(
    key: Annotated[str, typer.Argument(help="The series' key or id.")],
    number: Annotated[int | None, typer.Argument(help="The next number.", show_default=False)] = None,
    config: ConfigOption = None,
    store: StoreOption = None,
    tenant: TenantOption = "",
    kind: Annotated[str, typer.Option(help="Kind of document.")] = "invoice",
    clear: Annotated[bool, typer.Option("--clear", help="Return the line to unset.")] = False,
    allow_lower: Annotated[bool, typer.Option("--allow-lower", help="Allow a number below the next one.")] = False,
    reason: Annotated[str, typer.Option(help="Why; goes to the ledger.")] = "",
) -> None:
    """Set the next number of a line. The gateway must not be running on the same SQLite file."""
    from gateway.inspection import SetRequest, set_next  # noqa: PLC0415

    if (number is None) == (not clear):
        raise typer.BadParameter("give either a number or --clear")
    loaded, document = _load(config, store=store)
    request = SetRequest(tenant, key, kind, number, allow_lower, reason)
    ok, text = asyncio.run(set_next(loaded, document, request))
    (typer.echo if ok else _say)(text)
    if not ok:
        raise typer.Exit(1)


@ledger_app.command("verify")
def ledger_verify(
    config: ConfigOption = None, store: StoreOption = None, tenant: TenantOption = "", as_json: JsonOption = False
) -> None:
    """Recompute every chain; exit code 1 when something does not fit."""
    from gateway.inspection import verify_ledger  # noqa: PLC0415

    loaded, _ = _load(config, store=store)
    count, findings = asyncio.run(verify_ledger(loaded, tenant))
    if as_json:
        _out({"entries": count, "findings": findings})
    else:
        for finding in findings:
            typer.echo(f"series {finding['series']} {finding['kind']} entry {finding['index']}: {finding['problem']}")
        _say(f"{count} entries, {len(findings)} findings")
    if findings:
        raise typer.Exit(1)


@ledger_app.command("export")
def ledger_export(
    config: ConfigOption = None,
    store: StoreOption = None,
    tenant: TenantOption = "",
    csv: Annotated[bool, typer.Option("--csv", help="CSV instead of one JSON object a line.")] = False,
) -> None:
    """Write the ledger to standard output: one JSON object a line, or CSV."""
    from gateway.inspection import export_ledger  # noqa: PLC0415

    loaded, _ = _load(config, store=store)
    asyncio.run(export_ledger(loaded, tenant, sys.stdout, as_csv=csv))


@app.command()
def health(
    config: ConfigOption = None,
    url: Annotated[str, typer.Option(help="Admin address, if not the configured one.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask a running gateway whether it can commit; exit code 1 when it cannot."""
    from gateway.inspection import ask_health  # noqa: PLC0415

    loaded, _ = _load(config)
    ready, text = asyncio.run(ask_health(loaded, url))
    if as_json:
        _out({"ready": ready, "detail": text})
    else:
        typer.echo(text)
    if not ready:
        raise typer.Exit(1)


@app.command()
def env(
    dialect: Annotated[str, typer.Argument(help="Name of the dialect.")],
    config: ConfigOption = None,
    tenant: TenantOption = "",
    base_url: Annotated[str, typer.Option(help="Address clients use, if not the configured one.")] = "",
    as_json: JsonOption = False,
) -> None:
    """What a client of a dialect needs: addresses, WSDL addresses, credentials, and a command to try."""
    from gateway.inspection import dialect_endpoints  # noqa: PLC0415

    loaded, document = _load(config)
    endpoints = dialect_endpoints(loaded, document, dialect, tenant, base_url)
    if as_json:
        _out(endpoints)
        return
    for endpoint in endpoints:
        typer.echo(endpoint["title"])
        for name in ("url", "wsdl_url"):
            if endpoint[name]:
                typer.echo(f"  {name}: {endpoint[name]}")
        for name, value in endpoint["credentials"].items():
            typer.echo(f"  {name}: {value}")
        if endpoint["example"]:
            typer.echo(f"  try: {endpoint['example']}")


@app.command()
def version() -> None:
    """The installed version."""
    from gateway.version import product_version  # noqa: PLC0415

    typer.echo(product_version())
