"""What an order takes from the customer's card. Source: R-63 (name and addresses), R-64 (delivery name, GLN)."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from adapters.twentyfoursevenoffice.orders.properties import Values
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.catalogue import Address, Addresses, Customer

_ADDRESS: Final = {
    "Street": "street",
    "State": "state",
    "PostalCode": "postal_code",
    "PostalArea": "postal_area",
    "Name": "name",
    "City": "city",
    "Country": "country",
}
FROM_CARD: Final = frozenset(
    {
        "CustomerName",
        "CustomerOrgNo",
        "InvoiceEmailAddress",
        "GLNNumber",
        "PaymentTime",
        "Addresses",
        "CustomerDeliveryName",
    }
)
"""What an order may have from the card. When its customer changes, the new one's card replaces these. Inferred."""
CLEARED: Final = "NULL"
"""A GLNNumber with this text means that there is none."""


def fill_in(properties: Values, customer: Customer) -> None:
    """Set what is not set yet. An order that gives one address gets no other one from the card. Source: R-63, R-64."""
    card = {
        "CustomerName": customer.name,
        "CustomerOrgNo": customer.organization_number,
        "InvoiceEmailAddress": customer.invoice_email,
        "GLNNumber": customer.gln,
        "PaymentTime": _payment_time(customer),
        "Addresses": _addresses(customer.addresses),
    }
    for name, value in card.items():
        if value is not None and value not in ("", {}):
            properties.setdefault(name, value)


def _payment_time(customer: Customer) -> int | None:
    """The credit on the card: days, or one of the vendor's values for the end of a month, which it keeps apart (CO-47)."""
    if customer.payment_days is not None:
        return customer.payment_days
    kept: int | None = customer.extras.get(DIALECT, {}).get("PaymentTime")
    return kept


def name_delivery(properties: Values) -> None:
    """Move the name of the delivery address to CustomerDeliveryName, which alone shows it. Source: R-64."""
    addresses: Values = properties.get("Addresses", {})
    delivery = addresses.get("Delivery", {})
    if "Name" not in delivery:
        return
    properties["Addresses"] = {**addresses, "Delivery": {k: v for k, v in delivery.items() if k != "Name"}}
    properties.setdefault("CustomerDeliveryName", delivery["Name"])


def clear_gln(properties: Values) -> None:
    """Take the number away for the text NULL. Until here the text kept the card's number from filling in. Source: R-64."""
    if properties.get("GLNNumber") == CLEARED:
        del properties["GLNNumber"]


def without_empty_addresses(sent: Values) -> None:
    """Drop addresses without content: they count as not given."""
    addresses = {kind: address for kind, address in sent.get("Addresses", {}).items() if address}
    if addresses:
        sent["Addresses"] = addresses
    else:
        sent.pop("Addresses", None)


def _addresses(addresses: Addresses) -> Values:
    own = {field.name.capitalize(): getattr(addresses, field.name) for field in fields(addresses)}
    return {kind: _address(address) for kind, address in own.items() if address is not None}


def _address(address: Address) -> Values:
    return {name: value for name, attribute in _ADDRESS.items() if (value := getattr(address, attribute))}
