"""bookPayment and bookSignedPayment. Source: P-130 to P-145, R-43."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from adapters.resurs import errors
from adapters.resurs.errors import Fault
from adapters.resurs.operation import OperationCall
from adapters.resurs.payments.commit import Change, commit
from adapters.resurs.payments.model import Customer, Diff, DiffType, InvoiceWish, Method, Payment, Spec
from adapters.resurs.payments.operations import note_number
from adapters.resurs.payments.records import payment_key
from adapters.resurs.payments.specs import order_spec
from adapters.resurs.payments.status import sums_of
from adapters.resurs.payments.writing import customer_message
from adapters.resurs.shop import PaymentMethod
from adapters.resurs.shopflow import checks
from adapters.resurs.shopflow.address import read_address
from adapters.resurs.shopflow.application import (
    Application,
    Signature,
    application_key,
    application_of,
    forget_application,
    read_application,
)
from adapters.resurs.shopflow.cost import description_of
from adapters.resurs.shopflow.outcome import booked
from adapters.resurs.shopflow.persons import international_phone, without_century
from adapters.resurs.shopflow.register import address_of, persona_of, registered
from adapters.resurs.shopflow.signing import ask_to_sign
from gateway.core.record_commands import GetRecords
from schemas.resurs import simplified as messages

_FIRST_BY: Final = "SHOP_FLOW"
"""Who made the first AUTHORIZE. Source: P-29."""
_NOTHING: Final = Decimal(0)


async def book_payment(call: OperationCall, message: messages.BookPayment) -> messages.BookPaymentResponse:
    """Book a payment, or let the customer sign first. Source: P-130 to P-145."""
    method = checks.method_named(call.who, message.payment_data.payment_method_id)
    asked = _application(call, message, method)
    former = await _former(call, asked.payment.id)
    if persona_of(call.who, asked.government_id).outcome != "DENIED" and _must_sign(call, message):
        signing = message.signing
        if signing is None:
            raise checks.invalid("signing")
        asked = replace(asked, success_url=signing.success_url, fail_url=signing.fail_url)
        url = await ask_to_sign(call, asked, former)
        return _answer(asked, messages.BookPaymentStatus.SIGNING, url)
    return await _booked(call, asked, former)


async def book_signed_payment(call: OperationCall, message: messages.BookSignedPayment) -> messages.BookPaymentResponse:
    """Book what the customer has signed. Source: P-82."""
    key = payment_key(call.tenant, call.account, message.payment_id)
    if (await call.service.read(GetRecords(call.tenant, (key,)))).records:
        raise Fault(errors.PAYMENT_STATE)
    asked = await read_application(call, message.payment_id)
    if asked is None:
        raise Fault(errors.PAYMENT_UNKNOWN, id=message.payment_id)
    if asked.signature is not Signature.SIGNED:
        raise Fault(errors.SIGNING_REQUIRED)
    try:
        return await _booked(call, asked, asked)
    except Fault as fault:
        if fault.business is errors.PAYMENT_EXISTS:  # another call of the same shop was faster
            raise Fault(errors.PAYMENT_STATE) from None
        raise


async def _booked(call: OperationCall, asked: Application, former: Application | None) -> messages.BookPaymentResponse:
    """Make the payment durable. former: an application that ends with it."""
    persona = persona_of(call.who, asked.government_id)
    what = booked(asked, persona, call.settings, call.now())
    change: Change | None = what.change
    if change is not None:
        beside = () if former is None else (forget_application(call, former),)
        payment = await commit(call, replace(change, beside=beside))
        note_number(call, payment.diffs[-1].invoice_id)
    return _answer(asked, what.status)


async def _former(call: OperationCall, payment_id: str) -> Application | None:
    """An application of this id that the customer refused to sign, which makes room. Raises Fault(PAYMENT_EXISTS) (P-130)."""
    payment = payment_key(call.tenant, call.account, payment_id)
    application = application_key(call.tenant, call.account, payment_id)
    found = (await call.service.read(GetRecords(call.tenant, (payment, application)))).records
    former = application_of(found[application]) if application in found else None
    if payment in found or (former is not None and former.signature is not Signature.REFUSED):
        raise Fault(errors.PAYMENT_EXISTS, id=payment_id)
    return former


def _must_sign(call: OperationCall, message: messages.BookPayment) -> bool:
    """Whether the customer has to sign. Source: P-137."""
    forced = message.signing is not None and message.signing.force_signing is True
    return call.settings.signing != "never" and (forced or message.customer.delivery_address is not None)


def _application(call: OperationCall, message: messages.BookPayment, method: PaymentMethod) -> Application:
    """The request, checked."""
    data = message.payment_data
    buyer = checks.checked_buyer(call.who, method, message.customer)
    spec = order_spec(message.order_data, call.settings.rounding)
    checks.check_amount(method, spec.total_amount)
    has_card = checks.check_card(call.who, message.card)
    checks.check_signing(message.signing)
    checks.check_invoice_data(method, message.invoice_data)
    answered = _customer(call, message.customer, buyer)
    payment = _payment(call, message, method, answered, spec)
    return Application(
        payment=payment,
        customer=answered,
        government_id=buyer.government_id,
        waits=data.wait_for_fraud_control,
        annuls_if_frozen=data.annul_if_frozen,
        finalizes=_wish(message) if data.finalize_if_booked or payment.method.settles_itself else None,
        has_card=has_card,
    )


def _wish(message: messages.BookPayment) -> InvoiceWish:
    """What the finalization is to print. Source: P-72, P-139."""
    data, transaction = message.invoice_data, message.payment_data.preferred_transaction_id
    if not message.payment_data.finalize_if_booked:  # it debits by itself
        transaction = None
    if data is None:
        return InvoiceWish(transaction_id=transaction)
    return InvoiceWish(data.invoice_id, data.invoice_date, data.invoice_delivery_type.value, transaction)


def _payment(
    call: OperationCall, message: messages.BookPayment, method: PaymentMethod, customer: Customer, spec: Spec
) -> Payment:
    """The payment before anybody has decided about it."""
    delivery, now = message.customer.delivery_address, call.now()
    kept = Method(method.id, description_of(method, call.who.language), method.type, method.specific_type)
    return Payment(
        id=checks.payment_id(message.payment_data.preferred_id, method),
        account=call.account,
        method=kept,
        customer=_kept(call, customer),
        limit=checks.limit_of(method, spec.total_amount),
        booked=now,
        diffs=(Diff(DiffType.AUTHORIZE, now, spec, created_by=_FIRST_BY),),
        meta_data=checks.meta_data_of(message.meta_data),
        delivery_address=None if delivery is None else read_address(delivery),
        store_id=message.store_id,
        booked_callback_url=message.booked_callback_url,
    )


def _customer(call: OperationCall, given: messages.ExtendedCustomer, buyer: checks.Buyer) -> Customer:
    """The customer of the answer: the registered person, or what the request says. Source: P-133."""
    entry, country = registered(call.who, buyer.government_id), call.who.country
    if entry is None or buyer.government_id is None:
        return Customer(read_address(given.address), buyer.government_id, given.phone, given.email, buyer.kind)
    phone = None if given.phone is None else international_phone(given.phone, country)
    return Customer(address_of(entry), without_century(buyer.government_id, country), phone, given.email, buyer.kind)


def _kept(call: OperationCall, customer: Customer) -> Customer:
    """The customer of the payment: the id without century, and a full name, because searches look for both."""
    address, own = customer.address, customer.government_id
    names = " ".join(name for name in (address.first_name, address.last_name) if name)
    return replace(
        customer,
        address=replace(address, full_name=address.full_name or names or None),
        government_id=None if own is None else without_century(own, call.who.country),
    )


def _answer(
    asked: Application, status: messages.BookPaymentStatus, signing_url: str | None = None
) -> messages.BookPaymentResponse:
    """The answer. Source: P-131 to P-133."""
    denied = status is messages.BookPaymentStatus.DENIED
    result = messages.BookPaymentResult(
        payment_id=asked.payment.id,
        book_payment_status=status,
        signing_url=signing_url,
        approved_amount=_NOTHING if denied else _plain(sums_of(asked.payment).authorized),
        customer=customer_message(asked.customer),
    )
    return messages.BookPaymentResponse(result=result)


def _plain(amount: Decimal) -> Decimal:
    """497 for 497.00. Source: P-132."""
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()
