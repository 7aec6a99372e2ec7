"""Strangers who send large bodies to a real gateway: what they cost must be given back, and a client is served meanwhile.

They send to every dialect, also to the login of 24SevenOffice, which cannot tell a stranger from a client before it has read
the body.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.long_form import short_or_long
from tests.processes import serving
from tests.until import until
from tests.web.raw_socket import head

pytestmark = pytest.mark.long_form

STRANGERS = short_or_long(16, 40)
MEGABYTES = short_or_long(1, 16)
ROUNDS = short_or_long(1, 6)
MOST_GROWTH_BYTES = 50 * 1024 * 1024
BODY = b" " * (MEGABYTES << 20)
XML = "Content-Type: text/xml; charset=utf-8"
RESURS = "/ecommerce-test/ws/V4/ConfigurationService"
WAYS = [
    ("POST", RESURS, [XML, "Authorization: Basic d3Jvbmc6d3Jvbmc="]),
    ("POST", "/invoices.xml?api_key=wrong", ["Content-Type: application/xml"]),
    (
        "POST",
        "/v1/Locations/37/Finance/InvoiceNumbers",
        ["Content-Type: application/json", "Authorization: Bearer wrong"],
    ),
    ("POST", "/oauth/token", ["Content-Type: application/x-www-form-urlencoded"]),
    ("POST", "/Economy/InvoiceOrder/V001/InvoiceService.asmx", [XML]),
    ("POST", "/authenticate/v001/authenticate.asmx", [XML]),
    ("POST", "/authenticate/v001/authenticate.asmx", [XML]),
    ("POST", "/authenticate/v001/authenticate.asmx", [XML]),
]


def resident_bytes(pid: int) -> int:
    """How much memory a process has."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def send(address: tuple[str, int], number: int, answers: list[bytes]) -> None:
    """Send a body as one stranger. Every other one leaves in mid-body."""
    method, path, fields = WAYS[number % len(WAYS)]
    with socket.create_connection(address, 60) as connection:
        try:
            connection.sendall(head(method, path, *fields, f"Content-Length: {len(BODY)}"))
            connection.sendall(BODY if number % 16 < 8 else BODY[: len(BODY) // 2])
            if number % 16 < 8:
                answers.append(connection.recv(12))
        except ConnectionError:
            answers.append(b"reset")


def peeked(address: tuple[str, int]) -> float:
    """Seconds that a client waits for its answer."""
    envelope = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><c:peekInvoiceSequence '
        b'xmlns:c="http://ecommerce.resurs.com/v4/msg/configuration"/></e:Body></e:Envelope>'
    )
    login = f"Authorization: Basic {base64.b64encode(b'demo-se:demo-secret').decode()}"
    started = time.monotonic()
    with socket.create_connection(address, 60) as connection:
        connection.sendall(head("POST", RESURS, XML, login, f"Content-Length: {len(envelope)}") + envelope)
        assert connection.recv(12) == b"HTTP/1.1 200"
    return time.monotonic() - started


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux: memory is read from /proc")
def test_strangers_bodies_cost_nothing_afterwards(tmp_path: Path) -> None:
    with serving(tmp_path) as gateway:
        url = urlsplit(gateway.data_url)
        assert url.hostname is not None
        assert url.port is not None
        address = (url.hostname, url.port)
        peeked(address)
        before = resident_bytes(gateway.process.pid)
        for _ in range(ROUNDS):
            answers: list[bytes] = []
            threads = [threading.Thread(target=send, args=(address, each, answers)) for each in range(STRANGERS)]
            for thread in threads:
                thread.start()
            waits = [peeked(address) for _ in range(3)]
            for thread in threads:
                thread.join()
            assert set(answers) <= {
                b"reset",
                b"HTTP/1.1 400",
                b"HTTP/1.1 401",
                b"HTTP/1.1 413",
                b"HTTP/1.1 500",
                b"HTTP/1.1 503",
            }
        asyncio.run(until(lambda: resident_bytes(gateway.process.pid) - before < MOST_GROWTH_BYTES, 30))
        after = resident_bytes(gateway.process.pid)
    print(f"{before >> 20} MiB before, {after >> 20} MiB after; a client waited at most {max(waits):.3f} s")
