"""What those commands share that ask a running gateway through its admin port."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gateway.testing.client import Admin

UrlOption = Annotated[
    str, typer.Option("--admin-url", envvar="INVOICE_GATEWAY_ADMIN_URL", help="Address of the admin port.")
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

    from gateway.testing.client import Admin

    token = os.environ.get("INVOICE_GATEWAY_ADMIN_TOKEN", "")
    if token_file is not None:
        try:
            token = token_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise typer.BadParameter(f"--admin-token-file: {token_file}: {error.strerror}") from None
    return Admin(url, token)


def tenant_path(tenant: str, rest: str = "") -> str:
    """The path of a tenant."""
    from gateway.testing.client.admin import segment

    return f"/v1/tenants/{segment(tenant)}{rest}"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table for people. In a file or pipe it is as wide as it needs to be; on a terminal it fits."""
    import sys

    from rich.console import Console
    from rich.table import Table

    shown = Table(*head)
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 240).print(shown)
