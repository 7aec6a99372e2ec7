"""getPaymentMethods. Source: P-120 to P-128."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from adapters.resurs.operation import OperationCall
from adapters.resurs.settings import Settings
from adapters.resurs.shop import Language, PaymentMethod
from adapters.resurs.shopflow.cost import description_of
from adapters.resurs.shopflow.links import links_of
from schemas.resurs import simplified as messages
from schemas.resurs.common import CustomerType, PaymentMethodType

_CENT: Final = Decimal("0.01")


async def get_payment_methods(
    call: OperationCall, message: messages.GetPaymentMethods
) -> messages.GetPaymentMethodsResponse:
    """The methods that fit the request, in the configured order (P-122)."""
    language: Language = call.who.language if message.language is None else message.language.value
    return messages.GetPaymentMethodsResponse(
        result=[
            _shown(call, method, language)
            for method in call.who.binding.methods
            if _fits(method, message, call.settings)
        ]
    )


def _fits(method: PaymentMethod, message: messages.GetPaymentMethods, settings: Settings) -> bool:
    """Whether the filters keep a method. Source: P-121."""
    if message.customer_type is not None and message.customer_type.value not in method.customer_types:
        return False
    amount = message.purchase_amount
    if amount is None:
        return True
    return amount <= method.max_limit and (amount >= method.min_limit or settings.below_min == "keep")


def _shown(call: OperationCall, method: PaymentMethod, language: Language) -> messages.PaymentMethod:
    return messages.PaymentMethod(
        id=method.id,
        description=description_of(method, language),
        legal_info_links=[
            messages.WebLink(
                append_price_last=link.append_price_last, end_user_description=link.description, url=link.url
            )
            for link in links_of(method, call.call.base_url, call.tenant, language)
        ],
        min_limit=method.min_limit.quantize(_CENT, ROUND_HALF_UP),
        max_limit=method.max_limit.quantize(_CENT, ROUND_HALF_UP),
        type=PaymentMethodType(method.type),
        customer_type=[CustomerType(each) for each in method.customer_types],
        specific_type=method.specific_type,
    )
