"""Every dialect, and the one that the scaffold writes, has the same layout and one place for its messages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ADAPTERS: Final = ROOT / "adapters"
SCHEMAS: Final = ROOT / "schemas"
TEMPLATE: Final = ROOT / "gateway" / "scaffold" / "dialect" / "package"
ROOMS: Final = ("routes", "auth", "codec", "mapping", "errors", "settings")
"""Modules or packages that each dialect has at its root, beside `__init__`."""
ENTRY_POINTS: Final[dict[str, str]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "entry-points"
]["invoice_gateway.adapters"]


def names_in(folder: Path) -> set[str]:
    """The modules and packages of a folder; templates end in `.txt`."""
    modules = {path.name.removesuffix(".txt").removesuffix(".py") for path in folder.glob("*.py*")}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py*")}


def imports_of(path: Path) -> Iterator[str]:
    """The modules that a file names in its imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_folder_of_adapters_is_a_dialect_that_is_installed() -> None:
    folders = {path.parent.name for path in ADAPTERS.glob("*/__init__.py")}
    assert {name: f"invoice_gateway.adapters.{name}:adapter" for name in folders} == ENTRY_POINTS
    assert folders == {path.parent.name for path in SCHEMAS.glob("*/__init__.py")}


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_dialect_has_its_rooms(name: str) -> None:
    assert {"__init__", *ROOMS} - names_in(ADAPTERS / name) == set()
    assert (ADAPTERS / name / "README.md").is_file()


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_dialect_exposes_its_adapter_and_nothing_else(name: str) -> None:
    text = (ADAPTERS / name / "__init__.py").read_text(encoding="utf-8")
    assert re.fullmatch(
        rf'"""[^"]+"""\n\nfrom adapters\.{name}\.routes import adapter\n\n__all__ = \["adapter"\]\n', text
    )


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_dialects_messages_stand_in_its_own_schemas(name: str) -> None:
    assert "messages" in names_in(SCHEMAS / name)
    assert (SCHEMAS / name / "SOURCES.md").is_file()
    assert not list((ADAPTERS / name).rglob("messages.py"))
    used = {
        module
        for path in (ADAPTERS / name).rglob("*.py")
        for module in imports_of(path)
        if module.split(".")[0] == "schemas"
    }
    assert used
    assert {module for module in used if module.split(".")[1] != name} == set()


def test_the_scaffold_writes_the_same_rooms() -> None:
    assert {"__init__", *ROOMS, "schemas"} == names_in(TEMPLATE)
    assert "messages" in names_in(TEMPLATE / "schemas")
