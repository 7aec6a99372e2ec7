"""The npm package `invoice-express-api`, unchanged, against the gateway: sequences and an invoice's life."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from tests.clients.programs import node_packages, node_program
from tests.conftest import MakeGateway, only

HERE = Path(__file__).parent


async def run_session(port: int, program_file: str = "session.js", **environment: str) -> dict[str, Any]:
    """What the client returned, by step."""
    program = node_program()
    node_packages(HERE)
    process = await asyncio.create_subprocess_exec(
        program,
        "--no-deprecation",
        "--require",
        "./redirect.js",
        program_file,
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
    assert seen["set current"] == {}  # the client's form of a blank value
    assert [one["defaultSequence"] for one in seen["list two"]] == [0, 1]
    assert seen["get unknown"]["error"] == "InvoiceXpressInvalidId"
    assert seen["wrong key"]["status"] == 401
    assert seen["wrong account"]["status"] == 401


async def test_node_client_with_an_invoice(make_gateway: MakeGateway) -> None:
    changes = only("invoicexpress")
    changes["dialects"]["invoicexpress"] = {"settings": {"generation": "v1"}}
    client = await make_gateway(changes)
    assert client.port
    seen = await run_session(client.port, "documents.js", ACCOUNT="demo", API_KEY="demo-key")
    created = seen["create"]
    assert (created["status"], created["sequenceNumber"], created["date"]) == ("draft", "draft", "2013-06-18")
    assert (created["client"]["name"], created["items"]["item"]["description"]) == ("José Sousa", "Portátil")
    assert (created["beforeTaxes"], created["total"], created["items"]["item"]["subtotal"]) == (101, 101, 101)
    assert seen["create without array"]["error"] == "InvoiceXpressNotArray"
    assert seen["create without client"]["error"] == "InvoiceXpressInvalidClient"
    assert seen["update"] == {}  # the client's form of a blank value
    (listed,) = seen["list drafts"]
    assert (listed["id"], listed["reference"]) == (created["id"], "PO 8")
    assert seen["settle too early"]["status"] == 422
    assert seen["finalize"]["invoice"]["state"] == "final"
    assert seen["finalize again"]["status"] == 422
    final = seen["get"]
    assert (final["status"], final["sequenceNumber"], final["invertedSequenceNumber"]) == ("final", "1/main", "main/1")
    assert seen["update final"]["status"] == 422
    assert seen["sequence"]["currentInvoiceNumber"] == 1
    assert seen["cancel without message"]["status"] == 422
    assert seen["cancel"]["invoice"]["message"] == "Wrong client"
    assert seen["get canceled"]["status"] == "canceled"
    assert seen["get unknown"]["error"] == "InvoiceXpressInvalidId"
    assert seen["wrong key"]["error"] == "InvalidInvoiceXpressAPIKey"
