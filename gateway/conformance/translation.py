"""A case in the endpoint's terms, as far as they are known. The rest is learnt from the answers on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.conformance.customers import Place
from gateway.conformance.substitution import Replacements
from gateway.testing.golden import Answer, GoldenCase
from gateway.testing.profile import Created, Profile

_FAR: Final = 2_000_000_000
"""No endpoint with 32-bit ids has come so far: they count from 1."""


@dataclass(slots=True)
class Terms:
    """The terms for one case at one place.

    place: the customer.
    profile: the profile of the dialect's cases.
    numbers: the numbers at the endpoint that stand for those of the case.
    """

    place: Place
    profile: Profile
    numbers: Mapping[int, int] = field(default_factory=dict)
    _made: dict[int, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers = dict(self.place.numbers)

    def apply(self, case: GoldenCase) -> GoldenCase:
        """The case with everything replaced that is known. Raises CannotReplace."""
        values: Replacements = self.place.endpoint.replacements.with_numbers(self.numbers)
        for kind, created in enumerate(self.profile.created):
            made = self._made.get(kind, {})
            values = values.with_created(created, made).far_away(created, _strangers(created, case, made))
        return values.apply(case)

    def learn(self, sent: GoldenCase, answer: Answer) -> bool:
        """Note ids of new things and numbers in an answer. True when there were any."""
        if answer.status >= 300:
            return False
        text = answer.body.decode("utf-8", "replace")
        known = sum(map(len, self._made.values()))
        for kind, created in enumerate(self.profile.created):
            self._note_ids(kind, created, text, (sent.body or b"").decode("utf-8", "replace"))
        return self._note_numbers(text) or sum(map(len, self._made.values())) > known

    def _note_ids(self, kind: int, created: Created, text: str, sent: str) -> None:
        """Note the ids of new things, in order: in the cases they count on from the first one.

        An id that the request itself names, or that was there before, does not belong to a new thing.
        """
        made = self._made.setdefault(kind, {})
        there = {item.new for item in self.place.endpoint.replacements.values} if created.first > 1 else set()
        for match in created.find.finditer(text):
            own = match["value"]
            named = own in there or any(place.format(own) in sent for place in created.where)
            if own not in made.values() and not named:
                made[str(created.first + len(made))] = own

    def _note_numbers(self, text: str) -> bool:
        """Note the first number that is given: it shows where the line stands, and the later ones must follow."""
        floating, numbers = self.place.floating, self.profile.numbers
        match = numbers.find.search(text) if numbers and floating and not self.numbers else None
        if match is None or floating is None:
            return False
        by = int(match["value"]) - floating[0]
        self.numbers = {number: number + by for number in range(floating[0], floating[1] + 1)}
        return True


def _strangers(created: Created, case: GoldenCase, made: Mapping[str, str]) -> dict[str, str]:
    """Ids in lists that the case neither makes nor sends elsewhere, each with an id that no endpoint has.

    The case wants ids of nothing. At another endpoint, the ids in the case may belong to something.
    """
    texts = [(body or b"").decode("utf-8", "replace") for body in (case.body, *(sent.body for sent in case.before))]
    found: set[str] = set()
    for region, place in created.within.items():
        pattern = re.escape(place).replace(re.escape("{}"), r"(\d{1,8})")
        found.update(own for match in re.finditer(region, texts[0], re.DOTALL) for own in re.findall(pattern, match[0]))
    return {
        own: str(_FAR + int(own))
        for own in found - made.keys()
        if not any(place.format(own) in text for place in created.where for text in texts)
    }
