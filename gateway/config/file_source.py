"""The configuration file as one of the sources of the settings: only defaults rank below it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pydantic_settings import PydanticBaseSettingsSource

from gateway.config.paths import anchored, folder_of
from gateway.config.stores import without_overridden
from gateway.config.yaml_file import Document

ENV_PREFIX: Final = "INVOICE_GATEWAY_"


class FileSource(PydanticBaseSettingsSource):
    """The values of the file that is loaded.

    folder: of the file; its relative paths are below it.
    store_folder: where a relative path of the default store is below, wherever that store is given.
    """

    document: Document | None = None
    folder: Path = Path()
    store_folder: Path = Path()

    @classmethod
    @contextlib.contextmanager
    def loading(cls, path: Path | None, document: Document, flags: Iterable[str]) -> Iterator[None]:
        """Load this file within the block. flags: the names of values that the command line gives."""
        # pydantic-settings makes its sources itself and passes them nothing of ours, so the document waits on the class
        cls.document, cls.folder = document, folder_of(path) if path else Path()
        cls.store_folder = Path() if "store" in flags or _has_environment_the_store() else cls.folder
        try:
            yield
        finally:
            cls.document, cls.folder, cls.store_folder = None, Path(), Path()

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Nobody asks this: all values are given at once."""
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        return anchored(without_overridden(self.document.values, ENV_PREFIX), self.folder) if self.document else {}


def _has_environment_the_store() -> bool:
    given = {name.upper() for name, value in os.environ.items() if value}
    forms = ("STORE", *(f"STORES__DEFAULT__{form}" for form in ("URL", "URL_FILE", "URL_ENV")))
    return any(f"{ENV_PREFIX}{form}" in given for form in forms)
