"""A reset connection looks like a reset on the event loop of `serve`, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.server.wiring import Gateway
from gateway.simulation.fault_models import FaultRule
from tests.conftest import example_config, only
from tests.simulation.raw import PEEK, exchange, set_to


def test_faults_on_uvloop(tmp_path: Path) -> None:
    uvloop = pytest.importorskip("uvloop")

    async def scenario() -> dict[str, tuple[bytes, str]]:
        config, document = example_config(tmp_path, {**only("resurs"), "port": 0, "admin_port": 0})
        seen = {}
        async with Gateway(config, document) as gateway:
            await gateway.listen()
            port = int(gateway.data_url.rpartition(":")[2])
            for kind in ("reset", "empty_reply", "reset_mid_body", "truncated_body", "lost_reply"):
                gateway.faults.add(FaultRule.model_validate({"action": {"kind": kind}}))
                answer = await exchange(port, set_to(444) if kind == "lost_reply" else PEEK)
                seen[kind] = (answer.data[:12], answer.end)
                gateway.faults.clear()
        return seen

    assert uvloop.run(scenario()) == {
        "reset": (b"", "reset"),
        "empty_reply": (b"", "eof"),
        "reset_mid_body": (b"HTTP/1.1 200", "reset"),
        "truncated_body": (b"HTTP/1.1 200", "eof"),
        "lost_reply": (b"", "reset"),
    }
