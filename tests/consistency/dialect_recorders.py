"""Recorders on the data port: documents that are made, changed and read through all gateways, and codes for tokens."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Hashable, Mapping
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp

from tests.consistency.history import INITIAL
from tests.consistency.recorder import Recorder, World
from tests.failover.clients import XML, InvoiceXpressClient, OfficeClient, QqClient, ResursClient
from tests.failover.notebook import LINE
from tests.failover.wire import Addresses, Answer, UnansweredError, UnsentError, Wire

FIRST_NUMBER: Final = 10_000
"""The numbers of these clients of the line begin here, so that their names are no others'."""
TEXT: Final = re.compile(r"<observations>([^<]*)</observations>")
INVOICE: Final = re.compile(r"<invoice>.*?</invoice>", re.DOTALL)
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
GOOD: Final = "good"
LISTED_SHARE: Final = 0.2
LATEST: Final = 20
"""How many documents are read in the end."""
CALLBACK: Final = "http://127.0.0.1/callback"


class DocumentRecorder(Recorder):
    """InvoiceXpress: makes drafts, changes them through all gateways at once, finalizes them, reads and lists them."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world, number)
        self._own: dict[str, str] = {}

    async def turn(self) -> None:
        vendor = self._vendor()
        name = f"ix-{vendor.number}-{next(self.counter)}"
        own = await self._draft(vendor, name)
        if not own:
            return
        await asyncio.gather(
            *(self._change(place, name, f"({name}) {which}") for which, place in enumerate(self.everywhere())),
            *(self._look(place, name) for place in self.everywhere()),
        )
        await asyncio.gather(vendor.finalize(name, own), *(self._look(place, name) for place in self.everywhere()))
        for place in self.everywhere():
            await self._look(place, name)
            await self._peek(place)

    def _vendor(self) -> InvoiceXpressClient:
        """A client of the line, which begins at any gateway."""
        assert self._session is not None
        wire = Wire(self._session, self.world.gateways.addresses, self.anywhere())
        return InvoiceXpressClient(FIRST_NUMBER + self.number, wire, self.world.book)

    async def _draft(self, vendor: InvoiceXpressClient, name: str) -> str:
        event = self.world.story.begin(self.name, vendor.wire.url, "claim", f"document ({name})")
        text = self.world.story.begin(self.name, vendor.wire.url, "write", f"text of ({name})", f"({name})")
        try:
            own = await vendor.draft(name)
        except UnsentError:
            self.world.story.refused(event)
            self.world.story.refused(text)
            raise
        if own:
            self.world.story.done(event)
            self.world.story.done(text)
            self._own[name] = own
        return own

    async def _change(self, place: int, name: str, text: str) -> None:
        path = f"/invoices/{self._own[name]}.xml"
        request = self._invoices(place, "PUT", path, InvoiceXpressClient.form(text))
        await self.written(place, f"text of ({name})", text, request)

    async def _look(self, place: int, name: str) -> None:
        """Read a document; its number goes into the history of the line."""
        history = self.world.book.history
        read = history.begin(FIRST_NUMBER + self.number, "show", LINE, name)

        async def values() -> Mapping[str, Hashable]:
            text, number = await self._seen(place, name, listed=self.chance.random() < LISTED_SHARE)
            history.end(read, {"number": number})
            return {f"text of ({name})": text}

        await self.shown(place, values())

    async def _seen(self, place: int, name: str, listed: bool = False) -> tuple[str, int | None]:
        """The text and the number of a document, read by itself or in the list."""
        own = self._own[name]
        if listed:
            answer = await self._invoices(place, "GET", "/invoices.xml")
            found = [one for one in INVOICE.findall(answer.text) if f"<id>{own}</id>" in one]
        else:
            answer = await self._invoices(place, "GET", f"/invoices/{own}.xml")
            found = [answer.text] if answer.status == 200 else []
        text = TEXT.search(found[0]) if found else None
        if text is None and answer.status != 404:  # trouble, or the document is on a later page
            raise UnansweredError(f"document {own}: {answer.status}")
        return (text[1], InvoiceXpressClient.number_in(found[0])) if text else (INITIAL, None)

    async def _peek(self, place: int) -> None:
        assert self._session is not None
        wire = Wire(self._session, Addresses([self.world.data_url(place)]), 0)
        await ResursClient(FIRST_NUMBER + self.number, wire, self.world.book).peek()

    async def reading(self, place: int) -> Mapping[str, Hashable]:
        latest = list(self._own)[-LATEST:]
        return {f"text of ({name})": (await self._seen(place, name))[0] for name in latest}

    async def _invoices(self, place: int, method: str, path: str, body: str | None = None) -> Answer:
        url = self.world.data_url(place)
        return await self.ask(url, method, path + InvoiceXpressClient.key, body, XML)


class OrderRecorder(Recorder):
    """24SevenOffice: saves orders through one gateway and reads them through the other."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world, number)
        self._vendor: OfficeClient | None = None

    def join(self, session: aiohttp.ClientSession) -> Recorder:
        wire = Wire(session, self.world.gateways.addresses, self.number)
        self._vendor = OfficeClient(FIRST_NUMBER + next(self.counter), wire, self.world.book)
        return super().join(session)

    async def turn(self) -> None:
        assert self._vendor is not None
        self._vendor.wire.turn_to(self.anywhere())
        name, order = await self._vendor.save()
        if order:
            for place in self.everywhere():
                self._vendor.wire.turn_to(place)
                await self._vendor.look(name, order)


class CodeRecorder(Recorder):
    """QQSolutions: lets a user log in, gives the code to all gateways at once or one after the other, uses the token."""

    async def turn(self) -> None:
        code = await self._code(self.anywhere())
        if not code:
            return
        thing = f"code {next(self.counter)} of {self.name}"
        spending = [self._spend(place, thing, code) for place in self.everywhere()]
        answers = await asyncio.gather(*spending) if self.chance.random() < 0.5 else [await one for one in spending]
        for token in filter(None, answers):
            for place in self.everywhere():
                await self.shown(place, self._works(place, token))

    async def _code(self, place: int) -> str:
        asked = {"client_id": QqClient.login["client_id"], "redirect_uri": CALLBACK, "response_type": "code"}
        login = {name: QqClient.login[name] for name in ("username", "password")}
        url = self.world.data_url(place)
        answer = await self.ask(url, "POST", f"/oauth/authorize?{urlencode(asked)}", urlencode(login), FORM)
        return parse_qs(urlsplit(answer.location).query).get("code", [""])[0]

    async def _spend(self, place: int, thing: str, code: str) -> str:
        """The token for a code, empty when there is none."""
        form = {
            "grant_type": "authorization_code",
            "client_id": QqClient.login["client_id"],
            "client_secret": QqClient.login["client_secret"],
            "code": code,
            "redirect_uri": CALLBACK,
        }
        request = self.ask(self.world.data_url(place), "POST", "/oauth/token", urlencode(form), FORM)
        answer = await self.claimed(place, thing, request)
        if answer is None:
            return ""
        token = str(json.loads(answer.text)["access_token"])
        self.world.story.done(
            self.world.story.begin(self.name, self.world.data_url(place), "write", named(token), GOOD)
        )
        return token

    async def _works(self, place: int, token: str) -> Mapping[str, Hashable]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.ask(self.world.data_url(place), "GET", QqClient.path, None, headers)
        if answer.status not in {200, 401}:
            raise UnansweredError(f"a token: {answer.status}")
        return {named(token): GOOD if answer.status == 200 else INITIAL}


def named(token: str) -> str:
    """A token, in findings."""
    return f"token {token[:8]}…"
