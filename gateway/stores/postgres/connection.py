"""One connection to the primary: tries hosts in turn, and drops itself instead of cancelling a statement."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import asyncpg
import structlog
from asyncpg.connect_utils import SessionAttribute

from gateway.core.ports import StoreUnavailableError
from gateway.stores.engine.statements import with_placeholders
from gateway.stores.postgres.error_classes import brief, sqlstate
from gateway.stores.postgres.lease import Lease, now
from gateway.stores.postgres.pooling import PoolingError, refuse_transaction_pooling
from gateway.stores.postgres.queries import NEXT_TRANSACTION, PRIMARY, PROOF
from gateway.stores.postgres.url import Address

log = structlog.get_logger("store")

_PAUSE_SECONDS: Final = 0.2
_SERIOUS: Final = frozenset({"WARNING", "ERROR", "FATAL", "PANIC"})
_HOPELESS: Final = frozenset({"28000", "28P01", "3D000", "42501"})
"""Not authenticated, no such database, no permission: trying again does not help."""
_SET: Final = """
SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS wanted(name, value)
WHERE current_setting(name, true) IS NOT NULL
AND (name <> 'synchronous_commit' OR current_setting(name) IN ('off', 'local'))
"""
"""Settings of the session. They do not go along with the connection's start, because poolers refuse or drop them there."""
_UNLIMITED: Final[Mapping[str, str]] = MappingProxyType(
    {"statement_timeout": "0", "transaction_timeout": "0", "idle_session_timeout": "0"}
)
"""An administrator's limits. They would cancel a COMMIT that waits for its standbys: it would be good on the primary alone."""
CLOCK_SECONDS: Final = 2.0
"""From such a difference on between the clocks of this machine and of the database a warning is logged."""

