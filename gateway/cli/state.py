"""Commands about a tenant's state: snapshot, reset, seed, gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway.cli.common import JsonOption, out, say
from gateway.cli.remote import HOME, TenantOption, TokenOption, UrlOption, admin_of, table, tenant_path

app = typer.Typer()
snapshot_app = typer.Typer(help="Save a tenant's state and put it back.", no_args_is_help=True)


@snapshot_app.command("save")
def snapshot_save(
    name: Annotated[str, typer.Argument(help="Name of the snapshot.")],
    tenant: TenantOption,
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a snapshot of the same name.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Save everything that a tenant has."""
    body = {"name": name, "replace": replace}
    saved = admin_of(admin_url, token_file).post(tenant_path(tenant, "/snapshots"), body)
    out(saved) if as_json else say(f"{saved['name']}: {saved['rows']} rows, {saved['size']} bytes")


@snapshot_app.command("restore")
def snapshot_restore(
    name: Annotated[str, typer.Argument(help="Name of the snapshot.")],
    tenant: TenantOption,
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    reason: Annotated[str, typer.Option(help="Why; goes to the ledger.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Replace everything that a tenant has by a snapshot."""
    from gateway.testing.client.admin import segment

    path = tenant_path(tenant, f"/snapshots/{segment(name)}/restore")
    _print_state(admin_of(admin_url, token_file).post(path, {"reason": reason}), as_json)


@snapshot_app.command("list")
def snapshot_list(
    tenant: TenantOption, admin_url: UrlOption = HOME, token_file: TokenOption = None, as_json: JsonOption = False
) -> None:
    """List a tenant's snapshots."""
    found = list(admin_of(admin_url, token_file).pages(tenant_path(tenant, "/snapshots")))
    if as_json:
        out(found)
        return
    rows = [[one["name"], one["created"], one["rows"], one["size"]] for one in found]
    table(["name", "created", "rows", "bytes"], rows)


@snapshot_app.command("drop")
def snapshot_drop(
    name: Annotated[str, typer.Argument(help="Name of the snapshot.")],
    tenant: TenantOption,
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a snapshot."""
    from gateway.testing.client.admin import segment

    admin_of(admin_url, token_file).delete(tenant_path(tenant, f"/snapshots/{segment(name)}"))
    out({"dropped": name}) if as_json else say(f"{name}: dropped")


def _print_state(state: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        out(state)
        return
    rows = [
        [one["key"], one["name"], counter["line"], counter["next_number"], counter["issued"], _bounds(counter)]
        for one in state["series"]
        for counter in one["counters"] or [_NO_LINE]
    ]
    table(["series", "name", "line", "next", "issued", "bounds"], rows)


_NO_LINE: Final = dict.fromkeys(("line", "next_number", "issued", "first_number", "last_number"))


def _bounds(counter: Mapping[str, Any]) -> str:
    """The bounds of a line; nothing without any."""
    first, last = (counter[name] for name in ("first_number", "last_number"))
    return "" if first is last is None else f"{'' if first is None else first}..{'' if last is None else last}"


@app.command()
def reset(
    tenant: TenantOption,
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    reason: Annotated[str, typer.Option(help="Why; goes to the ledger.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Begin again with what the tenant was configured or created with."""
    state = admin_of(admin_url, token_file).post(tenant_path(tenant, "/reset"), {"reason": reason})
    _print_state(state, as_json)


@app.command()
def seed(
    file: Annotated[
        Path, typer.Argument(help="YAML or JSON with `series`, `catalogue`, `payments`, as in the configuration.")
    ],
    tenant: TenantOption,
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    reason: Annotated[str, typer.Option(help="Why; goes to the ledger.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add series, numbers, catalogue items, and what dialects keep, to what is there."""
    from gateway.config.yaml_file import read_document

    values = json.loads(json.dumps(read_document(file).values, default=str))
    body = {**values, **({"reason": reason} if reason else {})}
    state = admin_of(admin_url, token_file).post(tenant_path(tenant, "/seed"), body)
    _print_state(state, as_json)
    for kind, made in state["made"].items() if not as_json else ():
        say(f"{kind}: {len(made)} made")


@app.command()
def gaps(
    tenant: TenantOption,
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    series: Annotated[str | None, typer.Option(help="Key or id.", show_default=False)] = None,
    line: Annotated[
        str | None, typer.Option("--line", "--kind", help="Number line; --kind is the former name.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List every number that no document holds or that is held out of turn, and why; exit code 1 when nothing explains one."""
    admin, asked = admin_of(admin_url, token_file), {"series": series, "line": line}
    path = tenant_path(tenant, "/gaps")
    lines, found = admin.get(path, asked)["lines"], list(admin.pages(path, asked))
    if as_json:
        out({"lines": lines, "items": found})
    else:
        table(["series", "line", "from", "to", "count", "reason", "entry"], [_gap_row(gap) for gap in found])
        for own in lines:
            ahead = f", {own['held_ahead']} of them ahead" if own["held_ahead"] else ""
            say(f"{own['series_key']} {own['line']}: {own['held']} held{ahead}, {own['missing']} missing")
    if any(gap["reason"] == "unknown" for gap in found):
        raise typer.Exit(1)


def _gap_row(gap: Mapping[str, Any]) -> list[Any]:
    entry = gap["entry"]
    why = (
        "" if entry is None else f"{entry['dialect']} {entry['principal']} {entry['at'][:19]} {entry['reason']}".strip()
    )
    return [gap["series_key"], gap["line"], gap["first"], gap["last"], gap["count"], gap["reason"], why]
