"""On the host of a vendor every request gets the vendor's answer, whatever its path."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.config.loading import load_config
from gateway.config.validated import plan
from gateway.config.yaml_file import ConfigError
from tests.conftest import MakeGateway

HOSTS = {
    "resurs": ["test.resurs.com", "ecommerce.resurs.com"],
    "qqsolutions": ["api.qqcatalyst.com", "login.qqcatalyst.com", "apidev.qqcatalyst.com", "logindev.qqcatalyst.com"],
    "twentyfoursevenoffice": ["api.24sevenoffice.com", "webservices.24sevenoffice.com", "soap.example"],
    "invoicexpress": ["demo.app.invoicexpress.com", "else.invoicexpress.net", "www.invoicexpress.com"],
}
PATHS = ["/", "/x", "//", "/%", "/v1", "/sequences.xml", "/Economy/", "/api/", "/favicon.ico", "/" + "y" * 300]
VERBS = ["GET", "POST", "HEAD", "OPTIONS", "PATCH"]


async def asked(client: TestClient[Any, Any], *heads: str) -> bytes:
    """What comes back for requests on one connection, which the last one closes."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    ends = ["\r\n\r\n"] * (len(heads) - 1) + ["\r\nConnection: close\r\n\r\n"]
    writer.write("".join(head + end for head, end in zip(heads, ends, strict=True)).encode())
    answer = await reader.read()
    writer.close()
    return answer


async def test_no_word_of_the_gateway_on_a_vendors_host(make_gateway: MakeGateway) -> None:
    more = {"twentyfoursevenoffice": {"hosts": ["soap.example"]}, "resurs": {"prefix": "/resurs"}}
    client = await make_gateway({"dialects": more})
    for hosts in HOSTS.values():
        for host in (hosts[0].upper() + ".:7070", *hosts):
            heads = [f"{verb} {path} HTTP/1.1\r\nHost: {host}" for path in PATHS for verb in VERBS]
            answer = await asked(client, *heads)
            assert answer.count(b"HTTP/1.1 ") == len(heads), host
            assert b"invoice-gateway" not in answer, host
    assert b"invoice-gateway" in await asked(client, "GET /x HTTP/1.1\r\nHost: else.example")


NAMED = (
    {"host": "", "hosts": [".billing.example"]},
    {"hosts": [".billing.example"]},
    {"host": ".billing.example"},
    {"settings": {"host_suffixes": [".billing.example"]}},
    {"host": "one.example", "hosts": [".billing.example"], "settings": {"host_suffixes": [".two.example"]}},
)


@pytest.mark.parametrize("named", NAMED)
async def test_a_host_of_ones_own_is_given_in_any_place(make_gateway: MakeGateway, named: dict[str, Any]) -> None:
    """`host` is one more name, and the place of earlier versions still counts, also beside the new one."""
    client = await make_gateway({"dialects": {"invoicexpress": named}})
    for host, path, status in (
        ("demo.billing.example", "/sequences.xml", 200),
        ("else.billing.example", "/sequences.xml", 401),
        ("demo.app.invoicexpress.com", "/sequences.xml", 200),
        ("127.0.0.1", "/sequences.xml", 200),
        ("demo.billing.example", "/v1/nothing", 404),
    ):
        async with client.get(f"{path}?api_key=demo-key", headers={"Host": host}) as answer:
            assert (answer.status, b"invoice-gateway" in await answer.read()) == (status, False), (host, path)
    (mount,) = (mount for mount in client.server.gateway.mounts if mount.exchange.name == "invoicexpress")
    assert {".billing.example", *([named["host"], ".two.example"] if "one.example" in named.values() else [])} <= set(
        mount.hosts()
    )
    assert mount is client.server.gateway.mounts[-1]  # on other hosts, others are asked before
    warned = [str(warning) for warning in client.server.gateway.plan.warnings]
    assert [text.partition(": dialects")[2] for text in warned] == [
        ".invoicexpress.settings.host_suffixes: has become dialects.invoicexpress.hosts; it still counts here"
    ] * ("settings" in named)


async def test_the_vendor_is_known_by_the_host_that_the_client_asked_for(make_gateway: MakeGateway) -> None:
    client = await make_gateway({"trusted_proxies": ["127.0.0.0/8"]})
    for head in (
        "GET /x HTTP/1.1\r\nHost: gateway.internal\r\nX-Forwarded-Host: api.qqcatalyst.com",
        "GET http://api.qqcatalyst.com/x HTTP/1.1\r\nHost: gateway.internal",
    ):
        answer = await asked(client, head)
        assert b"No HTTP resource was found that matches the request URI 'http://api.qqcatalyst.com/x'" in answer


@pytest.mark.parametrize(
    ("dialects", "line", "expected"),
    [
        ("resurs: {host: 'a:80'}", 2, "must be a host name"),
        ("resurs: {host: 'a/b'}", 2, "dialects.resurs.host: found 'a/b': must be a host name"),
        (
            "resurs: {host: a}\n  qqsolutions: {hosts: [a]}",
            3,
            "qqsolutions.hosts: the host name a belongs to the dialect r",
        ),
        (
            "resurs: {hosts: [a]}\n  qqsolutions: {host: a}",
            3,
            "qqsolutions.host: the host name a belongs to the dialect r",
        ),
        ("resurs: {hosts: [demo.invoicexpress.net]}", 2, "demo.invoicexpress.net belongs to the dialect invoicexpress"),
        ("resurs: {hosts: ['http://a']}", 2, "must be a host name"),
        ("resurs: {hosts: [Api.qqcatalyst.com.]}", 2, "api.qqcatalyst.com belongs to the dialect qqsolutions, too"),
        ("resurs: {hosts: [a]}\n  qqsolutions: {hosts: [a]}", 3, "a belongs to the dialect resurs, too"),
        ("resurs: {host: demo.invoicexpress.net}", 2, "demo.invoicexpress.net belongs to the dialect invoicexpress"),
        ("resurs: {}\n  invoicexpress: {settings: {host_suffixes: [.a]}}\n  qqsolutions: {hosts: [.a]}", 4, "too"),
        (
            "resurs: {host: b, hosts: [api.qqcatalyst.com]}",
            2,
            "dialects.resurs.hosts: the host name api.qqcatalyst.com",
        ),
        (
            "invoicexpress: {settings: {host_suffixes: .a}}",
            2,
            "must be a list; it has become dialects.invoicexpress.hosts",
        ),
        ("invoicexpress: {settings: {host_suffixes: [a b]}}", 2, "host_suffixes: must be a host name"),
        ("invoicexpress: {settings: {host_suffixes: [a b]}}\nprot: 1", 2, "host_suffixes: must be a host name"),
    ],
)
def test_a_host_belongs_to_one_dialect(tmp_path: Path, dialects: str, line: int, expected: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"dialects:\n  {dialects}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        plan(*load_config(file))
    problem = caught.value.problems[0]
    assert (problem.line, expected in str(problem)) == (line, True), str(problem)
