"""The client inside a document: found among the tenant's customers by its name, else known by its name alone.

The vendor would make a client of a name that it does not know. Here such a client lives in the documents that name it; its
id is made from the name, so that the same client has the same id in every document. Source: R-27, D-12.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from gateway.core.catalogue import Address, Catalogue, Customer

_FIRST: Final = 10**9
_SPAN: Final = 2**31 - 1 - _FIRST
"""Ids made from names begin above every id that a catalogue is likely to have and stay below 2**31: clients read them as
32-bit numbers."""


def client_of(texts: Mapping[str, str], catalogue: Catalogue) -> tuple[int, dict[str, str]]:
    """The id of the client that was sent, and what is known of it: what the customer's record says, and what was sent."""
    customer = _matching(texts, catalogue)
    if customer is None:
        return made_up_id(texts["name"]), dict(texts)
    return customer.id, {**_record(customer), **texts}


def _matching(texts: Mapping[str, str], catalogue: Catalogue) -> Customer | None:
    """By name, exactly; of several with one name the one whose id is the code that was sent, else the first."""
    found = [customer for customer in catalogue.customers.values() if customer.name == texts["name"]]
    by_code = (customer for customer in found if str(customer.id) == texts.get("code"))
    return next(by_code, None) or next(iter(found), None)


def _record(customer: Customer) -> dict[str, str]:
    addresses = customer.addresses
    address = addresses.invoice or addresses.post or Address()
    known = {
        "email": customer.invoice_email or customer.email,
        "address": address.street,
        "city": address.city,
        "postal_code": address.postal_code,
        "fiscal_id": customer.organization_number,
        "phone": customer.phone,
    }
    return {name: text for name, text in known.items() if text}


def made_up_id(name: str) -> int:
    """The same for the same name."""
    return _FIRST + int.from_bytes(sha256(name.encode("utf-8", "surrogatepass")).digest()[:8]) % _SPAN
