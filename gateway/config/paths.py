"""What a relative path in the configuration is relative to: the folder of the configuration file (ADR-56).

So the same configuration finds the same store from every working directory. A path that a flag or an environment variable
gives is relative to the working directory, as in any shell. A file without a configured path is beside the store's file. When
the store is no file, it is below the folder that a relative path of the store would be below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from gateway.spi.secrets import fill_secret

SQLITE: Final = "sqlite:///"
_FILE_KEYS: Final = "_file"
_NO_PATHS: Final = frozenset({"catalogue", "metadata"})
"""Sections whose keys are a customer's data, whatever their names end with."""


def folder_of(path: Path) -> Path:
    """The folder that relative paths in a file begin from; the working directory when the file is a pipe."""
    return path.parent if path.is_file() else Path()


def url_beside(folder: Path, url: str) -> str:
    """A store's URL; one of a SQLite file with a relative path names that path below `folder`."""
    name = url.removeprefix(SQLITE)
    if name == url or not name or name.startswith((":", "?")):
        return url
    return f"{SQLITE}{folder / name}"


def anchored(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The values of a configuration file with each relative path below `folder`.

    Paths are `store`, `stores.*.url` (also one that stands in a `url_file`), `journal.path`, `watermark.path`, and every key
    that ends in `_file`.
    """
    found: dict[str, Any] = _with_files(values, folder)
    _change(found, "store", lambda url: url_beside(folder, url))
    for name in ("journal", "watermark"):
        if isinstance(found.get(name), dict):
            _change(found[name], "path", lambda path: str(folder / path))
    stores = found.get("stores")
    if isinstance(stores, dict):
        found["stores"] = {name: _store(section, folder) for name, section in stores.items()}
    return found


def _with_files(values: Any, folder: Path) -> Any:
    """A copy of the values in which each key that ends in `_file` has its path below `folder`."""
    if isinstance(values, list):
        return [_with_files(item, folder) for item in values]
    if not isinstance(values, Mapping):
        return values
    copy = {key: item if key in _NO_PATHS else _with_files(item, folder) for key, item in values.items()}
    for key in copy:
        if isinstance(key, str) and key.endswith(_FILE_KEYS):
            _change(copy, key, lambda path: str(folder / path))
    return copy


def _store(section: Any, folder: Path) -> Any:
    """One store's section. The URL in a `url_file` is read here, because it names a path, too."""
    if not isinstance(section, dict):
        return section
    read = dict(section)
    if "url_file" in read:
        fill_secret(read, "url")
    _change(read, "url", lambda url: url_beside(folder, url))
    return read


def _change(values: dict[str, Any], key: str, changed: Callable[[str], str]) -> None:
    """Change a text that is there and not empty."""
    if isinstance(values.get(key), str) and values[key]:
        values[key] = changed(values[key])
