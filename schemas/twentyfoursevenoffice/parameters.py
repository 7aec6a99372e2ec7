"""The types of InvoiceService that are no orders: filters, templates, payment methods."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.enums import OrderSlipStateType
from schemas.twentyfoursevenoffice.primitives import DATEMIN, EMPTYGUID, INTMIN, Int, Message


class InvoiceSyncParameters(Message):
    """Filters of GetOrderSyncList. The contract demands RegisteredAfter, but clients may leave it out on the wire."""

    changed_after: datetime = Field(DATEMIN, alias="ChangedAfter")
    registered_after: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="RegisteredAfter")


class InvoiceSearchParameters(Message):
    """Filters of GetInvoices."""

    customer_ids: list[Int] | None = Field(None, alias="CustomerIds")
    changed_after: datetime = Field(DATEMIN, alias="ChangedAfter")
    order_states: list[OrderSlipStateType] | None = Field(None, alias="OrderStates")
    invoice_ids: list[Int] | None = Field(None, alias="InvoiceIds")
    order_ids: list[Int] | None = Field(None, alias="OrderIds")
    external_status: list[Int] | None = Field(None, alias="ExternalStatus")


class InvoiceDocumentSearchParameters(Message):
    """Which document to print.

    template_id: not set means the default template.
    """

    invoice_id: Annotated[Int, "min:1"] = Field(0, alias="InvoiceId")
    template_id: UUID = Field(EMPTYGUID, alias="TemplateId")


class TemplateModel(Message):
    """An invoice template."""

    file_name: str | None = Field(None, alias="FileName")
    name: str | None = Field(None, alias="Name")
    id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="Id")
    language: str | None = Field(None, alias="Language")
    country: str | None = Field(None, alias="Country")
    is_system_template: Annotated[bool, "min:1"] = Field(False, alias="IsSystemTemplate")
    is_default: Annotated[bool, "min:1"] = Field(False, alias="IsDefault")
    modified: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="Modified")
    customers: list[Int] | None = Field(None, alias="Customers")


class PaymentMethod(Message):
    """A way of payment."""

    id: Int = Field(INTMIN, alias="Id")
    name: str = Field("", alias="Name")
