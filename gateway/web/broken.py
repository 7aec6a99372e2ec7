"""Writes an answer the way a fault rule wants it broken. Raw bytes and the transport; nothing of aiohttp's writer.

A reset is a real one (RST): the socket is told not to linger, so the client's system reports a reset and not a close.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Final

from aiohttp import web

from gateway.spi.adapter import Reply
from gateway.spi.wire_fault import WireFault, WireFaultKind
from gateway.web.response import WireResponse

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_BEHEADED: Final = frozenset({WireFaultKind.RESET, WireFaultKind.EMPTY})
_KEPT: Final = frozenset({WireFaultKind.NONE, WireFaultKind.SLOW_DRIP, WireFaultKind.TWICE})
"""After these the connection is in order and may be used again."""


class BrokenResponse(WireResponse):
    """One answer on its way out, not in one piece."""

    __slots__ = ("_fault",)

    def __init__(self, reply: Reply, fault: WireFault, *, closing: bool = False) -> None:
        super().__init__(reply, closing=closing)
        self._fault = fault

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write what is to be seen. Raises ConnectionResetError when the connection is gone, as by a reset."""
        if self.sent:
            return
        fault = self._fault
        if fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault.kind is WireFaultKind.NONE:
            await super().prepare(request)
            return
        self.sent = True
        self.keep_alive = (
            request.keep_alive and not self._closing
        )  # the head must not give away what is going to happen
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        if fault.kind not in _BEHEADED:
            await self._write(request, transport, fault)
        if fault.kind in {WireFaultKind.RESET, WireFaultKind.RESET_MID_BODY}:
            reset(transport)
        if fault.kind not in _KEPT:
            transport.close()
            raise ConnectionResetError(fault.kind)

    async def _write(self, request: web.BaseRequest, transport: asyncio.Transport, fault: WireFault) -> None:
        body = self.body_for(request)
        length = len(body) if fault.kind is not WireFaultKind.WRONG_LENGTH else max(0, len(body) + fault.length_offset)
        head = self.full_head(request, length)
        match fault.kind:
            case WireFaultKind.RESET_MID_BODY | WireFaultKind.TRUNCATED:
                transport.write(head + body[: int(len(body) * fault.share)])
            case WireFaultKind.TWICE:
                transport.write((head + body) * 2)
            case WireFaultKind.SLOW_DRIP:
                await _drip(transport, head, body, fault)
            case _:
                transport.write(head + body)


async def _drip(transport: asyncio.Transport, head: bytes, body: bytes, fault: WireFault) -> None:
    transport.write(head)
    for start in range(0, len(body), fault.chunk_bytes):
        await asyncio.sleep(fault.interval_seconds)
        if transport.is_closing():
            raise ConnectionResetError("the client has gone")
        transport.write(body[start : start + fault.chunk_bytes])


def reset(transport: asyncio.Transport) -> None:
    """Close the connection with an RST. Works on a copy of the descriptor, because event loops lend no real sockets."""
    handle = transport.get_extra_info("socket")
    if handle is not None and handle.fileno() >= 0:
        with socket.socket(fileno=os.dup(handle.fileno())) as copy:
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
