"""Builds the wheel: one package `invoice_gateway`, made of the three packages of the checkout (ADR-68).

    gateway   is  invoice_gateway
    adapters  is  invoice_gateway.adapters, with the golden cases of each dialect
    schemas   is  invoice_gateway.schemas

pyproject.toml moves the folders. This hook moves the modules, and changes the import statements in them. Nothing else in a file
changes, so lines keep their numbers. hatchling loads this file by its path, for each wheel.
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MOVED: Final = {
    "gateway": "invoice_gateway",
    "adapters": "invoice_gateway.adapters",
    "schemas": "invoice_gateway.schemas",
}
"""The packages of the checkout, and their names in the wheel."""

_HERE: Final = Path("gateway/packaging")
"""This folder, which stays out of the wheel."""
_CLIENT: Final = "gateway/packaging/checkout/invoice_gateway_testing.py"
_MODULE: Final = re.compile(rf"(?:{'|'.join(MOVED)})(?:\.\w+)+")


class ImportNameError(Exception):
    """A module names another one in a way that cannot be moved. The text says where, and what to write instead."""


class WheelLayout(BuildHookInterface):  # type: ignore[type-arg] # hatchling's parameter is of use to its own hooks only
    """Adds the moved modules to the wheel. An editable install needs none: it shows the checkout as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the moved modules into a folder of their own, and name them to hatchling."""
        if version == "editable":
            return
        root = Path(self.root)
        self._folder = Path(tempfile.mkdtemp(prefix="invoice-gateway-wheel-"))
        for source, below in moved_modules(root):
            target = self._folder / below
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(moved(source.read_bytes(), source.relative_to(root), root))
            build_data["force_include"][str(target)] = below.as_posix()
        for cases in sorted((root / "tests" / "adapters").glob("*/cases")):
            build_data["force_include"][str(cases)] = f"invoice_gateway/adapters/{cases.parent.name}/cases"
        build_data["force_include"][str(root / _CLIENT)] = Path(_CLIENT).name

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Delete the folder."""
        if version != "editable":
            shutil.rmtree(self._folder)


def moved_modules(root: Path) -> Iterator[tuple[Path, Path]]:
    """Every module of the three packages, and its place in the wheel."""
    for package, name in MOVED.items():
        for source in sorted((root / package).rglob("*.py")):
            if not source.is_relative_to(root / _HERE):
                yield source, Path(*name.split("."), source.relative_to(root / package))


def moved(text: bytes, path: Path, root: Path) -> bytes:
    """A module as it stands in the wheel. Raises ImportNameError.

    text: the module's source, UTF-8.
    path: where it is below the checkout.
    root: the checkout.
    """
    tree, lines = ast.parse(text), text.splitlines(keepends=True)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            _rename(lines, node.lineno, node.col_offset + len("from "), node.module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in MOVED and alias.asname is None:
                    raise ImportNameError(
                        f"{path}:{node.lineno}: write `from … import …` in place of `import {alias.name}`"
                    )
                _rename(lines, alias.lineno, alias.col_offset, alias.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _names_module(node.value, root):
            raise ImportNameError(f"{path}:{node.lineno}: begin {node.value!r} with gateway.PACKAGE or __package__")
    return b"".join(lines)


def _rename(lines: list[bytes], line: int, column: int, module: str) -> None:
    """Change the first part of a module's name where it stands.

    line: counts from 1.
    column: in bytes, from 0.
    """
    package = module.partition(".")[0]
    if package in MOVED:
        text = lines[line - 1]
        if not text[column:].startswith(package.encode()):
            raise ImportNameError(f"an import of {module} that stands in an unusual form: {text.decode()!r}")
        lines[line - 1] = text[:column] + MOVED[package].encode() + text[column + len(package) :]


def _names_module(text: str, root: Path) -> bool:
    if not _MODULE.fullmatch(text):
        return False
    path = root.joinpath(*text.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()
