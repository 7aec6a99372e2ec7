"""Client programs run against a real gateway process on free ports, with the example configuration and an empty store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Running, serving


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Running]:
    """A gateway process that is ready; it is stopped after the test."""
    with serving(tmp_path) as running:
        yield running
        assert running.stop() == 0
