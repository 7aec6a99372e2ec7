"""Which VAT rate a row gets, and what the total of an order is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.twentyfoursevenoffice.orders.desk import plan, refusal, rows, saved, shown, terms

TAX = {"TaxAccount": 3030, "TaxCode": 115, "TaxRate": "15"}


@pytest.mark.parametrize(
    ("order", "row", "rate"),
    [
        ({}, {"ProductId": 1}, 25),
        ({}, {"ProductId": 2}, 15),
        ({}, {"ProductId": 3}, 12),
        ({}, {"ProductId": 4}, 25),
        ({"TypeOfSaleId": 2}, {"ProductId": 1}, 0),
        ({"TypeOfSaleId": 2}, {"ProductId": 3}, 0),
        ({"TypeOfSaleId": 2}, {"ProductId": 1, "TypeGroupId": 3}, 15),
        ({}, {"ProductId": 1, "TypeGroupId": 2}, 0),
        ({"TypeOfSaleId": 2}, {"ProductId": 1, "TypeGroupId": 1, "TaxSettings": TAX}, 15),
        ({}, {"ProductId": 1, "TaxSettings": {**TAX, "TaxRate": "8"}}, 8),
        ({}, {"ProductId": 1, "TaxSettings": {**TAX, "TaxRate": "0"}}, 0),
        ({}, {"ProductId": 1, "TaxSettings": {"TaxCode": 101}}, 0),
        ({"TypeOfSaleId": 2}, {"ProductId": 1, "TaxSettings": {"TaxCode": 999}}, 0),
        ({}, {"ProductId": 1, "TaxSettings": {"TaxAccount": 3030}}, 25),
        ({}, {"ProductId": 1, "TaxSettings": {}}, 25),
    ],
    ids=[
        "the product's group",
        "another group",
        "the product's own rate",
        "the default group",
        "type of sale",
        "type of sale before the product's own rate",
        "row before order",
        "row alone",
        "tax settings before groups",
        "code and rate may differ",
        "a rate of 0 is a rate",
        "the code's rate",
        "an unknown code says nothing",
        "an account alone says nothing",
        "empty",
    ],
)
def test_vat_rate(order: dict[str, Any], row: dict[str, Any], rate: int) -> None:
    document = saved({**order, "InvoiceRows": [row]})
    assert rows(document, "VatRate") == [(Decimal(rate),)]


def test_a_new_type_of_sale_counts_for_rows_that_are_there() -> None:
    before = saved(
        {"InvoiceRows": [{"ProductId": 1}, {"ProductId": 1, "TypeGroupId": 3}, {"Type": "Text", "Name": "x"}]}
    )
    after = saved({"OrderId": 7, "TypeOfSaleId": 2}, before)
    assert rows(after, "VatRate") == [(Decimal(0),), (Decimal(15),), (None,)]


@pytest.mark.parametrize(
    ("order", "row", "totals"),
    [
        ({}, {"ProductId": 1, "Quantity": "2"}, ("250.00", "50.00")),
        ({}, {"ProductId": 1, "Quantity": "-10"}, ("-1250.00", "-250.00")),
        ({}, {"ProductId": 1, "DiscountRate": "10"}, ("112.50", "22.50")),
        ({}, {"ProductId": 1, "Price": "0.333", "Quantity": "3"}, ("1.25", "0.25")),
        ({"RoundFactor": "1.0"}, {"ProductId": 1, "Price": "0.333", "Quantity": "3"}, ("1.00", "0.25")),
        ({"RoundFactor": "0.5"}, {"ProductId": 1, "Price": "1.07"}, ("1.50", "0.27")),
        ({"IncludeVAT": True}, {"ProductId": 1}, ("125.00", "25.00")),
    ],
    ids=["net plus VAT", "credit", "discount", "rounded", "to 1", "to 0.5", "IncludeVAT only shows"],
)
def test_totals(order: dict[str, Any], row: dict[str, Any], totals: tuple[str, str]) -> None:
    found = shown(saved({**order, "InvoiceRows": [row]}))
    assert (str(found["OrderTotalIncVat"]), str(found["OrderTotalVat"])) == totals


@pytest.mark.parametrize(("said", "total"), [(True, "100.00"), (False, "125.00"), (None, "125.00")])
def test_prices_with_vat_inside_are_a_choice(said: bool | None, total: str) -> None:
    under = terms(include_vat="prices")
    found = shown(saved({"IncludeVAT": said, "InvoiceRows": [{"ProductId": 1}]}, under=under))
    assert str(found["OrderTotalIncVat"]) == total


def test_totals_that_are_sent_do_not_count() -> None:
    document = saved({"OrderTotalIncVat": "9999", "OrderTotalVat": "1", "InvoiceRows": [{"ProductId": 1}]})
    assert (shown(document)["OrderTotalIncVat"], shown(document)["OrderTotalVat"]) == (Decimal(125), Decimal(25))


@pytest.mark.parametrize(
    ("price", "quantity", "refused"),
    [
        ("79228162514264337593543950335", "1", "amount_too_large"),
        ("-79228162514264337593543950334", "1", "amount_too_large"),
        ("79228162514264337593543950335", "79228162514264337593543950335", "amount_too_large"),
        ("63382530011411470074835160268", "1", ""),
        ("63382530011411470074835160269", "1", "amount_too_large"),
    ],
)
def test_a_total_that_the_answer_could_not_hold_is_refused(price: str, quantity: str, refused: str) -> None:
    row = {"ProductId": 1, "Price": price, "Quantity": quantity}
    assert refusal({"InvoiceRows": [row]})[0] == refused


def test_the_document_itself_has_the_rates() -> None:
    document = plan({"InvoiceRows": [{"ProductId": 2}]}).document
    assert [line.vat_rate for line in document.lines] == [Decimal(15)]
