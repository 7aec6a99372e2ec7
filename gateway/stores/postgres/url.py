"""The store's URL: `postgresql://user:password@host1:port,host2/database?option=value`, as libpq reads it.

The scheme may be `postgres` or `postgresql+asyncpg`, too. What the URL leaves out comes from the usual places: PGHOST,
PGUSER, PGPASSWORD, PGPASSFILE, PGSERVICE …. The store's own options are in `Options`. All others go to the driver
(sslmode, sslrootcert, passfile, host …) or become settings of the session.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gateway.stores.errors import StoreOpenError

SCHEMES: Final = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
_PRIMARY: Final = frozenset({"read-write", "primary"})


@dataclass(frozen=True, slots=True)
class Options:
    """The store's own options in the URL; seconds may have fractions.

    connect_timeout: seconds for one host; then the next one is tried.
    deadline_seconds: for a group of commands, retries included, and for a read.
    commit_seconds: for the answer to COMMIT; then the connection is dropped and the next host tried.
    readers: how many connections answer reads.
    """

    connect_timeout: float = 3.0
    deadline_seconds: float = 10.0
    commit_seconds: float = 5.0
    readers: float = 2


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is.

    name: fit for logs.
    dsns: one for each host, in order; they may hold a password.
    options: the store's own.
    """

    name: str
    dsns: tuple[str, ...] = field(repr=False)
    options: Options = Options()


def is_postgres(url: str) -> bool:
    """True when a URL names a PostgreSQL store."""
    return url.partition("://")[0] in SCHEMES and "://" in url


def read_address(url: str) -> Address:
    """Take a URL apart. Raises StoreOpenError; its text never holds the URL itself."""
    if not is_postgres(url):
        raise StoreOpenError("not a PostgreSQL address")
    parts = urlsplit("postgresql://" + url.partition("://")[2])
    userinfo, at, hosts = parts.netloc.rpartition("@")
    query = parse_qsl(parts.query, keep_blank_values=True)
    options = _options(query)
    rest = [(name, value) for name, value in query if name not in _OWN]
    places = _places(hosts, rest)
    others = [(name, value) for name, value in rest if name not in {"host", "port"}]
    dsns = tuple(f"postgresql://{userinfo}{at}{_dsn(place, parts.path, others)}" for place in places)
    named = ",".join(":".join(part for part in place if part) for place in places)
    return Address(f"postgresql://{named}{parts.path}", dsns, options)


_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")


def check_url(url: str) -> None:
    """Check all that can be checked without a connection: the address, the options, and that each file can be read.

    Raises StoreOpenError; its text never holds the URL itself.
    """
    try:
        read_address(url)
        parts = urlsplit("postgresql://" + url.partition("://")[2])
    except ValueError:  # such as brackets without an IPv6 address
        raise StoreOpenError("the address cannot be read (special characters must be percent-encoded)") from None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    mode = query.get("sslmode", "prefer")
    if mode not in _SSL_MODES:
        raise StoreOpenError(f"sslmode: not one of {', '.join(_SSL_MODES)}")
    for name in _FILES:
        if query.get(name):
            _check_file(name, query[name])


_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def _check_file(name: str, path: str) -> None:
    try:
        with Path(path).expanduser().open("rb"):
            pass
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not the name of a file"
        raise StoreOpenError(f"{name}: the file {path[:200]!r} cannot be read: {why}") from None


_OWN: Final = frozenset({"target_session_attrs", *(option.name for option in dataclasses.fields(Options))})


def _options(query: Sequence[tuple[str, str]]) -> Options:
    given: dict[str, float] = {}
    for name, value in query:
        if name == "target_session_attrs" and value not in _PRIMARY:
            raise StoreOpenError(f"target_session_attrs={value}: the store writes; leave it out, or give read-write")
        if name in _OWN and name != "target_session_attrs":
            given[name] = _positive(name, value)
    return Options(**given)


def _positive(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < 86_400 or (name == "readers" and number != int(number)):
        raise StoreOpenError(f"{name}={value}: not a number that is possible here")
    return number


def _places(hosts: str, query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs of host and port, from in front of the database or from the query; one empty pair lets the driver choose."""
    named = dict(query)
    if not hosts and named.get("host"):
        names = named["host"].split(",")
        ports = named.get("port", "").split(",")
        if len(ports) not in (1, len(names)):
            raise StoreOpenError("as many ports as hosts are needed, or one for all")
        return list(zip(names, ports * len(names) if len(ports) == 1 else ports, strict=True))
    return [_host_port(host) for host in hosts.split(",")]


def _host_port(text: str) -> tuple[str, str]:
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):  # an IPv6 address in brackets has colons of its own
        host, port = text, ""
    if port and not port.isdecimal():
        raise StoreOpenError(
            "a port in the address is not a number (an @, : or / in a password must be percent-encoded)"
        )
    return host, port


def _dsn(place: tuple[str, str], path: str, query: Sequence[tuple[str, str]]) -> str:
    host, port = place
    if host.startswith("/"):  # a directory with the server's socket
        query = [*query, ("host", host), *([("port", port)] if port else [])]
        authority = ""
    else:
        authority = host + (f":{port}" if port else "")
    options = f"?{urlencode(query, quote_via=quote)}" if query else ""
    return f"{authority}{path}{options}"
