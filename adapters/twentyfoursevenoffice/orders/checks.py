"""What an order must fulfil before it is saved: limits of texts, things that must exist, properties that belong together.

Only what a request sends is checked. What is stored was checked when it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from adapters.twentyfoursevenoffice.orders.properties import ORDER, ROW, Properties
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused, invalid, missing, not_found
from gateway.core.catalogue import (
    Catalogue,
    Customer,
    DeliveryMethod,
    Department,
    Employee,
    PaymentMethod,
    Product,
    Project,
    Template,
    TypeGroup,
)
from gateway.core.totals import ROUND_FACTORS

LONGER: Final[Mapping[str, int]] = MappingProxyType({"Addresses.Invoice.PostalCode": 50})
"""Limits of an order that differ from those of the type. Source: R-61."""

ORDER_REFERENCES: Final[Mapping[str, type[Any]]] = MappingProxyType(
    {
        "CustomerId": Customer,  # the data type pages say of these five that they "must exist"
        "ProjectId": Project,
        "OurReference": Employee,
        "ProductionManagerId": Employee,
        "DepartmentId": Department,
        "TypeOfSaleId": TypeGroup,  # inferred: the vendor serves the lists from which these ids come
        "PaymentMethodId": PaymentMethod,
        "InvoiceTemplateId": Template,
        "CustomerDeliveryId": Customer,
    }
)
"""SalesOpportunityId must exist, too, but a catalogue keeps no sales opportunities, so any is accepted (D-11)."""
ROW_REFERENCES: Final[Mapping[str, type[Any]]] = MappingProxyType(
    {"ProductId": Product, "TypeGroupId": TypeGroup, "ProjectId": Project, "DepartmentId": Department}
)


def check_order(sent: Mapping[str, Any], catalogue: Catalogue) -> None:
    """Check the properties that a request sends for an order. Raises OrderRefused. Source: R-61, R-62."""
    if "CustomerId" not in sent:
        raise missing("CustomerId")
    check_lengths(ORDER, sent)
    _check_references(sent, ORDER_REFERENCES, catalogue)
    delivery = sent.get("DeliveryMethod", {}).get("Id")
    if delivery is not None and not catalogue.may_refer_to(DeliveryMethod, delivery):
        raise not_found("DeliveryMethod", delivery)
    round_factor: Decimal | None = sent.get("RoundFactor")
    if round_factor is not None and round_factor not in ROUND_FACTORS:
        raise invalid("RoundFactor")


def check_row(sent: Mapping[str, Any], catalogue: Catalogue) -> None:
    """Check the properties that a request sends for a row. Raises OrderRefused."""
    check_lengths(ROW, sent)
    _check_references(sent, ROW_REFERENCES, catalogue)


def check_accrual(properties: Mapping[str, Any]) -> None:
    """Check that an order or row has both the start and the length of an accrual, or none.

    Raises OrderRefused. Source: R-74.
    """
    names = ("AccrualDate", "AccrualLength")
    absent = [name for name in names if name not in properties]
    if len(absent) == 1:
        raise missing(absent[0])


def check_lengths(properties: Properties[Any], sent: Mapping[str, Any]) -> None:
    """Check the limits of texts. Raises OrderRefused. Source: R-61."""
    for name, limit in properties.too_long(sent, LONGER):
        raise OrderRefused("property_too_long", property=name, limit=limit)


def _check_references(sent: Mapping[str, Any], references: Mapping[str, type[Any]], catalogue: Catalogue) -> None:
    for name in sent.keys() & references.keys():
        if not catalogue.may_refer_to(references[name], sent[name]):
            raise not_found(name, sent[name])
