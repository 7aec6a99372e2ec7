"""From events to due work: one item for each event that has an address.

An item says what has happened, and nothing of the registration. So passwords and salts stay where they are, and a callback that
is registered anew meanwhile goes to the new address.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from adapters.resurs.callbacks.address import destination_of
from adapters.resurs.callbacks.events import Event, in_order
from adapters.resurs.representative import RepresentativeData
from gateway.core.work import MAX_LANE, NewWork

KIND: Final = "callback"


@dataclass(frozen=True, slots=True)
class Planned:
    """What an item's body says.

    account: the representative's user name.
    has_own_url: the payment's own address counts, not the registered one (P-142).
    """

    event: Event
    account: str
    has_own_url: bool

    def written(self) -> str:
        """As JSON text."""
        return json.dumps(
            {
                "account": self.account,
                "event": self.event.type,
                "facts": dict(self.event.facts),
                "diff": self.event.diff,
                "own_url": self.has_own_url,
            },
            ensure_ascii=False,
        )


def read_planned(facts: Any) -> Planned:
    """From the JSON values of an item's body."""
    return Planned(Event(facts["event"], facts["facts"], facts["diff"]), facts["account"], facts["own_url"])


def planned(account: str, data: RepresentativeData, events: Iterable[Event]) -> tuple[NewWork, ...]:
    """The items, in the order in which the events are sent. Events without an address are left out."""
    return tuple(_items(account, data, events))


def _items(account: str, data: RepresentativeData, events: Iterable[Event]) -> Iterator[NewWork]:
    for event in in_order(events):
        registered = data.callbacks.get(event.type)
        template = event.url or (registered.uri_template if registered is not None else None)
        if template is not None:
            yield NewWork(KIND, _lane(account, template), Planned(event, account, event.url is not None).written())


def _lane(account: str, template: str) -> str:
    """Callbacks of one account to one receiver have an order; a receiver that hangs delays no other one."""
    lane = f"{account} {destination_of(template)}"
    return lane if len(lane) <= MAX_LANE else hashlib.sha256(lane.encode()).hexdigest()
