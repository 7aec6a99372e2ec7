"""What commands share: options, output, how they run. Data goes to standard output, messages for people to standard error."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gateway.spi.foreign_text import printable, printable_json

if TYPE_CHECKING:
    from gateway.config.model import Config
    from gateway.config.yaml_file import Document

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


def load(config: Path | None, **flags: Any) -> tuple[Config, Document]:
    """The configuration, overruled by the flags that were given. From now on logs go to standard error. Raises ConfigError."""
    from gateway.config.loading import load_config
    from gateway.server.logs import configure_logs

    loaded = load_config(config, flags)
    configure_logs(loaded[0].log, serves=False)
    return loaded


def show(text: object, *, newline: bool = True) -> None:
    """Write text for people to standard output. What would steer a terminal is shown as an escape."""
    typer.echo(printable(str(text)), nl=newline)


def show_raw(text: str) -> None:
    """Write messages as they went over the wire: exactly into a file or pipe, and fit for a terminal on a terminal."""
    typer.echo(printable(text) if sys.stdout.isatty() else text, nl=False)


def say(text: str) -> None:
    """Write a message for people to standard error, in the same way."""
    typer.echo(printable(text), err=True)


def out(value: Any) -> None:
    """Write data as JSON to standard output."""
    typer.echo(printable_json(value))


def fail(text: str, code: int = 1) -> NoReturn:
    """Say why, and end the program with an exit code."""
    say(text)
    raise typer.Exit(code)


def run(main: Coroutine[Any, Any, int]) -> None:
    """Run on uvloop where it is installed, and end the program with the coroutine's exit code."""
    try:
        import uvloop
    except ImportError:
        code = asyncio.run(main)
    else:
        code = uvloop.run(main)
    if code:
        raise typer.Exit(code)
