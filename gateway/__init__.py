"""The canonical half of invoice-gateway: a sequence service, its stores, and the servers around it."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final, cast

FORMER_NAMES: Final = {
    "gateway.spi.deadline": "gateway.spi.exchange",
    "gateway.testing.memory": "gateway.testing.memory_store",
    "gateway.testing.refusals": "gateway.testing.refusal_samples",
    "gateway.testing.soundness": "gateway.testing.response_checks",
    "gateway.testing.spoiling": "gateway.testing.request_mutations",
    "gateway.testing.state": "gateway.testing.line_state",
    "gateway.testing.subject": "gateway.testing.harness",
    "gateway.testing.workbench": "gateway.testing.harness",
    "gateway.wire.likeness": "gateway.wire.parse_cache",
    "gateway.wire.vocabulary": "gateway.wire.xml_names",
}
"""Modules that outside dialects may import by the name they had in version 0.1, and where their contents are now."""


class _FormerNames:
    """Gives the module itself under its former name, so that there is one of each class.

    A finder and loader of the import system. It does not inherit from `importlib.abc`, which is slow to import.
    """

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only for the names in the table."""
        return importlib.machinery.ModuleSpec(fullname, cast("Any", self)) if fullname in FORMER_NAMES else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The module of the present name."""
        module = importlib.import_module(FORMER_NAMES[spec.name])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """The module has run under its present name, and keeps that."""
        former = module.__spec__
        module.__spec__ = None if former is None else former.loader_state


sys.meta_path.append(cast("Any", _FormerNames()))
