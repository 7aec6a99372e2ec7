"""The wheels, built once for the tests of one process."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.packaging.installed import ROOT, build


class Wheels(NamedTuple):
    """server: the whole product. client: the client for tests alone."""

    server: Path
    client: Path


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    folder = tmp_path_factory.mktemp("dist")
    return Wheels(build(ROOT, folder), build(ROOT / "gateway" / "packaging" / "testing", folder))
