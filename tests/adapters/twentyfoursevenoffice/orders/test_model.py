"""Random sequences of requests agree with a small model of the vendor's orders; the numbers are 1..n, each exactly once.

The model is written from the vendor's pages, not from the gateway: orders by id, their rows by row id, one number line.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from gateway.core import ledger
from tests.adapters.twentyfoursevenoffice.orders.office import Office
from tests.conftest import MakeGateway, base_url

PRODUCTS = {1: ("Robåt i eik", "24500.00"), 5: ("Ferske reker, 1 kg", "229.00"), 8: ("Frakt til utlandet", "480.00")}
STATES = ("Web", "Offer", "Confirmed", "OrderState_Sent", "Invoiced", None)
RESTING = {"Invoiced", "OrderState_Sent"}
Row = dict[str, str]


@dataclass
class Order:
    """What is stored of one order.

    rows: by row id.
    last: the highest row id that was ever given.
    """

    customer: str
    state: str = "Web"
    reference: str = ""
    title: str = ""
    number: int | None = None
    rows: dict[int, Row] = field(default_factory=dict)
    last: int = 0

    def add(self, row: Row) -> None:
        self.last += 1
        self.rows[self.last] = row


@dataclass
class Vendor:
    """The whole model."""

    orders: dict[int, Order] = field(default_factory=dict)
    next_number: int = 1
    last_id: int = 0

    def save(self, item: dict[str, Any]) -> tuple[int | None, int | None]:
        """The order id and invoice id of the answer; (None, None) when the item is refused."""
        known = self.orders.get(item.get("OrderId", 0))
        if item["CustomerId"] not in {1, 2, 3} or (known is not None and known.number is not None):
            return None, None
        order = copy.deepcopy(known) if known is not None else Order("")
        try:
            self._rows(order, item.get("InvoiceRows", []), new=known is None)
        except LookupError:
            return None, None
        order.customer = str(item["CustomerId"])
        order.state = item.get("OrderStatus", "Web")
        order.reference = item.get("YourReference", order.reference)
        rest = self._rest(order) if order.state in RESTING else None
        for row in order.rows.values():
            row.pop("QuantityRest", None)
        if order.state == "Invoiced":
            order.number, self.next_number = self.next_number, self.next_number + 1
        order_id = item.get("OrderId") or self._new_id()
        self.orders[order_id] = order
        if rest is not None:
            self.orders[self._new_id()] = rest
        return order_id, order.number

    def _new_id(self) -> int:
        self.last_id += 1
        while self.last_id in self.orders:
            self.last_id += 1
        return self.last_id

    def _rows(self, order: Order, rows: list[dict[str, Any]], *, new: bool) -> None:
        added = []
        for row in rows:
            change = row.get("ChangeState", "None")
            if change in {"Edit", "Delete"}:
                if new or row["RowId"] not in order.rows:
                    raise LookupError
                if change == "Delete":
                    del order.rows[row["RowId"]]
                else:
                    order.rows[row["RowId"]] = self._row(row)
            elif new or change == "Add":
                added.append(self._row(row))
        for one in added:  # these rows get their ids only now, so no other row of the request can refer to them
            order.add(one)

    def _row(self, row: dict[str, Any]) -> Row:
        if row.get("Type") == "Text":
            return {"Type": "Text", "Name": row["Name"]}
        name, price = PRODUCTS[row["ProductId"]]  # KeyError: refused
        quantities = {part: str(row[part]) for part in row if part.startswith("Quantity")}
        named = {"Name": str(row.get("Name", name)), "Price": str(row.get("Price", price))}
        return {"ProductId": str(row["ProductId"]), **named, "Quantity": "1", **quantities}

    def _rest(self, order: Order) -> Order | None:
        rest = Order(order.customer, "Rest", order.reference, order.title)
        for row in order.rows.values():
            if int(row.get("QuantityRest", "-1")) > 0:
                delivered = int(row.get("QuantityDelivered", "0"))
                row["QuantityDelivered"] = str(delivered)
                row["QuantityOrdered"] = row.get("QuantityOrdered") or str(
                    int(row["Quantity"]) + int(row["QuantityRest"])
                )
                later = {"Quantity": row["QuantityRest"], "QuantityDelivered": str(delivered + int(row["Quantity"]))}
                rest.add({name: value for name, value in {**row, **later}.items() if name != "QuantityRest"})
        return rest if rest.rows else None

    def update(self, item: dict[str, Any]) -> bool:
        order = next(
            (
                each
                for number, each in self.orders.items()
                if item.get("OrderId") == number or ("OrderId" not in item and item["InvoiceId"] == each.number)
            ),
            None,
        )
        if order is None or order.number is None:
            return False
        order.title = item["InvoiceTitle"]
        return True

    def shown(self) -> list[dict[str, Any]]:
        """What GetInvoices must answer."""
        return [self._shown(order_id, order) for order_id, order in sorted(self.orders.items())]

    def _shown(self, order_id: int, order: Order) -> dict[str, Any]:
        found: dict[str, Any] = {"OrderId": str(order_id), "CustomerId": order.customer, "IncludeVAT": None}
        found |= {"OrderStatus": order.state} if order.state != "Web" else {}
        found |= {"InvoiceId": str(order.number)} if order.number is not None else {}
        found |= {"YourReference": order.reference} if order.reference else {}
        found |= {"InvoiceTitle": order.title} if order.title else {}
        rows = [{"RowId": str(row_id), "QuantityRest": "-1", **row} for row_id, row in order.rows.items()]
        return {**found, "InvoiceRows": rows}


def random_row(chance: random.Random, ids: list[int]) -> dict[str, Any]:
    """A row to send; most of them are valid."""
    if chance.random() < 0.2:
        row: dict[str, Any] = {"Type": "Text", "Name": f"note {chance.randint(1, 99)}"}
    else:
        row = {"ProductId": chance.choice([1, 5, 8, 8, 99] if chance.random() < 0.15 else [1, 5, 8])}
        if chance.random() < 0.5:
            row["Price"] = f"{chance.randint(-500, 5000) / 100:.2f}"
        if chance.random() < 0.3:
            row |= {"Quantity": chance.randint(1, 9), "QuantityRest": chance.randint(-1, 9)}
        if chance.random() < 0.2:
            row["Name"] = f"mine {chance.randint(1, 99)}"
    row["ChangeState"] = chance.choice(["Add", "Add", "Edit", "Delete", "None"])
    if row["ChangeState"] in {"Edit", "Delete"}:
        row["RowId"] = chance.choice([*ids, 1, 2]) if chance.random() < 0.9 else 77
    return row


def random_order(chance: random.Random, vendor: Vendor) -> dict[str, Any]:
    """An order to send: new, new with an id, or an existing one."""
    item: dict[str, Any] = {"CustomerId": chance.choice([1, 2, 3, 3, 99] if chance.random() < 0.2 else [1, 2, 3])}
    known: list[int] = []
    if chance.random() < 0.6:
        item["OrderId"] = chance.choice([*vendor.orders, 500 + chance.randint(1, 20)])
        order = vendor.orders.get(item["OrderId"])
        known = list(order.rows) if order else []
    state = chance.choice(STATES)
    item |= {"OrderStatus": state} if state else {}
    item |= {"YourReference": f"ref {chance.randint(1, 99)}"} if chance.random() < 0.5 else {}
    item["InvoiceRows"] = [random_row(chance, known) for _ in range(chance.randint(0, 3))]
    if not known:
        for row in item["InvoiceRows"]:
            if chance.random() < 0.9:
                row["ChangeState"] = "None"
                row.pop("RowId", None)
    return item


def same_amounts(rows: Any) -> Any:
    """24500.00 and 24500 are the same price."""
    return [
        {
            name: Decimal(value) if name in {"Price", "Quantity"} or "Quantity" in name else value
            for name, value in row.items()
        }
        for row in rows
    ]


ORDER = ["OrderId", "CustomerId", "OrderStatus", "InvoiceId", "YourReference", "InvoiceTitle", "InvoiceRows"]
ROW = [
    "ProductId",
    "RowId",
    "Price",
    "Name",
    "Quantity",
    "QuantityOrdered",
    "QuantityDelivered",
    "QuantityRest",
    "Type",
]


@pytest.mark.parametrize("seed", range(10))
async def test_random_requests_agree_with_the_model(make_gateway: MakeGateway, seed: int) -> None:
    chance = random.Random(seed)
    settings = {"orders": {"text_row_product_id": None}}
    client = await make_gateway({"dialects": {"twentyfoursevenoffice": {"settings": settings}}})
    demo = await Office(client.session, base_url(client)).login()
    vendor = Vendor()
    refused = 0
    for _ in range(40):
        if chance.random() < 0.15 and vendor.orders:
            item: dict[str, Any] = {"InvoiceTitle": f"title {chance.randint(1, 99)}"}
            item |= {chance.choice(["OrderId", "InvoiceId"]): chance.choice([*vendor.orders, 999])}
            (answer,) = await demo.call("UpdateInvoices", {"invoices": [item]})
            assert ("APIException" not in answer) == vendor.update(item)
            continue
        items: list[dict[str, Any]] = []
        expected = []
        for _ in range(chance.randint(1, 4)):
            items.append(random_order(chance, vendor))
            expected.append(vendor.save(items[-1]))
        answers = await demo.save(*items)
        for sent, answer, (order_id, number) in zip(items, answers, expected, strict=True):
            assert ("APIException" in answer) == (order_id is None), (items, sent, answer.get("APIException"))
            refused += order_id is None
            if order_id is not None:
                assert (answer["OrderId"], answer.get("InvoiceId")) == (str(order_id), str(number) if number else None)
    found = await demo.get(ORDER, ROW, ChangedAfter="2000-01-01")
    assert [{**one, "InvoiceRows": same_amounts(one["InvoiceRows"])} for one in found] == [
        {**one, "InvoiceRows": same_amounts(one["InvoiceRows"])} for one in vendor.shown()
    ]
    numbers = sorted(order.number for order in vendor.orders.values() if order.number is not None)
    assert numbers == list(range(1, vendor.next_number))
    assert numbers
    assert refused
    store = client.server.gateway.store
    assert not ledger.verify([entry async for entry in store.ledger()])[1]
