"""The types of PaymentService, with their elements in the order of the contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import Field

from schemas.twentyfoursevenoffice.common import APIException
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, INTMIN, Int, Message


class Payment(Message):
    """A payment of an invoice.

    invoice_id, date, amount: all three are mandatory.
    api_exception: why it was not registered.
    Source: PA-02, PA-05, PA-06.
    """

    invoice_id: Int = Field(INTMIN, alias="InvoiceId")
    date: datetime = Field(DATEMIN, alias="Date")
    amount: Decimal = Field(DECMIN, alias="Amount")
    api_exception: APIException | None = Field(None, alias="APIException")
