"""Writes beginnings: a small, whole, working dialect that is then changed into that of one's own vendor.

It also writes the client library for tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TEMPLATES: Final = Path(__file__).parent / "dialect"
_CLIENT: Final = Path(__file__).parent.parent / "testing" / "client"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")


class ScaffoldError(Exception):
    """The folder cannot be written; the text is for people."""


def write_dialect(name: str, into: Path) -> list[Path]:
    """Write `<into>/<name>-dialect` and return the files, in order. Raises ScaffoldError for a bad name or a used folder."""
    if not _NAME.fullmatch(name):
        raise ScaffoldError(f"{name!r} is no name of a dialect: 2-31 of a-z, 0-9 and _, beginning with a letter")
    folder = into / f"{name}-dialect"
    if folder.exists():
        raise ScaffoldError(f"{folder} exists already")
    written = []
    try:
        for template, path in _files(name, folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(template.read_text(encoding="utf-8"), name), encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise ScaffoldError(f"{error.filename}: {error.strerror}") from None
    return written


def write_client(into: Path) -> list[Path]:
    """Write `<into>/invoice_gateway_testing` in place of an older one and return the files. Raises ScaffoldError."""
    folder = into / "invoice_gateway_testing"
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in (*sorted(_CLIENT.glob("*.py")), _CLIENT / "py.typed"):
            path = folder / source.name
            path.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise ScaffoldError(f"{error.filename}: {error.strerror}") from None
    return written


def _files(name: str, folder: Path) -> Iterator[tuple[Path, Path]]:
    for template in sorted(_TEMPLATES.rglob("*.txt")):
        parts = template.relative_to(_TEMPLATES).with_suffix("").parts
        own = (f"{name}_dialect", *parts[1:]) if parts[0] == "package" else parts
        yield template, folder.joinpath(*own)


def _filled(text: str, name: str) -> str:
    camel = "".join(part.capitalize() for part in name.split("_"))
    return text.replace("__NAME__", name).replace("__CLASS__", camel)
