"""Which customers and products orders name: those are read before the orders are planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gateway.core.documents import Document
from schemas.twentyfoursevenoffice.messages import INTMIN, InvoiceOrder


class Named(NamedTuple):
    """Ids of customers and products."""

    customers: frozenset[int]
    products: frozenset[int]


def named_by(orders: Iterable[InvoiceOrder], stored: Mapping[int, Document]) -> Named:
    """Everything that the orders name, and the products of what is stored of them.

    stored: the documents that have the orders' ids.
    """
    customers: set[int] = set()
    products: set[int] = set()
    for order in orders:
        customers |= {order.customer_id, order.customer_delivery_id}
        products |= {row.product_id for row in order.invoice_rows or () if row is not None}
    for document in stored.values():
        products |= {line.product for line in document.lines if line.product is not None}
    return Named(frozenset(customers - {INTMIN}), frozenset(products - {INTMIN}))
