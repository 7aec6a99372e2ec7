"""AfterShopFlowService: what happens to a payment after it is booked. Source: P-80 to P-114."""

from __future__ import annotations

from typing import Final

from adapters.resurs.documents.requests import get_payment_document, get_payment_document_names
from adapters.resurs.operation import Service, ServiceOperation
from adapters.resurs.payments.operations import (
    add_meta_data,
    additional_debit_of_payment,
    annul_payment,
    credit_payment,
    finalize_payment,
    get_payment,
)
from adapters.resurs.payments.search import calculate_result_size, find_payments
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
        ServiceOperation(
            "additionalDebitOfPayment", messages.AdditionalDebitOfPayment, handler=additional_debit_of_payment
        ),
        ServiceOperation("finalizePayment", messages.FinalizePayment, handler=finalize_payment, note="takes a number"),
        ServiceOperation("annulPayment", messages.AnnulPayment, handler=annul_payment),
        ServiceOperation("creditPayment", messages.CreditPayment, handler=credit_payment, note="takes a number"),
        ServiceOperation("addMetaData", messages.AddMetaData, handler=add_meta_data),
        ServiceOperation("getPayment", messages.GetPayment, messages.GetPaymentResponse, get_payment, remembered=True),
        ServiceOperation(
            "getPaymentDocument",
            messages.GetPaymentDocument,
            messages.GetPaymentDocumentResponse,
            get_payment_document,
        ),
        ServiceOperation(
            "getPaymentDocumentNames",
            messages.GetPaymentDocumentNames,
            messages.GetPaymentDocumentNamesResponse,
            get_payment_document_names,
        ),
        ServiceOperation(
            "calculateResultSize",
            messages.CalculateResultSize,
            messages.CalculateResultSizeResponse,
            calculate_result_size,
            remembered=True,
        ),
        ServiceOperation(
            "findPayments", messages.FindPayments, messages.FindPaymentsResponse, find_payments, remembered=True
        ),
        ServiceOperation("insertBonusPoints", messages.InsertBonusPoints, note=_BONUS),
        ServiceOperation("withdrawBonusPoints", messages.WithdrawBonusPoints, note=_BONUS),
        ServiceOperation("getCustomerBonus", messages.GetCustomerBonus, messages.GetCustomerBonusResponse, note=_BONUS),
    ),
)
