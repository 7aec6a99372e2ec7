"""What an error means for the group that met it, by SQLSTATE.

ROLLED_BACK   the server undid the transaction: try again
LOST          the connection is of no use any more. Before COMMIT nothing was written; at COMMIT that is not known
REFUSED       the database can be reached but does not serve: full, overloaded, not our tables, no permission
POISON        one of the group's jobs is at fault: find out which
"""

from __future__ import annotations

import asyncio
import enum
from typing import Final

import asyncpg

from gateway.stores.engine.tenant_records import Conflict


class Verdict(enum.Enum):
    """What to do after an error."""

    ROLLED_BACK = enum.auto()
    LOST = enum.auto()
    REFUSED = enum.auto()
    POISON = enum.auto()


_RETRY: Final = frozenset({"40001", "40P01", "55P03"})
"""Serialization failure, deadlock, lock not available."""
_LOST_CODES: Final = frozenset(
    {"40003", "57P01", "57P02", "57P03", "57P04", "57P05", "25006", "25P02", "25P03", "25P04"}
)
"""Completion unknown, shutdown, crash, starting up, database dropped; a standby; transaction or session timed out."""
_POISON_CLASSES: Final = frozenset({"21", "22", "23"})
_CONFLICTS: Final = {"23505": Conflict.TAKEN, "23503": Conflict.REFERENCE}
_ROLLED_BACK_AT_COMMIT: Final = frozenset({"40000", "40001", "40002", "40P01"})


def sqlstate(error: BaseException) -> str:
    """The five characters, or none."""
    return str(getattr(error, "sqlstate", None) or "")


def verdict(error: Exception) -> Verdict:
    """What an error before COMMIT means."""
    code = sqlstate(error)
    if code in _RETRY:
        return Verdict.ROLLED_BACK
    if code in _LOST_CODES or code[:2] == "08":
        return Verdict.LOST
    if isinstance(error, asyncpg.PostgresError) and code:
        return Verdict.POISON if code[:2] in _POISON_CLASSES else Verdict.REFUSED
    if is_connection_trouble(error):
        return Verdict.LOST
    return Verdict.POISON


_CONNECTION_TROUBLE: Final = (
    OSError,
    TimeoutError,
    asyncio.IncompleteReadError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server has ended the session, and the driver has not noticed yet
)


def is_connection_trouble(error: BaseException) -> bool:
    """True when the connection is at fault, and not what was sent over it."""
    if isinstance(error, asyncpg.DataError):  # found by the driver while encoding
        return False
    return isinstance(error, _CONNECTION_TROUBLE)


def conflict_of(error: Exception) -> Conflict | None:
    """What a refusal of the constraints means; None for any other error."""
    return _CONFLICTS.get(sqlstate(error))


def rolled_back_at_commit(error: Exception) -> bool:
    """True when an error in answer to COMMIT says for certain that nothing was committed."""
    code = sqlstate(error)
    return code in _ROLLED_BACK_AT_COMMIT or code[:2] == "23"


def brief(error: BaseException) -> str:
    """One line about an error, for people; holds neither values nor the address."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    code = sqlstate(error)
    return f"{text} (SQLSTATE {code})" if code else text


def cause_of(error: Exception) -> Exception:
    """The error that a command's waiter gets: the value's own error instead of the one that the driver wraps around it."""
    inner = error.__cause__
    if isinstance(error, asyncpg.DataError) and isinstance(inner, Exception):
        return inner
    return error
