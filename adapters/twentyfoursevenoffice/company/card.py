"""A company of the vendor and a customer of the core: one mapping, both ways. Source: CO-40 to CO-54.

`values_of` shows any customer as properties under the vendor's names, those of the catalogue file and of other dialects, too.
`customer_of` makes a customer of such properties. What the core has no field for is kept in `Customer.extras` under the
dialect's name, in the form of `orders.properties`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from adapters.twentyfoursevenoffice.orders.properties import Properties, Values
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.catalogue import Address, Addresses, Customer
from schemas.twentyfoursevenoffice.company.types import Company, CompanyType
from schemas.twentyfoursevenoffice.primitives import SHORTMIN

COMPANY: Final = Properties(Company)

READ_ONLY: Final = frozenset({"APIException", "Id", "DateCreated", "DateChanged", "Relations", "Maps"})
"""Properties that a message may hold but that SaveCompanies does not keep. Relations and maps have operations of their own."""
NEVER_KEPT: Final = READ_ONLY | {"Password", "ExplicitlySpecifyNewCompanyId"}
"""A password is not in use at the vendor (CO-49), so it is neither kept nor shown. The other one says how to save."""
LEDGERS: Final = ("LedgerCustomerAccount", "LedgerSupplierAccount")
"""Every Company shows them; they are 0 when nobody has set them. Source: G-21."""

_DIRECT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ExternalId": "external_id",
        "OrganizationNumber": "organization_number",
        "Name": "name",
        "GlnNumber": "gln",
    }
)
"""Properties that have a field of their own in the core."""
_ADDRESS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Street": "street",
        "State": "state",
        "PostalCode": "postal_code",
        "PostalArea": "postal_area",
        "Name": "name",
        "City": "city",
        "Country": "country",
    }
)
_ADDRESSES: Final = {field.name.capitalize(): field.name for field in fields(Addresses)}
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class _Kinds(NamedTuple):
    """Which of several addresses or numbers the core's field holds.

    usual: kinds for the core's own field: the first that has a value.
    further: kinds that show the further ones of a customer who was not saved here.
    """

    usual: tuple[str, ...]
    further: tuple[str, ...]


_EMAILS: Final = _Kinds(("Work", "Primary", "Home", "Alternative"), ("Primary", "Home", "Alternative"))
_PHONES: Final = _Kinds(("Work", "Mobile", "Primary", "Home"), ("Mobile", "Primary", "Home"))


def values_of(customer: Customer) -> Values:
    """Every property of a customer that is known, but Id, moments, relations and maps.

    A customer without a type is a business (inferred).
    """
    own: Mapping[str, Any] = customer.extras.get(DIALECT, _NOTHING)
    found: Values = {name: value for name, value in own.items() if name in COMPANY.by_name}
    found.setdefault("Type", CompanyType.BUSINESS.value)
    for name in LEDGERS:
        found.setdefault(name, 0)
    for name, attribute in _DIRECT.items():
        _put(found, name, getattr(customer, attribute))
    _put(found, "Addresses", _addresses(customer.addresses))
    _put(found, "EmailAddresses", _emails(customer, own.get("EmailAddresses", _NOTHING)))
    _put(found, "PhoneNumbers", _phones(customer, own.get("PhoneNumbers", _NOTHING)))
    days = customer.payment_days
    if days is not None and SHORTMIN < days < -SHORTMIN:
        found["PaymentTime"] = days
    return found


def customer_of(customer_id: int, values: Mapping[str, Any], extras: Mapping[str, Any] = _NOTHING) -> Customer:
    """The customer that has these properties, and those that other dialects keep of it.

    values: as `values_of` gives them.
    extras: of the customer as it stands.
    """
    emails: Mapping[str, Values] = values.get("EmailAddresses", _NOTHING)
    phones: Mapping[str, Values] = values.get("PhoneNumbers", _NOTHING)
    email, further_emails = _usual(emails, _EMAILS, "Invoice")
    phone, further_phones = _usual(phones, _PHONES, "")
    days = values.get("PaymentTime")
    customer = Customer(
        customer_id,
        email=email,
        emails=further_emails,
        invoice_email=_value(emails, "Invoice"),
        phone=phone,
        phones=further_phones,
        payment_days=days if days is not None and days >= 0 else None,  # below 0 it is no number of days: CO-47
        addresses=_canonical_addresses(values.get("Addresses", _NOTHING)),
        **{attribute: values.get(name, "") for name, attribute in _DIRECT.items()},
    )
    kept = {name: value for name, value in values.items() if name not in _DIRECT and name not in _IN_CARD}
    for name in LEDGERS:
        if kept.get(name) == 0:
            del kept[name]  # 0 is shown anyway
    if emails != _emails(customer, _NOTHING):
        kept["EmailAddresses"] = emails
    if phones != _phones(customer, _NOTHING):
        kept["PhoneNumbers"] = phones
    if customer.payment_days is None and days is not None:
        kept["PaymentTime"] = days
    return replace(customer, extras={**extras, DIALECT: kept})


_IN_CARD: Final = NEVER_KEPT | {"Addresses", "EmailAddresses", "PhoneNumbers", "PaymentTime"}


def merged(values: Mapping[str, Any], sent: Mapping[str, Any]) -> Values:
    """The properties with those that were sent in their place. Source: CO-64.

    Of addresses, e-mail addresses and phone numbers only the parts that were sent are replaced (inferred).
    """
    found = {**values, **sent}
    for name in ("Addresses", "EmailAddresses", "PhoneNumbers"):
        if name in values and name in sent:
            found[name] = {**values[name], **sent[name]}
    return found


def sent_by(company: Company) -> Values:
    """What a message sets and SaveCompanies keeps; parts without content count as not sent."""
    found: Values = {name: value for name, value in COMPANY.given(company).items() if name not in NEVER_KEPT}
    for name in ("Addresses", "EmailAddresses", "PhoneNumbers"):
        if name in found:
            parts = {part: given for part, own in found[name].items() if (given := _without_empty(own))}
            _put(found, name, parts)
            if not parts:
                del found[name]
    return found


def _put(values: Values, name: str, value: Any) -> None:
    if value:
        values[name] = value


def _without_empty(own: Values) -> Values:
    return {name: text for name, text in own.items() if text}


# --- addresses --------------------------------------------------------------------------------------------------------


def _addresses(addresses: Addresses) -> Values:
    own = {kind: getattr(addresses, attribute) for kind, attribute in _ADDRESSES.items()}
    shown = {kind: _address(address) for kind, address in own.items() if address is not None}
    return {kind: address for kind, address in shown.items() if address}


def _address(address: Address) -> Values:
    return {name: value for name, attribute in _ADDRESS.items() if (value := getattr(address, attribute))}


def _canonical_addresses(values: Mapping[str, Values]) -> Addresses:
    return Addresses(
        **{
            _ADDRESSES[kind]: Address(**{_ADDRESS[name]: text for name, text in own.items()})
            for kind, own in values.items()
        }
    )


# --- e-mail addresses and phone numbers -------------------------------------------------------------------------------


def _value(values: Mapping[str, Values], kind: str) -> str:
    return str(values.get(kind, _NOTHING).get("Value", ""))


def _usual(values: Mapping[str, Values], kinds: _Kinds, apart: str) -> tuple[str, tuple[str, ...]]:
    """The usual value and the further ones. apart: a kind that has a field of its own."""
    usual = next((kind for kind in kinds.usual if _value(values, kind)), "")
    others = [_value(values, kind) for kind in values if kind not in (usual, apart)]
    return _value(values, usual), tuple(text for text in others if text)


def _emails(customer: Customer, own: Mapping[str, Values]) -> Mapping[str, Values]:
    """As they were saved here, unless they have become others since then."""
    stands = (customer.email, tuple(customer.emails))
    if own and _usual(own, _EMAILS, "Invoice") == stands and _value(own, "Invoice") == customer.invoice_email:
        return own
    return _listed({"Invoice": customer.invoice_email, "Work": customer.email}, customer.emails, _EMAILS)


def _phones(customer: Customer, own: Mapping[str, Values]) -> Mapping[str, Values]:
    if own and _usual(own, _PHONES, "") == (customer.phone, tuple(customer.phones)):
        return own
    return _listed({"Work": customer.phone}, customer.phones, _PHONES)


def _listed(first: Mapping[str, str], further: Sequence[str], kinds: _Kinds) -> Values:
    texts = {**first, **dict(zip(kinds.further, further, strict=False))}
    return {kind: {"Value": text} for kind, text in texts.items() if text}
