"""What those commands share that ask a running gateway through its admin port."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gateway.testing.client import Admin

URL_VARIABLE = "INVOICE_GATEWAY_ADMIN_URL"
UrlOption = Annotated[str, typer.Option("--admin-url", envvar=URL_VARIABLE, help="Address of the admin port.")]
ConfiguredUrlOption = Annotated[
    str,
    typer.Option(
        "--admin-url",
        "--url",
        envvar=URL_VARIABLE,
        help="Address of the admin port; the configured one if not given.",
        show_default=False,
    ),
]
TokenOption = Annotated[
    Path | None,
    typer.Option(
        "--admin-token-file",
        envvar="INVOICE_GATEWAY_ADMIN_TOKEN_FILE",
        help="File with the admin token; or $INVOICE_GATEWAY_ADMIN_TOKEN.",
        show_default=False,
    ),
]
TenantOption = Annotated[str, typer.Option("--tenant", "-t", help="Tenant id.")]
AnyTenantOption = Annotated[str | None, typer.Option("--tenant", "-t", help="Only this tenant's.", show_default=False)]
DialectOption = Annotated[str | None, typer.Option(help="Only this dialect's.", show_default=False)]
OperationOption = Annotated[str | None, typer.Option(help="Only this operation's.", show_default=False)]
OutcomeOption = Annotated[str | None, typer.Option(help="Only with this outcome.", show_default=False)]
StatusOption = Annotated[int | None, typer.Option(help="Only with this status.", show_default=False)]
NumberOption = Annotated[int | None, typer.Option(help="Only about this number.", show_default=False)]
HOME = "http://127.0.0.1:7071"


def admin_of(url: str, token_file: Path | None) -> Admin:
    """The admin port, with the token from the file or the environment."""
    import os

    from gateway.spi.foreign_text import TextError, read_secret
    from gateway.testing.client import Admin

    token = os.environ.get("INVOICE_GATEWAY_ADMIN_TOKEN", "")
    if token_file is not None:
        try:
            token = read_secret(token_file)
        except TextError as error:
            raise typer.BadParameter(f"--admin-token-file: {token_file} {error}") from None
    return Admin(url, token)


def tenant_path(tenant: str, rest: str = "") -> str:
    """The path of a tenant."""
    from gateway.testing.client.admin import segment

    return f"/v1/tenants/{segment(tenant)}{rest}"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], width: int = 240) -> None:
    """Print a table for people. On a terminal it fits; in a file or pipe it has at most `width` characters."""
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from gateway.spi.foreign_text import printable_line

    shown = Table(*head)
    for row in rows:  # as text: rich would take brackets in a string for its own marks
        shown.add_row(*(Text("" if cell is None else printable_line(str(cell))) for cell in row))
    Console(width=None if sys.stdout.isatty() else width).print(shown)
