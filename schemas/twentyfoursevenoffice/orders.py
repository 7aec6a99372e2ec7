"""The types of an order or invoice, with their elements in the order of the contract.

`"max:…"` is a limit from the vendor's data type pages; the contract itself has none. Comments repeat what those pages say
beyond the name.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.enums import (
    ChangeState,
    DistributionMethod,
    Distributor,
    OrderSlipStateType,
    RowType,
)
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, EMPTYGUID, INTMIN, SHORTMIN, Int, Message, Short


class Address(Message):
    """One postal address. On an order's invoice address PostalCode may have 50 characters."""

    street: Annotated[str | None, "max:250"] = Field(None, alias="Street")
    state: Annotated[str | None, "max:100"] = Field(None, alias="State")
    postal_code: Annotated[str | None, "max:16"] = Field(None, alias="PostalCode")
    postal_area: Annotated[str | None, "max:100"] = Field(None, alias="PostalArea")
    name: Annotated[str | None, "max:100"] = Field(None, alias="Name")
    city: Annotated[str | None, "max:100"] = Field(None, alias="City")
    country: Annotated[str | None, "max:2"] = Field(None, alias="Country")


class Addresses(Message):
    """The four addresses of an order."""

    post: Address | None = Field(None, alias="Post")
    delivery: Address | None = Field(None, alias="Delivery")
    visit: Address | None = Field(None, alias="Visit")
    invoice: Address | None = Field(None, alias="Invoice")


class Currency(Message):
    """The currency of an order. So many units of it, `unit`, are worth `rate`."""

    rate: Decimal = Field(Decimal(1), alias="Rate")
    unit: Short = Field(1, alias="Unit")
    symbol: str = Field("", alias="Symbol")


class TaxSettings(Message):
    """VAT set on a row directly. The three values are those of a tax code: its account, id and rate."""

    tax_account: Int = Field(INTMIN, alias="TaxAccount")
    tax_code: Int = Field(INTMIN, alias="TaxCode")
    tax_rate: Decimal = Field(DECMIN, alias="TaxRate")


class UserDefinedDimension(Message):
    """A dimension that the customer defined. Its type id is 100 or more."""

    type_id: Int = Field(INTMIN, alias="TypeId")
    name: str = Field("", alias="Name")
    value: str = Field("", alias="Value")


class APIException(Message):
    """Why one item of a request failed. `type` is a .NET type name."""

    type: str | None = Field(None, alias="Type")
    message: str | None = Field(None, alias="Message")
    stack_trace: str | None = Field(None, alias="StackTrace")


class DeliveryMethod(Message):
    """A way of delivery."""

    id: Int = Field(INTMIN, alias="Id")
    description: str = Field("", alias="Description")


class InvoiceRow(Message):
    """A row of an order."""

    product_id: Int = Field(INTMIN, alias="ProductId")
    row_id: Int = Field(INTMIN, alias="RowId")  # numbered by the system; names the row to edit or delete
    vat_rate: Decimal = Field(DECMIN, alias="VatRate")  # read only
    price: Decimal = Field(DECMIN, alias="Price")  # not set: the product's
    name: Annotated[str, "max:300"] = Field("", alias="Name")  # not set: the product's
    discount_rate: Decimal = Field(DECMIN, alias="DiscountRate")
    quantity: Decimal = Field(DECMIN, alias="Quantity")
    quantity_delivered: Decimal = Field(DECMIN, alias="QuantityDelivered")
    quantity_ordered: Decimal = Field(DECMIN, alias="QuantityOrdered")
    quantity_rest: Decimal = Field(DECMIN, alias="QuantityRest")  # only set, to make a rest order
    cost: Decimal = Field(DECMIN, alias="Cost")
    change_state: ChangeState = Field(ChangeState.NONE, alias="ChangeState")
    type_group_id: Int = Field(INTMIN, alias="TypeGroupId")
    sequence_number: Short = Field(SHORTMIN, alias="SequenceNumber")
    hidden: bool = Field(False, alias="Hidden")
    type: RowType = Field(RowType.NORMAL, alias="Type")
    in_price: Decimal = Field(DECMIN, alias="InPrice")
    accrual_date: datetime = Field(DATEMIN, alias="AccrualDate")
    accrual_length: Int = Field(INTMIN, alias="AccrualLength")
    account_project: Annotated[bool | None, "nillable"] = Field(None, alias="AccountProject")
    project_id: Int = Field(INTMIN, alias="ProjectId")
    department_id: Int = Field(INTMIN, alias="DepartmentId")
    product_no: str = Field("", alias="ProductNo")  # read only
    tax_settings: TaxSettings | None = Field(None, alias="TaxSettings")
    user_defined_dimensions: list[UserDefinedDimension | None] | None = Field(None, alias="UserDefinedDimensions")
    serial_number: str | None = Field(None, alias="SerialNumber")


