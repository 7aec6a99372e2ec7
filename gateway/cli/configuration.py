"""Commands about the configuration itself: config schema."""

from __future__ import annotations

import typer

from gateway.cli.common import out

app = typer.Typer(help="The configuration itself.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The configuration itself."""


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, with the settings of the installed dialects; for editors and for people."""
    from gateway.config.schema import config_schema

    out(config_schema())
