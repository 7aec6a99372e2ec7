"""The data port of several workers: which process holds it, which addresses it has, and when connections reach it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from gateway.server.errors import ListenError
from gateway.server.supervisor.port import SharedPort


@contextlib.contextmanager
def shared(host: str, port: int = 0) -> Iterator[SharedPort]:
    with contextlib.closing(SharedPort(host, port)) as opened:
        yield opened


@pytest.mark.parametrize("sharing", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
def test_a_port_that_somebody_listens_on_is_refused(sharing: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, sharing, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            SharedPort("127.0.0.1", port)
    assert str(caught.value) == f"cannot listen on 127.0.0.1:{port} (port): Address already in use"


def test_two_supervisors_do_not_share_a_port() -> None:
    with shared("127.0.0.1") as first, pytest.raises(ListenError):
        SharedPort("127.0.0.1", first.number)
    with shared("127.0.0.1", first.number) as second:  # closing releases the port
        assert second.number == first.number


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(ListenError, match=r"cannot listen on nowhere\.invalid:0 \(port\): "):
        SharedPort("nowhere.invalid", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_sockets_of_a_number_get_connections_once_a_worker_listens(host: str) -> None:
    with shared(host) as port:
        listeners = port.open()
        for listener in listeners:
            address = listener.getsockname()
            assert address[1] == port.number
            with socket.socket(listener.family) as early, pytest.raises(ConnectionRefusedError):
                early.connect(address)
            listener.listen()
            with socket.socket(listener.family) as client:
                client.connect(address)
                listener.accept()[0].close()
            listener.close()


def test_no_host_means_every_address() -> None:
    with shared("") as port:
        listeners = port.open()
        assert socket.AF_INET in {listener.family for listener in listeners}
        for listener in listeners:
            listener.close()
