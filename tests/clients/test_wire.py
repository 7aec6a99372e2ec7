"""One SOAP request in every form that HTTP allows, byte by byte over raw sockets, to a real gateway process."""

from __future__ import annotations

import base64
import gzip
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Running, serving

CASES = Path(__file__).parent.parent / "adapters" / "resurs" / "cases"
PEEK = (CASES / "peekInvoiceSequence/unset/request.xml").read_bytes()
UNSET = (CASES / "peekInvoiceSequence/unset/response.xml").read_bytes()
PATH = "/ws/V4/ConfigurationService"
LOGIN = "Authorization: Basic " + base64.b64encode(b"demo-se:demo-secret").decode()
LIMIT = 16 * 1024 * 1024


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Host and port of one gateway process for all tests here; no test moves a number."""
    with serving(tmp_path_factory.mktemp("wire")) as running:
        host, _, port = _authority(running).partition(":")
        yield host, int(port)


def _authority(running: Running) -> str:
    return running.data_url.removeprefix("http://")


class Connection:
    """A raw connection: sends bytes, reads answers."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=30)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, *parts: bytes) -> None:
        """Send each part in a packet of its own."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            self._socket.sendall(part)

    def head(self) -> tuple[str, dict[str, str]]:
        """A status line and the headers that follow it."""
        status = self._file.readline().decode().rstrip("\r\n")
        headers: dict[str, str] = {}
        while (line := self._file.readline().decode().rstrip("\r\n")) != "":
            name, _, value = line.partition(":")
            assert name not in headers
            headers[name] = value.strip()
        return status, headers

    def answer(self) -> tuple[str, dict[str, str], bytes]:
        """A whole answer."""
        status, headers = self.head()
        assert "Transfer-Encoding" not in headers
        return status, headers, self._file.read(int(headers["Content-Length"]))

    def is_closed(self) -> bool:
        """Wait until the server closes the connection; False when it sends something instead."""
        return self._file.read(1) == b""


def head(*headers: str, method: str = "POST", target: str = PATH, version: str = "1.1", host: bool = True) -> bytes:
    """The head of a request, with Host, credentials and content type."""
    standard = ["Host: gateway.example"] if host else []
    lines = [f"{method} {target} HTTP/{version}", *standard, LOGIN, "Content-Type: text/xml;charset=UTF-8", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def sized(body: bytes, *headers: str) -> bytes:
    """A request with Content-Length."""
    return head(f"Content-Length: {len(body)}", *headers) + body


def chunked(body: bytes, size: int, extension: str = "") -> bytes:
    """A body in chunks."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(f"{len(p):x}{extension}\r\n".encode() + p + b"\r\n" for p in parts) + b"0\r\n\r\n"


def deflated(body: bytes) -> bytes:
    """zlib format, which HTTP calls deflate."""
    return zlib.compress(body)


TE = "Transfer-Encoding: chunked"
WAYS = {
    "sized": [sized(PEEK)],
    "sized, byte by byte": [bytes([byte]) for byte in sized(PEEK)],
    "head and body apart": [head(f"Content-Length: {len(PEEK)}"), PEEK],
    "one chunk": [head(TE), chunked(PEEK, 10_000)],
    "chunks of one byte": [head(TE), chunked(PEEK, 1)],
    "chunks with an extension": [head(TE), chunked(PEEK, 50, ";name=value")],
    "chunks with a trailer": [head(TE), chunked(PEEK, 50)[:-2], b"X-Trailer: 1\r\n\r\n"],
    "gzip": [sized(gzip.compress(PEEK, mtime=0), "Content-Encoding: gzip")],
    "gzip in chunks": [head(TE, "Content-Encoding: gzip"), chunked(gzip.compress(PEEK, mtime=0), 7)],
    "x-gzip": [sized(gzip.compress(PEEK, mtime=0), "Content-Encoding: X-GZIP")],
    **{
        f"Content-Encoding {name}": [sized(PEEK, f"Content-Encoding: {name}")]
        for name in ("UTF-8", "binary", "none", "identity", "br", "zstd", "zebra")
    },
    "identity": [sized(PEEK, "Content-Encoding: identity")],
    "odd header case": [
        sized(PEEK).replace(b"Content-Type", b"cONTENT-tYPE").replace(b"Authorization", b"AUTHORIZATION")
    ],
    "absolute target": [sized(PEEK).replace(b"POST /", b"POST http://gateway.example/")],
    "encoded answer offered": [sized(PEEK, "Accept-Encoding: gzip, deflate")],
    "SOAPAction missing, empty, quoted": [sized(PEEK), sized(PEEK, "SOAPAction:"), sized(PEEK, 'SOAPAction: ""')],
}


