"""A plain client of the documents, for tests over HTTP: it sends forms, and returns statuses and fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient

from tests.conftest import only

KEY = "demo-key"
XML = {"Content-Type": "application/xml; charset=utf-8"}


def changes(settings: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The example configuration with this dialect alone, and with some of its settings changed."""
    found = only("invoicexpress")
    found["dialects"]["invoicexpress"] = {"settings": settings or {}}
    return {**found, **more}


def draft(root: str = "invoice", date: str = "18/06/2013", more: str = "", price: str = "30") -> str:
    """A form that the vendor accepts."""
    return (
        f"<{root}><date>{date}</date><due_date>31/12/2013</due_date>{more}<client><name>Maria Lopes</name></client>"
        f'<items type="array"><item><name>Item 1</name><unit_price>{price}</unit_price><quantity>1</quantity></item></items>'
        f"</{root}>"
    )


@dataclass(frozen=True)
class Answer:
    """An answer: its status, its body, and the text of the first element of a name."""

    status: int
    text: str

    def __getitem__(self, name: str) -> str:
        match = re.search(rf"<{name}(?: [^>]*)?>([^<]*)</{name}>", self.text)
        assert match, f"no {name} in {self.text}"
        return match[1]

    @property
    def errors(self) -> list[str]:
        """The messages of a 422."""
        return re.findall(r"<error>([^<]*)</error>", self.text)


@dataclass
class Wire:
    """One account."""

    client: TestClient[Any, Any]
    key: str = KEY

    async def send(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """Any request."""
        mark = "&" if "?" in path else "?"
        url = f"{path}{mark}api_key={self.key}"
        given = {**(XML if body is not None else {}), **headers}
        async with self.client.request(method, url, data=body, headers=given) as answer:
            return Answer(answer.status, await answer.text())

    async def create(self, root: str = "invoice", **form: str) -> int:
        """Create a draft; returns its id."""
        answer = await self.send("POST", f"/{root}s.xml", draft(root, **form))
        assert answer.status == 201, answer.text
        return int(answer["id"])

    async def change(self, document: int, state: str, root: str = "invoice", message: str = "") -> Answer:
        """change-state."""
        text = f"<message>{message}</message>" if message else ""
        body = f"<invoice><state>{state}</state>{text}</invoice>"
        return await self.send("PUT", f"/{root}s/{document}/change-state.xml", body)

    async def finalized(self, root: str = "invoice", **form: str) -> Answer:
        """Create a draft and finalize it."""
        return await self.change(await self.create(root, **form), "finalized", root)

    async def sequence(self) -> dict[str, str]:
        """The fields of the first sequence."""
        return dict(re.findall(r"<(\w+)>([^<]*)</\1>", (await self.send("GET", "/sequences.xml")).text))

    async def update_sequence(self, serie: str, invoice: int, credit: int, debit: int) -> Answer:
        """Write the first sequence."""
        body = (
            f"<sequence><serie>{serie}</serie><current_invoice_number>{invoice}</current_invoice_number>"
            f"<current_credit_note_number>{credit}</current_credit_note_number>"
            f"<current_debit_note_number>{debit}</current_debit_note_number></sequence>"
        )
        return await self.send("PUT", "/sequences/1.xml", body)
