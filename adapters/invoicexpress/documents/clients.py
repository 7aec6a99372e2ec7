"""The client inside a document. Its name finds it among the tenant's customers.

The vendor makes a client of a name that it does not know. Here such a client exists only in the documents that name it.
Its id is made from the name, so that it is the same in every document. Source: R-27, D-12.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from gateway.core.catalogue import Address, Catalogue, Customer

_FIRST: Final = 10**9
_SPAN: Final = 2**31 - 1 - _FIRST
"""Ids made from names begin above every id that a catalogue is likely to have.

They stay below 2**31, because clients read 32-bit numbers.
"""


def client_of(texts: Mapping[str, str], catalogue: Catalogue) -> tuple[int, dict[str, str]]:
    """The id of the client that was sent, and its fields.

    The fields are those of the customer's record. What was sent replaces them.
    """
    customer = _matching(texts, catalogue)
    if customer is None:
        return made_up_id(texts["name"]), dict(texts)
    return customer.id, {**_record(customer), **texts}


def _matching(texts: Mapping[str, str], catalogue: Catalogue) -> Customer | None:
    """The customer of exactly this name. Of several, the one whose id is the code that was sent, else the first."""
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
    """The id of a client that no catalogue has; always the same for the same name."""
    return _FIRST + int.from_bytes(sha256(name.encode("utf-8", "surrogatepass")).digest()[:8]) % _SPAN
