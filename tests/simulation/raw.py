"""A client of raw bytes, which shows exactly what a broken answer looks like on the wire."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient

from gateway.core.values import TenantId
from gateway.server.wiring import Gateway
from tests.cross_dialect.faces import CONFIGURATION, SOAP, Resurs

DEMO = TenantId("demo")
CREDENTIALS = base64.b64encode(b"demo-se:demo-secret").decode()


@dataclass(frozen=True)
class Seen:
    """All bytes that came, and how the connection ended: eof, reset, or kept (still open after `expected` answers)."""

    data: bytes
    end: str

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1]) if self.data else 0

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    def header(self, name: bytes) -> bytes | None:
        for line in self.data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
            key, _, value = line.partition(b": ")
            if key.lower() == name.lower():
                return value
        return None


def soap(content: str, *headers: str, path: str = Resurs.path, credentials: str = CREDENTIALS) -> bytes:
    """A request to the ConfigurationService, head and body, that asks to close the connection afterwards."""
    body = f'<s:Envelope xmlns:s="{SOAP}" xmlns:c="{CONFIGURATION}"><s:Body>{content}</s:Body></s:Envelope>'.encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: gateway",
        "Content-Type: text/xml; charset=utf-8",
        f"Authorization: Basic {credentials}",
        f"Content-Length: {len(body)}",
        *(headers or ("Connection: close",)),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


PEEK = soap("<c:peekInvoiceSequence/>")


def set_to(number: int) -> bytes:
    """A request that sets the next number."""
    return soap(f"<c:setInvoiceSequence><nextInvoiceNumber>{number}</nextInvoiceNumber></c:setInvoiceSequence>")


async def exchange(port: int, request: bytes) -> Seen:
    """Send bytes, read until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data = b""
    try:
        writer.write(request)
        while chunk := await reader.read(65536):
            data += chunk
        return Seen(data, "eof")
    except ConnectionResetError:
        return Seen(data, "reset")
    finally:
        writer.close()


@dataclass
class Rig:
    """A gateway with the Resurs dialect, its wire, and its number line."""

    client: TestClient[Any, Any]

    @property
    def gateway(self) -> Gateway:
        return self.client.server.gateway  # type: ignore[attr-defined, no-any-return]

    @property
    def port(self) -> int:
        assert self.client.server.port is not None
        return self.client.server.port

    async def send(self, request: bytes) -> Seen:
        return await exchange(self.port, request)

    async def next_number(self) -> int | None:
        """The next number in the store, read without a request."""
        series = (await self.gateway.store.provision(DEMO, [("main", "main", None, None, True)]))["main"]
        from gateway.core.commands import PeekNext
        from gateway.core.values import INVOICE, CounterKey

        return (await self.gateway.store.read(PeekNext(DEMO, CounterKey(series, INVOICE)))).counter.next_number

    async def moves(self) -> list[int | None]:
        """The numbers to which the line was set, in the order of the ledger."""
        return [entry.after async for entry in self.gateway.store.ledger(DEMO) if entry.operation in {"set", "clear"}]
