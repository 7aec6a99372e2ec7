"""What trusted proxies say of the address that a client used: X-Forwarded-* in every spelling, and Forwarded (RFC 7239)."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.web.origin import client_address, read_networks, request_origin

PROXIES = read_networks(["10.0.0.0/8", "2001:db8:1::/48"])
PROXY = "10.0.0.1"


def headers(*fields: str) -> CIMultiDictProxy[str]:
    pairs = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields)]
    return CIMultiDictProxy(CIMultiDict(pairs))


ORIGINS = [
    (["X-Forwarded-Proto: HTTPS"], "https://inner:8080"),
    (["X-Forwarded-Proto: Https, http"], "https://inner:8080"),
    (["X-Forwarded-Proto: gopher"], "http://inner:8080"),
    (["X-Forwarded-Proto: https", "X-Forwarded-Port: 443"], "https://inner"),
    (["X-Forwarded-Proto: https", "X-Forwarded-Port: 8443"], "https://inner:8443"),
    (["X-Forwarded-Port: 80"], "http://inner"),
    (["X-Forwarded-Port: 443"], "http://inner:443"),
    (["X-Forwarded-Port: 443, 8080", "X-Forwarded-Proto: https"], "https://inner"),
    (["X-Forwarded-Port: 0"], "http://inner:8080"),
    (["X-Forwarded-Port: 65536"], "http://inner:8080"),
    (["X-Forwarded-Port: 8e3"], "http://inner:8080"),
    (["X-Forwarded-Port: ²"], "http://inner:8080"),
    (["X-Forwarded-Host: api.example:8443", "X-Forwarded-Port: 9443"], "http://api.example:9443"),
    (["X-Forwarded-Host: [2001:db8::7]", "X-Forwarded-Port: 9443"], "http://[2001:db8::7]:9443"),
    (["X-Forwarded-Host: [2001:db8::7]:1", "X-Forwarded-Port: 80"], "http://[2001:db8::7]"),
    (["Forwarded: proto=https;host=api.example"], "https://api.example"),
    (['Forwarded: Proto=HTTPS; Host="api.example:8443"'], "https://api.example:8443"),
    (["Forwarded: for=192.0.2.1 ; proto = https"], "https://inner:8080"),
    (['Forwarded: host="[2001:db8::7]:8443";proto=https'], "https://[2001:db8::7]:8443"),
    (["Forwarded: for=192.0.2.1;proto=https;host=api.example, for=10.0.0.2;proto=http;host=b"], "https://api.example"),
    (
        ["Forwarded: for=192.0.2.1;proto=https;host=api.example", "Forwarded: for=10.0.0.2;host=b"],
        "https://api.example",
    ),
    (["Forwarded: proto=https;host=evil, for=192.0.2.1;proto=http;host=api.example"], "http://api.example"),
    (['Forwarded: host="api\\.example"'], "http://api.example"),
    (['Forwarded: host="a, b;c"'], "http://fallback:1"),
    (["Forwarded: host=evil", "X-Forwarded-For: 192.0.2.1"], "http://inner:8080"),
    (['Forwarded: host="unfinished'], "http://inner:8080"),
    (["Forwarded: host=api.example;;;"], "http://inner:8080"),
    (["Forwarded: nonsense"], "http://inner:8080"),
    (["Forwarded:"], "http://inner:8080"),
    (["X-Forwarded-Host: a/b"], "http://fallback:1"),
]


@pytest.mark.parametrize(("fields", "expected"), ORIGINS)
def test_the_address_is_the_one_that_the_client_used(fields: list[str], expected: str) -> None:
    given = headers(*fields)
    assert request_origin(PROXY, "http", "inner:8080", given, PROXIES, "fallback:1") == expected
    assert request_origin("192.0.2.9", "http", "inner:8080", given, PROXIES, "fallback:1") == "http://inner:8080"


ADDRESSES = [
    (["Forwarded: for=192.0.2.1"], "192.0.2.1"),
    (['Forwarded: for="192.0.2.1:4711"'], "192.0.2.1"),
    (['Forwarded: For="[2001:db8::7]:4711"'], "2001:db8::7"),
    (['Forwarded: for="[2001:db8:1::7]", for=10.9.9.9'], "2001:db8:1::7"),
    (["Forwarded: for=6.6.6.6, for=192.0.2.1, for=10.0.0.2"], "192.0.2.1"),
    (["Forwarded: for=6.6.6.6", "Forwarded: for=192.0.2.1"], "192.0.2.1"),
    (["Forwarded: for=unknown"], "unknown"),
    (["Forwarded: proto=https"], PROXY),
    (["Forwarded: for=6.6.6.6", "X-Forwarded-For: 192.0.2.1"], "192.0.2.1"),
    (["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.1"], "192.0.2.1"),
    (["X-Forwarded-For: 192.0.2.1:4711"], "192.0.2.1"),
    (["X-Forwarded-For: [2001:db8::7]:4711"], "2001:db8::7"),
    (["X-Forwarded-For: 2001:db8::7"], "2001:db8::7"),
]


@pytest.mark.parametrize(("fields", "expected"), ADDRESSES)
def test_the_client_is_the_nearest_hop_that_is_no_proxy(fields: list[str], expected: str) -> None:
    assert client_address(PROXY, headers(*fields), PROXIES) == expected
    assert client_address("192.0.2.9", headers(*fields), PROXIES) == "192.0.2.9"
