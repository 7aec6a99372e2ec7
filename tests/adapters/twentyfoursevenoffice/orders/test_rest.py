"""Rest orders: the example of the vendor's page in every figure, what makes a rest order, and what it inherits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.orders.rest import RESTING_STATES
from schemas.twentyfoursevenoffice.messages import OrderSlipStateType
from tests.adapters.twentyfoursevenoffice.orders.desk import kept, own, plan, rows, saved, shown, terms

QUANTITIES = ("Quantity", "QuantityOrdered", "QuantityRest", "QuantityDelivered")
ROW: dict[str, Any] = {
    "ProductId": 1,
    "RowId": 1,
    "ChangeState": "Edit",
    "Name": "Rest Order Test",
    "Quantity": "4",
    "QuantityOrdered": "10",
    "QuantityRest": "6",
}


def ten() -> Any:
    """An order for ten pieces."""
    return saved({"InvoiceRows": [{"ProductId": 1, "Quantity": "10"}, {"ProductId": 2}, {"Type": "Text", "Name": "x"}]})


def amounts(*values: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


@pytest.mark.parametrize("status", sorted(RESTING_STATES))
def test_of_ten_four_are_delivered(status: OrderSlipStateType) -> None:
    made = plan({"OrderId": 7, "OrderStatus": status, "InvoiceRows": [ROW]}, ten())
    assert made.rest is not None
    assert rows(kept(made.document), *QUANTITIES)[0] == amounts(4, 10, -1, 0)
    assert rows(kept(made.rest), *QUANTITIES) == [amounts(6, 10, -1, 4)]
    assert rows(kept(made.rest), "Name", "ProductId", "RowId") == [("Rest Order Test", 1, 1)]
    assert shown(kept(made.rest))["OrderStatus"] == "Rest"


def test_the_rest_of_a_rest_counts_on() -> None:
    first = plan({"OrderId": 7, "OrderStatus": "OrderState_Sent", "InvoiceRows": [ROW]}, ten()).rest
    assert first is not None
    row = {**ROW, "Quantity": "5", "QuantityRest": "1", "QuantityDelivered": "4"}
    second = plan({"OrderId": 7, "OrderStatus": "Invoiced", "InvoiceRows": [row]}, kept(first))
    assert second.rest is not None
    assert rows(kept(second.document), *QUANTITIES) == [amounts(5, 10, -1, 4)]
    assert rows(kept(second.rest), *QUANTITIES) == [amounts(1, 10, -1, 9)]


@pytest.mark.parametrize(
    "status", [state for state in OrderSlipStateType if state not in RESTING_STATES], ids=lambda state: str(state.value)
)
def test_no_other_state_leaves_a_rest(status: OrderSlipStateType) -> None:
    made = plan({"OrderId": 7, "OrderStatus": status, "InvoiceRows": [ROW]}, ten())
    assert made.rest is None
    assert rows(kept(made.document), *QUANTITIES)[0] == (*amounts(4, 10, -1), None)


def test_a_company_without_resting_has_no_rests() -> None:
    made = plan({"OrderId": 7, "OrderStatus": "Invoiced", "InvoiceRows": [ROW]}, ten(), terms(resting=False))
    assert made.rest is None
    assert rows(kept(made.document), *QUANTITIES)[0] == (*amounts(4, 10, -1), None)


@pytest.mark.parametrize("rest", ["-1", "0", "-79228162514264337593543950335"])
def test_what_is_not_more_than_nothing_does_not_rest(rest: str) -> None:
    row = {**ROW, "QuantityRest": rest}
    assert plan({"OrderId": 7, "OrderStatus": "Invoiced", "InvoiceRows": [row]}, ten()).rest is None


def test_what_was_ordered_is_what_is_delivered_and_what_rests() -> None:
    row = {name: value for name, value in ROW.items() if name != "QuantityOrdered"}
    made = plan({"OrderId": 7, "OrderStatus": "Invoiced", "InvoiceRows": [row]}, ten())
    assert made.rest is not None
    assert rows(kept(made.rest), *QUANTITIES) == [amounts(6, 10, -1, 4)]


def test_a_new_order_may_leave_a_rest_at_once() -> None:
    row = {name: value for name, value in ROW.items() if name not in {"RowId", "ChangeState"}}
    made = plan({"OrderStatus": "Invoiced", "InvoiceRows": [row]})
    assert made.rest is not None
    assert rows(kept(made.document), *QUANTITIES) == [amounts(4, 10, -1, 0)]
    assert rows(kept(made.rest), *QUANTITIES) == [amounts(6, 10, -1, 4)]


def test_a_rest_order_is_the_same_order_but_for_the_invoice() -> None:
    given = {
        "YourReference": "me",
        "DateInvoiced": "2024-01-01T00:00:00Z",
        "Paid": "2024-01-02T00:00:00Z",
        "OCR": "123",
    }
    payment = {"PaymentMethodId": 3, "PaymentAmount": "5", "ExternalStatus": 4}
    made = plan({"OrderId": 7, "OrderStatus": "Invoiced", "InvoiceRows": [ROW], **given, **payment}, ten())
    assert made.rest is not None
    order, rest = own(made.document), own(made.rest)
    assert set(order) - set(rest) == {"DateInvoiced", "Paid", "OCR", "PaymentAmount"}
    assert {name for name in rest if rest[name] != order[name]} == {"OrderTotalIncVat", "OrderTotalVat"}
    assert (made.rest.customer, made.rest.id, made.rest.external_status) == (1, 0, None)
    assert rest["OrderTotalIncVat"] == Decimal(750)


def test_the_state_of_a_rest_order_is_a_choice() -> None:
    made = plan(
        {"OrderId": 7, "OrderStatus": "Invoiced", "InvoiceRows": [ROW]}, ten(), terms(rest_order_status="Confirmed")
    )
    assert made.rest is not None
    assert made.rest.stage == "Confirmed"
