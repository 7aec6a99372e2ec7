"""The order itself: what it must have, what an update keeps, what makes it an invoice, and that every value comes back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.orders.properties import ORDER
from gateway.core.catalogue import EMPTY
from gateway.core.documents import Document, Status
from gateway.core.values import CREDIT_NOTE, SeriesId
from gateway.wire.soap.binding import describe
from schemas.twentyfoursevenoffice.messages import InvoiceOrder, InvoiceRow, OrderSlipStateType
from tests.adapters.twentyfoursevenoffice.orders.desk import (
    TEMPLATE,
    TERMS,
    TODAY,
    kept,
    order,
    own,
    plan,
    refusal,
    saved,
    shown,
    terms,
)

MISSING = [
    ({"CustomerId": -(2**31)}, "property_missing", "CustomerId"),
    ({"CustomerId": 99}, "not_found", "CustomerId"),
    ({"CustomerId": 0}, "not_found", "CustomerId"),
    ({"ProjectId": 9}, "not_found", "ProjectId"),
    ({"OurReference": 9}, "not_found", "OurReference"),
    ({"ProductionManagerId": 9}, "not_found", "ProductionManagerId"),
    ({"DepartmentId": 9}, "not_found", "DepartmentId"),
    ({"TypeOfSaleId": 9}, "not_found", "TypeOfSaleId"),
    ({"PaymentMethodId": 9}, "not_found", "PaymentMethodId"),
    ({"CustomerDeliveryId": 9}, "not_found", "CustomerDeliveryId"),
    ({"InvoiceTemplateId": "00000000-0000-0000-0000-000000000009"}, "not_found", "InvoiceTemplateId"),
    ({"DeliveryMethod": {"Id": 9}}, "not_found", "DeliveryMethod"),
    ({"RoundFactor": "0.25"}, "property_invalid", "RoundFactor"),
    ({"RoundFactor": "0"}, "property_invalid", "RoundFactor"),
    ({"OrderId": 0}, "property_invalid", "OrderId"),
    ({"OrderId": -5}, "property_invalid", "OrderId"),
    ({"AccrualDate": "2024-01-01T00:00:00"}, "property_missing", "AccrualLength"),
    ({"AccrualLength": 3}, "property_missing", "AccrualDate"),
]


@pytest.mark.parametrize(("sent", "name", "property"), MISSING, ids=[f"{each[2]} {each[0]}"[:40] for each in MISSING])
def test_what_is_refused(sent: dict[str, Any], name: str, property: str) -> None:  # noqa: A002 - as in the text
    found, facts = refusal(sent)
    assert (found, facts["property"]) == (name, property)


def _limited() -> list[tuple[str, int]]:
    found = [(e.name, e.max_length) for e in describe(InvoiceOrder).elements if e.max_length]
    return [*found, ("GLNNumber", 13)] if "GLNNumber" not in dict(found) else found


@pytest.mark.parametrize(("name", "limit"), _limited())
def test_limits_of_texts(name: str, limit: int) -> None:
    assert refusal({name: "x" * limit}) == ("", {})
    assert refusal({name: "x" * (limit + 1)}) == ("property_too_long", {"property": name, "limit": limit})
    stored = saved({})
    assert refusal({"OrderId": 7, name: "x" * (limit + 1)}, stored)[0] == "property_too_long"


ADDRESS = {"Street": 250, "State": 100, "PostalCode": 16, "PostalArea": 100, "Name": 100, "City": 100, "Country": 2}


@pytest.mark.parametrize("kind", ["Post", "Delivery", "Visit", "Invoice"])
@pytest.mark.parametrize(("name", "limit"), ADDRESS.items())
def test_limits_of_addresses(kind: str, name: str, limit: int) -> None:
    limit = 50 if (kind, name) == ("Invoice", "PostalCode") else limit
    assert refusal({"Addresses": {kind: {name: "x" * limit}}}) == ("", {})
    facts = {"property": f"Addresses.{kind}.{name}", "limit": limit}
    assert refusal({"Addresses": {kind: {name: "x" * (limit + 1)}}}) == ("property_too_long", facts)


def test_every_limit_of_the_documentation_is_known() -> None:
    limits = {e.name: e.max_length for e in describe(InvoiceOrder).elements if e.max_length}
    assert limits == {
        "CustomerName": 100,
        "CustomerDeliveryName": 250,
        "CustomerDeliveryPhone": 25,
        "YourReference": 50,
        "InvoiceTitle": 300,
        "InvoiceText": 750,
        "OCR": 32,
        "CustomerOrgNo": 20,
        "InvoiceEmailAddress": 250,
        "ProductionNumber": 20,
        "ReferenceNumber": 50,
        "DeliveryAlternative": 250,
        "GLNNumber": 13,
    }
    assert {e.name: e.max_length for e in describe(InvoiceRow).elements if e.max_length} == {"Name": 300}


def test_without_a_catalogue_any_id_will_do() -> None:
    under = replace(TERMS, catalogue=EMPTY)
    assert refusal({"CustomerId": 99, "ProjectId": 9, "OurReference": 9, "PaymentMethodId": 9}, None, under) == (
        "",
        {},
    )


def test_any_sales_opportunity_will_do() -> None:
    assert shown(saved({"SalesOpportunityId": 12345}))["SalesOpportunityId"] == 12345


# --- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(OrderSlipStateType), ids=lambda state: str(state.value))
def test_every_state_is_kept_and_only_one_makes_an_invoice(state: OrderSlipStateType) -> None:
    made = plan({"OrderStatus": state})
    assert made.document.stage == state.value
    assert (made.invoiced is not None) == (state is OrderSlipStateType.INVOICED)
    expected = None if state is OrderSlipStateType.WEB else state.value
    assert shown(saved({"OrderStatus": state})).get("OrderStatus") == expected


def test_an_update_without_state_resets_it() -> None:
    before = saved({"OrderStatus": "Offer", "SkipStock": True})
    assert shown(before)["OrderStatus"] == "Offer"
    after = shown(saved({"OrderId": 7}, before))
    assert "OrderStatus" not in after  # Web, the default
    assert "SkipStock" not in after


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        (kept(plan({"OrderStatus": "Invoiced"}).document, 445), "order_locked"),
        (replace(kept(plan({}).document), status=Status.VOID), "order_void"),
        (replace(kept(plan({}).document), series=SeriesId(99)), "order_id_taken"),
        (replace(kept(plan({}).document), kind=CREDIT_NOTE), "order_id_taken"),
    ],
    ids=["invoiced", "void", "another company's", "another dialect's credit note"],
)
def test_what_cannot_be_changed(stored: Document, name: str) -> None:
    assert refusal({"OrderId": 7, "YourReference": "x"}, stored) == (name, {"order": 7})


def test_a_new_order_may_name_its_id() -> None:
    assert plan({"OrderId": 4711}).document.id == 4711
    assert plan({}).document.id == 0


# --- invoices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "date"),
    [
        ({}, dt.date(2024, 2, 29)),
        ({"DateInvoiced": "2024-01-31T00:00:00"}, dt.date(2024, 1, 31)),
        ({"DateInvoiced": "2024-01-31T23:30:00Z"}, dt.date(2024, 1, 31)),
        ({"DateOrdered": "2023-12-31T00:00:00"}, dt.date(2024, 2, 29)),
    ],
)
def test_the_date_of_an_invoice(sent: dict[str, Any], date: dt.date) -> None:
    made = plan({"OrderStatus": "Invoiced", **sent})
    assert (made.invoiced, made.document.document_date) == (date, date)


PAID = {"OrderStatus": "Invoiced", "PaymentMethodId": 3, "PaymentAmount": "125"}
DAY = dt.datetime(2024, 1, 31)


@pytest.mark.parametrize(
    ("sent", "paid"),
    [
        ({**PAID, "DateInvoiced": DAY}, DAY),
        ({**PAID, "DateInvoiced": DAY, "PaymentTime": 0}, DAY),
        ({**PAID, "Paid": DAY}, DAY),
        ({**PAID, "Paid": DAY, "DateInvoiced": DAY + dt.timedelta(1)}, DAY),
        (PAID, TODAY),
        ({**PAID, "PaymentAmount": "-79228162514264337593543950335"}, None),
        ({**PAID, "PaymentMethodId": -(2**31)}, None),
        ({**PAID, "OrderStatus": "Web"}, None),
    ],
    ids=["client", "client, no credit", "Paid", "Paid before DateInvoiced", "no date", "no amount", "no method", "no invoice"],
)  # fmt: skip
def test_paid_at_creation(sent: dict[str, Any], paid: dt.datetime | None) -> None:
    found = shown(saved(sent))
    assert found.get("Paid") == paid
    assert "PaymentAmount" not in found  # write only


def test_an_order_can_be_paid_as_it_becomes_an_invoice() -> None:
    after = saved({"OrderId": 7, **PAID, "DateInvoiced": DAY}, saved({}))
    assert shown(after)["Paid"] == DAY


def test_a_credit_note_is_an_invoice_with_negative_quantities_and_references() -> None:
    row = {"ProductId": 1, "Quantity": "-10", "Price": "100"}
    made = plan({"OrderStatus": "Invoiced", "ReferenceInvoiceId": 445, "ReferenceOrderId": 7, "InvoiceRows": [row]})
    assert (made.document.kind, made.rest) == ("invoice", None)
    found = shown(kept(made.document, 446))
    assert (found["ReferenceInvoiceId"], found["ReferenceOrderId"]) == (445, 7)
    assert found["OrderTotalIncVat"] == Decimal(-1250)


# --- everything comes back --------------------------------------------------------------------------------------------

FULL: dict[str, Any] = {
    "OrderId": 4711,
    "CustomerId": 1,
    "CustomerName": "Name",
    "CustomerDeliveryName": "Dock",
    "CustomerDeliveryPhone": "+47",
    "Addresses": {
        "Post": {"Street": "a", "State": "b", "PostalCode": "c", "PostalArea": "d", "Name": "e", "City": "f", "Country": "NO"},
        "Delivery": {"Street": ""},
        "Visit": {"City": "g"},
        "Invoice": {"PostalCode": "x" * 50},
    },
    "OrderStatus": "Offer",
    "DateOrdered": "2024-01-01T10:00:00Z",
    "DateInvoiced": "2024-01-02T00:00:00",
    "PaymentTime": 0,
    "CustomerReferenceNo": "old",
    "ProjectId": 10,
    "OurReference": 1,
    "IncludeVAT": False,
    "YourReference": "you",
    "InvoiceTitle": "title & <b>",
    "InvoiceText": "text\n2",
    "Paid": "2024-01-03T00:00:00",
    "OCR": "0123",
    "CustomerOrgNo": "5",
    "Currency": {"Rate": "11.5", "Unit": 100, "Symbol": "SEK"},
    "PaymentMethodId": 3,
    "ProductionManagerId": 1,
    "SalesOpportunityId": 6,
    "TypeOfSaleId": 2,
    "Distributor": "Auto",
    "DistributionMethod": "EMail",
    "DepartmentId": 1,
    "ExternalStatus": -3,
    "InvoiceEmailAddress": "a@b.example",
    "ProductionNumber": "p",
    "DeliveryDate": "2024-03-01T00:00:00",
    "ReferenceInvoiceId": 1,
    "ReferenceOrderId": 2,
    "ReferenceNumber": "r",
    "SkipStock": True,
    "AccrualDate": "2024-04-01T00:00:00",
    "AccrualLength": 12,
    "RoundFactor": "0.5",
    "InvoiceTemplateId": TEMPLATE,
    "VippsNumber": "v",
    "DeliveryMethod": {"Id": 2, "Description": "mine"},
    "DeliveryAlternative": "door",
    "SendToFactoring": False,
    "Commission": "7.25",
    "UserDefinedDimensions": [{"TypeId": 100, "Name": "n", "Value": "v"}],
    "GLNNumber": "123",
    "CustomerDeliveryId": 2,
}  # fmt: skip


def test_all_properties_come_back_as_they_were_sent() -> None:
    sent = ORDER.given(order(FULL))
    found = shown(saved(FULL))
    system = {"OrderTotalIncVat", "OrderTotalVat", "DateChanged", "InvoiceRows"}
    unsent = {"InvoiceId", "PaymentAmount", "APIException", *system}
    assert set(sent) == set(ORDER.by_name) - unsent, "the example should hold everything that can be sent"
    assert {name: value for name, value in found.items() if name not in system} == sent


def test_an_update_keeps_what_it_does_not_send() -> None:
    before = saved(FULL)
    after = shown(saved({"OrderId": 4711, "YourReference": "new"}, before))
    expected = {**shown(before), "YourReference": "new"}
    del expected["OrderStatus"]
    del expected["SkipStock"]
    assert after == expected


@pytest.mark.parametrize("name", sorted(set(FULL) - {"OrderId", "CustomerId", "OrderStatus", "Addresses", "SkipStock"}))
def test_an_update_sets_what_it_sends(name: str) -> None:
    sent = ORDER.given(order({name: FULL[name]}))[name]
    pair = {"AccrualDate": FULL["AccrualDate"], "AccrualLength": FULL["AccrualLength"]} if "Accrual" in name else {}
    assert shown(saved({"OrderId": 7, **pair, name: FULL[name]}, saved({})))[name] == sent


def test_defaults_of_a_new_order() -> None:
    found = shown(saved({"CustomerId": 2}))
    assert found == {
        "OrderId": 7,
        "CustomerId": 2,
        "CustomerName": "Bare AS",
        "DateOrdered": TODAY,
        "DateChanged": TODAY.replace(microsecond=123456),
        "Currency": {"Symbol": "NOK"},
        "SendToFactoring": True,
        "OrderTotalIncVat": Decimal("0.00"),
        "OrderTotalVat": Decimal("0.00"),
        "InvoiceRows": [],
    }


def test_defaults_are_choices() -> None:
    found = shown(saved({"CustomerId": 2}, under=terms(currency="", send_to_factoring=None)))
    assert not {"Currency", "SendToFactoring"} & set(found)


def test_a_delivery_method_by_id_gets_its_description() -> None:
    assert shown(saved({"DeliveryMethod": {"Id": 2}}))["DeliveryMethod"] == {"Id": 2, "Description": "Pick up"}


def test_what_only_the_system_sets_is_not_taken() -> None:
    sent = {"InvoiceId": 99, "DateChanged": "2020-01-01T00:00:00", "APIException": {"Type": "x"}}
    found = shown(saved(sent))
    assert "InvoiceId" not in found
    assert found["DateChanged"] > TODAY


def test_another_dialects_draft_is_no_order_to_be_changed() -> None:
    mine = saved({})
    assert refusal({"OrderId": 7}, mine) == ("", {})
    theirs = replace(mine, extras={"other": {"a": 1}})
    assert refusal({"OrderId": 7}, theirs) == ("order_id_taken", {"order": 7})


def test_what_other_dialects_keep_with_an_order_stays() -> None:
    both = replace(saved({}), extras={**saved({}).extras, "other": {"a": 1}})
    assert saved({"OrderId": 7}, both).extras["other"] == {"a": 1}


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        ({}, {}, {"Symbol": "NOK"}),
        ({"Rate": "9"}, {}, {"Symbol": "NOK", "Rate": Decimal(9)}),
        ({"Symbol": "SEK"}, {}, {"Symbol": "SEK"}),
        ({"Symbol": "SEK", "Rate": "9"}, {"Rate": "8"}, {"Symbol": "SEK", "Rate": Decimal(8)}),
        ({"Symbol": "SEK", "Rate": "9"}, {"Symbol": "EUR"}, {"Symbol": "EUR"}),
        ({"Symbol": "SEK", "Rate": "9"}, {}, {"Symbol": "SEK", "Rate": Decimal(9)}),
    ],
)
def test_currency(before: dict[str, Any], sent: dict[str, Any], after: dict[str, Any]) -> None:
    stored = saved({"Currency": before} if before else {})
    updated = saved({"OrderId": 7, "Currency": sent} if sent else {"OrderId": 7}, stored)
    assert shown(updated)["Currency"] == after


def test_what_is_kept_can_be_stored() -> None:
    from gateway.core.extras import decode, encode

    document = saved({**FULL, "DateOrdered": "2024-01-01T10:00:00.1234567Z"})
    assert decode(encode(document.extras)) == document.extras
    assert own(document)["InvoiceTemplateId"] == TEMPLATE
