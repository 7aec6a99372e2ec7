"""The command `invoice-gateway`: turns known errors into a line for people and an exit code (`cli/exit_codes.py`)."""

from __future__ import annotations

import sys

from gateway.cli import app
from gateway.cli.common import say
from gateway.cli.exit_codes import ExitCode


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except Exception as error:
        found = _known(error)
        if found is None:
            raise
        code, lines = found
        say("\n".join(lines))
        sys.exit(code)


def _known(error: Exception) -> tuple[int, list[str]] | None:
    """Exit code and text for an error that is nobody's bug. Imported only now: a command that works needs none of it."""
    from gateway.config.yaml_file import ConfigError
    from gateway.core.ports import StoreUnavailableError
    from gateway.journal.models import JournalError
    from gateway.server.errors import ListenError, WorkersNotStartedError
    from gateway.stores.errors import StoreError
    from gateway.testing.client import AdminError, NoGatewayError
    from gateway.testing.golden import CaseError

    if isinstance(error, ConfigError):
        head = f"invoice-gateway: {error.source}: the configuration cannot be used"
        return ExitCode.USAGE, [head, *(f"  {problem}" for problem in error.problems)]
    codes: dict[type[Exception], int] = {
        AdminError: ExitCode.FINDING,
        NoGatewayError: ExitCode.FINDING,
        CaseError: ExitCode.USAGE,
        ListenError: ExitCode.LISTEN,
        StoreError: ExitCode.STORAGE,
        StoreUnavailableError: ExitCode.STORAGE,
        JournalError: ExitCode.STORAGE,
        WorkersNotStartedError: ExitCode.STORAGE,
    }
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    return None if code is None else (code, [f"invoice-gateway: {error}"])


if __name__ == "__main__":
    main()
