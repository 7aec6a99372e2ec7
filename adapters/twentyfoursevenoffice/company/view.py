"""A stored customer as the vendor's Company: which properties an answer shows. Source: CO-27 to CO-29, G-14, G-20 to G-22."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from adapters.twentyfoursevenoffice.company.card import COMPANY, LEDGERS, values_of
from gateway.core.catalogue import Customer
from gateway.core.catalogue_records import item_of
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.company.types import Company

ALWAYS: Final = frozenset({"Id", "Name", *LEDGERS})
"""What every Company shows, asked for or not. Source: CO-28, G-21."""
NEVER_SHOWN: Final = frozenset({"APIException", "Password", "ExplicitlySpecifyNewCompanyId"})
LINKED: Final = frozenset({"Relations", "Maps"})
"""Properties that are records of their own."""
LARGEST_ID: Final = 2**31 - 1
_HALF_A_MINUTE: Final = timedelta(seconds=30)
_NO_LINKS: Final[Mapping[str, Sequence[Any]]] = MappingProxyType({})


def created(moment: datetime) -> datetime:
    """The creation time as the vendor keeps it: rounded to the minute, a half one up. Source: G-14.

    Only what is shown is rounded. Filters compare the exact moments, so a client that asks from its own clock misses nothing.
    """
    return (moment + _HALF_A_MINUTE).replace(second=0, microsecond=0)


def is_shown(record: Record) -> bool:
    """Whether the vendor's 32 bits hold the id. Other dialects may have larger ones."""
    return record.id.isdecimal() and int(record.id) <= LARGEST_ID


class Selection:
    """Which properties an answer shows. Unknown names are ignored. Source: CO-27, CO-28.

    linked: those among them that are records of their own.
    """

    def __init__(self, asked: Collection[str]) -> None:
        names = (ALWAYS | set(asked)) - NEVER_SHOWN
        self._names = tuple(name for name in COMPANY.by_name if name in names)
        self.linked = LINKED & names

    def company(self, record: Record, links: Mapping[str, Sequence[Any]] = _NO_LINKS) -> Company:
        """The company as it is shown. links: its relations and maps, by property."""
        customer: Customer = item_of(record)
        values = values_of(customer)
        values["Id"] = int(record.id)
        values["DateCreated"] = created(record.registered)
        values["DateChanged"] = record.changed
        values |= {name: list(own) for name, own in links.items() if own}
        return COMPANY.message({name: values[name] for name in self._names if name in values})


@lru_cache(maxsize=64)
def selection(asked: frozenset[str]) -> Selection:
    """The selection for a list of names. It is kept, because clients ask for the same properties again and again."""
    return Selection(asked)
