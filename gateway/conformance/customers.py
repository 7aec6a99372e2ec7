"""Where cases run: on the customer whose credentials the user gave, brought into the state of each case over the wire."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from gateway.conformance.endpoint import Endpoint, NoAnswer
from gateway.conformance.preconditions import Arranged, Arranger
from gateway.conformance.requirements import NotApplicable, floating_of, unobserved, wanted_of
from gateway.conformance.substitution import Replacement, like
from gateway.testing.golden import GoldenCase
from gateway.testing.profile import Profile, Reference, Stock

Check = Callable[[Mapping[int, int]], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Place:
    """A customer as a case needs it.

    endpoint: where to send the case.
    check: finds what differs afterwards, given the numbers that stand for those of the case.
    numbers: the numbers at the endpoint that stand for those of the case.
    floating: the first and the last number that the case may take, when only answers show which ones stand for them.
    unobserved: parts of the expected state that this wire does not show.
    """

    endpoint: Endpoint
    check: Check
    numbers: Mapping[int, int] = field(default_factory=dict)
    floating: tuple[int, int] | None = None
    unobserved: Sequence[str] = ()


class Places(Protocol):
    """Makes a place for each case."""

    def in_order(self, cases: Sequence[GoldenCase]) -> Sequence[GoldenCase]:
        """The cases in the order in which most of them can run."""
        ...

    def refuse_unfit(self, case: GoldenCase) -> None:
        """Raises NotApplicable for a case that has no place here."""
        ...

    def of(self, case: GoldenCase) -> AbstractAsyncContextManager[Place]:
        """A place, for the time of a block. Raises NotApplicable, CannotReplace, NoAnswer."""
        ...

    def hidden(self, text: str) -> str:
        """A text without secrets."""
        ...


@dataclass(slots=True)
class GivenCustomer:
    """The customer that the user named. Use `opened`."""

    endpoint: Endpoint
    arranger: Arranger
    notes: list[str]
    _lacking: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(
        cls, endpoint: Endpoint, arranger: Arranger, cases: Sequence[GoldenCase], notes: list[str]
    ) -> AsyncIterator[GivenCustomer]:
        """Find out what the customer has, and tidy up in the end.

        notes: gets what people should know about that.
        """
        customer = cls(endpoint, arranger, notes)
        async with endpoint:
            try:
                await endpoint.discover()
            except NoAnswer as error:
                notes.append(f"ids of the endpoint could not be found: {error}")
            await customer._look_around(cases)
            yield customer
            await customer._tidy()

    @property
    def _profile(self) -> Profile:
        return self.endpoint.profile

    async def _look_around(self, cases: Sequence[GoldenCase]) -> None:
        """Note what the customer lacks of the things that cases need."""
        for stock in _once(own for case in cases for own in self._profile.stock_of(case)):
            reason = await self._reason_without(stock)
            if reason:
                self._lacking[stock.text] = reason

    async def _reason_without(self, stock: Stock) -> str:
        if stock.changes and not self.arranger.may_change:
            return f"needs {stock.text}; whether they are there cannot be seen without --allow-mutations"
        try:
            found = await self.endpoint.ask_in_turn(stock.requests)
        except NoAnswer as error:
            return f"needs {stock.text}: {error}"
        return "" if "value" in found else f"needs {stock.text}, which this customer does not have"

    async def _tidy(self) -> None:
        if self.arranger.made:
            self.notes.append(f"{self.arranger.made} number lines were made at the endpoint, named conform-…")
        try:
            await self.arranger.leave()
        except NoAnswer as error:
            self.notes.append(f"the customer's own number line could not be chosen again: {error}")

    def in_order(self, cases: Sequence[GoldenCase]) -> Sequence[GoldenCase]:
        """First the cases that need a line which was never set: once it is set, many vendors cannot clear it."""
        return sorted(cases, key=self._turn)

    def _turn(self, case: GoldenCase) -> int:
        # 0: leaves the line unset. 1: needs no certain number. 2: needs it unset, and sets it. 3: all others.
        try:
            wanted = wanted_of(case, self._profile)
        except NotApplicable:
            return 3
        line = self._profile.line
        if line is None or line.clear is not None:
            return 3
        return (
            0 if wanted.stays_unset else 1 if not wanted.matters and not wanted.sets else 2 + (not wanted.needs_unset)
        )

    def refuse_unfit(self, case: GoldenCase) -> None:
        """Raises NotApplicable for a case that must not or cannot be sent to this customer."""
        profile = self._profile
        if case.settings:
            settings = ", ".join(sorted(case.settings))
            raise NotApplicable(f"shows other settings of the gateway ({settings}); an admin port can set them")
        missing = self.endpoint.missing(case)
        if missing:
            raise NotApplicable(f"needs --credentials for {', '.join(missing)}")
        for stock in profile.stock_of(case):
            if stock.text in self._lacking:
                raise NotApplicable(self._lacking[stock.text])
        if profile.needs_new_customer(case):
            raise NotApplicable("shows everything that the customer has; needs one that has nothing else")
        if not self.arranger.may_change and (case.before or not profile.is_reading(case)):
            raise NotApplicable("may change something, and --allow-mutations is not given")

    @contextlib.asynccontextmanager
    async def of(self, case: GoldenCase) -> AsyncIterator[Place]:
        """The customer, with the line where the case needs it."""
        line, numbers = self._profile.line, self._profile.numbers
        unseen = unobserved(case, line)
        for name, where in self._profile.names.items():
            self.endpoint.stand_for(Replacement(f"name {name}", Reference(name, where), like(name), given=True))
        if line is None and numbers is None and case.given:
            raise NotApplicable("needs a number line, and this wire neither shows nor moves one")
        if numbers is not None:
            floating = floating_of(case, numbers)
            self.endpoint.replacements.apply(case)
            yield Place(self.endpoint, _nothing, floating=floating, unobserved=unseen)
            return
        wanted = wanted_of(case, self._profile)
        self.endpoint.replacements.apply(case)  # what cannot be replaced is found out before anything is moved
        arranged = await self.arranger.arrange(wanted)
        yield Place(self.endpoint, lambda _: self._differences(arranged), arranged.numbers, unobserved=unseen)

    async def _differences(self, arranged: Arranged) -> list[str]:
        if not arranged.is_watched and not arranged.values:
            return []
        now = await self.arranger.standing()
        found = [
            f"the line shows {name} {now.values.get(name)}, expected {value}"
            for name, value in arranged.values.items()
            if now.values.get(name) != value
        ]
        if arranged.is_watched and now.next_number != arranged.expected:
            found.insert(0, f"the line stands at {now.next_number}, expected {arranged.expected}")
        return found

    def hidden(self, text: str) -> str:
        """Without the customer's credentials and tokens."""
        return self.endpoint.hidden(text)


async def _nothing(_: Mapping[int, int]) -> list[str]:
    return []


def _once(stocks: Iterable[Stock]) -> list[Stock]:
    found: dict[str, Stock] = {}
    for stock in stocks:
        found.setdefault(stock.text, stock)
    return list(found.values())
