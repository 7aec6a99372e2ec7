"""Why a store cannot be opened or set up. Each error's text is meant for people; the command line shows it as it is.

    StoreError
    ├── StoreLockedError        another process has the store
    └── StoreOpenError          the store cannot be opened
        ├── StoreVersionError   it can, but its tables are of another version than this program knows
        └── StoreDamagedError   what is there is no store, or not a whole one

Errors while a store runs are in `gateway.core.ports`: StoreUnavailableError, StoreOverloadedError.
"""

from __future__ import annotations

from pathlib import Path


class StoreError(Exception):
    """The store cannot be used; the text says why and what to do."""


class StoreLockedError(StoreError):
    """Another process has this file. pid: of the process; None when it left none."""

    def __init__(self, path: Path, pid: int | None) -> None:
        owner = f"process {pid}" if pid is not None else "another process"
        super().__init__(f"store {path} is in use by {owner}; stop it first, or give this process a file of its own")
        self.path = path
        self.pid = pid


class StoreOpenError(StoreError):
    """The store's address is wrong, or what is there cannot be opened."""


class StoreDamagedError(StoreOpenError):
    """What is there is no store, or not a whole one."""

    def __init__(self, store: object, error: object) -> None:
        super().__init__(
            f"store {store} is damaged, or is not a store: {error}; restore a backup with `invoice-gateway store restore`"
        )


class StoreVersionError(StoreOpenError):
    """The tables are newer than this program, or older and not to be upgraded."""
