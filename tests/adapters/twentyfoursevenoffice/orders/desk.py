"""A small catalogue and the rules applied to it, without a store and without messages."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from adapters.twentyfoursevenoffice.orders.context import Terms
from adapters.twentyfoursevenoffice.orders.plan import Plan, make_plan
from adapters.twentyfoursevenoffice.orders.properties import ORDER, Values
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused
from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.orders.view import everything
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.catalogue import (
    EMPTY,
    Address,
    Addresses,
    Customer,
    DeliveryMethod,
    Department,
    Employee,
    PaymentMethod,
    Product,
    Project,
    TaxCode,
    Template,
    TypeGroup,
)
from gateway.core.documents import Document, DocumentId, LineId, Status
from gateway.core.values import SeriesId, TenantId
from schemas.twentyfoursevenoffice.messages import InvoiceOrder

NOW = dt.datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=dt.UTC)
TODAY = NOW.replace(microsecond=0)
TEMPLATE = "6f1c1f0e-6c1f-4c55-9a3e-0b6a5d0f7a01"
SERIES = SeriesId(3)

CATALOGUE = EMPTY.with_changes(
    [
        TaxCode(101, "none", rate=Decimal(0), account=3100),
        TaxCode(115, "food", rate=Decimal(15), account=3030),
        TypeGroup(1, "goods", Decimal(25), is_default=True),
        TypeGroup(2, "abroad", Decimal(0)),
        TypeGroup(3, "food", Decimal(15)),
        Customer(
            1,
            "Full AS",
            organization_number="987",
            invoice_email="invoice@full.example",
            gln="7080000000005",
            payment_days=14,
            addresses=Addresses(
                post=Address(street="Box 1", city="Oslo", country="NO"),
                delivery=Address(name="Full Dock", street="Quay 2"),
                invoice=Address(street="Box 9"),
            ),
        ),
        Customer(2, "Bare AS"),
        Customer(4, "Month AS", extras={DIALECT: {"PaymentTime": -4}}),
        Customer(3, "Dock AS", addresses=Addresses(delivery=Address(street="Quay 3"))),
        Product(1, "Boat", "B-1", Decimal("100.00"), Decimal("60.00"), type_group=1),
        Product(2, "Shrimp", "S-1", Decimal("10.50"), Decimal("4.20"), type_group=3),
        Product(3, "Own rate", vat_rate=Decimal(12)),
        Product(4, "No group"),
        PaymentMethod(3, "Card"),
        DeliveryMethod(2, "Pick up"),
        Template(TEMPLATE, "Standard"),
        Project(10),
        Department(1),
        Employee(1),
    ]
)
TERMS = Terms(TenantId("demo"), SERIES, CATALOGUE, OrderChoices(), resting=True, now=NOW)


def terms(resting: bool = True, **choices: Any) -> Terms:
    """The usual terms with some choices changed."""
    return replace(TERMS, choices=OrderChoices(**choices), resting=resting)


def order(values: Mapping[str, Any]) -> InvoiceOrder:
    """A message, with the vendor's names; enumerations and dates are texts."""
    return InvoiceOrder.model_validate({"CustomerId": 1, **values})


def plan(values: Mapping[str, Any], stored: Document | None = None, under: Terms = TERMS) -> Plan:
    """What a save would do."""
    return make_plan(order(values), stored, under)


def refusal(values: Mapping[str, Any], stored: Document | None = None, under: Terms = TERMS) -> tuple[str, Values]:
    """Why a save fails; ("", {}) when it does not."""
    try:
        plan(values, stored, under)
    except OrderRefused as refused:
        return refused.name, refused.facts
    return "", {}


def kept(document: Document, issued: int | None = None) -> Document:
    """The document as a store would return it: with ids, and with its number if it was given one."""
    fresh = itertools.count(document.last_line + 1)
    by_position = sorted(document.lines, key=lambda line: line.position)
    lines = tuple(line if line.id else replace(line, id=LineId(next(fresh))) for line in by_position)
    status = Status.ISSUED if issued is not None else document.status
    return replace(
        document,
        id=document.id or DocumentId(7),
        lines=lines,
        number=issued,
        status=status,
        version=document.version + 1,
        last_line=LineId(next(fresh) - 1),
        registered=NOW,
        changed=NOW,
    )


def saved(values: Mapping[str, Any], stored: Document | None = None, under: Terms = TERMS) -> Document:
    """The order after saving."""
    planned = plan(values, stored, under)
    return kept(planned.document, 445 if planned.invoiced else None)


def shown(document: Document, under: Terms = TERMS) -> Values:
    """Everything that GetInvoices shows, with the vendor's names."""
    return ORDER.given(everything(under.choices).order(document))


def rows(document: Document, *names: str) -> list[tuple[Any, ...]]:
    """Some properties of each row; None for one that is missing."""
    return [tuple(row.get(name) for name in names) for row in shown(document).get("InvoiceRows", [])]


def own(document: Document) -> Values:
    """The vendor's own values, which are stored beside the canonical fields."""
    return dict(document.extras[DIALECT])
