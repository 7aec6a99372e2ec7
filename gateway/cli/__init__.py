"""The command line `invoice-gateway`.

Modules here import only typer at the top. Each command imports what it needs when it runs, so that `--help` and completion
stay quick, and `serve` starts without the modules of the other commands.
"""

from __future__ import annotations

import typer

from gateway.cli import (
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

app = typer.Typer(
    name="invoice-gateway",
    help="Legacy invoice-numbering dialects over one durable sequence service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
app.add_typer(serving.app)
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
