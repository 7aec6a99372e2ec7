"""Commands about tenants and the stores they are in.

A command that changes something only says what it would do; with `--apply` it does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.common import ConfigOption, JsonOption, fail, load, out, say, show

if TYPE_CHECKING:
    from gateway.config.model import Config
    from gateway.config.yaml_file import Document
    from gateway.tenants.export_import import Report
    from gateway.tenants.store_sessions import Standing, StoreSessions

app = typer.Typer(help="Tenants and the stores they are in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Tenant id.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; without this, only say what would be done.")]


def _work(config: Path | None, work: Callable[[StoreSessions], Awaitable[Any]], *stores: tuple[str, str | None]) -> Any:
    """Run on the configured stores.

    config: the configuration file.
    work: what to run.
    stores: options that name a store, each with its value.
    """
    loaded, _ = load(config)
    from gateway.config.yaml_file import ConfigError, Problem
    from gateway.core.ports import StoreUnavailableError
    from gateway.stores.errors import StoreError
    from gateway.tenants.export_import import NotVerifiedError
    from gateway.tenants.move import MoveNotDoneError
    from gateway.tenants.store_sessions import StoreSessions

    names = loaded.store_sections()
    for option, given in stores:
        if given is not None and given not in names:
            text = f"found {given!r}: no store of this name; allowed: {', '.join(names)}"
            raise ConfigError("command line", [Problem((option,), 0, text)])

    async def main() -> Any:
        async with StoreSessions(loaded) as place:
            return await work(place)

    try:
        return asyncio.run(main())
    except (StoreUnavailableError, MoveNotDoneError) as error:
        raise StoreError(str(error)) from error
    except NotVerifiedError as error:
        fail(f"invoice-gateway: {error}")


def check_pins(config: Config, document: Document) -> None:
    """Check in the stores that each configured tenant can be served from its own. Raises ConfigError, StoreError."""
    from gateway.config.yaml_file import ConfigError, Problem
    from gateway.tenants.store_sessions import StoreSessions

    async def look() -> list[Standing]:
        async with StoreSessions(config) as place:
            return await place.standings()

    places = {tenant.id: index for index, tenant in enumerate(config.tenants)}
    problems = []
    for standing in asyncio.run(look()):
        if standing.tenant in places:
            index = places[standing.tenant]
            path = ("tenants", index, "store")
            found = f"found {standing.pinned!r}: "
            texts = list(standing.problems)
            if config.tenants[index].production and not (standing.series or standing.fences):
                texts.append(
                    "no store has anything of this production tenant; it begins with `invoice-gateway store init`"
                )
            problems += [Problem(path, document.line_of(path), found + text) for text in texts]
    if problems:
        raise ConfigError(document.name, problems)


@app.command("list")
def tenant_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List every tenant: where it is described, its pinned store, the stores that have it. Exit code 1 for a problem."""
    standings: list[Standing] = _work(config, lambda place: place.standings())
    if as_json:
        out([_facts(one) for one in standings])
    else:
        from gateway.cli.remote import table

        table(["tenant", "described in", "pinned to", "series in", "problem"], list(map(_line, standings)))
    if any(one.problems for one in standings):
        raise typer.Exit(1)


def _facts(standing: Standing) -> dict[str, Any]:
    return asdict(standing)


def _line(standing: Standing) -> list[str]:
    places = [f"{name} ({count})" for name, count in standing.series.items()]
    fences = [f"{name}: {fence.state} {fence.other}" for name, fence in standing.fences.items()]
    return [
        standing.tenant,
        standing.source,
        standing.pinned,
        ", ".join([*places, *fences]),
        "; ".join(standing.problems),
    ]


