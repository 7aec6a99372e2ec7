"""The command scaffold: writes a new dialect, or the client library with its pytest plug-in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common import JsonOption, fail, out, say, show

app = typer.Typer(help="Write the beginnings of something.", no_args_is_help=True)

IntoOption = Annotated[Path, typer.Option("--into", help="Folder to write into.")]


@app.command()
def dialect(
    name: Annotated[str, typer.Argument(help="Name of the dialect: a-z, 0-9, _.")],
    into: IntoOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write the folder of a new dialect: package, golden cases, tests that pass."""
    from gateway.scaffold import ScaffoldError, write_dialect

    try:
        written = write_dialect(name, into)
    except ScaffoldError as error:
        fail(str(error), 2)
    _show(
        written,
        f"next: pip install -e {into / f'{name}-dialect'} beside the gateway, then pytest in there; see its README.md",
        as_json,
    )


@app.command()
def client(into: IntoOption = Path(), as_json: JsonOption = False) -> None:
    """Write `invoice_gateway_testing`: the pytest plug-in and client library, standard library only."""
    from gateway.scaffold import ScaffoldError, write_client

    try:
        written = write_client(into)
    except ScaffoldError as error:
        fail(str(error), 2)
    _show(
        written, 'next, in conftest.py of the root: pytest_plugins = ["invoice_gateway_testing.pytest_plugin"]', as_json
    )


def _show(written: Sequence[Path], following: str, as_json: bool) -> None:
    if as_json:
        out([str(path) for path in written])
        return
    for path in written:
        show(path)
    say(following)
