"""The command line `invoice-gateway`.

Modules here import only typer at the top. Each command imports what it needs when it runs, so that `--help` and completion
stay quick, and `serve` starts without the modules of the other commands.
"""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import (
    configuration,
    evidence,
    explaining,
    faults,
    journal,
    scaffolding,
    series_and_ledger,
    serving,
    state,
    store,
    tenants,
)
from gateway.cli.common import show

app = typer.Typer(
    name="invoice-gateway",
    help="Legacy invoice-numbering dialects over one durable sequence service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from gateway.version import product_version

        show(f"invoice-gateway {product_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the installed version and end."),
    ] = False,
) -> None:
    """Legacy invoice-numbering dialects over one durable sequence service."""


app.add_typer(serving.app)
app.add_typer(configuration.app, name="config")
app.add_typer(evidence.app)
app.add_typer(scaffolding.app, name="scaffold")
app.add_typer(series_and_ledger.series_app, name="series")
app.add_typer(series_and_ledger.ledger_app, name="ledger")
app.add_typer(store.app, name="store")
app.add_typer(tenants.app, name="tenant")
app.add_typer(explaining.app)
app.add_typer(journal.app)
app.add_typer(faults.app, name="faults")
app.add_typer(state.app)
app.add_typer(state.snapshot_app, name="snapshot")
