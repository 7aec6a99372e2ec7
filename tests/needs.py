"""Finds out which tests need more than their own process and memory, and gives them the mark `process` or `database`.

A test carries `process` when its module, or the module of one of its fixtures, imports what starts processes. A test that
starts a process without the mark fails, so `make test-fast` can safely leave out every test with the mark. A test carries
`database` when it uses the fixture from which every store file is copied.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import pytest

STARTERS: Final = ("subprocess", "multiprocessing")
OWN: Final = ("tests.", "gateway.testing.client")
STORE_FIXTURE: Final = "blank_store"
STARTS: Final = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"}
"""Python's names for these events; see the table of audit events in its documentation."""


class Needs:
    """A pytest plug-in: it sets the mark, and fails a test that starts a process without it."""

    def __init__(self) -> None:
        self._may_start = True
        self._known: dict[str, bool] = {}

    def pytest_configure(self) -> None:
        sys.addaudithook(self._watch)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        for item in items:
            if any(self.starts_processes(module) for module in _modules_of(item)):
                item.add_marker(pytest.mark.process)
            if STORE_FIXTURE in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.database)
        if hasattr(config, "workerinput"):
            # The long tests first, so that all processes of pytest-xdist end at about the same time.
            items.sort(key=lambda item: item.get_closest_marker("process") is None)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        self._may_start = item.get_closest_marker("process") is not None
        try:
            return (yield)
        finally:
            self._may_start = True

    def starts_processes(self, module: ModuleType) -> bool:
        """True when the module imports what starts processes, or imports something of ours that does."""
        name = module.__name__
        if name not in self._known:
            self._known[name] = False  # for modules that import one another
            self._known[name] = any(map(self._is_of_a_starter, list(vars(module).values())))
        return self._known[name]

    def _is_of_a_starter(self, value: object) -> bool:
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if not isinstance(name, str):
            return False
        if name.partition(".")[0] in STARTERS:
            return True
        return name.startswith(OWN) and name in sys.modules and self.starts_processes(sys.modules[name])

    def _watch(self, event: str, _: object) -> None:
        if event in STARTS and not self._may_start:
            pytest.fail(f"a test without the mark `process` starts one ({event}); see tests/needs.py")


def _modules_of(item: pytest.Item) -> Iterator[ModuleType]:
    if not isinstance(item, pytest.Function):
        return
    yield item.module
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        for definition in definitions:
            if definition.func.__module__.startswith(OWN):
                yield sys.modules[definition.func.__module__]
