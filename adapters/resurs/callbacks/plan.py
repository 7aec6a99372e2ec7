"""From events to due work: one item for each event that a representative has registered."""

from __future__ import annotations

import json
from collections.abc import Iterable

from adapters.resurs.callbacks.events import Event
from adapters.resurs.representative import RepresentativeData
from gateway.core.work import NewWork


def planned(account: str, data: RepresentativeData, events: Iterable[Event]) -> tuple[NewWork, ...]:
    """The items, in the order of the events. Events that are not registered are left out."""
    return tuple(
        NewWork("callback", account, json.dumps({"account": account, "event": event.type, "facts": dict(event.facts)}))
        for event in events
        if event.type in data.callbacks
    )
