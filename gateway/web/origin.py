"""The address by which a client reaches the gateway. It goes into WSDLs and links, so it is checked and not trusted.

`X-Forwarded-*` and `Forwarded` (RFC 7239) count only when the peer is a configured proxy. A proxy that sets one kind lets the
other pass as the client wrote it. So `Forwarded` counts only where no `X-Forwarded-*` stands beside it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from multidict import CIMultiDictProxy

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Headers: TypeAlias = CIMultiDictProxy[str]

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PORTS: Final = {"http": 80, "https": 443}
_FOR: Final = "X-Forwarded-For"
_OLDER: Final = (_FOR, "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port")
_TEXT: Final = r'"(?:[^"\\]|\\.)*"|[^\s;,="]*'
_PAIR: Final = re.compile(rf"\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*({_TEXT})\s*")


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read the addresses of trusted proxies."""
    return tuple(ipaddress.ip_network(text) for text in texts)


@lru_cache(maxsize=1024)
def _is_trusted(peer: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in networks)


@dataclass(frozen=True, slots=True)
class _Hop:
    """What one proxy says of the request that it got. Each text is empty where the proxy does not say it.

    client: the address that the request came from.
    proto, host: as the client wrote them.
    """

    client: str
    proto: str = ""
    host: str = ""


def _address(node: str) -> str:
    """The address of a node: without port, and without the brackets of an IPv6 address."""
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return node if node.count(":") > 1 else node.partition(":")[0]


@lru_cache(maxsize=256)
def _forwarded(text: str) -> tuple[_Hop, ...]:
    """The hops of a `Forwarded` header, the client's first; none when any part of it is no RFC 7239."""
    hops: list[_Hop] = []
    pairs: dict[str, str] = {}
    position = 0
    while position <= len(text):
        pair = _PAIR.match(text, position)
        if pair is None:
            return ()
        value = pair[2]
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        pairs.setdefault(pair[1].lower(), value)
        position = pair.end() + 1
        follows = text[pair.end() : position]
        if follows in {"", ","}:
            hops.append(_Hop(_address(pairs.get("for", "")), pairs.get("proto", ""), pairs.get("host", "")))
            pairs = {}
        elif follows != ";":
            return ()
        if not follows:
            break
    return tuple(hops)


def _hops(headers: Headers) -> Sequence[_Hop]:
    """The hops of a request from a trusted proxy, the client's first."""
    if any(name in headers for name in _OLDER):
        listed = ",".join(headers.getall(_FOR, ())).split(",")
        return [_Hop(_address(hop.strip())) for hop in listed if hop.strip()]
    return _forwarded(",".join(headers.getall("Forwarded", ()))) if "Forwarded" in headers else ()


def _nearest(hops: Sequence[_Hop], networks: tuple[Network, ...]) -> _Hop | None:
    """The hop that the outermost trusted proxy has noted. What stands before it is the client's own claim."""
    for hop in reversed(hops):  # each proxy appends what it saw
        if not _is_trusted(hop.client, networks):
            return hop
    return hops[0] if hops else None


def client_address(peer: str, headers: Headers, networks: tuple[Network, ...]) -> str:
    """The client's address: the peer, or behind trusted proxies the nearest untrusted hop that they name."""
    if not _is_trusted(peer, networks):
        return peer
    hop = _nearest(_hops(headers), networks)
    return hop.client if hop is not None and hop.client else peer


def asked_host(peer: str, host: str, headers: Headers, networks: tuple[Network, ...]) -> str:
    """The host that the client asked for: what a trusted proxy reports, else `host`."""
    return _as_forwarded("http", host, headers, networks)[1] if _is_trusted(peer, networks) else host


def target_host(target: str) -> str:
    """The host and port in a request target of the absolute form; "" when there is none."""
    return target.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]


def request_origin(
    peer: str, scheme: str, host: str, headers: Headers, networks: tuple[Network, ...], fallback: str
) -> str:
    """scheme://host[:port] as the client wrote it. A Host that cannot be a host is replaced by `fallback`."""
    if networks and _is_trusted(peer, networks):
        scheme, host = _as_forwarded(scheme, host, headers, networks)
    return f"{scheme}://{host if is_host(host) else fallback}"


def _as_forwarded(scheme: str, host: str, headers: Headers, networks: tuple[Network, ...]) -> tuple[str, str]:
    if any(name in headers for name in _OLDER):
        proto, shown, port = (_first(headers.get(name)) for name in _OLDER[1:])
    else:
        hop = _nearest(_hops(headers), networks) or _Hop("")
        proto, shown, port = hop.proto, hop.host, ""
    proto = proto.lower()
    scheme = proto if proto in _PORTS else scheme
    return scheme, _with_port(shown or host, port, scheme)


def _with_port(host: str, port: str, scheme: str) -> str:
    """The host with the port that the proxy listens on, which is left out where the scheme implies it."""
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return host
    name = re.sub(r":[0-9]*$", "", host) if not host.endswith("]") else host
    return name if int(port) == _PORTS[scheme] else f"{name}:{int(port)}"


def _first(value: str | None) -> str:
    return value.split(",", 1)[0].strip() if value else ""


@lru_cache(maxsize=1024)
def is_host(text: str) -> bool:
    """True for what can stand in an address as host and port."""
    return _HOST.fullmatch(text) is not None
