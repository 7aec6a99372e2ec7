"""Commands around a server: serve, check-config, migrate, health, env, version."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Annotated

import typer

from gateway.cli.common import ConfigOption, JsonOption, StoreOption, TenantOption, load, out, run, say, show
from gateway.cli.remote import ConfiguredUrlOption

app = typer.Typer()

NEW_STORE = "--new-store"


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
    new_store: Annotated[
        bool,
        typer.Option(
            NEW_STORE, help="First do what `store init` does. For the first start only: it takes away a protection."
        ),
    ] = False,
    accept_store: Annotated[
        bool, typer.Option("--accept-store", help="Serve a store that is older than the watermark as it is.")
    ] = False,
) -> None:
    """Serve the dialects until SIGTERM or Ctrl-C; requests in flight are answered first."""
    loaded, document = load(config, host=host, port=port, admin_port=admin_port, store=store, workers=workers)
    if new_store:
        from gateway.cli.store import begin_and_say

        begin_and_say(loaded, document, accept=accept_store)
    if loaded.workers > 1:
        from gateway.server.supervisor.supervisor import supervise

        # a worker that starts later must not begin what a reload has added to the configuration
        words = [word for word in sys.argv[1:] if word != NEW_STORE]
        run(supervise(loaded, document, words, accept_store=accept_store))
        return
    gc.disable()  # until the server is ready: nearly every object that is made until then stays, so collecting is wasted
    from gateway.server.serve import serve_until_stopped

    run(serve_until_stopped(loaded, document, examples=examples, accept_store=accept_store))


@app.command("check-config")
def check_config(
    config: ConfigOption = None,
    stores: Annotated[
        bool, typer.Option("--stores", help="Also check that each tenant's numbers are in the store it is pinned to.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a configuration without starting anything; every problem is listed with its line."""
    loaded, document = load(config)
    from gateway.cli.tenants import check_pins
    from gateway.stores import store_name
    from gateway.tenants.check import checked_plan

    checked = checked_plan(loaded, document)
    for warning in checked.warnings:
        say(f"{document.name}: warning: {warning}")
    dialects = {name: len(bound) for name, bound in checked.bindings.items()}
    if stores:
        check_pins(loaded, document)
    addresses = {name: store_name(section.url.get_secret_value()) for name, section in loaded.store_sections().items()}
    if as_json:
        tenants = [tenant.id for tenant in loaded.tenants]
        out({"file": document.name, "dialects": dialects, "tenants": tenants, "stores": addresses})
        return
    listed = ", ".join(f"{name} ({count} tenants)" for name, count in sorted(dialects.items()))
    one = len(addresses) == 1
    shown = ", ".join(address if one else f"{name} {address}" for name, address in addresses.items())
    show(f"{document.name}: fine. dialects: {listed}; store{'' if one else 's'}: {shown}")


@app.command()
def migrate(
    config: ConfigOption = None,
    store: StoreOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be done.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the schema of every store to this version."""
    loaded, _ = load(config, store=store)
    from gateway.stores import migrate_store

    sections = loaded.store_sections()
    done: dict[str, list[str]] = {}
    for name, section in sections.items():
        head = f"{name}: " if len(sections) > 1 else ""
        done[name] = steps = list(migrate_store(section.url.get_secret_value(), dry_run=dry_run))
        if as_json:
            continue
        for step in steps:
            show(f"{head}{'pending' if dry_run else 'applied'} {step}")
        if not steps:
            say(f"{head}nothing to do: the schema is current")
    if as_json:
        out({"pending" if dry_run else "applied": done})


@app.command()
def health(
    config: ConfigOption = None,
    admin_url: ConfiguredUrlOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask a running gateway whether it can commit; exit code 1 when it cannot."""
    from gateway.cli.offline import admin_address, ask_health

    ready, text = asyncio.run(ask_health(admin_url or admin_address(load(config)[0])))
    if as_json:
        out({"ready": ready, "detail": text})
    else:
        show(text)
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
    """Show what a client of a dialect needs: addresses, WSDL addresses, credentials, and a command to try."""
    from gateway.cli.offline import dialect_endpoints

    loaded, document = load(config)
    endpoints = dialect_endpoints(loaded, document, dialect, tenant, base_url)
    if as_json:
        out(endpoints)
        return
    for endpoint in endpoints:
        show(endpoint["title"])
        for name in ("url", "wsdl_url"):
            if endpoint[name]:
                show(f"  {name}: {endpoint[name]}")
        for name, value in endpoint["credentials"].items():
            show(f"  {name}: {value}")
        if endpoint["example"]:
            show(f"  try: {endpoint['example']}")


@app.command()
def version(as_json: JsonOption = False) -> None:
    """Show the installed version."""
    from gateway.version import product_version

    out({"name": "invoice-gateway", "version": product_version()}) if as_json else show(product_version())
