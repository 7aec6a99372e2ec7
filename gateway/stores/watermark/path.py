"""Where the watermark of a configuration is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.config.model import Config
from gateway.stores import SQLITE, sqlite_path

_NAME: Final = ".watermark.db"


def watermark_path(config: Config) -> Path | None:
    """The file: as configured, or beside the default store's file, or in the default folder of stores; None when it is off."""
    section = config.watermark
    if section.mode == "off":
        return None
    if section.path:
        return Path(section.path)
    if config.default_url.startswith(SQLITE):
        return sqlite_path(config.default_url).with_suffix(_NAME)
    return config.store_folder / f"data/invoice-gateway{_NAME}"
