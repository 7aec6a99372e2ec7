"""Sends bytes as they are, because no HTTP library sends what these tests need, and reads until the server closes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from aiohttp.test_utils import TestClient

Address = tuple[str, int]


def address_of(client: TestClient) -> Address:
    """Where the server of a test client listens."""
    assert client.port is not None
    return client.host, client.port


async def exchanged(address: Address, *pieces: bytes, shut: bool = False) -> bytes:
    """All that the server sends until it closes the connection.

    pieces: sent one after the other; the server reads each one before the next.
    shut: shut down the sending side afterwards.
    """
    async with connected(address) as (reader, writer):
        await _send(writer, pieces)
        if shut:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 60)


async def answered(address: Address, *pieces: bytes) -> bytes:
    """The first answer, from a server that may wait for more."""
    async with connected(address) as (reader, writer):
        await _send(writer, pieces)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        length = re.search(rb"Content-Length: (\d+)", answer)
        return answer + (await reader.readexactly(int(length[1])) if length else b"")


@asynccontextmanager
async def connected(address: Address) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _send(writer: asyncio.StreamWriter, pieces: Sequence[bytes]) -> None:
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        for _ in range(20 if len(pieces) > 1 else 0):
            await asyncio.sleep(0)


def statuses(answer: bytes) -> list[int]:
    """The status of each answer on a connection."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def head(method: str, target: str, *fields: str, host: str = "h") -> bytes:
    """The head of a request."""
    lines: Sequence[str] = (f"{method} {target} HTTP/1.1", *([f"Host: {host}"] if host else []), *fields, "", "")
    return "\r\n".join(lines).encode()
