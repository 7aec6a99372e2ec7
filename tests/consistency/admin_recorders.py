"""Recorders on the admin port: catalogues, tenants, clocks with the stamps that they give, snapshots."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.consistency.history import INITIAL
from tests.consistency.recorder import TENANTS, Recorder, World
from tests.consistency.stamps import RUNNING, time_of
from tests.failover.clients import XML, InvoiceXpressClient, ResursClient
from tests.failover.wire import Answer, UnansweredError

MADE: Final = "made"
GONE: Final = "gone"


class OwnTenant(Recorder):
    """A recorder with a tenant of its own, made before anything breaks."""

    dialect = "resurs"

    async def begin(self) -> None:
        self.tenant = self.name.replace(" ", "-")
        self.path = f"{TENANTS}/{self.tenant}"
        answer = await self.admin(0, "POST", TENANTS, {"id": self.tenant, "dialects": {self.dialect: None}})
        assert answer.status == 201, answer.text
        self.binding: Mapping[str, Any] = json.loads(answer.text)["dialects"][self.dialect]["binding"]
        for place in range(self.world.places):
            while await self.admin_facts(place, self.path) is None:
                await asyncio.sleep(0.02)


class CatalogueRecorder(OwnTenant):
    """Replaces a catalogue by two products that carry the same mark, one of them new; reads it everywhere."""

    async def turn(self) -> None:
        await asyncio.gather(*(self._replace(place) for place in self.everywhere()))
        for place in self.everywhere():
            await self.shown(place, self.reading(place))

    async def _replace(self, place: int) -> None:
        count = next(self.counter)
        mark = f"mark {count}"
        products = [{"id": own, "number": f"{own}", "name": mark, "price": "1"} for own in (1, 1000 + count)]
        request = self.admin(place, "PUT", f"{self.path}/catalogue", {"products": products})
        await self.written(place, f"catalogue of {self.tenant}", mark, request)

    async def reading(self, place: int) -> Mapping[str, Hashable]:
        facts = await self.admin_facts(place, f"{self.path}/catalogue")
        marks = sorted({product["name"] for product in facts["products"]})
        return {f"catalogue of {self.tenant}": " and ".join(marks) or INITIAL}


class TenantRecorder(Recorder):
    """Makes tenants, changes two fields of each through two gateways, deletes some beside a further change."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world, number)
        self._made: list[str] = []
        self._deleted: set[str] = set()

    async def turn(self) -> None:
        name = f"{self.name.replace(' ', '-')}-{next(self.counter)}"
        one, other = self.anywhere(), self.anywhere()
        body = {"id": name, "dialects": {"resurs": None}}
        path = f"{TENANTS}/{name}"
        if await self.written(one, f"tenant {name}", MADE, self.admin(one, "POST", TENANTS, body)) is None:
            return
        self._made.append(name)
        await self._change(one, name, "profile", "strict")
        await self._change(other, name, "replay_window_seconds", 5.0)
        for place in self.everywhere():
            await self.shown(place, self._one(place, name))
        if self.chance.random() < 0.7:
            self._deleted.add(name)
            delete = self.written(one, f"tenant {name}", GONE, self.admin(one, "DELETE", path))
            await asyncio.gather(delete, self._change(other, name, "replay_window_seconds", 6.0))
            for place in self.everywhere():
                await self.shown(place, self._one(place, name))

    async def _change(self, place: int, name: str, field: str, value: Hashable) -> None:
        request = self.admin(place, "PATCH", f"{TENANTS}/{name}", {field: value})
        await self.written(place, f"tenant {name}, {field}", value, request)

    async def _one(self, place: int, name: str) -> Mapping[str, Hashable]:
        return self._facts(name, await self.admin_facts(place, f"{TENANTS}/{name}"))

    def _facts(self, name: str, shown: Mapping[str, Any] | None) -> Mapping[str, Hashable]:
        if shown is None:
            return {f"tenant {name}": GONE if name in self._deleted else INITIAL}
        fields = {"profile": "vendor", "replay_window_seconds": 0.0}
        values = {
            f"tenant {name}, {field}": INITIAL if shown[field] == first else shown[field]
            for field, first in fields.items()
        }
        return {f"tenant {name}": MADE, **values}

    async def reading(self, place: int) -> Mapping[str, Hashable]:
        found: dict[str, Hashable] = {}
        for name in self._made:
            found.update(await self._one(place, name))
        return found


