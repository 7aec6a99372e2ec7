"""What the facts leave open about orders, as choices: `settings.orders`. The README lists each under "Open choices"."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.twentyfoursevenoffice.messages import OrderSlipStateType

_INT: int = 2**31 - 1


class OrderChoices(BaseModel):
    """`dialects.twentyfoursevenoffice.settings.orders`.

    Reading:
    no_filter: GetInvoices without a filter: a fault, everything, or nothing.
    max_ids: how many ids one list of GetInvoices may hold; above it above_max_ids decides.
    max_orders: how many orders one answer of GetInvoices may hold; above it the call times out, as wide searches do.
    rows: when rows are returned: only if InvoiceRows is asked for, or also if row properties are.
    without_properties: what each order holds when no property is asked for: IncludeVAT alone (nil), or OrderId too.
    text_row_product_id: what a text row shows as its ProductId; None leaves it out.

    Saving:
    answer: SaveInvoices echoes what was sent, with the ids, or shows the order as stored.
    quantity_if_missing: of a row that names none.
    currency: of an order that names none; "" leaves it open.
    send_to_factoring: of a new order that does not say; None leaves it open.
    include_vat: what IncludeVAT of true means: only how prices are shown, or that the prices sent contain VAT.
    first_invoice_id: of a number line that was never started; None refuses to start it.
    rest_order_status: the state of a new rest order.
    update_orders: what UpdateInvoices does with an order that is no invoice yet.
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
