"""Every process collects the same tests, and tests carry the marks of what they need."""

from __future__ import annotations

import os
import re

import pytest

import tests.admin.conftest
import tests.conftest
import tests.processes
import tests.testing.users
from tests.needs import Needs


def test_no_test_is_named_after_an_address(request: pytest.FixtureRequest) -> None:
    """Such a name differs from process to process, and pytest-xdist then refuses to start."""
    assert not [item.nodeid for item in request.session.items if re.search(r" at 0x[0-9a-f]+", item.nodeid)]


def test_what_starts_processes_is_known_by_its_imports() -> None:
    needs = Needs()
    assert needs.starts_processes(tests.processes)
    assert needs.starts_processes(tests.testing.users)
    assert not needs.starts_processes(tests.conftest)
    assert not needs.starts_processes(tests.admin.conftest)


def test_what_opens_a_store_is_marked(request: pytest.FixtureRequest) -> None:
    opening = [item for item in request.session.items if "make_gateway" in getattr(item, "fixturenames", ())]
    assert not [item.nodeid for item in opening if item.get_closest_marker("database") is None]


def test_a_process_without_the_mark_is_a_failure() -> None:
    with pytest.raises(pytest.fail.Exception, match="without the mark `process`"):
        os.posix_spawn("/bin/true", ["true"], {})
