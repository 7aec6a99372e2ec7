"""SimplifiedShopFlowService: what a shop asks while its customer buys. Source: P-120 to P-145."""

from __future__ import annotations

from typing import Final

from adapters.resurs.operation import Service, ServiceOperation
from adapters.resurs.shopflow.address import get_address
from adapters.resurs.shopflow.booking import book_payment, book_signed_payment
from adapters.resurs.shopflow.cost import get_annuity_factors, get_cost_of_purchase_html
from adapters.resurs.shopflow.methods import get_payment_methods
from schemas.resurs import simplified as messages

NAMESPACE: Final = "http://ecommerce.resurs.com/v4/msg/simplifiedshopflow"
_BONUS: Final = "bonus points are not implemented at the vendor either"
_TOKENS: Final = "identification tokens are not served"

SIMPLIFIED: Final = Service(
    name="SimplifiedShopFlowService",
    namespace=NAMESPACE,
    wsdl="SimplifiedShopFlowService.wsdl",
    schemas=(
        "schemas/messages/SimplifiedShopFlowServiceMessages.xsd",
        "schemas/types/simplifiedshopflow.xsd",
        "schemas/types/common.xsd",
        "schemas/types/shopflow.xsd",
        "schemas/messages/Exceptions.xsd",
    ),
    operations=(
        ServiceOperation(
            "getCostOfPurchaseHtml",
            messages.GetCostOfPurchaseHtml,
            messages.GetCostOfPurchaseHtmlResponse,
            get_cost_of_purchase_html,
            note="a fragment with the vendor's classes; its texts are ours",
        ),
        ServiceOperation(
            "getPaymentMethods",
            messages.GetPaymentMethods,
            messages.GetPaymentMethodsResponse,
            get_payment_methods,
            note="the configured methods",
            remembered=True,
        ),
        ServiceOperation(
            "getAnnuityFactors",
            messages.GetAnnuityFactors,
            messages.GetAnnuityFactorsResponse,
            get_annuity_factors,
            note="as configured for the method",
        ),
        ServiceOperation(
            "getAddress",
            messages.GetAddress,
            messages.GetAddressResponse,
            get_address,
            note="the configured address book, Sweden only",
        ),
        ServiceOperation(
            "bookPayment",
            messages.BookPayment,
            messages.BookPaymentResponse,
            book_payment,
            note="draws a number with finalizeIfBooked only",
        ),
        ServiceOperation(
            "bookSignedPayment",
            messages.BookSignedPayment,
            messages.BookPaymentResponse,
            book_signed_payment,
            answers_as="bookPaymentResponse",  # P-06
        ),
        ServiceOperation("getCustomerBonus", messages.GetCustomerBonus, messages.GetCustomerBonusResponse, note=_BONUS),
        ServiceOperation(
            "issueCustomerIdentificationToken",
            messages.IssueCustomerIdentificationToken,
            messages.IssueCustomerIdentificationTokenResponse,
            note=_TOKENS,
        ),
        ServiceOperation(
            "invalidateCustomerIdentificationToken", messages.InvalidateCustomerIdentificationToken, note=_TOKENS
        ),
    ),
)