class InvoiceOrder(Message):
    """An order, or an invoice once its status is Invoiced."""

    order_id: Int = Field(INTMIN, alias="OrderId")
    customer_id: Int = Field(INTMIN, alias="CustomerId")
    customer_name: Annotated[str, "max:100"] = Field("", alias="CustomerName")
    customer_delivery_name: Annotated[str | None, "max:250"] = Field(None, alias="CustomerDeliveryName")
    customer_delivery_phone: Annotated[str, "max:25"] = Field("", alias="CustomerDeliveryPhone")
    addresses: Addresses | None = Field(None, alias="Addresses")
    order_status: OrderSlipStateType = Field(OrderSlipStateType.WEB, alias="OrderStatus")
    invoice_id: Int = Field(INTMIN, alias="InvoiceId")  # set by the system only
    date_ordered: datetime = Field(DATEMIN, alias="DateOrdered")
    date_invoiced: datetime = Field(DATEMIN, alias="DateInvoiced")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    payment_time: Int = Field(
        INTMIN, alias="PaymentTime"
    )  # days of credit; 0: none; below 0: end of the month, as of a Company; not set: no change
    customer_reference_no: str = Field("", alias="CustomerReferenceNo")  # deprecated
    project_id: Int = Field(INTMIN, alias="ProjectId")
    our_reference: Int = Field(INTMIN, alias="OurReference")  # an employee's id
    include_vat: Annotated[bool | None, "nillable", "min:1"] = Field(None, alias="IncludeVAT")
    your_reference: Annotated[str, "max:50"] = Field("", alias="YourReference")
    order_total_inc_vat: Decimal = Field(DECMIN, alias="OrderTotalIncVat")  # read only
    order_total_vat: Decimal = Field(DECMIN, alias="OrderTotalVat")  # read only
    invoice_title: Annotated[str, "max:300"] = Field("", alias="InvoiceTitle")
    invoice_text: Annotated[str, "max:750"] = Field("", alias="InvoiceText")
    paid: datetime = Field(DATEMIN, alias="Paid")
    ocr: Annotated[str, "max:32"] = Field("", alias="OCR")
    customer_org_no: Annotated[str, "max:20"] = Field("", alias="CustomerOrgNo")
    currency: Currency | None = Field(None, alias="Currency")
    payment_method_id: Int = Field(INTMIN, alias="PaymentMethodId")
    payment_amount: Decimal = Field(DECMIN, alias="PaymentAmount")  # only set: registers a payment
    production_manager_id: Int = Field(INTMIN, alias="ProductionManagerId")
    sales_opportunity_id: Int = Field(INTMIN, alias="SalesOpportunityId")
    type_of_sale_id: Int = Field(INTMIN, alias="TypeOfSaleId")
    distributor: Distributor = Field(Distributor.DEFAULT, alias="Distributor")
    distribution_method: DistributionMethod = Field(DistributionMethod.UNCHANGED, alias="DistributionMethod")
    department_id: Int = Field(INTMIN, alias="DepartmentId")
    external_status: Int = Field(INTMIN, alias="ExternalStatus")  # free for integrators
    invoice_email_address: Annotated[str, "max:250"] = Field("", alias="InvoiceEmailAddress")
    invoice_rows: list[InvoiceRow | None] | None = Field(None, alias="InvoiceRows")
    api_exception: APIException | None = Field(None, alias="APIException")  # only in answers
    production_number: Annotated[str, "max:20"] = Field("", alias="ProductionNumber")
    delivery_date: datetime = Field(DATEMIN, alias="DeliveryDate")
    reference_invoice_id: Int = Field(INTMIN, alias="ReferenceInvoiceId")  # credit note: of this invoice
    reference_order_id: Int = Field(INTMIN, alias="ReferenceOrderId")  # credit note: of this order
    reference_number: Annotated[str, "max:50"] = Field("", alias="ReferenceNumber")
    skip_stock: bool = Field(False, alias="SkipStock")
    accrual_date: datetime = Field(DATEMIN, alias="AccrualDate")
    accrual_length: Int = Field(INTMIN, alias="AccrualLength")  # months
    round_factor: Decimal = Field(DECMIN, alias="RoundFactor")  # 0.1, 0.5 or 1.0
    invoice_template_id: UUID = Field(EMPTYGUID, alias="InvoiceTemplateId")
    vipps_number: str = Field("", alias="VippsNumber")  # deprecated
    delivery_method: DeliveryMethod | None = Field(None, alias="DeliveryMethod")
    delivery_alternative: Annotated[str, "max:250"] = Field("", alias="DeliveryAlternative")
    send_to_factoring: Annotated[bool | None, "nillable"] = Field(None, alias="SendToFactoring")
    commission: Decimal = Field(DECMIN, alias="Commission")
    user_defined_dimensions: list[UserDefinedDimension | None] | None = Field(None, alias="UserDefinedDimensions")
    gln_number: Annotated[str, "max:13"] = Field("", alias="GLNNumber")  # the text NULL clears it
    customer_delivery_id: Int = Field(INTMIN, alias="CustomerDeliveryId")
