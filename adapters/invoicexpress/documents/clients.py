"""The client inside a document. Its name finds it among the tenant's customers.

The vendor makes a client of a name that it does not know. Here such a client exists only in the documents that name it.
Its id is made from the name, so that it is the same in every document. Source: R-27, D-12.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from gateway.core.catalogue import Address, Customer
from gateway.core.catalogue_records import CUSTOMER, item_of
from gateway.core.ports import SequenceService
from gateway.core.record_commands import SearchRecords
from gateway.core.values import TenantId

_MOST: Final = 1000
_FIRST: Final = 10**9
_SPAN: Final = 2**31 - 1 - _FIRST
"""Ids made from names begin above every id that a catalogue is likely to have.

They stay below 2**31, because clients read 32-bit numbers.
"""


async def clients_named(service: SequenceService, tenant: TenantId, name: str) -> list[Customer]:
    """The customers of exactly this name, by ascending id. Raises StoreUnavailableError."""
    query = SearchRecords(tenant, CUSTOMER, (CUSTOMER.is_one_of("name", name),), limit=_MOST)
    found = [item_of(record) for record in (await service.read(query)).records]
    return [customer for customer in found if isinstance(customer, Customer) and customer.name == name]


def client_of(texts: Mapping[str, str], customers: Sequence[Customer]) -> tuple[int, dict[str, str]]:
    """The id of the client that was sent, and its fields.

    The fields are those of the customer's record. What was sent replaces them.

    customers: those of its name.
    """
    customer = _matching(texts, customers)
    if customer is None:
        return made_up_id(texts["name"]), dict(texts)
    return customer.id, {**_record(customer), **texts}


def _matching(texts: Mapping[str, str], customers: Sequence[Customer]) -> Customer | None:
    """Of several customers of the name, the one whose id is the code that was sent, else the first."""
    by_code = (customer for customer in customers if str(customer.id) == texts.get("code"))
    return next(by_code, None) or next(iter(customers), None)


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
