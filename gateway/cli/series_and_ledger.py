"""Commands on a store without a server: number lines and their ledger."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.common import ConfigOption, JsonOption, StoreOption, TenantOption, load, out, say, show

if TYPE_CHECKING:
    from gateway.core.values import SeriesView

series_app = typer.Typer(help="Show and set number lines.", no_args_is_help=True)
ledger_app = typer.Typer(help="The record of every move of a number line.", no_args_is_help=True)


@series_app.command("list")
def series_list(
    config: ConfigOption = None, store: StoreOption = None, tenant: TenantOption = "", as_json: JsonOption = False
) -> None:
    """List all series of a tenant with their counters."""
    from gateway.cli.offline import list_series

    loaded, _ = load(config, store=store)
    _print_series(asyncio.run(list_series(loaded, tenant)), as_json)


@series_app.command("show")
def series_show(
    key: Annotated[str, typer.Argument(help="The series' key, as in the configuration, or its id.")],
    config: ConfigOption = None,
    store: StoreOption = None,
    tenant: TenantOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show one series with its counters."""
    from gateway.cli.offline import find_series, list_series

    loaded, _ = load(config, store=store)
    view = find_series(asyncio.run(list_series(loaded, tenant)), key)
    if view is None:
        say(f"no series {key!r}")
        raise typer.Exit(1)
    _print_series([view], as_json)


def _print_series(views: list[SeriesView], as_json: bool) -> None:
    from gateway.cli.offline import series_facts

    facts = [series_facts(view) for view in views]
    if as_json:
        out(facts)
        return
    for fact in facts:
        mark = " (default)" if fact["default"] else f"  only for {fact['owner']}" if fact["owner"] else ""
        affixes = "".join(f"  {affix} {fact[affix]!r}" for affix in ("prefix", "suffix") if fact[affix] is not None)
        show(f"{fact['key']}  id {fact['id']}  tenant {fact['tenant']}  name {fact['name']!r}{affixes}{mark}")
        for line, counter in fact["counters"].items():
            shown = "unset" if counter["next"] is None else counter["next"]
            within = f", from {counter['bounds']}" if counter["bounds"] else ""
            show(f"  {line}: next {shown}, issued {counter['issued']}{within}")


@series_app.command("set")
def series_set(
    key: Annotated[str, typer.Argument(help="The series' key or id.")],
    number: Annotated[int | None, typer.Argument(help="The next number.", show_default=False)] = None,
    config: ConfigOption = None,
    store: StoreOption = None,
    tenant: TenantOption = "",
    line: Annotated[str, typer.Option("--line", "--kind", help="Number line; --kind is the former name.")] = "invoice",
    clear: Annotated[bool, typer.Option("--clear", help="Return the line to unset.")] = False,
    allow_lower: Annotated[bool, typer.Option("--allow-lower", help="Allow a number below the next one.")] = False,
    reason: Annotated[str, typer.Option(help="Why; goes to the ledger.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Set the next number of a line. The gateway must not be running on the same SQLite file."""
    from gateway.cli.offline import SetRequest, set_next

    if (number is None) == (not clear):
        raise typer.BadParameter("give either a number or --clear")
    loaded, document = load(config, store=store)
    request = SetRequest(tenant, key, line, number, allow_lower, reason)
    ok, text = asyncio.run(set_next(loaded, document, request))
    if as_json:
        out({"done": ok, "detail": text})
    else:
        (show if ok else say)(text)
    if not ok:
        raise typer.Exit(1)


@ledger_app.command("verify")
def ledger_verify(
    config: ConfigOption = None, store: StoreOption = None, tenant: TenantOption = "", as_json: JsonOption = False
) -> None:
    """Recompute every chain; exit code 1 when something does not fit."""
    from gateway.cli.offline import verify_ledger

    loaded, _ = load(config, store=store)
    count, findings = asyncio.run(verify_ledger(loaded, tenant))
    if as_json:
        out({"entries": count, "findings": findings})
    else:
        for finding in findings:
            show(f"series {finding['series']} {finding['line']} entry {finding['index']}: {finding['problem']}")
        say(f"{count} entries, {len(findings)} findings")
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
    from gateway.cli.offline import export_ledger

    loaded, _ = load(config, store=store)
    asyncio.run(export_ledger(loaded, tenant, sys.stdout, as_csv=csv))
