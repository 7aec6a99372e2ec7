"""The messages of AfterShopFlowService, and their types. Operations without a response class here answer an empty wrapper."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.resurs.common import (
    Address,
    Customer,
    CustomerType,
    InvoiceDeliveryTypeEnum,
    MapEntry,
    PaymentMethodType,
    PaymentSpec,
    PaymentStatus,
)
from schemas.resurs.primitives import Int, Message, NonNegativeInteger, PositiveInteger, UnsignedLong


class PaymentDiffType(StrEnum):
    """What changed a payment: order value up (AUTHORIZE), money moved (DEBIT), order value down (CREDIT, ANNUL)."""

    AUTHORIZE = "AUTHORIZE"
    DEBIT = "DEBIT"
    CREDIT = "CREDIT"
    ANNUL = "ANNUL"


class SortAlternative(StrEnum):
    """What a search can be sorted by."""

    PAYMENT_ID = "PAYMENT_ID"
    CUSTOMER_GOVERNMENT_ID = "CUSTOMER_GOVERNMENT_ID"
    CUSTOMER_NAME = "CUSTOMER_NAME"
    BOOKED_TIME = "BOOKED_TIME"
    MODIFIED_TIME = "MODIFIED_TIME"
    FINALIZED_TIME = "FINALIZED_TIME"
    AMOUNT = "AMOUNT"
    BONUS_POINTS = "BONUS_POINTS"


class PaymentDiff(Message):
    """One change of a payment.

    transaction_id: the id that the shop preferred.
    created_by: SHOP_FLOW for the booking.
    order_id: only a DEBIT has one.
    invoice_id: the number of the invoice (DEBIT) or of the credit note (CREDIT).
    document_names: the documents that the change made.
    """

    type: PaymentDiffType
    transaction_id: str | None = Field(None, alias="transactionId")
    created: datetime
    created_by: str | None = Field(None, alias="createdBy")
    payment_spec: PaymentSpec = Field(alias="paymentSpec")
    order_id: str | None = Field(None, alias="orderId")
    invoice_id: str | None = Field(None, alias="invoiceId")
    document_names: Annotated[list[str], "repeated"] = Field([], alias="documentNames")


class Payment(Message):
    """A payment and all that happened to it.

    total_amount: the order value that is left.
    limit: the amount that was granted at booking.
    finalized: time of the latest DEBIT.
    payment_method_name: the description of the method.
    """

    id: str
    total_amount: Decimal = Field(alias="totalAmount")
    meta_data: Annotated[list[MapEntry], "repeated"] = Field([], alias="metaData")
    limit: Decimal
    payment_diffs: Annotated[list[PaymentDiff], "repeated"] = Field([], alias="paymentDiffs")
    customer: Customer
    delivery_address: Address | None = Field(None, alias="deliveryAddress")
    booked: datetime
    finalized: datetime | None = None
    payment_method_id: str = Field(alias="paymentMethodId")
    payment_method_name: str = Field(alias="paymentMethodName")
    fraud: bool
    frozen: bool
    status: Annotated[list[PaymentStatus], "repeated"] = Field([])
    store_id: str | None = Field(None, alias="storeId")
    payment_method_type: PaymentMethodType = Field(alias="paymentMethodType")
    total_bonus_points: NonNegativeInteger = Field(alias="totalBonusPoints")


class Pdf(Message):
    """One document: its name and the bytes of a PDF."""

    name: str
    pdf_data: bytes = Field(alias="pdfData")


class WithMetaData(Message):
    """Payments that have metadata with this key, and with this value when one is given."""

    with_meta_data_key: str = Field(alias="withMetaDataKey")
    with_meta_data_value: Annotated[str | None, "nillable"] = Field(None, alias="withMetaDataValue")


class SearchCriteria(Message):
    """What payments a search finds. All criteria hold together; without any, every payment is found.

    any_id: a payment id, transaction id, order id, invoice or credit note number.
    customer_name: a part of the full name.
    booked_from to finalized_to: moments, both ends included.
    amount_from, amount_to: the order value that is left.
    status_set: every status here is present; status_not_set: none of them is.
    """

    any_id: Annotated[str | None, "nillable"] = Field(None, alias="anyId")
    payment_method_id: Annotated[str | None, "nillable"] = Field(None, alias="paymentMethodId")
    government_id: Annotated[str | None, "nillable"] = Field(None, alias="governmentId")
    customer_name: Annotated[str | None, "nillable"] = Field(None, alias="customerName")
    booked_from: Annotated[datetime | None, "nillable"] = Field(None, alias="bookedFrom")
    booked_to: Annotated[datetime | None, "nillable"] = Field(None, alias="bookedTo")
    modified_from: Annotated[datetime | None, "nillable"] = Field(None, alias="modifiedFrom")
    modified_to: Annotated[datetime | None, "nillable"] = Field(None, alias="modifiedTo")
    finalized_from: Annotated[datetime | None, "nillable"] = Field(None, alias="finalizedFrom")
    finalized_to: Annotated[datetime | None, "nillable"] = Field(None, alias="finalizedTo")
    amount_from: Annotated[Decimal | None, "nillable"] = Field(None, alias="amountFrom")
    amount_to: Annotated[Decimal | None, "nillable"] = Field(None, alias="amountTo")
    bonus_from: Annotated[NonNegativeInteger | None, "nillable"] = Field(None, alias="bonusFrom")
    bonus_to: Annotated[NonNegativeInteger | None, "nillable"] = Field(None, alias="bonusTo")
    frozen: Annotated[bool | None, "nillable"] = None
    with_meta_data: Annotated[WithMetaData | None, "nillable"] = Field(None, alias="withMetaData")
    status_set: Annotated[list[PaymentStatus], "repeated"] = Field([], alias="statusSet")
    status_not_set: Annotated[list[PaymentStatus], "repeated"] = Field([], alias="statusNotSet")
    bonus_is_used: bool | None = Field(None, alias="bonusIsUsed")


class SortOrder(Message):
    """One direction for all columns; the first column weighs most."""

    ascending: bool
    sort_columns: Annotated[list[SortAlternative], "repeated"] = Field(alias="sortColumns")


class BasicPayment(Message):
    """One line of a search result.

    modified: time of the latest change.
    finalized: time of the latest DEBIT.
    total_amount: the order value that is left.
    """

    payment_id: str = Field(alias="paymentId")
    payment_method_id: str = Field(alias="paymentMethodId")
    payment_method_name: str = Field(alias="paymentMethodName")
    government_id: str = Field(alias="governmentId")
    full_name: str = Field(alias="fullName")
    booked: datetime
    modified: datetime | None = None
    finalized: datetime | None = None
    total_amount: Decimal = Field(alias="totalAmount")
    frozen: bool
    status: Annotated[list[PaymentStatus], "repeated"] = Field([])
    total_bonus_points: NonNegativeInteger = Field(alias="totalBonusPoints")


class Bonus(Message):
    """Bonus points of a customer."""

    points: NonNegativeInteger


class AdditionalDebitOfPayment(Message):
    """Raises the order value of a payment."""

    payment_id: str = Field(alias="paymentId")
    payment_spec: Annotated[PaymentSpec | None, "nillable"] = Field(None, alias="paymentSpec")
    created_by: Annotated[str | None, "nillable"] = Field(None, alias="createdBy")


class FinalizePayment(Message):
    """Debits a payment.

    part_payment_spec: what to debit; None is all that is left.
    invoice_id: the number of the invoice; None takes the next one.
    """

    payment_id: str = Field(alias="paymentId")
    preferred_transaction_id: Annotated[str | None, "nillable"] = Field(None, alias="preferredTransactionId")
    part_payment_spec: Annotated[PaymentSpec | None, "nillable"] = Field(None, alias="partPaymentSpec")
    created_by: Annotated[str | None, "nillable"] = Field(None, alias="createdBy")
    order_id: Annotated[str | None, "nillable"] = Field(None, alias="orderId")
    order_date: Annotated[date | None, "nillable"] = Field(None, alias="orderDate")
    invoice_id: Annotated[str | None, "nillable"] = Field(None, alias="invoiceId")
    invoice_date: Annotated[date | None, "nillable"] = Field(None, alias="invoiceDate")
    invoice_delivery_type: Annotated[InvoiceDeliveryTypeEnum, "nillable"] = Field(
        InvoiceDeliveryTypeEnum.EMAIL, alias="invoiceDeliveryType"
    )


class AnnulPayment(Message):
    """Releases what is reserved.

    part_payment_spec: what to release; None is all that is left.
    """

    payment_id: str = Field(alias="paymentId")
    part_payment_spec: Annotated[PaymentSpec | None, "nillable"] = Field(None, alias="partPaymentSpec")
    created_by: Annotated[str | None, "nillable"] = Field(None, alias="createdBy")


class CreditPayment(Message):
    """Credits what was debited.

    part_payment_spec: what to credit; None is all that is left.
    credit_note_id: the number of the credit note; None takes the next one.
    """

    payment_id: str = Field(alias="paymentId")
    preferred_transaction_id: Annotated[str | None, "nillable"] = Field(None, alias="preferredTransactionId")
    part_payment_spec: Annotated[PaymentSpec | None, "nillable"] = Field(None, alias="partPaymentSpec")
    created_by: Annotated[str | None, "nillable"] = Field(None, alias="createdBy")
    credit_note_id: Annotated[str | None, "nillable"] = Field(None, alias="creditNoteId")
    credit_note_date: Annotated[date | None, "nillable"] = Field(None, alias="creditNoteDate")
    invoice_delivery_type: Annotated[InvoiceDeliveryTypeEnum, "nillable"] = Field(
        InvoiceDeliveryTypeEnum.EMAIL, alias="invoiceDeliveryType"
    )


class AddMetaData(Message):
    """Adds or replaces one entry of metadata. None as value is an entry without value."""

    payment_id: str = Field(alias="paymentId")
    key: str
    value: Annotated[str | None, "nillable"] = None


class GetPayment(Message):
    """Asks for a payment."""

    payment_id: str = Field(alias="paymentId")


class GetPaymentResponse(Message):
    """The payment."""

    result: Payment = Field(alias="return")


class GetPaymentDocument(Message):
    """Asks for one document of a payment."""

    payment_id: str = Field(alias="paymentId")
    document_name: str = Field(alias="documentName")


class GetPaymentDocumentResponse(Message):
    """The document."""

    result: Pdf = Field(alias="return")


class GetPaymentDocumentNames(Message):
    """Asks for the names of the documents of a payment."""

    payment_id: str = Field(alias="paymentId")


class GetPaymentDocumentNamesResponse(Message):
    """The names, in the order in which the documents were made."""

    result: Annotated[list[str], "repeated"] = Field([], alias="return")


class CalculateResultSize(Message):
    """Asks how many payments a search finds."""

    search_criteria: SearchCriteria = Field(alias="searchCriteria")


class CalculateResultSizeResponse(Message):
    """The number of payments, paging aside."""

    result: Int = Field(alias="return")


class FindPayments(Message):
    """Asks for one page of a search.

    page_number: from 1.
    items_per_page: the size of a page.
    """

    search_criteria: SearchCriteria = Field(alias="searchCriteria")
    page_number: Annotated[UnsignedLong | None, "nillable"] = Field(None, alias="pageNumber")
    items_per_page: Annotated[UnsignedLong | None, "nillable"] = Field(None, alias="itemsPerPage")
    sort_by: Annotated[SortOrder | None, "nillable"] = Field(None, alias="sortBy")


class FindPaymentsResponse(Message):
    """The payments of the page; none when nothing was found."""

    result: Annotated[list[BasicPayment], "repeated"] = Field([], alias="return")


class InsertBonusPoints(Message):
    """Gives bonus points."""

    government_id: str = Field(alias="governmentId")
    customer_type: CustomerType | None = Field(None, alias="customerType")
    bonus_points: PositiveInteger = Field(alias="bonusPoints")
    expiration_date: date = Field(alias="expirationDate")


class WithdrawBonusPoints(Message):
    """Takes bonus points."""

    government_id: str = Field(alias="governmentId")
    customer_type: CustomerType | None = Field(None, alias="customerType")
    bonus_points: PositiveInteger = Field(alias="bonusPoints")


class GetCustomerBonus(Message):
    """Asks for bonus points."""

    government_id: str = Field(alias="governmentId")
    customer_type: CustomerType | None = Field(None, alias="customerType")


class GetCustomerBonusResponse(Message):
    """The bonus points."""

    result: Bonus = Field(alias="return")
