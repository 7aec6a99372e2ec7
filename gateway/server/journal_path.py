"""Where the journal of a configuration is."""

from __future__ import annotations

from pathlib import Path

from gateway.config.model import Config
from gateway.stores import SQLITE, sqlite_path


def journal_path(config: Config) -> Path:
    """The journal's file: as configured, or beside the store's file, or in the default folder of stores."""
    if config.journal.path:
        return Path(config.journal.path)
    if config.default_url.startswith(SQLITE):
        return sqlite_path(config.default_url).with_suffix(".journal.db")
    return config.store_folder / "data/invoice-gateway.journal.db"
