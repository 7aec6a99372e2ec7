"""From the host name and path of a request to the dialect that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from gateway.spi.adapter import Dialect
from gateway.spi.exchange import Exchange
from gateway.spi.hosts import HostTable, read_host
from gateway.web.mounts import Mount, Routes
from gateway.web.origin import target_host


@dataclass
class Service:
    """A dialect of which only the paths matter."""

    addresses: Sequence[str] = ("/service",)
    begin: str = "/service"
    asked: list[str] = field(default_factory=list)

    def claims(self, path: str) -> bool:
        self.asked.append(path)
        return path.startswith(self.begin)


def exchange(name: str, begin: str = "/service", addresses: Sequence[str] = ("/service",)) -> Exchange:
    return Exchange(name, cast("Dialect", Service(addresses, begin)), 1, 2)


GREEDY = exchange("greedy", begin="/", addresses=())
OWN = exchange("own")


def test_an_address_belongs_to_the_first_who_claims_it() -> None:
    mounts = Mount(GREEDY), Mount(OWN)
    assert Routes(mounts).addresses["/service"] == (mounts[0], "/service")
    hosted = Mount(OWN, hosts=lambda: ["own.example"])
    routes = Routes((mounts[0], hosted))
    assert routes.find("OWN.example:1", "/service").mount is hosted
    assert routes.find("own.example.", "/service").mount is hosted
    assert routes.find("else.example", "/service").mount is mounts[0]


def test_another_dialect_has_other_addresses() -> None:
    own = exchange("own")
    routes = Routes((Mount(own),))
    own.dialect = cast("Dialect", Service(addresses=("/service/2",)))
    routes.forget()
    assert list(routes.addresses) == ["/service/2"]


@pytest.mark.parametrize(
    "host", ["api.own.example", "API.Own.example:8080", "api.own.example.", "api.own.example.:443"]
)
@pytest.mark.parametrize("path", ["/", "/service", "/else", "/%", "//", "/own/service"])
def test_every_path_on_a_vendors_host_is_the_vendors(host: str, path: str) -> None:
    own = Mount(OWN, prefix="/own", hosts=lambda: ("api.own.example",))
    routes = Routes((own, Mount(GREEDY)))
    found = routes.find(host, path)
    assert (found.mount, found.path) == (own, path.removeprefix("/own"))
    assert found.origin == f"http://{host}" + ("/own" if path.startswith("/own/") else "")
    assert routes.find("else.example", path).mount is (own if path.startswith("/own/") else routes.find("", "/").mount)


def test_only_so_many_hosts_are_remembered() -> None:
    asked: list[str] = []

    class Table(HostTable[Mount]):
        def owner(self, host: str) -> Mount | None:
            asked.append(host)
            return super().owner(host)

    routes = Routes((Mount(GREEDY),))
    routes._hosts = Table(())
    hosts = [f"h{number}.example" for number in range(2000)]
    for path in ("/a", "/b"):
        assert routes.find(hosts[0], path).origin == "http://h0.example"
    assert asked == hosts[:1]  # another path asks about the same host, and it is known
    for host in (*hosts, "x" * 300):
        routes.find(host, "/a")
    assert len(routes._known_hosts) <= 1024
    assert "x" * 300 not in routes._known_hosts


def test_hosts_change_with_the_settings_of_the_dialect() -> None:
    hosts = ["a.example"]
    own = Mount(OWN, hosts=lambda: hosts)
    routes = Routes((own,))
    assert routes.find("b.example", "/else").mount is None
    hosts[:] = ["b.example"]
    routes.forget()
    assert routes.find("b.example", "/else").mount is own
    assert routes.find("a.example", "/else").mount is None


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("demo.app.example.com", "accounts"),
        ("a.b.app.example.com:7070", "accounts"),
        ("DEMO.APP.EXAMPLE.COM.", "accounts"),
        ("api.app.example.com", "api"),
        ("x.example.com", "rest"),
        ("app.example.com", "rest"),
        ("example.com", None),
        ("notexample.com", None),
        (".app.example.com", "accounts"),
        ("api.app.example.com.evil", None),
        ("127.0.0.1:7070", None),
        ("[::1]:7070", None),
        ("", None),
    ],
)
def test_who_owns_a_host(host: str, owner: str | None) -> None:
    owned = {"rest": [".example.com"], "accounts": [".app.example.com"], "api": ["API.app.example.com."]}
    assert HostTable(owned.items()).owner(host) == owner


@pytest.mark.parametrize("text", ["", ".", "a:80", "http://a", "a/b", "*.a", "a b", "a..b", "-a", "[::1]", "a\n"])
def test_what_is_no_host_name(text: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        read_host(text)


def test_the_host_of_an_absolute_target() -> None:
    assert target_host("http://api.example.com:80/v1?x=http://else/") == "api.example.com:80"
    assert target_host("http://user:pw@api.example.com?x") == "api.example.com"
    assert target_host("/v1?x=http://else/") == "else"
    assert target_host("*") == ""
