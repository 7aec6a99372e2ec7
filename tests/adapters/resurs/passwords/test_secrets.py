"""No password that a client sets or tries is on disk, in the journal, in logs, metrics or answers."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from aiohttp.test_utils import TestClient

from tests.adapters.resurs.passwords.cheap import make_cheap
from tests.adapters.resurs.shop import ENVELOPE, NAMESPACES, basic
from tests.conftest import GatewayServer, MakeGateway, base_url

MASTER, TILL, CHANGED, WRONG = "Planted-Master-1", "Planted-Till-22", "Planted-New-333", "Planted-Wrong-4"
WEAK, UNREAD = "plantedweak", "Planted-Unread-5"


async def post(client: TestClient, operation: str, inside: str, password: str) -> tuple[int, bytes]:
    """Send a request as demo-se with a password."""
    wrapper = f'<c:{operation} xmlns:c="{NAMESPACES["ConfigurationService"]}">{inside}</c:{operation}>'
    body = f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>{wrapper}</e:Body></e:Envelope>'
    headers = {"Authorization": basic("demo-se", password), "Content-Type": "text/xml"}
    url = f"{base_url(client)}/ecommerce-test/ws/V4/ConfigurationService"
    async with client.session.post(url, data=body.encode(), headers=headers) as answer:
        return answer.status, await answer.read()


async def test_planted_passwords(
    make_gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_cheap(monkeypatch)
    settings = {"dialects": {"resurs": {"settings": {"passwords": "apply"}}}}
    client = await make_gateway({**settings, "journal": {"max_per_second": 100_000}})
    steps = [
        ("addPassword", f"<identifier>till</identifier><newPassword>{TILL}</newPassword>", "demo-secret", 200),
        ("addPassword", f"<identifier>web</identifier><newPassword>{WEAK}</newPassword>", "demo-secret", 500),
        ("addPassword", f"<newPassword>{UNREAD}</newPassword>", "demo-secret", 500),
        ("changePassword", f"<newPassword>{MASTER}</newPassword>", "demo-secret", 200),
        ("changePassword", f"<identifier>till</identifier><newPassword>{CHANGED}</newPassword>", MASTER, 200),
        ("changePassword", f"<newPassword>{WRONG}</newPassword>", CHANGED, 500),
        ("peekInvoiceSequence", "", CHANGED, 200),
        ("peekInvoiceSequence", "", WRONG, 401),
        ("removePassword", "<identifier>till</identifier>", MASTER, 200),
        ("peekInvoiceSequence", "", CHANGED, 401),
    ]
    answers = b""
    for operation, inside, password, expected in steps:
        status, answer = await post(client, operation, inside, password)
        assert (operation, status) == (operation, expected), answer
        answers += answer
    gateway = cast("GatewayServer", client.server).gateway
    journal = gateway.journal
    assert journal is not None
    assert (await journal.count()).count == len(steps)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    kept = b"".join(file.read_bytes() for file in files)
    seen = (answers + kept).decode("latin-1") + "".join(capsys.readouterr()) + gateway.metrics.exposition()[0].decode()
    assert "addPassword" in seen  # the control: the messages are there
    assert "resurs.passwords" in seen  # and so is the record
    planted = (MASTER, TILL, CHANGED, WRONG, WEAK, UNREAD)
    spelled = [basic("demo-se", secret).removeprefix("Basic ").rstrip("=") for secret in planted]
    assert [secret for secret in (*planted, *spelled) if secret in seen] == []
