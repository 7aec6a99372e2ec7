"""AfterShopFlowService: what happens to a payment after it is booked. Source: P-80 to P-114."""

from __future__ import annotations

from typing import Final

from adapters.resurs.operation import Service, ServiceOperation
from schemas.resurs import aftershop as messages

NAMESPACE: Final = "http://ecommerce.resurs.com/v4/msg/aftershopflow"
_BONUS: Final = "bonus points are not implemented at the vendor either"

AFTERSHOP: Final = Service(
    name="AfterShopFlowService",
    namespace=NAMESPACE,
    wsdl="AfterShopFlowService.wsdl",
    schemas=(
        "schemas/messages/AfterShopFlowServiceMessages.xsd",
        "schemas/types/common.xsd",
        "schemas/types/aftershopflow.xsd",
        "schemas/messages/Exceptions.xsd",
    ),
    operations=(
        ServiceOperation("additionalDebitOfPayment", messages.AdditionalDebitOfPayment),
        ServiceOperation("finalizePayment", messages.FinalizePayment),
        ServiceOperation("annulPayment", messages.AnnulPayment),
        ServiceOperation("creditPayment", messages.CreditPayment),
        ServiceOperation("addMetaData", messages.AddMetaData),
        ServiceOperation("getPayment", messages.GetPayment, messages.GetPaymentResponse, remembered=True),
        ServiceOperation("getPaymentDocument", messages.GetPaymentDocument, messages.GetPaymentDocumentResponse),
        ServiceOperation(
            "getPaymentDocumentNames", messages.GetPaymentDocumentNames, messages.GetPaymentDocumentNamesResponse
        ),
        ServiceOperation("calculateResultSize", messages.CalculateResultSize, messages.CalculateResultSizeResponse),
        ServiceOperation("findPayments", messages.FindPayments, messages.FindPaymentsResponse),
        ServiceOperation("insertBonusPoints", messages.InsertBonusPoints, note=_BONUS),
        ServiceOperation("withdrawBonusPoints", messages.WithdrawBonusPoints, note=_BONUS),
        ServiceOperation("getCustomerBonus", messages.GetCustomerBonus, messages.GetCustomerBonusResponse, note=_BONUS),
    ),
)
