"""Where the watermark of a configuration is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gateway.config.model import Config
from gateway.stores import SQLITE, sqlite_path

_NAME: Final = ".watermark.db"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.-]")


def watermark_path(config: Config) -> Path | None:
    """The file: as configured, or beside the default store's file; None when it is off.

    For a PostgreSQL store it is in a folder `data`, beside the configuration file when that gives the store. It is named after
    the database: another database is another store.
    """
    section, url = config.watermark, config.default_url
    if section.mode == "off":
        return None
    if section.path:
        return Path(section.path)
    if url.startswith(SQLITE):
        file = sqlite_path(url)
        # only `.db` is left out: `shop.east` and `shop.west` are two stores
        return file.with_suffix(_NAME) if file.suffix == ".db" else file.with_name(file.name + _NAME)
    database = _UNFIT.sub("_", urlsplit(url).path.strip("/")) or "invoice-gateway"
    return config.store_folder / "data" / f"{database}{_NAME}"
