"""The messages of SimplifiedShopFlowService, and their types.

Operations without a response class here answer an empty wrapper; `bookSignedPayment` answers a `BookPaymentResponse`.
"""

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
    Language,
    MapEntry,
    PaymentMethodType,
    PaymentSpec,
)
from schemas.resurs.primitives import Message, NonNegativeInteger, PositiveInteger


class BookPaymentStatus(StrEnum):
    """What became of a booking."""

    FINALIZED = "FINALIZED"
    BOOKED = "BOOKED"
    FROZEN = "FROZEN"
    DENIED = "DENIED"
    SIGNING = "SIGNING"


class WebLink(Message):
    """A link that a shop must show.

    append_price_last: the shop appends the amount to the URL.
    """

    append_price_last: bool = Field(alias="appendPriceLast")
    end_user_description: str = Field(alias="endUserDescription")
    url: str


class PaymentMethod(Message):
    """A payment method.

    id: exactly as it was configured; letter case counts.
    min_limit, max_limit: the bounds of a purchase.
    specific_type: free text, for example INVOICE, PART_PAYMENT, SWISH.
    """

    id: str
    description: str
    legal_info_links: Annotated[list[WebLink], "repeated"] = Field([], alias="legalInfoLinks")
    min_limit: Decimal = Field(alias="minLimit")
    max_limit: Decimal = Field(alias="maxLimit")
    type: PaymentMethodType
    customer_type: Annotated[list[CustomerType], "repeated", "nillable"] = Field([], alias="customerType")
    specific_type: str = Field(alias="specificType")


class AnnuityFactor(Message):
    """One way of paying in parts.

    factor: price times factor is the monthly cost.
    duration: months.
    """

    factor: Decimal
    duration: PositiveInteger
    payment_plan_name: str = Field(alias="paymentPlanName")


class PaymentData(Message):
    """How a payment is booked.

    preferred_id: becomes the payment's id; None lets the bank choose.
    wait_for_fraud_control: the answer is final.
    annul_if_frozen: a payment that is frozen is annulled at once.
    finalize_if_booked: a payment that is booked is debited at once.
    """

    preferred_id: Annotated[str | None, "nillable"] = Field(None, alias="preferredId")
    preferred_transaction_id: Annotated[str | None, "nillable"] = Field(None, alias="preferredTransactionId")
    payment_method_id: str = Field(alias="paymentMethodId")
    customer_ip_address: Annotated[str | None, "nillable"] = Field(None, alias="customerIpAddress")
    wait_for_fraud_control: Annotated[bool, "nillable"] = Field(True, alias="waitForFraudControl")
    annul_if_frozen: Annotated[bool, "nillable"] = Field(False, alias="annulIfFrozen")
    finalize_if_booked: Annotated[bool, "nillable"] = Field(False, alias="finalizeIfBooked")


class ExtendedCustomer(Customer):
    """A customer as a booking names it.

    delivery_address: asks for a signing when it is given.
    """

    cell_phone: Annotated[str | None, "nillable"] = Field(None, alias="cellPhone")
    your_customer_id: Annotated[str | None, "nillable"] = Field(None, alias="yourCustomerId")
    delivery_address: Annotated[Address | None, "nillable"] = Field(None, alias="deliveryAddress")
    contact_government_id: Annotated[str | None, "nillable"] = Field(None, alias="contactGovernmentId")
    additional_data: Annotated[list[MapEntry], "repeated", "nillable"] = Field([], alias="additionalData")


class CardData(Message):
    """Which card pays: an existing one by its number, or a new one with an amount."""

    card_number: Annotated[str | None, "nillable"] = Field(None, alias="cardNumber")
    amount: Annotated[Decimal | None, "nillable"] = None


class Signing(Message):
    """Where the customer returns to after a signing.

    force_signing: the customer must sign in any case.
    """

    success_url: str = Field(alias="successUrl")
    fail_url: str = Field(alias="failUrl")
    force_signing: Annotated[bool | None, "nillable"] = Field(None, alias="forceSigning")


class InvoiceData(Message):
    """The invoice of a payment that is debited at once.

    invoice_id: its number; None takes the next one.
    """

    invoice_id: Annotated[str | None, "nillable"] = Field(None, alias="invoiceId")
    invoice_date: Annotated[date | None, "nillable"] = Field(None, alias="invoiceDate")
    invoice_delivery_type: Annotated[InvoiceDeliveryTypeEnum, "nillable"] = Field(
        InvoiceDeliveryTypeEnum.EMAIL, alias="invoiceDeliveryType"
    )


