"""Below `/_gateway/` no dialect answers, whatever the host and the prefix; beside it, nothing of ours does."""

from __future__ import annotations

from tests.conftest import MakeGateway
from tests.cross_dialect.test_hosts import HOSTS, VERBS, asked

NAMES = (*HOSTS, "nobody")
RESERVED = ("/_gateway", "/_gateway/", "/%5Fgateway/x", *(f"/_gateway/{name}/page?token=x" for name in NAMES))
BESIDE = ("/_gatewayx", "/_Gateway/resurs", "//_gateway/", "/x/_gateway/resurs/page", "/v1/_gateway", "/_gateway%2Fx")
SAFE = (b"Cache-Control: no-store\r\n", b"X-Content-Type-Options: nosniff\r\n", b"default-src 'none'")


async def test_no_dialect_answers_below_the_reserved_prefix(make_gateway: MakeGateway) -> None:
    more = {name: {"prefix": f"/{name}"} for name in ("resurs", "invoicexpress")}
    client = await make_gateway({"dialects": {**more, "twentyfoursevenoffice": {"hosts": ["soap.example"]}}})
    for name, hosts in {**HOSTS, "": ["127.0.0.1", "else.example"]}.items():
        below = [f"/{name}{path}" for path in RESERVED] if name in more else []
        if not name:
            below = [f"/{each}{path}" for each in more for path in RESERVED]
        for host in hosts:
            heads = [f"{verb} {path} HTTP/1.1\r\nHost: {host}" for path in (*RESERVED, *below) for verb in VERBS]
            answer = await asked(client, *heads)
            assert answer.count(b"HTTP/1.1 404 Not Found\r\n") == len(heads), host
            assert answer.count(b"invoice-gateway: There is no page at this address.\n") == len(heads) * 4 // 5, host
            assert [answer.count(part) for part in SAFE] == [len(heads)] * len(SAFE)


async def test_nothing_of_ours_beside_it_on_a_vendors_host(make_gateway: MakeGateway) -> None:
    client = await make_gateway({"dialects": {"resurs": {"prefix": "/x"}}})
    for name, hosts in HOSTS.items():
        paths = [path for path in BESIDE if (name, path) != ("resurs", "/x/_gateway/resurs/page")]
        heads = [f"{verb} {path} HTTP/1.1\r\nHost: {hosts[0]}" for path in paths for verb in VERBS]
        answer = await asked(client, *heads)
        assert answer.count(b"HTTP/1.1 ") == len(heads), name
        assert b"invoice-gateway" not in answer, name
