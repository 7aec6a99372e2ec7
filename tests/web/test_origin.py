"""The address that the client used: headers count only from trusted proxies, and a Host is checked."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.web.origin import client_address, read_networks, request_origin

PROXIES = read_networks(["10.0.0.0/8", "::1/128"])


def headers(**values: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in values.items()}))


@pytest.mark.parametrize(
    ("peer", "host", "given", "expected"),
    [
        ("127.0.0.1", "api.example:8080", {}, "http://api.example:8080"),
        ("127.0.0.1", "api.example", {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "evil"}, "http://api.example"),
        ("10.1.2.3", "inner", {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "api.example"}, "https://api.example"),
        ("10.1.2.3", "inner", {"X_Forwarded_Proto": "ftp"}, "http://inner"),
        ("10.1.2.3", "inner", {"X_Forwarded_Host": "a.example, b.example"}, "http://a.example"),
        ("127.0.0.1", 'x"><evil', {}, "http://fallback:1"),
        ("127.0.0.1", "", {}, "http://fallback:1"),
        ("127.0.0.1", "[::1]:7070", {}, "http://[::1]:7070"),
        ("10.1.2.3", "inner", {"X_Forwarded_Host": "a b"}, "http://fallback:1"),
    ],
)
def test_origin(peer: str, host: str, given: dict[str, str], expected: str) -> None:
    assert request_origin(peer, "http", host, headers(**given), PROXIES, "fallback:1") == expected


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("127.0.0.1", "1.2.3.4", "127.0.0.1"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("not an address", "1.2.3.4", "not an address"),
    ],
)
def test_client_address(peer: str, forwarded: str, expected: str) -> None:
    assert client_address(peer, headers(X_Forwarded_For=forwarded), PROXIES) == expected
