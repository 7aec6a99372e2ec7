"""Who is who in a tenant's test data: personas and the address book. Source: P-133, personas of P-143."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from adapters.resurs.auth import Representative
from adapters.resurs.payments.model import Address
from adapters.resurs.shop import Country, Persona, Registered
from adapters.resurs.shopflow.persons import plain_id, without_century

_T = TypeVar("_T")
_ANYBODY: Final = Persona(outcome="BOOKED")


def persona_of(who: Representative, government_id: str | None) -> Persona:
    """What becomes of somebody's bookings; BOOKED for everybody whom the table does not name."""
    found = None if government_id is None else _find(who.binding.personas, government_id, who.country)
    return found or _ANYBODY


def registered(who: Representative, government_id: str | None) -> Registered | None:
    """The entry of the address book; None for somebody unknown."""
    return None if government_id is None else _find(who.binding.address_book, government_id, who.country)


def address_of(entry: Registered) -> Address:
    """The registered address."""
    return Address(
        address_row1=entry.address_row1,
        postal_area=entry.postal_area,
        postal_code=entry.postal_code,
        country=entry.country,
        full_name=entry.full_name,
        first_name=entry.first_name,
        last_name=entry.last_name,
        address_row2=entry.address_row2,
    )


def _find(table: Mapping[str, _T], government_id: str, country: Country) -> _T | None:
    """The entry of an id. Two ids with a century are the same only if the centuries are."""
    plain = plain_id(government_id, country)
    if (exact := table.get(plain)) is not None:
        return exact
    short = without_century(plain, country)
    for key, entry in table.items():
        own = plain_id(key, country)
        has_century = len(own) > len(short) and len(plain) > len(short)
        if not has_century and without_century(own, country) == short:
            return entry
    return None
