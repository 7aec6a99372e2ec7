"""schemathesis reads the description and sends all kinds of requests to a running gateway.

Some fit the schemas, some do not, some come in sequences. Every answer must be documented and of the documented form, and
no answer may be a server error. The cases are the same each time. `waitForRequest` is left out, because it may wait for
minutes; it has tests of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gateway.admin.api import ROUTES
from tests.long_form import short_or_long
from tests.processes import serving

CONFIG = Path(__file__).with_name("schemathesis.toml")
TOKEN = "the-token-of-this-test"
PHASES = short_or_long("examples,coverage,fuzzing", "examples,coverage,fuzzing,stateful")
CASES = short_or_long("1", "5")
"""How many generated cases each operation gets, besides the systematic ones."""

pytestmark = pytest.mark.long_form


def ask(url: str, body: Any) -> None:
    """Store what the examples of the description ask for."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        assert response.status == 201


@pytest.mark.timeout(900)
def test_everything_that_can_be_thought_of(tmp_path: Path) -> None:
    settings = {
        "INVOICE_GATEWAY_ADMIN_TOKEN": TOKEN,
        "INVOICE_GATEWAY_LOG__REQUESTS": "false",
        "INVOICE_GATEWAY_GUESSING__FAILURES_PER_MINUTE": "0",  # wrong tokens are among what is thought of
    }
    with serving(tmp_path, **settings) as running:
        ask(f"{running.admin_url}/v1/tenants/demo/snapshots", {"name": "clean"})
        ask(f"{running.admin_url}/v1/faults", {"tenant": "demo", "action": {"kind": "latency", "seconds": 0}})
        urllib.request.urlopen(f"{running.data_url}/sequences.xml?api_key=demo-key").close()
        words = [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIG), "run"),
            *("--phases", PHASES, "--max-examples", CASES, "--generation-deterministic"),
            *("--exclude-operation-id", "waitForRequest", "--continue-on-failure", "--no-color", "--warnings", "off"),
            *("--request-timeout", "120", "--suppress-health-check", "too_slow"),
            *("--header", f"Authorization: Bearer {TOKEN}", "--output-sanitize", "false"),
            f"{running.admin_url}/openapi.json",
        ]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=850, check=False)
        log = (tmp_path / "stderr.log").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert f"Tested: {len(ROUTES) - 1}" in done.stdout
    assert "unhandled error" not in log
    assert TOKEN not in log
