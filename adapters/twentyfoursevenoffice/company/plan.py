"""The vendor's rules about saving a company: from a message and the stored customer to the record that is to be saved.

Pure functions: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.twentyfoursevenoffice.company.card import COMPANY, customer_of, merged, sent_by, values_of
from adapters.twentyfoursevenoffice.company.refused import ItemRefused, missing, not_found
from adapters.twentyfoursevenoffice.company.view import LARGEST_ID
from gateway.core.catalogue import Customer
from gateway.core.catalogue_records import item_of, record_of
from gateway.core.commands import Expect
from gateway.core.record_commands import SaveRecord
from gateway.core.records import Record
from gateway.core.values import TenantId
from schemas.twentyfoursevenoffice.company.types import Company
from schemas.twentyfoursevenoffice.primitives import INTMIN

LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "Name": 200,
        "FirstName": 50,
        "NickName": 200,
        "OrganizationNumber": 20,
        "Url": 255,
        "GlnNumber": 13,
        "Country": 2,
        "InvoiceLanguage": 2,
    }
)
"""The longest texts, in characters. Source: CO-40 to CO-43. Those of addresses stand in their type."""
NEEDED: Final = ("Type", "Name")
"""What a new company must have. Source: CO-61, CO-62."""


def id_in(company: Company) -> int | None:
    """The id that a message names; None for a new company. PHP sends 0 where it has none (G-28)."""
    return None if company.id in (INTMIN, 0) else company.id


def plan(tenant: TenantId, company: Company, stored: Record | None, *, may_create: bool, again: bool) -> SaveRecord:
    """Work out what to save. Raises ItemRefused.

    stored: the customer that has the company's id; None when there is none.
    may_create: an unknown id makes a new company (CO-65).
    again: the same save was tried before, and nobody knows whether it took effect. Then it does nothing twice.
    """
    sent = sent_by(company)
    for name, limit in COMPANY.too_long(sent, LIMITS):
        raise ItemRefused("property_too_long", property=name, limit=limit)
    if stored is None:
        return _new(tenant, company, sent, may_create=may_create)
    if company.explicitly_specify_new_company_id and not again:
        raise ItemRefused("company_taken", id=company.id)
    customer: Customer = item_of(stored)
    values = merged(values_of(customer), sent)
    changed = customer_of(customer.id, values, customer.extras)
    return SaveRecord(record_of(tenant, changed), Expect.EXISTING, stored.version, if_different=again)


def _new(tenant: TenantId, company: Company, sent: Mapping[str, Any], *, may_create: bool) -> SaveRecord:
    own = id_in(company)
    if own is not None and not 1 <= own <= LARGEST_ID:
        raise ItemRefused("property_invalid", property="Id")
    if own is not None and not (may_create or company.explicitly_specify_new_company_id):
        raise not_found("Id", own)
    for name in NEEDED:
        if name not in sent:
            raise missing(name)
    return SaveRecord(record_of(tenant, customer_of(own or 0, sent), new=own is None), Expect.NEW)
