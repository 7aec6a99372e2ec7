"""Two workers behind one admin port, and a kept connection to each of them, so that a test chooses who answers."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import pg
from tests.cross_dialect.faces import CONFIGURATION, SOAP, Resurs
from tests.processes import Running, serving
from tests.stores.postgres.conftest import TEMPLATE

TOKEN = "full-token"
READ_TOKEN = "read-token"
FILES = 256
"""The remainder of an entry's id shows whose journal it is in."""


@dataclass(frozen=True)
class Answered:
    """An answer, read to its end."""

    status: int
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def problem(self) -> str:
        return str(self.body["type"]).rpartition(":")[2]


class Admin:
    """Asks an admin port, each time on a new connection."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc

    def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN, **headers: str) -> Answered:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        with closing(http.client.HTTPConnection(self.address, timeout=120)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read().decode())

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask, and expect success."""
        answered = self.ask(method, path, body, **headers)
        assert answered.status < 300, answered.text
        return answered.body if answered.text else None


class Lane:
    """A kept connection to the data port: one worker answers all its calls."""

    def __init__(self, data_url: str, name: str) -> None:
        self.name = name
        self._connection = http.client.HTTPConnection(urlsplit(data_url).netloc, timeout=120)

    def close(self) -> None:
        self._connection.close()

    def call(self, content: str = "<c:peekInvoiceSequence/>", agent: str = "") -> tuple[int, str]:
        """Call Resurs as the tenant `demo`."""
        body = (
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:c="{CONFIGURATION}"><s:Header/><s:Body>{content}</s:Body></s:Envelope>'
        )
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": '""',
            "Authorization": f"Basic {Resurs.credentials}",
            "User-Agent": agent or self.name,
        }
        self._connection.request("POST", Resurs.path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def is_struck(self) -> bool:
        """Whether a fault rule made the call fail."""
        return self.call()[0] != 200

    def set(self, number: int) -> bool:
        """Set the line. False when the number is behind it."""
        content = f"<c:setInvoiceSequence><nextInvoiceNumber>{number}</nextInvoiceNumber></c:setInvoiceSequence>"
        return self.call(content)[0] == 200

    def next(self) -> int | None:
        match = re.search(r"<nextInvoiceNumber>(\d+)<", self.call()[1])
        return int(match[1]) if match else None


@dataclass(frozen=True)
class Pair:
    """Two workers.

    lanes: one for each worker.
    numbers: each is higher than the ones before, so a line can be set to it.
    """

    running: Running
    admin: Admin
    lanes: tuple[Lane, Lane]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def everywhere(self, path: str) -> Any:
        """The answer of every worker, which must be the same. Any of them may answer, in turn."""
        first, *others = [self.admin.done("GET", path) for _ in range(4)]
        assert all(other == first for other in others)
        return first

    def begun(self) -> int:
        """A position in the journal: what comes from now on is above it."""
        return int(self.admin.done("GET", "/v1/journal")["position"])


@contextmanager
def pair(cluster: pg.Cluster, folder: Path) -> Iterator[Pair]:
    """Two workers on a database of their own."""
    name = cluster.database(TEMPLATE)
    secrets = {"INVOICE_GATEWAY_ADMIN_TOKEN": TOKEN, "INVOICE_GATEWAY_ADMIN_READ_TOKEN": READ_TOKEN}
    with serving(folder, more=["--workers", "2", "--store", cluster.url(name)], **secrets) as running:
        admin = Admin(running.admin_url)
        lanes = _lanes(running, admin)
        try:
            yield Pair(running, admin, lanes)
        finally:
            for lane in lanes:
                lane.close()
            assert running.stop() == 0
    cluster.drop(name)


def _lanes(running: Running, admin: Admin) -> tuple[Lane, Lane]:
    """Connections until each worker has one. The journal shows which worker has answered."""
    found: dict[int, Lane] = {}
    for number in range(200):
        lane = Lane(running.data_url, f"lane-{number}")
        assert lane.call()[0] == 200
        (entry,) = admin.done("GET", f"/v1/requests?user_agent=lane-{number}")["entries"]
        if found.setdefault(entry["id"] % FILES, lane) is not lane:
            lane.close()
        if len(found) == 2:
            first, second = found.values()
            return first, second
    raise AssertionError("one worker gets no connection")
