"""Commands that plant faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gateway.cli.common import JsonOption, out, say, show
from gateway.cli.remote import (
    HOME,
    AnyTenantOption,
    DialectOption,
    OperationOption,
    TokenOption,
    UrlOption,
    admin_of,
    table,
)

app = typer.Typer(help="Plant faults for a tenant's calls.", no_args_is_help=True)


@app.command("list")
def faults_list(
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    tenant: AnyTenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the faults in force, and how many calls they struck."""
    found = list(admin_of(admin_url, token_file).pages("/v1/faults", {"tenant": tenant}))
    if as_json:
        out(found)
        return
    rows = [[one["id"], one["rule"].get("tenant"), _rule_text(one["rule"]), one["calls"], one["hits"]] for one in found]
    table(["id", "tenant", "rule", "calls", "hits"], rows)


def _rule_text(rule: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in rule.items() if value not in (None, 0) and name not in {"action", "tenant"}}
    action = {name: value for name, value in rule["action"].items() if name != "kind" and value is not None}
    words = [rule["action"]["kind"], *(f"{name}={value}" for name, value in {**action, **plain}.items())]
    return " ".join(map(str, words))


@app.command("add")
def faults_add(
    kind: Annotated[str, typer.Argument(help="lost_reply, reset, latency, failure … (`faults kinds` lists all).")],
    values: Annotated[list[str], typer.Argument(help="Its own values, like seconds=2 or failure=overloaded.")] = [],
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="For this tenant.", show_default=False)] = None,
    dialect: DialectOption = None,
    operation: OperationOption = None,
    at: Annotated[str | None, typer.Option(help="When: before_commit, after_commit …", show_default=False)] = None,
    nth: Annotated[int | None, typer.Option(help="Only the n-th call.", show_default=False)] = None,
    first: Annotated[int | None, typer.Option(help="The first n calls.", show_default=False)] = None,
    every: Annotated[int | None, typer.Option(help="Each n-th call.", show_default=False)] = None,
    rate: Annotated[float | None, typer.Option(help="A share of the calls, 0 to 1.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Begins the random numbers for --rate.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Plant a fault and print its id."""
    action = {"kind": kind, **dict(map(_value, values))}
    rule: dict[str, Any] = {
        "tenant": tenant,
        "dialect": dialect,
        "operation": operation,
        "at": at,
        "nth": nth,
        "first": first,
    }
    rule |= {"every": every, "rate": rate, "seed": seed, "action": action}
    wanted = {name: value for name, value in rule.items() if value is not None}
    added = admin_of(admin_url, token_file).post("/v1/faults", wanted)
    out(added) if as_json else show(added["id"])


def _value(text: str) -> tuple[str, Any]:
    from gateway.spi.foreign_text import TextError, json_value

    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} must be name=value")
    try:
        return name, json_value(value)
    except TextError:
        return name, value


@app.command("kinds")
def faults_kinds(as_json: JsonOption = False) -> None:
    """List the kinds of faults, with their values and the moments at which they can strike."""
    from gateway.simulation.fault_models import kinds

    found = [own.facts() for own in kinds()]
    if as_json:
        out(found)
        return
    rows = [[own["kind"], ", ".join(own["values"]), ", ".join(own["points"]), own["meaning"]] for own in found]
    table(["kind", "values", "at (default: the first one)", "what happens"], rows)


@app.command("remove")
def faults_remove(
    fault: Annotated[str, typer.Argument(help="Id of the rule.")],
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take one fault out of force."""
    from gateway.testing.client.admin import segment

    removed = admin_of(admin_url, token_file).delete(f"/v1/faults/{segment(fault)}")
    out(removed) if as_json else say(f"removed after {removed['hits']} hits in {removed['calls']} calls")


@app.command("clear")
def faults_clear(
    admin_url: UrlOption = HOME,
    token_file: TokenOption = None,
    tenant: AnyTenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take all faults out of force."""
    cleared = admin_of(admin_url, token_file).delete("/v1/faults", {"tenant": tenant})
    out(cleared) if as_json else say(f"{cleared['rules']} rules removed")