@pytest.mark.parametrize("parts", WAYS.values(), ids=WAYS.keys())
def test_every_way_gets_the_same_answer(address: tuple[str, int], parts: list[bytes]) -> None:
    requests = b"".join(parts).count(b" HTTP/1.1\r\n")
    with Connection(address) as connection:
        connection.send(*parts)
        for _request in range(requests):
            status, headers, body = connection.answer()
            assert (status, body) == ("HTTP/1.1 200 OK", UNSET)
            assert set(headers) == {"Content-Type", "Content-Length", "Date"}
            assert headers["Content-Type"] == "text/xml;charset=UTF-8"


def test_a_connection_is_kept_and_may_be_filled_ahead(address: tuple[str, int]) -> None:
    with Connection(address) as connection:
        connection.send(sized(PEEK) * 20)
        assert {connection.answer()[2] for _request in range(20)} == {UNSET}


def test_connection_close(address: tuple[str, int]) -> None:
    with Connection(address) as connection:
        connection.send(sized(PEEK, "Connection: close"))
        _status, headers, body = connection.answer()
        assert (headers["Connection"], body) == ("close", UNSET)
        assert connection.is_closed()


def test_expect_100_continue(address: tuple[str, int]) -> None:
    """The client sends the body only after the interim answer, as curl does with a large one."""
    with Connection(address) as connection:
        connection.send(head(f"Content-Length: {len(PEEK)}", "Expect: 100-continue"))
        assert connection.head() == ("HTTP/1.1 100 Continue", {})
        connection.send(PEEK)
        assert connection.answer()[2] == UNSET
        connection.send(sized(PEEK))  # the connection stays open
        assert connection.answer()[2] == UNSET


def test_expect_is_not_continued_when_the_body_is_too_large(address: tuple[str, int]) -> None:
    with Connection(address) as connection:
        connection.send(head(f"Content-Length: {LIMIT + 1}", "Expect: 100-continue"))
        status, _headers, body = connection.answer()
        assert status.startswith("HTTP/1.1 413 ")
        assert b"<faultcode>soap:Client</faultcode>" in body


@pytest.mark.parametrize("keep", [False, True])
def test_http_1_0(address: tuple[str, int], keep: bool) -> None:
    """No Host header, no interim answer; the connection is closed unless the client asks to keep it."""
    headers = [f"Content-Length: {len(PEEK)}", "Expect: 100-continue", *(["Connection: keep-alive"] if keep else [])]
    with Connection(address) as connection:
        connection.send(head(*headers, version="1.0", host=False) + PEEK)
        status, answered, body = connection.answer()
        assert (status, body) == ("HTTP/1.0 200 OK", UNSET)
        assert answered.get("Connection", "close") == ("keep-alive" if keep else "close")
        if not keep:
            assert connection.is_closed()


def test_the_contract_names_the_host_that_the_client_used(address: tuple[str, int]) -> None:
    with Connection(address) as connection:
        connection.send(head(method="GET", target=f"{PATH}?wsdl"))
        _status, _headers, body = connection.answer()
        assert f'location="http://gateway.example{PATH}"'.encode() in body
    with Connection(address) as connection:
        connection.send(head(method="GET", target=f"{PATH}?wsdl", version="1.0", host=False))
        _status, _headers, body = connection.answer()
        assert f'location="http://{address[0]}:{address[1]}{PATH}"'.encode() in body


def test_head_has_the_length_but_no_body(address: tuple[str, int]) -> None:
    with Connection(address) as connection:
        connection.send(head(method="HEAD", target=f"{PATH}?wsdl"))
        status, headers = connection.head()
        assert status == "HTTP/1.1 200 OK"
        assert int(headers["Content-Length"]) > 10_000
        connection.send(sized(PEEK))
        assert connection.answer()[2] == UNSET


BOMB = gzip.compress(b" " * (LIMIT + 1), mtime=0)
REFUSED = {
    "no gzip at all": (sized(PEEK, "Content-Encoding: gzip"), 500),
    "gzip cut short": (sized(gzip.compress(PEEK, mtime=0)[:-20], "Content-Encoding: gzip"), 500),
    "deflate, which CXF does not look for": (sized(deflated(PEEK), "Content-Encoding: deflate"), 500),
    "announced too large": (head(f"Content-Length: {LIMIT + 1}"), 413),
    "too large once inflated": (sized(BOMB, "Content-Encoding: gzip"), 413),
    "too large in chunks": (head(TE) + chunked(b" " * (LIMIT + 1), 1 << 20), 413),
    "no body": (head("Content-Length: 0"), 500),
    "no length": (head(), 500),
}


@pytest.mark.parametrize(("request_bytes", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_a_fault(address: tuple[str, int], request_bytes: bytes, status: int) -> None:
    with Connection(address) as connection:
        connection.send(request_bytes)
        line, headers, body = connection.answer()
        assert line.startswith(f"HTTP/1.1 {status} "), body
        assert headers["Content-Type"] == "text/xml;charset=UTF-8"
        assert b"<faultcode>soap:Client</faultcode>" in body
