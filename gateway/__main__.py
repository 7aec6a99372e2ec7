"""The command `invoice-gateway`: turns known errors into a line for people and an exit code.

0 fine, 1 a finding, 2 usage or configuration, 3 cannot listen, 4 storage.
"""

from __future__ import annotations

import sys

from gateway.cli import app
from gateway.config_file import ConfigError
from gateway.errors import JournalError, ListenError
from gateway.stores.errors import StoreError


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except ConfigError as error:
        print(f"invoice-gateway: {error.source}: the configuration cannot be used", file=sys.stderr)  # noqa: T201
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except ListenError as error:
        print(f"invoice-gateway: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(3)
    except (StoreError, JournalError) as error:
        print(f"invoice-gateway: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(4)


if __name__ == "__main__":
    main()
