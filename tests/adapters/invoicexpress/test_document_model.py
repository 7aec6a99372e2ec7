"""Random sequences of document requests over HTTP agree with a small model: every answer, every number, every lock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from gateway.core import ledger
from gateway.core.values import TenantId
from tests.adapters.invoicexpress.wire import Answer, Wire, changes, draft
from tests.conftest import MakeGateway

ROOTS = ("invoice", "credit_note", "debit_note")
WORDS = ("finalized", "deleted", "second_copy", "canceled", "settled", "unsettled")
WAYS = {
    "draft": {"finalized": "final", "deleted": "deleted"},
    "final": {"second_copy": "second_copy", "canceled": "canceled", "settled": "settled"},
    "second_copy": {"canceled": "canceled", "settled": "settled"},
    "settled": {"unsettled": "final"},
}


@dataclass
class Line:
    """Last number used (None = never set), latest date, and every number that was given out."""

    last: int | None = None
    latest: str = ""
    given: list[int] = field(default_factory=list)


@dataclass
class Paper:
    """What a document should look like.

    day: the day of June 2013, two digits.
    """

    root: str
    day: str
    state: str = "draft"
    number: int | None = None


@dataclass
class Model:
    """One sequence and its documents."""

    serie: str = "main"
    lines: dict[str, Line] = field(default_factory=lambda: {root: Line() for root in ROOTS})
    papers: dict[int, Paper] = field(default_factory=dict)

    def change(self, paper: Paper, word: str, message: str) -> list[str]:
        """The errors that change-state should answer with; empty when the change is done."""
        after = WAYS.get(paper.state, {}).get(word)
        if after is None:
            return ["Invalid state"]
        if after == "canceled" and not message:
            return ["Cancel message can't be blank"]
        if word == "finalized":
            line = self.lines[paper.root]
            if paper.day < line.latest:
                return [f"Date can not be before last sent invoice of this sequence {line.latest}/06/2013"]
            line.last = (line.last or 0) + 1
            if line.last in line.given:  # a request has set the counter back
                raise AssertionError("the model gives a number twice")
            line.latest, paper.number = paper.day, line.last
            line.given.append(line.last)
        paper.state = after
        return []

    @property
    def locked(self) -> bool:
        """True once a document was finalized."""
        return any(line.given for line in self.lines.values())


class Play:
    """Sends the same requests to the gateway and to the model."""

    def __init__(self, wire: Wire, chance: random.Random) -> None:
        self.wire, self.chance, self.model = wire, chance, Model()

    def _day(self) -> str:
        return f"{self.chance.randint(1, 28):02}"

    def _any(self) -> tuple[int, Paper] | None:
        return self.chance.choice(list(self.model.papers.items())) if self.model.papers else None

    async def create(self) -> None:
        root, day = self.chance.choice(ROOTS), self._day()
        document = await self.wire.create(root, date=f"{day}/06/2013")
        assert document not in self.model.papers
        self.model.papers[document] = Paper(root, day)

    async def update(self) -> None:
        if (found := self._any()) is None:
            return
        document, paper = found
        day = self._day()
        form = draft(paper.root, date=f"{day}/06/2013", price="12.5")
        answer = await self.wire.send("PUT", f"/{paper.root}s/{document}.xml", form)
        if paper.state == "deleted":
            assert answer == Answer(404, " ")
        elif paper.state == "draft":
            assert answer == Answer(200, " ")
            paper.day = day
        else:
            assert answer.status == 422
            assert "can't be changed anymore" in answer.errors[0]

    async def change(self) -> None:
        if (found := self._any()) is None:
            return
        document, paper = found
        word = self.chance.choice((*WORDS, "finalized"))
        message = self.chance.choice(("", "why not"))
        answer = await self.wire.change(document, word, paper.root, message)
        if paper.state == "deleted":
            assert answer == Answer(404, " ")
            return
        problems = self.model.change(paper, word, message)
        assert (answer.status, answer.errors) == (422 if problems else 200, problems)
        if not problems:
            assert answer["state"] == paper.state
            shown = f"{paper.number}/{self.model.serie}" if paper.number else "draft"
            assert answer["sequence_number"] == shown

    async def renumber(self) -> None:
        """sequences.update: any number while nothing is finalized, none afterwards. Source: R-12."""
        serie = self.chance.choice(("2013", "2014"))
        wanted = [self.chance.randint(0, 500) for _ in ROOTS]
        answer = await self.wire.update_sequence(serie, *wanted)
        if self.model.locked:
            assert answer.errors == ["Only sequences with no finalized invoices can be updated"]
            return
        assert answer.status == 200
        self.model.serie = serie
        for root, number in zip(ROOTS, wanted, strict=True):
            self.model.lines[root].last = number

    async def look(self) -> None:
        fields = await self.wire.sequence()
        assert fields["serie"] == self.model.serie
        for root, line in self.model.lines.items():
            assert int(fields[f"current_{root}_number"]) == (line.last or 0)
        for document, paper in self.model.papers.items():
            answer = await self.wire.send("GET", f"/{paper.root}s/{document}.xml")
            if paper.state == "deleted":
                assert answer.status == 404
                continue
            assert (answer["status"], answer["date"]) == (paper.state, f"{paper.day}/06/2013")
            assert answer["sequence_number"] == (f"{paper.number}/{self.model.serie}" if paper.number else "draft")
        listed = await self.wire.send("GET", "/invoices.xml?per_page=30")
        assert int(listed["total_entries"]) == sum(
            1 for paper in self.model.papers.values() if paper.state != "deleted"
        )


@pytest.mark.parametrize("seed", range(10))
async def test_random_lives(make_gateway: MakeGateway, seed: int) -> None:
    client = await make_gateway(changes())
    play = Play(Wire(client), random.Random(seed))
    steps = (play.create, play.create, play.update, play.change, play.change, play.change, play.renumber)
    for _ in range(70):
        await play.chance.choice(steps)()
    await play.look()
    for line in play.model.lines.values():
        assert line.given == list(range(line.given[0], line.given[0] + len(line.given))) if line.given else True
    entries = [entry async for entry in client.server.gateway.store.ledger(TenantId("demo"))]
    issued = {root: [e.number for e in entries if e.operation == "issue" and e.chain.line == root] for root in ROOTS}
    assert issued == {root: line.given for root, line in play.model.lines.items()}
    count, findings = ledger.verify(entries)
    assert count
    assert not findings
