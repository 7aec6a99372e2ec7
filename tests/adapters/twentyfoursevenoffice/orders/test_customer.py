"""What an order takes from the customer's card, and how the delivery name and the GLN are handled."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.orders.terms import due_day
from tests.adapters.twentyfoursevenoffice.orders.desk import saved, shown

CARD = {
    "CustomerName": "Full AS",
    "CustomerOrgNo": "987",
    "InvoiceEmailAddress": "invoice@full.example",
    "GLNNumber": "7080000000005",
    "PaymentTime": 14,
    "CustomerDeliveryName": "Full Dock",
    "Addresses": {
        "Post": {"Street": "Box 1", "City": "Oslo", "Country": "NO"},
        "Delivery": {"Street": "Quay 2"},
        "Invoice": {"Street": "Box 9"},
    },
}


def of_card(document: Any) -> dict[str, Any]:
    """The values of the properties that a card can fill."""
    return {name: value for name, value in shown(document).items() if name in CARD}


@pytest.mark.parametrize(
    ("sent", "different"),
    [
        ({}, {}),
        ({"Addresses": {}}, {}),
        ({"Addresses": {"Post": {}}}, {}),
        ({"CustomerName": "Mine"}, {"CustomerName": "Mine"}),
        (
            {"Addresses": {"Delivery": {"Street": "There"}}},
            {"Addresses": {"Delivery": {"Street": "There"}}, "CustomerDeliveryName": None},
        ),
        (
            {"Addresses": {"Delivery": {"Street": "There", "Name": "Dock"}}},
            {"Addresses": {"Delivery": {"Street": "There"}}, "CustomerDeliveryName": "Dock"},
        ),
        ({"CustomerDeliveryName": "Dock"}, {"CustomerDeliveryName": "Dock"}),
        (
            {"CustomerDeliveryName": "Dock", "Addresses": {"Delivery": {"Name": "Other"}}},
            {"CustomerDeliveryName": "Dock", "Addresses": {"Delivery": {}}},
        ),
        ({"CustomerDeliveryName": ""}, {"CustomerDeliveryName": ""}),
        ({"PaymentTime": 0}, {"PaymentTime": 0}),
        ({"GLNNumber": "123"}, {"GLNNumber": "123"}),
        ({"GLNNumber": "NULL"}, {"GLNNumber": None}),
        ({"GLNNumber": "null"}, {"GLNNumber": "null"}),
    ],
    ids=[
        "only CustomerId",
        "no addresses in Addresses",
        "an empty address",
        "a name, yet the addresses are filled in",
        "one address: no other one",
        "the address sets the delivery name",
        "a delivery name of its own",
        "the order's delivery name before the address's",
        "an empty delivery name",
        "no credit",
        "a GLN of its own",
        "no GLN",
        "another text",
    ],
)
def test_new_order(sent: dict[str, Any], different: dict[str, Any]) -> None:
    expected = {name: value for name, value in {**CARD, **different}.items() if value is not None}
    assert of_card(saved(sent)) == expected


def test_a_bare_card_fills_nothing_but_the_name() -> None:
    assert of_card(saved({"CustomerId": 2})) == {"CustomerName": "Bare AS"}


def test_an_update_fills_nothing_in() -> None:
    before = saved({"CustomerId": 1, "GLNNumber": "NULL", "Addresses": {"Visit": {"Street": "X"}}})
    after = saved({"OrderId": 7, "CustomerId": 1}, before)
    assert of_card(after) == of_card(before)
    assert "GLNNumber" not in of_card(after)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"Delivery": {"City": "Y"}}, {"Post": {"Street": "A"}, "Delivery": {"City": "Y"}}),
        (
            {"Post": {"City": "Y"}, "Invoice": {"Street": "Z"}},
            {"Post": {"City": "Y"}, "Delivery": {"Street": "B"}, "Invoice": {"Street": "Z"}},
        ),
        ({}, {"Post": {"Street": "A"}, "Delivery": {"Street": "B"}}),
    ],
)
def test_an_update_replaces_the_addresses_that_it_sends(sent: dict[str, Any], expected: dict[str, Any]) -> None:
    before = saved({"Addresses": {"Post": {"Street": "A"}, "Delivery": {"Street": "B"}}})
    after = saved({"OrderId": 7, "CustomerId": 1, "Addresses": sent}, before)
    assert shown(after)["Addresses"] == expected


def test_another_customer_brings_its_own_card() -> None:
    before = saved({"CustomerId": 1, "YourReference": "kept"})
    after = saved({"OrderId": 7, "CustomerId": 3, "CustomerOrgNo": "5"}, before)
    assert of_card(after) == {
        "CustomerName": "Dock AS",
        "CustomerOrgNo": "5",
        "Addresses": {"Delivery": {"Street": "Quay 3"}},
    }
    assert shown(after)["YourReference"] == "kept"


def test_a_credit_until_the_end_of_the_month_comes_from_the_card_and_not_over_the_orders_own() -> None:
    assert shown(saved({"CustomerId": 4}))["PaymentTime"] == -4
    assert shown(saved({"CustomerId": 4, "PaymentTime": 8}))["PaymentTime"] == 8


@pytest.mark.parametrize(
    ("payment_time", "due"),
    [
        (0, "2024-01-15"),
        (14, "2024-01-29"),
        (-1, "2024-03-01"),
        (-2, "2024-03-31"),
        (-3, "2024-04-30"),
        (-4, "2024-01-31"),
        (-5, "2024-03-16"),
        (-9990, "2024-02-10"),
        (-10_000, "2024-01-31"),
        (-10_001, None),
        (10_001, None),
    ],
)
def test_the_day_when_an_invoice_is_due(payment_time: int, due: str | None) -> None:
    assert due_day(dt.date(2024, 1, 15), payment_time) == (None if due is None else dt.date.fromisoformat(due))


@pytest.mark.parametrize(
    ("day", "payment_time", "due"),
    [
        ("2024-02-29", -4, "2024-02-29"),
        ("2023-12-01", -9999, "2024-01-01"),
        ("9999-12-05", -4, "9999-12-31"),
        ("9999-12-05", -1, None),
        ("9999-12-31", 1, None),
    ],
)
def test_ends_of_months_and_of_the_calendar(day: str, payment_time: int, due: str | None) -> None:
    found = due_day(dt.date.fromisoformat(day), payment_time)
    assert found == (None if due is None else dt.date.fromisoformat(due))


def test_an_update_can_clear_the_gln() -> None:
    after = saved({"OrderId": 7, "CustomerId": 1, "GLNNumber": "NULL"}, saved({"CustomerId": 1}))
    assert "GLNNumber" not in shown(after)
