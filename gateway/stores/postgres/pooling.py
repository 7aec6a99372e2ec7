"""Refuses a pooler that gives each transaction another session (ADR-50).

A store relies on its sessions: their settings, their prepared statements, and that a session stays on one server. A pooler in
session mode keeps all that. One in transaction mode does not, and loses it without a word.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

_REMEMBER: Final = "SELECT set_config('invoice_gateway.session', $1, false)"
_RECALL: Final = "SELECT current_setting('invoice_gateway.session', true)"
_TRIES: Final = 3
_SECONDS: Final = 1.0


class PoolingError(Exception):
    """A pooler in transaction mode is between the store and its database."""

    def __init__(self) -> None:
        super().__init__(
            "a connection pooler in transaction mode answers instead of PostgreSQL: "
            "use its session mode, or the server's own port"
        )


async def refuse_transaction_pooling(connection: Any, connect: Callable[[], Awaitable[Any]]) -> None:
    """Raises PoolingError when the session of `connection` does not last longer than a transaction.

    The session remembers a word. Then another connection keeps a transaction open, which in transaction mode takes the session
    that has just become free. A pooler with a single session has none left then, and does not answer in time.

    connect: makes another connection to the same address.
    """
    other = await connect()
    try:
        for _ in range(_TRIES):
            word = secrets.token_hex(8)
            await connection.fetchval(_REMEMBER, word, timeout=_SECONDS)
            async with other.transaction():
                await other.fetchval("SELECT 1", timeout=_SECONDS)
                if await connection.fetchval(_RECALL, timeout=_SECONDS) != word:
                    raise PoolingError
    except (TimeoutError, asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError) as error:
        raise PoolingError from error
    finally:
        other.terminate()
