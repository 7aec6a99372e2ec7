"""The plain form of messages: what counts as not set, and that the way there and back loses nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from adapters.twentyfoursevenoffice.orders.properties import ORDER, ROW
from gateway.core.extras import decode, encode
from gateway.wire.soap.binding import Binder, FineDateTime
from schemas.twentyfoursevenoffice.messages import NAMESPACE, Currency, InvoiceOrder, InvoiceRow

UTC = dt.UTC
WRITE = Binder(NAMESPACE).writer(InvoiceOrder)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"order_id": -(2**31)},
        {"customer_name": ""},
        {"date_ordered": dt.datetime(1, 1, 1)},
        {"date_ordered": dt.datetime(1, 1, 1, tzinfo=UTC)},
        {"payment_amount": Decimal("-79228162514264337593543950335.0")},
        {"order_status": "Web"},
        {"skip_stock": False},
        {"invoice_template_id": UUID(int=0)},
        {"include_vat": None, "addresses": None, "user_defined_dimensions": None},
    ],
)
def test_not_set(given: dict[str, Any]) -> None:
    assert ORDER.given(InvoiceOrder(**given)) == {}


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ({"order_id": 0}, {"OrderId": 0}),
        ({"customer_delivery_name": ""}, {"CustomerDeliveryName": ""}),
        ({"date_ordered": dt.datetime(1, 1, 2)}, {"DateOrdered": dt.datetime(1, 1, 2)}),
        ({"include_vat": False}, {"IncludeVAT": False}),
        ({"currency": Currency()}, {"Currency": {}}),
        ({"currency": Currency(rate=Decimal("1.0"), unit=2)}, {"Currency": {"Unit": 2}}),
        ({"user_defined_dimensions": []}, {"UserDefinedDimensions": []}),
        ({"user_defined_dimensions": [None]}, {"UserDefinedDimensions": [None]}),
        ({"invoice_template_id": UUID(int=5)}, {"InvoiceTemplateId": str(UUID(int=5))}),
        ({"distribution_method": "EMail"}, {"DistributionMethod": "EMail"}),
        (
            {"paid": FineDateTime.of(dt.datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC), 7)},
            {"Paid": "2024-01-01T00:00:00.1234567Z"},
        ),
    ],
)
def test_set(given: dict[str, Any], plain: dict[str, Any]) -> None:
    message = InvoiceOrder(**given)
    found = ORDER.given(message)
    assert found == plain
    assert WRITE(ORDER.message(decode(encode(found)))) == WRITE(message)


def test_all_elements_are_known_by_name() -> None:
    assert (len(ORDER.by_name), len(ROW.by_name)) == (55, 26)
    assert list(ROW.by_name) == [field.alias for field in InvoiceRow.model_fields.values()]


def test_a_filled_message_shares_nothing_with_the_next() -> None:
    first, second = ORDER.filled({"order_id": 1}), ORDER.filled({})
    assert (first.order_id, second.order_id) == (1, -(2**31))
    assert first.__dict__ is not second.__dict__