class BookPaymentResult(Message):
    """What became of a booking.

    signing_url: where the customer signs; nil when nobody signs.
    customer: the registered person, or what the request said.
    """

    payment_id: str = Field(alias="paymentId")
    book_payment_status: BookPaymentStatus = Field(alias="bookPaymentStatus")
    signing_url: Annotated[str | None, "nillable", "min:1"] = Field(None, alias="signingUrl")
    approved_amount: Decimal = Field(alias="approvedAmount")
    customer: Customer


class Bonus(Message):
    """Bonus points of a customer."""

    points: NonNegativeInteger


class CustomerCard(Message):
    """A customer and a card."""

    government_id: str = Field(alias="governmentId")
    customer_type: CustomerType | None = Field(None, alias="customerType")
    card_number: str = Field(alias="cardNumber")


class CustomerIdentification(Message):
    """A customer, by token or by card."""

    token: str | None = None
    customer_account: CustomerCard | None = Field(None, alias="customerAccount")


class CustomerIdentificationResponse(Message):
    """A token and its last moment."""

    token: str
    expiration_date: datetime = Field(alias="expirationDate")


class GetCostOfPurchaseHtml(Message):
    """Asks what a purchase costs with a method."""

    payment_method_id: str = Field(alias="paymentMethodId")
    amount: Decimal


class GetCostOfPurchaseHtmlResponse(Message):
    """A fragment of HTML."""

    result: str = Field(alias="return")


class GetPaymentMethods(Message):
    """Asks for the methods. None of a filter means that it does not filter."""

    language: Annotated[Language | None, "nillable"] = None
    customer_type: Annotated[CustomerType | None, "nillable"] = Field(None, alias="customerType")
    purchase_amount: Annotated[Decimal | None, "nillable"] = Field(None, alias="purchaseAmount")


class GetPaymentMethodsResponse(Message):
    """The methods, in the order in which a shop shows them."""

    result: Annotated[list[PaymentMethod], "repeated"] = Field([], alias="return")


class GetAnnuityFactors(Message):
    """Asks for the factors of a method."""

    payment_method_id: str = Field(alias="paymentMethodId")


class GetAnnuityFactorsResponse(Message):
    """The factors; none when the method has none."""

    result: Annotated[list[AnnuityFactor], "repeated"] = Field([], alias="return")


class GetAddress(Message):
    """Asks for a registered address."""

    government_id: str = Field(alias="governmentId")
    customer_type: CustomerType | None = Field(None, alias="customerType")
    customer_ip_address: str | None = Field(None, alias="customerIpAddress")


class GetAddressResponse(Message):
    """The registered address."""

    result: Address = Field(alias="return")


class BookSignedPayment(Message):
    """Books a payment after its signing. The answer is a `BookPaymentResponse`."""

    payment_id: str = Field(alias="paymentId")


class BookPaymentResponse(Message):
    """What became of a booking; also the answer to `bookSignedPayment`."""

    result: BookPaymentResult = Field(alias="return")


class BookPayment(Message):
    """Books a payment.

    booked_callback_url: replaces the registered address for the event BOOKED of this payment.
    store_id: only where a gateway serves what the vendor's contract lacks (P-09).
    """

    payment_data: PaymentData = Field(alias="paymentData")
    order_data: PaymentSpec = Field(alias="orderData")
    meta_data: Annotated[list[MapEntry], "repeated", "nillable"] = Field([], alias="metaData")
    customer: ExtendedCustomer
    card: Annotated[CardData | None, "nillable"] = None
    signing: Annotated[Signing | None, "nillable"] = None
    invoice_data: Annotated[InvoiceData | None, "nillable"] = Field(None, alias="invoiceData")
    booked_callback_url: str | None = Field(None, alias="bookedCallbackUrl")
    store_id: str | None = Field(None, alias="storeId")


class GetCustomerBonus(Message):
    """Asks for bonus points."""

    customer_identification: CustomerIdentification = Field(alias="customerIdentification")


class GetCustomerBonusResponse(Message):
    """The bonus points."""

    result: Bonus = Field(alias="return")


class IssueCustomerIdentificationToken(Message):
    """Asks for a token."""

    customer_card: CustomerCard = Field(alias="customerCard")
    customer_ip_address: str = Field(alias="customerIpAddress")


class IssueCustomerIdentificationTokenResponse(Message):
    """The token; None when none is given out."""

    result: CustomerIdentificationResponse | None = Field(None, alias="return")


class InvalidateCustomerIdentificationToken(Message):
    """Ends tokens: those given, those of a customer, or both."""

    token: Annotated[list[str], "repeated"] = Field([])
    government_id: str | None = Field(None, alias="governmentId")
    customer_type: CustomerType | None = Field(None, alias="customerType")
