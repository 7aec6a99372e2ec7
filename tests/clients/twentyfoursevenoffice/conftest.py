"""Client programs for flows, each in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.clients.twentyfoursevenoffice.bridges.bridge import Connect, bridge
from tests.processes import Running


@pytest.fixture
def connect(gateway: Running, tmp_path: Path) -> Connect:
    """Starts a client program: `with connect("zeep", services) as client`."""

    def start(kind: str, *services: str) -> Any:
        folder = tmp_path / "client"
        folder.mkdir()
        return bridge(kind, gateway.data_url, folder, ("Authenticate", *services))

    return start
