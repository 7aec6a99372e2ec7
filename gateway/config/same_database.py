"""Whether two URLs of stores name one database. No connection is made.

It reads only as much of a URL as that needs. What is wrong with a URL is for the stores to say.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote


def places_of(url: str) -> frozenset[str]:
    """Where a store may be found, one for each host. Two stores that share one are the same."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return _file_places(Path(rest.removeprefix("/")))
    return _database_places(rest)


def _file_places(path: Path) -> frozenset[str]:
    if "\0" in str(path):  # no file can have this name; the stores refuse it
        return frozenset()
    places = {f"file {os.path.realpath(path)}"}
    if path.exists():  # a second link to the same file
        status = path.stat()
        places.add(f"inode {status.st_dev} {status.st_ino}")
    return frozenset(places)


def _database_places(rest: str) -> frozenset[str]:
    """Host, port, database and schema. Where the URL says nothing, the driver's own defaults count."""
    address, _, options = rest.partition("?")
    query = dict(parse_qsl(options, keep_blank_values=True))
    authority, _, path = address.partition("/")
    userinfo, _, hosts = authority.rpartition("@")
    user = unquote(userinfo.partition(":")[0]) or query.get("user") or os.environ.get("PGUSER", "")
    database = unquote(path) or query.get("database") or query.get("dbname") or os.environ.get("PGDATABASE") or user
    names = hosts or query.get("host") or os.environ.get("PGHOST") or "localhost"
    port = query.get("port") or os.environ.get("PGPORT") or "5432"
    schema = f"{query.get('search_path', '')} {query.get('options', '')}".strip()
    return frozenset(f"{_host_port(name, port)} {database} {schema}" for name in names.split(","))


def _host_port(text: str, port: str) -> str:
    host, colon, given = text.rpartition(":")
    if not colon or given.endswith("]"):  # an IPv6 address in brackets has colons of its own
        return f"{text.lower()}:{port}"
    return f"{host.lower()}:{given or port}"
