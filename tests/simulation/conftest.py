"""A gateway that speaks Resurs, seen from raw sockets."""

from __future__ import annotations

import pytest

from tests.conftest import MakeGateway, only
from tests.simulation.raw import Rig


@pytest.fixture
async def rig(make_gateway: MakeGateway) -> Rig:
    return Rig(await make_gateway(only("resurs")))
