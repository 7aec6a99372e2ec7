"""How long a file of 25 MB takes up and down through 24SevenOffice's AttachmentService, and how much memory it needs.

`python -m tests.bench.files` prints a table for a SQLite file and for PostgreSQL. Memory is the peak of the server's process
above what it had before the upload.
"""

from __future__ import annotations

import base64
import http.client
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests import pg
from tests.bench.servers import Server, gateway_server

SIZE: Final = 25_000_000
CHUNKS: Final = (1024 * 1024, 2_048_000)
_LOGIN: Final = "/authenticate/v001/authenticate.asmx"
_SERVICE: Final = "/Economy/Accounting/Accounting_V001/AttachmentService.asmx"
_OUTSIDE: Final = "http://24sevenOffice.com/webservices"
_NAMESPACE: Final = "http://24sevenoffice.com/webservices/economy/accounting/"
_CREDENTIAL: Final = (
    "<credential><ApplicationId>00000000-0000-4000-8000-000000000024</ApplicationId>"
    "<Password>demo-secret</Password><Username>demo@example.com</Username></credential>"
)
_HEADERS: Final = ("chunk, bytes", "up, s", "ms a chunk", "peak, MB", "down, s", "ms a chunk", "peak, MB")


def memory(pid: int) -> tuple[float, float]:
    """Resident memory of a process now, and its peak, in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    now, peak = (int(text.split(f"{name}:")[1].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


class _Client:
    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
        self._cookie = ""
        self._cookie = self.ask("Login", _CREDENTIAL, _LOGIN, _OUTSIDE).partition("<LoginResult>")[2].partition("<")[0]

    def ask(self, operation: str, inner: str, path: str = _SERVICE, namespace: str = _NAMESPACE) -> str:
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f'<{operation} xmlns="{namespace}">{inner}</{operation}></e:Body></e:Envelope>'
        )
        headers = {"Content-Type": "text/xml", "Cookie": f"ASP.NET_SessionId={self._cookie}"}
        self._connection.request("POST", path, body.encode(), headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(text)
        return text


def measure(server: Server, content: bytes, chunk: int) -> Iterator[str]:
    """One row of the table."""
    client = _Client(server)
    count = -(-len(content) // chunk)
    texts = [base64.b64encode(content[place * chunk : (place + 1) * chunk]).decode() for place in range(count)]
    file = re.search(r"<Id>(\d+)</Id>", client.ask("Create", "<type>Png</type>"))
    assert file is not None
    named = f"<file><Id>{file[1]}</Id><Type>Png</Type></file>"
    yield f"{chunk:,}"

    def timed(inner: Iterator[tuple[str, str]]) -> Iterator[str]:
        Path(f"/proc/{server.pid}/clear_refs").write_text("5")
        before, began = memory(server.pid)[0], time.perf_counter()
        for operation, message in inner:
            client.ask(operation, message)
        seconds = time.perf_counter() - began
        yield from (f"{seconds:.2f}", f"{seconds / count * 1000:.0f}", f"{memory(server.pid)[1] - before:.0f}")

    offsets = [(text, f"<offset>{place * chunk}</offset>") for place, text in enumerate(texts)]
    yield from timed((("AppendChunk", f"{named}<buffer>{text}</buffer>{offset}") for text, offset in offsets))
    client.ask("Save", f"{named}<location>Journal</location>")
    size = f"<bufferSize>{chunk}</bufferSize>"
    yield from timed((("DownloadChunk", f"{named}{offset}{size}") for _, offset in offsets))


def main() -> None:
    """Print the tables."""
    content = os.urandom(SIZE)
    binaries = pg.binaries()
    cluster = pg.make_cluster(binaries) if binaries is not None else None
    try:
        for name in ("SQLite", "PostgreSQL"):
            store = "" if name == "SQLite" or cluster is None else cluster.url(cluster.database())
            with tempfile.TemporaryDirectory() as folder, gateway_server(Path(folder), store) as server:
                print(f"{name}: {memory(server.pid)[0]:.0f} MB before the first request")
                print(" | ".join(_HEADERS))
                for chunk in CHUNKS * 2:
                    print(" | ".join(measure(server, content, chunk)))
    finally:
        if cluster is not None:
            pg.destroy(cluster)


if __name__ == "__main__":
    main()