@app.command("show")
def tenant_show(name: Name, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one tenant: what each store has of it, and why it cannot be served. Exit code 1 for a problem."""
    from gateway.core.values import TenantId

    async def work(place: StoreSessions) -> Any:
        found = await place.standings(TenantId(name))
        stores = {own: await (await place.reading(own)).presence(TenantId(name)) for own in place.sections}
        return found, {own: asdict(presence) for own, presence in stores.items()}

    found, stores = _work(config, work)
    if not found:
        fail(f"no tenant {name}")
    standing: Standing = found[0]
    if as_json:
        out({**_facts(standing), "stores": stores})
    else:
        show(f"{name}: described in: {standing.source}; pinned to: {standing.pinned or 'nothing'}")
        for own, presence in stores.items():
            rows = ", ".join(f"{count} {table}" for table, count in presence["rows"].items()) or "nothing"
            fence = standing.fences.get(own)
            show(f"  {own}: {rows}" + (f"; {fence.text(standing.tenant)}" if fence else ""))
        for problem in standing.problems:
            show(f"  problem: {problem}")
    if standing.problems:
        raise typer.Exit(1)


@app.command("export")
def tenant_export(
    name: Name,
    file: Annotated[Path, typer.Option("--out", "-o", help="The file to write; must not be there yet.")],
    config: ConfigOption = None,
    store: Annotated[
        str | None, typer.Option(help="Store; the one it is in, if not given.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write everything that a tenant has into a file, except credentials, clock and journal."""
    from gateway.core.values import TenantId

    if file.exists():
        raise typer.BadParameter(f"--out: {file} is there already")

    async def work(place: StoreSessions) -> Any:
        from gateway.tenants.export_import import export_tenant

        standings = await place.standings(TenantId(name))
        holders = list(standings[0].series) if standings else []
        pinned = [standings[0].pinned] if standings and standings[0].pinned in holders else []
        chosen = store or [*pinned, *holders, ""][0]
        if chosen not in holders:
            return None
        return chosen, await export_tenant(await place.reading(chosen), TenantId(name), chosen, file)

    found = _work(config, work, ("--store", store))
    if found is None:
        fail(
            f"no store has numbers of tenant {name}"
            if store is None
            else f"store {store!r} has no numbers of tenant {name}"
        )
    chosen, summary = found
    if as_json:
        out({"tenant": name, "store": chosen, "file": str(file), **asdict(summary)})
    else:
        counts = ", ".join(f"{count} {table}" for table, count in summary.rows.items())
        say(f"{file}: {counts} out of store {chosen!r}; content {summary.content}")


@app.command("import")
def tenant_import(
    file: Annotated[Path, typer.Argument(help="A file that `tenant export` wrote.")],
    store: Annotated[str, typer.Option(help="Name of the store to put it in.")],
    config: ConfigOption = None,
    apply: ApplyOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put an exported tenant into a store that has nothing of it. Exit code 1 when that cannot be done."""

    async def work(place: StoreSessions) -> Any:
        from gateway.tenants.export_import import Import

        importing = Import(place, file, store, _progress(as_json))
        return await (importing.run() if apply else importing.look())

    _print_report(_work(config, work, ("--store", store)), apply, as_json)


@app.command("move")
def tenant_move(
    name: Name,
    to: Annotated[str | None, typer.Option("--to", help="Name of the store to move it to.", show_default=False)] = None,
    config: ConfigOption = None,
    apply: ApplyOption = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Take back a move that was not finished.")] = False,
    file: Annotated[
        Path | None, typer.Option("--file", help="The file for the export on the way; it stays.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Move a tenant to another store, or go on after a crash. Exit code 1 when that cannot be done."""
    from gateway.core.values import TenantId

    if (to is None) == (not cancel):
        raise typer.BadParameter("give either --to or --cancel")
    path = file or Path(f"{name}.moved.jsonl")

    async def work(place: StoreSessions) -> Any:
        from gateway.tenants.move import Move

        move = Move(place, TenantId(name), to or "", path, _progress(as_json))
        if cancel:
            return await move.cancel()
        return await (move.run() if apply else move.look())

    _print_report(_work(config, work, ("--to", to)), apply or cancel, as_json)


@app.command("release")
def tenant_release(
    name: Name,
    store: Annotated[str, typer.Option(help="Name of the store that has the fence.")],
    config: ConfigOption = None,
    discard: Annotated[bool, typer.Option("--discard", help="Also delete what has arrived.")] = False,
    apply: ApplyOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take away the fence that keeps a store from serving a tenant, when no move or import will do that."""
    from gateway.core.values import TenantId

    async def work(place: StoreSessions) -> Any:
        from gateway.tenants.export_import import release

        return await release(place, TenantId(name), store, discard=discard, apply=apply)

    _print_report(_work(config, work, ("--store", store)), apply, as_json)


def _progress(quiet: bool) -> Callable[[str], None]:
    return (lambda _: None) if quiet else (lambda step: say(f"… {step}"))


def _print_report(report: Report, applied: bool, as_json: bool) -> None:
    if as_json:
        out(asdict(report))
    else:
        for number, step in enumerate(report.steps, 1):
            show(f"{number}. {step}")
        for problem in report.problems:
            show(f"problem: {problem}")
        _talk(report, applied)
    if report.problems:
        raise typer.Exit(1)


def _talk(report: Report, applied: bool) -> None:
    if report.content:
        say(f"{sum(report.rows.values())} rows, {report.entries} ledger entries verified; content {report.content}")
    if report.problems:
        say("nothing was done" if applied else "this could not be done")
    elif report.done:
        say("done")
    else:
        say("nothing was changed; --apply does it")
    if not report.problems:
        for text in report.advice:
            say(f"{'now' if report.done else 'then'}: {text}")
