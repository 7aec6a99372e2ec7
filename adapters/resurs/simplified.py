"""SimplifiedShopFlowService: what a shop asks while its customer buys. Source: P-120 to P-145."""

from __future__ import annotations

from typing import Final

from adapters.resurs.operation import Service, ServiceOperation
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
            "getCostOfPurchaseHtml", messages.GetCostOfPurchaseHtml, messages.GetCostOfPurchaseHtmlResponse
        ),
        ServiceOperation(
            "getPaymentMethods", messages.GetPaymentMethods, messages.GetPaymentMethodsResponse, remembered=True
        ),
        ServiceOperation("getAnnuityFactors", messages.GetAnnuityFactors, messages.GetAnnuityFactorsResponse),
        ServiceOperation("getAddress", messages.GetAddress, messages.GetAddressResponse),
        ServiceOperation("bookPayment", messages.BookPayment, messages.BookPaymentResponse),
        ServiceOperation(
            "bookSignedPayment",
            messages.BookSignedPayment,
            messages.BookPaymentResponse,
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
