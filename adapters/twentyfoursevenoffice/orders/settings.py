"""The choices that the vendor's facts leave open about orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.twentyfoursevenoffice.messages import OrderSlipStateType

_INT: int = 2**31 - 1


class OrderChoices(BaseModel):
    """`dialects.twentyfoursevenoffice.settings.orders`. README.md describes every choice in its section "Open choices".

    Reading:
    no_filter: the answer to GetInvoices without a filter: a fault, everything, or nothing.
    max_ids: the most ids of one list of GetInvoices.
    above_max_ids: a longer list is a fault, or is served.
    max_orders: the most orders of one answer of GetInvoices. Above it the call times out, as wide searches do.
    rows: when an answer has rows: only if the request lists InvoiceRows, or also if it lists row properties.
    without_properties: what each order holds when the request lists no property: IncludeVAT alone (nil), or OrderId, too.
    text_row_product_id: the ProductId that a text row shows; None leaves it out.

    Saving:
    answer: SaveInvoices echoes what was sent, with the ids, or shows the order as stored.
    quantity_if_missing: the quantity of a row that has none.
    currency: the currency of an order that has none; "" for none.
    send_to_factoring: the value of a new order that has none; None for none.
    include_vat: what IncludeVAT of true means: display for how prices are shown, prices for prices that contain VAT.
    first_invoice_id: the first number of a line that was never set; None refuses the invoice.
    rest_order_status: the state of a new rest order.
    update_orders: whether UpdateInvoices takes an order that is no invoice yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    no_filter: Literal["fault", "everything", "nothing"] = "fault"
    max_ids: Annotated[int, Field(ge=1, le=100_000)] = 1000
    above_max_ids: Literal["fault", "serve"] = "fault"
    max_orders: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    rows: Literal["listed_or_row_properties", "listed"] = "listed_or_row_properties"
    without_properties: Literal["include_vat", "order_id"] = "include_vat"
    text_row_product_id: Annotated[int, Field(ge=-_INT, le=_INT)] | None = -1

    answer: Literal["echo", "stored"] = "echo"
    quantity_if_missing: Annotated[Decimal, Field(max_digits=28)] = Decimal(1)
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = "NOK"
    send_to_factoring: bool | None = True
    include_vat: Literal["display", "prices"] = "display"
    first_invoice_id: Annotated[int, Field(ge=0, le=_INT)] | None = 1
    rest_order_status: OrderSlipStateType = OrderSlipStateType.REST
    update_orders: Literal["refuse", "accept"] = "refuse"
