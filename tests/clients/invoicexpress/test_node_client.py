"""The npm package `invoice-express-api`, unchanged, against the gateway: list, create, get, set_current, errors."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.conftest import MakeGateway, only
from tests.skips import require_or_skip

HERE = Path(__file__).parent


def node() -> str:
    """The node program: on the path, or beside this Python. Skips the test when it or the client is missing."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if not found:
        require_or_skip("node", "the client is an npm package")
    if not (HERE / "node_modules" / "invoice-express-api").is_dir():
        require_or_skip("invoice-express-api", "run `npm ci` in tests/clients/invoicexpress")
    return found


async def run_session(port: int, **environment: str) -> dict[str, Any]:
    """What the client gave, by step."""
    process = await asyncio.create_subprocess_exec(
        node(),
        "--no-deprecation",
        "--require",
        "./redirect.js",
        "session.js",
        cwd=HERE,
        env={"PATH": os.environ["PATH"], "GATEWAY_PORT": str(port), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return dict(json.loads(line) for line in out.splitlines())


async def test_node_client(make_gateway: MakeGateway) -> None:
    changes = only("invoicexpress")
    changes["dialects"]["invoicexpress"] = {"settings": {"generation": "v1"}}
    client = await make_gateway(changes)
    assert client.port
    seen = await run_session(client.port, ACCOUNT="demo", API_KEY="demo-key")
    first = seen["list one"]
    assert (first["id"], first["serie"], first["defaultSequence"], first["currentInvoiceNumber"]) == (17, "main", 1, 0)
    created = seen["create"]
    assert (created["id"], created["serie"], created["defaultSequence"]) == (34, "FT-2017", 0)
    assert created["currentTransportSequenceId"] == 34 + 16
    assert seen["create taken"]["error"] == "InvoiceXpressElementAlreadyExists"
    assert seen["create blank"]["error"] == "InvoiceXpressInvalidName"
    assert seen["get"] == {**created, "defaultSequence": 1}
    assert seen["set current"] == {}  # how it reads one blank
    assert [one["defaultSequence"] for one in seen["list two"]] == [0, 1]
    assert seen["get unknown"]["error"] == "InvoiceXpressInvalidId"
    assert seen["wrong key"]["status"] == 401
    assert seen["wrong account"]["status"] == 401