NO_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({})
BY_INDEX: Final[Mapping[str, str]] = MappingProxyType(
    {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
)
"""For statements that look up single rows. A plan that was made while a table was small is kept, and must suit a large one."""
FOR_VALUES: Final[Mapping[str, str]] = MappingProxyType({"plan_cache_mode": "force_custom_plan"})
"""For searches: which index is best depends on the values that are asked for."""

if TYPE_CHECKING:
    _DriverConnection = asyncpg.Connection[asyncpg.Record]
else:
    _DriverConnection = asyncpg.Connection


class Connection(_DriverConnection):
    """A connection that is dropped when a statement on it is given up.

    The driver would ask the server to cancel the statement instead. A cancelled COMMIT that waits for its standbys is
    committed on the primary alone, and what is acknowledged afterwards could be lost with that primary.

    warnings: of the server; a caller who needs them clears them before.
    timeline: of the server; "" when only reading is wanted.
    since: when the server proved to be the primary for the first time; 0 when only reading is wanted.
    generation: of the lease, at the time of connecting.
    is_direct: False when something between here and the server answers in its place, such as a pooler.
    clock_ahead: by how much the server's clock is ahead of this machine's, in seconds; 0 when only reading is wanted.
    lease: what the store knows about its primary.
    shown: the transactions that wrote the rows of the answer that is being read, as `xmin` gives them; None when the answer
        rests on more than rows that were found, for instance on a row's absence.
    """

    timeline = ""
    since = 0.0
    generation = 0
    is_direct = True
    clock_ahead = 0.0
    shown: Collection[int] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.warnings: list[str] = []
        self.lease = Lease(needed=False)
        self.add_log_listener(self._note)

    @property
    def is_usable(self) -> bool:
        """False when it is closed, or its server may be a former primary."""
        return not self.is_closed() and self.generation == self.lease.generation

    async def join(self, lease: Lease, *, prove: bool) -> None:
        """Become one of a store's connections. prove: the server must prove that it is the primary.

        Raises ConnectionError when it is not the primary.
        """
        self.lease = lease
        if prove:
            self.since = now()
            self.warnings.clear()
            began = time.time()
            self.timeline, process, clock, *transactions, _ = await self.fetchrow(PRIMARY)  # type: ignore[misc]
            self.is_direct = process == self.get_server_pid()
            self.clock_ahead = min(0.0, clock - began) or max(0.0, clock - time.time())
            self._take_proof(self.since, *transactions)
        self.generation = lease.generation

    async def confirm(self) -> None:
        """Return when it is certain that what was read before on this connection may be shown.

        It came from the primary (ADR-28), and a failover cannot take it back (ADR-48). Raises ConnectionError when that is not
        certain.
        """
        if self.lease.is_due() or not await self._is_durable():
            await self.prove()
            self.lease.durable.learn_rows(self.shown or ())
        if not self.is_usable:
            raise ConnectionError("the host was given up meanwhile")

    async def _is_durable(self) -> bool:
        if not self.lease.is_needed:
            return True
        if self.shown is not None:
            return self.lease.durable.covers_rows(self.shown)
        return self.lease.durable.covers_until(await self.fetchval(NEXT_TRANSACTION))

    async def prove(self) -> None:
        """Make an empty commit, a barrier. Raises ConnectionError when it does not prove that this is the primary."""
        sent = now()
        self.warnings.clear()
        horizon, transaction, _ = await self.fetchrow(PROOF)  # type: ignore[misc]
        self._take_proof(sent, horizon, transaction)

    def _take_proof(self, sent: float, horizon: int, transaction: int) -> None:
        if self.warnings:  # the server gave up waiting for its standbys
            raise ConnectionError("; ".join(self.warnings))
        if not self.lease.proved(self.timeline, sent, (horizon, transaction), at_once=True):
            raise ConnectionError(f"another server than that of timeline {self.timeline} is the primary")

    async def commit(self) -> None:
        """COMMIT, durable on the standbys, too. Raises ConnectionError when that is not certain."""
        self.warnings.clear()
        outcome: Any = await self.execute("COMMIT")
        if outcome != "COMMIT":
            raise ConnectionError("the transaction was rolled back")
        if self.warnings:
            raise ConnectionError(f"it is not known whether the commit is durable: {'; '.join(self.warnings)}")

    async def rows(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        """The rows of a query, each a sequence of its columns."""
        return cast("Sequence[Sequence[Any]]", await self.fetch(sql, *values))

    async def run(self, text: str, *values: object) -> Sequence[Sequence[Any]]:
        """Run a text that both databases use, where `{}` stands for each value; returns its rows."""
        return await self.rows(with_placeholders(text, "$", len(values)), *values)

    @staticmethod
    def _note(connection: Any, message: Any) -> None:
        if message.severity_en in _SERIOUS:
            connection.warnings.append(f"{message.severity_en}: {message.message}")

    def _cancel_current_command(self, waiter: asyncio.Future[None], *_: Any) -> None:
        if not waiter.done():
            waiter.set_result(None)
        asyncio.get_running_loop().call_soon(self.terminate)


class Hosts:
    """The hosts of one database, which of them to try first, and the lease on reading from the primary among them."""

    def __init__(self, address: Address, *, read_only: bool = False) -> None:
        self.address = address
        self.lease = Lease(needed=not read_only)
        self._read_only = read_only
        self._first = 0
        self._pooling_is_known = False
        self._clocks_differ = False

    async def connect(self, deadline: float, settings: Mapping[str, str] = NO_SETTINGS) -> Connection:
        """A connection to the host that takes writes; tries until `deadline`, a time of the event loop.

        settings: of the session, besides the usual ones.

        Raises StoreUnavailableError; its cause is hopeless (see `is_hopeless`) when trying again would not help.
        """
        loop = asyncio.get_running_loop()
        while True:
            errors: list[Exception] = []
            for step in range(len(self.address.dsns)):
                place = (self._first + step) % len(self.address.dsns)
                try:
                    connection = await self._connect_one(self.address.dsns[place], deadline, settings)
                except Exception as error:  # noqa: BLE001 - whatever is wrong with this host, there may be others
                    errors.append(error)
                else:
                    self._first = place
                    return connection
            pause = _PAUSE_SECONDS * (0.5 + random.random())
            if all(map(is_hopeless, errors)) or loop.time() + pause >= deadline:
                raise self._unreachable(errors)
            await asyncio.sleep(pause)

    def rotate(self) -> None:
        """Try the next host first from now on: this one accepts connections but does not commit."""
        self.lease.give_up()
        hosts = len(self.address.dsns)
        if hosts > 1:
            self._first = (self._first + 1) % hosts
            log.warning("store: next host first", store=self.address.name, host=self._first + 1)

    async def _connect_one(self, dsn: str, deadline: float, settings: Mapping[str, str]) -> Connection:
        options = self.address.options
        remaining = max(0.05, deadline - asyncio.get_running_loop().time())
        async with asyncio.timeout(min(options.connect_timeout, remaining)):
            connection = await asyncpg.connect(
                dsn,
                timeout=options.connect_timeout,
                connection_class=Connection,
                max_cached_statement_lifetime=0,
                target_session_attrs=SessionAttribute.any if self._read_only else SessionAttribute.read_write,
            )
            try:
                wanted = {**self._session(), **settings}
                await connection.execute(_SET, list(wanted), list(wanted.values()))
                await connection.join(self.lease, prove=not self._read_only)
                if not connection.is_direct and not self._pooling_is_known:
                    await refuse_transaction_pooling(connection, lambda: asyncpg.connect(dsn))
                    self._pooling_is_known = True
            except BaseException:
                connection.terminate()
                raise
        self._compare_clocks(connection.clock_ahead)
        return connection

    def _compare_clocks(self, ahead: float) -> None:
        """Log when the clocks begin to differ: each gateway stamps with the clock of its own machine."""
        differ = abs(ahead) > CLOCK_SECONDS
        if differ and not self._clocks_differ:
            log.warning("store: the database's clock differs from this machine's", ahead_seconds=round(ahead, 1))
        self._clocks_differ = differ

    def _session(self) -> dict[str, str]:
        """Settings of the session. The transaction of a process that was frozen must not keep its locks for ever."""
        options = self.address.options
        idle = round(1000 * (options.deadline_seconds + options.commit_seconds))
        settings = {
            "application_name": "invoice-gateway",
            "jit": "off",
            "lock_timeout": str(round(1000 * options.deadline_seconds)),
            "idle_in_transaction_session_timeout": str(idle),
            "synchronous_commit": "on",
            **_UNLIMITED,
        }
        if self._read_only:
            settings["default_transaction_read_only"] = "on"
        return settings

    def _unreachable(self, errors: list[Exception]) -> StoreUnavailableError:
        reasons = "; ".join(dict.fromkeys(map(brief, errors)))
        error = StoreUnavailableError(f"no primary at {self.address.name}: {reasons}", committed=False)
        error.__cause__ = next((error for error in errors if is_hopeless(error)), errors[-1])
        return error


def is_hopeless(error: BaseException | None) -> bool:
    """True when connecting again would fail again until somebody changes something."""
    return isinstance(error, PoolingError) or (error is not None and sqlstate(error) in _HOPELESS)


async def close_quietly(connection: Connection | None, seconds: float = 1.0) -> None:
    """Close a connection in good order, or drop it when that fails."""
    if connection is None or connection.is_closed():
        return
    try:
        await connection.close(timeout=seconds)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