class ClockRecorder(OwnTenant):
    """Moves a clock, and sets a line whose ledger shows which time it was."""

    moved_to: list[datetime]
    thing: str
    line: str

    async def begin(self) -> None:
        await super().begin()
        self.moved_to = []
        self.thing, self.line = f"clock of {self.tenant}", f"line of {self.tenant}"
        await self._move(0)

    async def turn(self) -> None:
        await self._move(self.anywhere())
        for place in self.everywhere():
            await self.set(place)
            await self.shown(place, self.reading(place))

    async def _move(self, place: int) -> None:
        moment = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=len(self.moved_to))
        self.moved_to.append(moment)
        how, field = self.chance.choice([("freeze", "at"), ("travel", "to")])
        request = self.admin(place, "POST", f"{self.path}/clock/{how}", {field: moment.isoformat()})
        await self.written(place, self.thing, moment.isoformat(), request)

    async def set(self, place: int) -> None:
        """Set the line to a number that only this set asks for."""
        number = next(self.counter)
        account = self.binding["accounts"][0]
        content = f"<c:setInvoiceSequence><nextInvoiceNumber>{number}</nextInvoiceNumber></c:setInvoiceSequence>"
        headers = ResursClient.headers_of(account["username"], account["password"])
        request = self.ask(
            self.world.data_url(place), "POST", ResursClient.path, ResursClient.envelope.format(content), headers
        )
        await self.written(place, self.line, number, request)

    async def reading(self, place: int) -> Mapping[str, Hashable]:
        facts = await self.admin_facts(place, f"{self.path}/clock")
        return {self.thing: self.time(datetime.fromisoformat(facts["now"]))}

    def time(self, moment: datetime) -> str:
        """A moment as a value of the clock."""
        found = time_of(moment, self.moved_to, datetime.now(UTC)) or f"{moment}, which is no time of this tenant"
        return INITIAL if found == RUNNING else found


class SnapshotRecorder(OwnTenant):
    """Saves a snapshot under one name through all gateways at once, goes on, and restores it."""

    dialect = "invoicexpress"

    async def turn(self) -> None:
        name = f"snapshot-{next(self.counter)}"
        first = await self._issued(self.anywhere())
        body = {"name": name}
        path = f"{self.path}/snapshots"
        saved = await asyncio.gather(
            *(
                self.claimed(place, f"{name} of {self.tenant}", self.admin(place, "POST", path, body))
                for place in self.everywhere()
            )
        )
        later = await self._issued(self.anywhere())
        if first and later and any(saved):
            place = self.anywhere()
            request = self.admin(place, "POST", f"{path}/{name}/restore", {})
            await self.written(place, self._thing(later), GONE, request)
            for place in self.everywhere():
                await self.shown(place, self._numbers(place, first, later))

    def _thing(self, document: str) -> str:
        return f"number of document {document} of {self.tenant}"

    async def _issued(self, place: int) -> str:
        """Make a document with a number; returns its id, empty when that failed."""
        form = InvoiceXpressClient.form(self.tenant)
        answer = await self._vendor(place, "POST", "/invoices.xml", form)
        document = InvoiceXpressClient.id_in(answer.text)
        if answer.status != 201 or not document:
            return ""
        request = self._vendor(place, "PUT", f"/invoices/{document}/change-state.xml", InvoiceXpressClient.final)
        event = self.world.story.begin(self.name, self.world.data_url(place), "write", self._thing(document))
        finalized = await self.note(event, request, lambda answer: InvoiceXpressClient.number_in(answer.text))
        return document if finalized else ""

    async def _numbers(self, place: int, *documents: str) -> Mapping[str, Hashable]:
        return {self._thing(document): await self._number(place, document) for document in documents}

    async def _number(self, place: int, document: str) -> Hashable:
        answer = await self._vendor(place, "GET", f"/invoices/{document}.xml")
        if answer.status not in {200, 404}:
            raise UnansweredError(f"document {document}: {answer.status}")
        return InvoiceXpressClient.number_in(answer.text) or (GONE if answer.status == 404 else INITIAL)

    async def _vendor(self, place: int, method: str, path: str, body: str | None = None) -> Answer:
        key = f"?api_key={self.binding['api_key']}"
        return await self.ask(self.world.data_url(place), method, path + key, body, XML)
