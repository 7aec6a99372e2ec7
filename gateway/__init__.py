"""The canonical half of invoice-gateway: a sequence service, its stores, and the servers around it.

In a checkout the product is three packages: `gateway`, `adapters` and `schemas`. The wheel carries them as one,
`invoice_gateway`, with `invoice_gateway.adapters` and `invoice_gateway.schemas` in it (ADR-68). Each place also knows the names
of the other one, so what is written for the wheel runs in a checkout, and a dialect of version 0.1 runs beside the wheel.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final, cast

PACKAGE: Final = __name__
"""The import name of this package, here: `gateway` in a checkout, `invoice_gateway` where the wheel is installed."""

FORMER_NAMES: Final = {
    "spi.deadline": "spi.exchange",
    "testing.memory": "testing.memory_store",
    "testing.refusals": "testing.refusal_samples",
    "testing.soundness": "testing.response_checks",
    "testing.spoiling": "testing.request_mutations",
    "testing.state": "testing.line_state",
    "testing.subject": "testing.harness",
    "testing.workbench": "testing.harness",
    "wire.likeness": "wire.parse_cache",
    "wire.vocabulary": "wire.xml_names",
}
"""Modules that outside dialects may import by the name they had in version 0.1, and where their contents are now.
All names are below this package."""

_CHECKOUT: Final = PACKAGE == "gateway"
_OTHER: Final = "invoice_gateway" if _CHECKOUT else "gateway"
_BESIDE: Final = frozenset({"adapters", "schemas"})
"""In a checkout these lie beside this package, and not in it."""
_FOR_DIALECTS: Final = frozenset({"", "core", "spi", "testing", "wire"})
"""What a dialect of version 0.1 may know of `gateway`."""


def present_name(name: str) -> str | None:
    """The name under which a module is here; None when it has no other one.

    name: the full name of a module, by its former name or by that of the other place.
    """
    top, _, rest = name.partition(".")
    room = rest.partition(".")[0]
    if top not in (PACKAGE, _OTHER) or (top == "gateway" and not _CHECKOUT and room not in _FOR_DIALECTS):
        return None
    if _CHECKOUT and top == _OTHER and room in _BESIDE:
        return rest
    present = ".".join(filter(None, (PACKAGE, FORMER_NAMES.get(rest, rest))))
    return None if present == name else present


class _OtherNames:
    """Gives a module under its other names, so that there is one of each class.

    A finder and loader of the import system. It is asked last: a package of the same name that belongs to somebody else comes
    first. It does not inherit from `importlib.abc`, which is slow to import.
    """

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only for names that stand for another one."""
        return importlib.machinery.ModuleSpec(fullname, cast("Any", self)) if present_name(fullname) else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The module of the present name; a package is wrapped, so that its modules come through this finder, too."""
        module = importlib.import_module(str(present_name(spec.name)))
        if hasattr(module, "__path__"):
            return _Package(spec.name, module)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """The module has run under its present name, and keeps that."""
        if not isinstance(module, _Package):
            other = module.__spec__
            module.__spec__ = None if other is None else other.loader_state


class _Package(ModuleType):
    """A package under its other name. It has everything that the package itself has."""

    def __init__(self, name: str, present: ModuleType) -> None:
        super().__init__(name, present.__doc__)
        self.__path__ = []  # so that nothing finds the files, and loads them a second time
        self._present = present

    def __getattr__(self, name: str) -> Any:
        return getattr(self._present, name)


sys.meta_path.append(cast("Any", _OtherNames()))
