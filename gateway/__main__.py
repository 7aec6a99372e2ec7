"""The command `invoice-gateway`: turns known errors into a line for people and an exit code.

0 fine, 1 a finding, 2 usage or configuration, 3 cannot listen, 4 storage.
"""

from __future__ import annotations

import sys

from gateway.cli import app
from gateway.cli.common import say


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
        return 2, [head, *(f"  {problem}" for problem in error.problems)]
    codes: dict[type[Exception], int] = {
        AdminError: 1,
        NoGatewayError: 1,
        CaseError: 2,
        ListenError: 3,
        StoreError: 4,
        StoreUnavailableError: 4,
        JournalError: 4,
        WorkersNotStartedError: 4,
    }
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    return None if code is None else (code, [f"invoice-gateway: {error}"])


if __name__ == "__main__":
    main()
