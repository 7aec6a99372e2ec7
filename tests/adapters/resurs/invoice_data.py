"""The sender of invoices as a client sends it."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape


def png(width: int, height: int) -> bytes:
    """A black image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


LOGO = png(20, 10)
FIELDS = {
    "name": "Demo AB",
    "street": "Storgatan 1",
    "zipcode": "111 22",
    "city": "Stockholm",
    "country": "Sverige",
    "phone": "08-1",
    "fax": "08-2",
    "email": "post@demo.example",
    "homepage": "demo.example",
    "vatreg": "SE1",
    "orgnr": "556000-0000",
    "companytaxnote": "true",
    "logotype": "",
    "modifiedby": "clerk",
}


def sender(*, logotype: bytes = b"", **changes: str | None) -> str:
    """The child of setInvoiceData with some fields changed; None leaves a field out."""
    fields = {**FIELDS, **changes, "logotype": base64.b64encode(logotype).decode()}
    inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items() if text is not None)
    return f"<invoiceData>{inside}</invoiceData>"
