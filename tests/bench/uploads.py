"""What a large attachment costs while it comes in and goes out again in pieces: time, and how much memory grows at most."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import time
from pathlib import Path
from typing import Any, Final

from tests.bench.servers import Server, gateway_server, rss_mb, tree
from tests.bench.stage import Stage
from tests.bench.workloads import Request, office_envelope, office_headers, send

MEGABYTES: Final = 25
CHUNK: Final = 1_048_576
"""Bytes of a piece, as one public client sends them; another one sends 2,048,000."""
_PATH: Final = "/Economy/Accounting/Accounting_V001/AttachmentService.asmx"
_NAMESPACE: Final = "http://24sevenoffice.com/webservices/economy/accounting"


def uploads(stage: Stage, megabytes: int = MEGABYTES) -> list[dict[str, Any]]:
    """One row for each store."""
    rows = [measured(stage.folder / "upload", "", "SQLite", megabytes)]
    with stage.optional("upload on PostgreSQL"):
        cluster = stage.cluster()
        folder = stage.folder / "upload-postgresql"
        rows.append(measured(folder, cluster.url(cluster.database()), "PostgreSQL", megabytes))
    return rows


def measured(folder: Path, store: str, name: str, megabytes: int) -> dict[str, Any]:
    """One row. Raises RuntimeError when the bytes that come back are others."""
    content = random.Random(1).randbytes(megabytes * 1_000_000)
    with gateway_server(folder, store) as server:
        client = _Client(server)
        # The first file makes the gateway import and compile all that it needs for the second one, which is measured.
        client.upload(content[:CHUNK])
        before = rss_mb(server.pid)
        _forget_peak(server.pid)
        began = time.perf_counter()
        file = client.upload(content)
        sent, peak_in = time.perf_counter() - began, peak_mb(server.pid)
        _forget_peak(server.pid)
        began = time.perf_counter()
        if client.download(file, len(content)) != hashlib.sha256(content).digest():
            raise RuntimeError("the bytes that came back are others")
        got, peak_out = time.perf_counter() - began, peak_mb(server.pid)
    return {
        "name": name,
        "megabytes": megabytes,
        "chunk": CHUNK,
        "in_seconds": round(sent, 2),
        "out_seconds": round(got, 2),
        "rss_mb": round(before, 1),
        "in_mb": round(max(0.0, peak_in - before), 1),
        "out_mb": round(max(0.0, peak_out - before), 1),
    }


def _forget_peak(pid: int) -> None:
    """Let the kernel count the peak from now on."""
    for one in tree(pid):
        Path(f"/proc/{one}/clear_refs").write_text("5", encoding="ascii")


def peak_mb(pid: int) -> float:
    """The largest resident memory of a process and its descendants since it was forgotten, in MB."""
    statuses = (Path(f"/proc/{one}/status").read_text(encoding="utf-8") for one in tree(pid))
    return sum(int(text.split("VmHWM:")[1].split()[0]) for text in statuses) / 1024


class _Client:
    """Sends a file as clients do: Create, AppendChunk until all is there, GetStampNo, Save."""

    def __init__(self, server: Server) -> None:
        self._address = server.address
        self._headers = office_headers(server.address, "Create", _NAMESPACE)

    def upload(self, content: bytes) -> str:
        """The id of the file."""
        file = _found(self._call("Create", "<type>Pdf</type>"), "Id")
        reference = f"<file><Id>{file}</Id><Type>Pdf</Type><StampNo>0</StampNo></file>"
        for offset in range(0, len(content), CHUNK):
            text = base64.b64encode(content[offset : offset + CHUNK]).decode()
            self._call("AppendChunk", f"{reference}<buffer>{text}</buffer><offset>{offset}</offset>")
        stamp = _found(self._call("GetStampNo", ""), "GetStampNoResult")
        frame = f"<ImageFrameInfo><Id>1</Id><StampNo>{stamp}</StampNo><Status>0</Status></ImageFrameInfo>"
        named = reference.replace("</file>", f"<FrameInfo>{frame}</FrameInfo></file>")
        self._call("Save", f"{named}<location>Journal</location>")
        return file

    def download(self, file: str, size: int) -> bytes:
        """The SHA-256 of what comes back in pieces."""
        digest = hashlib.sha256()
        reference = f"<file><Id>{file}</Id><Type>Pdf</Type><StampNo>0</StampNo></file>"
        for offset in range(0, size, CHUNK):
            content = f"{reference}<offset>{offset}</offset><bufferSize>{CHUNK}</bufferSize>"
            digest.update(base64.b64decode(_found(self._call("DownloadChunk", content), "DownloadChunkResult")))
        return digest.digest()

    def _call(self, operation: str, content: str) -> bytes:
        body = office_envelope(f'<{operation} xmlns="{_NAMESPACE}/">{content}</{operation}>')
        headers = {**self._headers, "SOAPAction": f'"{_NAMESPACE}/{operation}"'}
        return send(self._address, Request(_PATH, "POST", headers, body))


def _found(answer: bytes, name: str) -> str:
    match = re.search(rf"<{name}>([^<]*)</{name}>".encode(), answer)
    if match is None:
        raise RuntimeError(f"no {name} in {answer[-500:]!r}")
    return match[1].decode()
