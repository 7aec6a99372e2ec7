"""The page of the exit codes."""

from __future__ import annotations

from docs.generate.markdown import page, prose, table
from gateway.cli.exit_codes import ExitCode


def text() -> str:
    """The page."""
    rows = ((str(int(own)), f"`{own.name}`", prose(own.meaning)) for own in ExitCode)
    return page(
        "Exit codes", "What every command of `invoice-gateway` leaves with.", table(("Code", "Name", "When"), rows)
    )
