"""What every recorder does: it asks gateways over their real HTTP surfaces and writes each request into the story.

A request that was never sent counts as refused. A request without an answer, or with an answer that says neither yes nor no,
stays unknown.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from tests.consistency.history import Event, Story
from tests.failover.gateways import Gateways
from tests.failover.notebook import Notebook
from tests.failover.wire import PAUSE_SECONDS, Addresses, Answer, UnansweredError, UnsentError, Wire

TURN_SECONDS: Final = 0.05
"""A pause between two turns, so that the clients of the line have most of the machine."""
TENANTS: Final = "/v1/tenants"


@dataclass
class World:
    """What all recorders of a scene share.

    one_process_each: whether each address belongs to one process. If not, each request has a connection of its own, and the
        system chooses the process.
    """

    gateways: Gateways
    book: Notebook
    story: Story = field(default_factory=Story)
    one_process_each: bool = True

    @property
    def places(self) -> int:
        """How many places there are to ask: gateways, or workers of one gateway."""
        return max(2, len(self.gateways.members))

    def data_url(self, place: int) -> str:
        """Where the dialects of a gateway are now."""
        return self.gateways.addresses.urls[place % len(self.gateways.members)]

    def admin_url(self, place: int) -> str:
        """Where the admin port of a gateway is now. Raises UnsentError while it must not be asked."""
        url = self.gateways.members[place % len(self.gateways.members)].admin_url
        if not url:
            raise UnsentError("nobody asks this gateway now")
        return url


class Recorder(ABC):
    """One client. It picks a gateway for each request, and may ask several at once."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number
        self.name = f"{type(self).__name__} {number}"
        self.chance = random.Random(self.name)
        self.counter = itertools.count(1)
        self.turns = 0
        self._session: aiohttp.ClientSession | None = None

    def join(self, session: aiohttp.ClientSession) -> Recorder:
        """Use this session from now on."""
        self._session = session
        return self

    async def begin(self) -> None:  # noqa: B027 - most need nothing
        """Prepare, before anything breaks."""

    async def run(self) -> None:
        """Go on until the notebook is closed."""
        while not self.world.book.ended:
            try:
                await self.turn()
                self.turns += 1
                await asyncio.sleep(TURN_SECONDS)
            except (UnsentError, UnansweredError):
                await asyncio.sleep(PAUSE_SECONDS)

    @abstractmethod
    async def turn(self) -> None:
        """Send a few requests. Raises UnsentError, UnansweredError."""

    async def reading(self, place: int) -> Mapping[str, Hashable]:
        """The value of each thing of this recorder, as one gateway shows it. Raises UnsentError, UnansweredError."""
        return {}

    # Asking

    def anywhere(self) -> int:
        """A gateway."""
        return self.chance.randrange(self.world.places)

    def everywhere(self) -> list[int]:
        """All gateways, in some order."""
        return self.chance.sample(range(self.world.places), self.world.places)

    async def ask(
        self, url: str, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request. Raises UnsentError, UnansweredError."""
        assert self._session is not None
        wire = Wire(self._session, Addresses([url], self.world.gateways.addresses.failures), 0)
        own = {} if self.world.one_process_each else {"Connection": "close"}
        return await wire.ask(method, path, body, {**own, **(headers or {})})

    async def admin(self, place: int, method: str, path: str, body: object = None) -> Answer:
        """One request to the admin port of a gateway. Raises UnsentError, UnansweredError."""
        text = None if body is None else json.dumps(body)
        url = self.world.admin_url(place)
        return await self.ask(url, method, path, text, {"Content-Type": "application/json"})

    async def admin_facts(self, place: int, path: str) -> Any:
        """What a GET on the admin port shows, None when it is not there. Raises UnsentError, UnansweredError."""
        answer = await self.admin(place, "GET", path)
        if answer.status not in {200, 404}:
            raise UnansweredError(f"{path}: {answer.status} {answer.text[:200]}")
        return json.loads(answer.text) if answer.status == 200 else None

    # Writing down

    async def note(
        self,
        event: Event,
        request: Awaitable[Answer],
        shown: Callable[[Answer], Hashable] = lambda _: None,
    ) -> Answer | None:
        """Send a request, and write down how it ended; returns the answer to a request that was acknowledged.

        shown: the value that an acknowledgement shows, None for that of the event.
        """
        try:
            answer = await request
        except UnsentError:
            self.world.story.refused(event)
            return None
        except UnansweredError:
            return None
        if answer.status < 300 or answer.status == 302:
            self.world.story.done(event, shown(answer))
            return answer
        if 400 <= answer.status < 500 and answer.status not in {408, 429}:
            self.world.story.refused(event)
        return None

    async def written(self, place: int, thing: str, value: Hashable, request: Awaitable[Answer]) -> Answer | None:
        """Write a value; returns the answer to an acknowledged write."""
        event = self.world.story.begin(self.name, self.world.data_url(place), "write", thing, value)
        return await self.note(event, request)

    async def claimed(self, place: int, thing: str, request: Awaitable[Answer]) -> Answer | None:
        """Ask for what is given once; returns the answer that gives it."""
        event = self.world.story.begin(self.name, self.world.data_url(place), "claim", thing)
        return await self.note(event, request)

    async def shown(self, place: int, values: Awaitable[Mapping[str, Hashable]]) -> None:
        """Read things, and write down what is shown; a read without an answer shows nothing."""
        gateway, sent = self.world.data_url(place), time.monotonic()
        try:
            found = await values
        except (UnsentError, UnansweredError):
            return
        self.world.story.shown(self.name, gateway, found, sent)
