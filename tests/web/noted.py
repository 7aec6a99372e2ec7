"""A toy gateway that notes what was asked and how it ended, for tests of single connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.spi.adapter import Call, Reply
from gateway.spi.exchange import Exchange
from gateway.spi.reading import HeadProblem
from gateway.web.app import DataHandler, Mount
from gateway.web.body import WebLimits
from gateway.web.metrics import Metrics
from tests.web.test_app import Toy, ToyServer

KEY = "X-Key"


@dataclass
class Notes:
    """A recorder. ended: method, path and outcome of each request; calls: the requests that the dialect got."""

    ended: list[tuple[str, str, str]] = field(default_factory=list)

    def record(self, call: Call, reply: Reply, dialect: str, outcome: str, seconds: float) -> None:
        self.ended.append((call.method, call.path, outcome))


@dataclass
class Guarded(Toy):
    """A toy whose credentials stand in the head, and whose web server has a page for broken heads."""

    body_limit: int = 200_000
    bodies: list[int] = field(default_factory=list)

    async def answer(self, call: Call) -> Reply:
        self.bodies.append(len(call.body))
        return await super().answer(call)

    async def check_head(self, call: Call) -> Reply | None:
        return None if call.headers.get(KEY) == "right" else Reply(401, (), b"who are you")

    def refuse_head(self, problem: HeadProblem) -> Reply:
        return Reply(problem.status, (("Server", "toy"),), problem.name.encode())


@dataclass
class Scene:
    """A server with one guarded toy."""

    toy: Guarded
    notes: Notes
    handler: DataHandler
    address: tuple[str, int]


async def scene(aiohttp_client: Any, budget: int = 1 << 20, patience: float = 60.0, host: str = "") -> Scene:
    """Start a server.

    budget: bytes of all bodies together.
    patience: seconds for a body and for an answer.
    host: a name that belongs to the toy.
    """
    toy, notes = Guarded(), Notes()
    mounts = [Mount(Exchange("toy", toy, patience, 100), hosts=lambda: [host] if host else [])]
    handler = DataHandler(mounts, WebLimits(400_000, patience, budget), (), Metrics(), None, notes)
    client = await aiohttp_client(ToyServer(handler))
    return Scene(toy, notes, handler, (client.host, client.port))
