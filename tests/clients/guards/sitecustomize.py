"""Python loads this file at start when the folder is on PYTHONPATH: a socket to anywhere but loopback is an error."""

import socket

_connect = socket.socket.connect
_resolve = socket.getaddrinfo
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def _guarded_connect(self, address):
    if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in _LOOPBACK:
        raise OSError(f"no network in tests: {address[0]}")
    return _connect(self, address)


def _guarded_resolve(host, *rest, **named):
    if host not in _LOOPBACK:
        raise OSError(f"no network in tests: {host}")
    return _resolve(host, *rest, **named)


socket.socket.connect = _guarded_connect
socket.getaddrinfo = _guarded_resolve
