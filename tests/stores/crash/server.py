"""The process that is killed: a real store behind a local socket, with one JSON line for a request and one for the answer."""

from __future__ import annotations

import asyncio
import json
from multiprocessing.connection import Connection
from typing import Any

from gateway.core.commands import Command, Issue, PeekNext, SetNext, SetPolicy, Void
from gateway.core.line_commands import Claim, Reserve
from gateway.core.ports import StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.core.results import NextSet, NumberIssued, NumberVoided
from gateway.core.values import CounterKey, LineName, OnHeld, Origin, SeriesId, TenantId
from gateway.stores import SqliteStore, open_store
from gateway.stores.sqlite.file import Writer

TENANT = TenantId("crash")
MAY_CLEAR = SetPolicy(allow_clear=True)
COMMITTED = 5
"""How many transactions are committed before durability is broken: fewer than a round has."""


def serve(path: str, socket: str, ready: Connection, eager: bool) -> None:
    """Run until killed.

    eager: acknowledge before the commit; the checker must find this fault.
    """
    if eager:
        stop_committing()
    asyncio.run(_serve(path, socket, ready))


async def _serve(path: str, socket: str, ready: Connection) -> None:
    store = open_store(f"sqlite:///{path}")
    await store.start()
    await store.provision(TENANT, [("main", "Main", None, None, True)])

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            answer = await answer_to(store, json.loads(line))
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    server = await asyncio.start_unix_server(converse, socket)
    ready.send("ready")
    async with server:
        await server.serve_forever()


async def answer_to(store: SqliteStore, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out a request; answers only what is certain."""
    line = CounterKey(SeriesId(1), LineName(request["line"]))
    try:
        if request["kind"] == "peek":
            return {"next": (await store.read(PeekNext(TENANT, line))).counter.next_number}
        return facts_of(await store.execute(command_from(request, line)))
    except Refused as refused:
        return {"refused": type(refused.refusal).__name__}
    except StoreUnavailableError as error:
        raise SystemExit(f"the store failed: {error}") from error


def command_from(request: dict[str, Any], line: CounterKey) -> Command:
    by = Origin("crash", f"client-{request['client']}", request["request"])
    match request["kind"]:
        case "issue":
            return Issue(TENANT, line, request["key"], "", by, request["asked"], OnHeld.PASS_OVER)
        case "claim":
            return Claim(TENANT, line, request["asked"], request["key"], "", by)
        case "reserve":
            return Reserve(TENANT, line, request["key"], by, request["asked"], OnHeld.PASS_OVER)
        case "void":
            return Void(TENANT, line, request["asked"], by)
    return SetNext(TENANT, line, request["asked"], MAY_CLEAR, by)


def facts_of(result: object) -> dict[str, Any]:
    match result:
        case NumberIssued(_, issued, replayed):
            return {"number": issued.number, "replayed": replayed}
        case NextSet(_, before, after):
            return {"before": before.next_number, "after": after.next_number}
        case NumberVoided(issued):
            return {"number": issued.number}
    raise TypeError(result)


def stop_committing() -> None:
    """Break durability on purpose: answers go out, but only the first few transactions are committed."""
    true_begin, true_commit, count = Writer.begin, Writer.commit, [0]

    def begin(writer: Writer) -> None:
        if not writer._connection.in_transaction:
            true_begin(writer)

    def commit(writer: Writer) -> None:
        count[0] += 1
        if count[0] <= COMMITTED:
            true_commit(writer)

    Writer.begin = begin  # type: ignore[method-assign]
    Writer.commit = commit  # type: ignore[method-assign]
    Writer.rollback = lambda _: None  # type: ignore[method-assign]
