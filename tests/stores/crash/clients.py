"""Several clients at once: each sends one request after the other, and writes down each request and each answer."""

from __future__ import annotations

import asyncio
import json
import random

from tests.stores.crash.history import History, Operation

LINES = ("invoice", "credit_note")
KINDS = ("issue", "claim", "reserve", "retry", "set", "clear", "void", "peek")
WEIGHTS = (56, 8, 6, 6, 8, 1, 6, 9)


class Client:
    """One client with its own connection, its own keys, and a memory of its answers."""

    def __init__(self, number: int, history: History, chance: random.Random) -> None:
        self.number = number
        self._history = history
        self._chance = chance
        self._issues: list[Operation] = []
        self._unanswered: dict[str, Operation] = {}
        self._seen: dict[str, int] = dict.fromkeys(LINES, 1)

    async def run(self, socket: str) -> None:
        """First repeat, under the same key, each request that was never answered; then go on until the server is gone."""
        reader, writer = await asyncio.open_unix_connection(socket)
        try:
            for operation in list(self._unanswered.values()):
                await self._ask(reader, writer, self._again(operation))
            while True:
                await self._ask(reader, writer, self._next())
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, operation: Operation) -> None:
        request = {name: getattr(operation, name) for name in ("request", "client", "kind", "line", "key", "asked")}
        if operation.key:
            self._unanswered[operation.key] = operation
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        answer = json.loads(await reader.readuntil(b"\n"))
        self._history.end(operation, answer)
        self._unanswered.pop(operation.key, None)
        for name in ("number", "next", "after"):
            self._seen[operation.line] = max(self._seen[operation.line], answer.get(name) or 0)

    def _next(self) -> Operation:
        kind = self._chance.choices(KINDS, WEIGHTS)[0]
        line = self._chance.choices(LINES, (4, 1))[0]
        numbered = [o for o in self._issues[-50:] if o.outcome == "done"]
        if kind == "retry" and self._issues:
            return self._again(self._chance.choice(self._issues))
        if kind == "void" and numbered:
            given = self._chance.choice(numbered)
            return self._history.begin(self.number, "void", given.line, asked=given.answer["number"])
        if kind == "set":
            asked = self._seen[line] + self._chance.randint(0, 6)
            return self._history.begin(self.number, "set", line, asked=asked)
        if kind in {"clear", "peek"}:
            return self._history.begin(self.number, kind, line)
        return self._issue(kind if kind in {"claim", "reserve"} else "issue", line)

    def _issue(self, kind: str, line: str) -> Operation:
        key = f"client-{self.number}-key-{len(self._issues)}"
        asked = self._seen[line] + (self._chance.randint(-5, 80) if kind == "claim" else 1)
        operation = self._history.begin(self.number, kind, line, key, max(0, asked))
        self._issues.append(operation)
        return operation

    def _again(self, earlier: Operation) -> Operation:
        asked = earlier.asked if earlier.kind == "claim" else self._seen[earlier.line] + 1
        return self._history.begin(self.number, earlier.kind, earlier.line, earlier.key, asked)
