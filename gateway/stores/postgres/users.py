"""Who uses a database besides this process."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncpg

from gateway.core.ports import StoreUnavailableError
from gateway.stores.errors import StoreOpenError
from gateway.stores.postgres.connection import Hosts, close_quietly
from gateway.stores.postgres.error_classes import brief
from gateway.stores.postgres.url import read_address

_CONNECTIONS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'invoice-gateway' "
    "AND pid <> pg_backend_pid()"
)


async def gateway_connections(url: str) -> int:
    """How many connections gateways, or other commands of this program, have to a database. Raises StoreOpenError."""
    hosts = Hosts(read_address(url))
    try:
        connection = await hosts.connect(asyncio.get_running_loop().time() + hosts.address.options.deadline_seconds)
    except StoreUnavailableError as error:
        raise StoreOpenError(f"cannot open store: {error}") from error
    try:
        return int(await connection.fetchval(_CONNECTIONS))
    except asyncpg.PostgresError as error:
        raise StoreOpenError(f"cannot open store {hosts.address.name}: {brief(error)}") from error
    finally:
        await close_quietly(connection)
