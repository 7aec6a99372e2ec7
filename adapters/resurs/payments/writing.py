"""A payment as getPayment writes it. Source: P-20 to P-35.

The messages are made without being validated: what is kept has been.
"""

from __future__ import annotations

from datetime import tzinfo
from decimal import Decimal
from typing import Final

from adapters.resurs.payments import model
from adapters.resurs.payments.specs import shown, step_of
from adapters.resurs.payments.status import StatusFrom, statuses_of, sums_of
from schemas.resurs import aftershop, common

_ZERO: Final = Decimal(0)


def payment_message(payment: model.Payment, decimals: int, status_from: StatusFrom, zone: tzinfo) -> aftershop.Payment:
    """The payment.

    decimals: places of every amount (P-46).
    zone: of the times (P-13).
    """
    step = step_of(decimals)
    delivery, finalized = payment.delivery_address, payment.finalized
    return aftershop.Payment.model_construct(
        id=payment.id,
        # within the tolerance more than the rest may have been credited, and the contract knows no amount below 0
        total_amount=shown(max(sums_of(payment).total, _ZERO), step),
        meta_data=[common.MapEntry.model_construct(key=key, value=value) for key, value in payment.meta_data],
        limit=shown(payment.limit, step),
        payment_diffs=[_diff(diff, step, zone) for diff in payment.diffs],
        customer=customer_message(payment.customer),
        delivery_address=None if delivery is None else address_message(delivery),
        booked=payment.booked.astimezone(zone),
        finalized=None if finalized is None else finalized.astimezone(zone),
        payment_method_id=payment.method.id,
        payment_method_name=payment.method.name,
        fraud=False,
        frozen=payment.frozen,
        status=[common.PaymentStatus(status) for status in statuses_of(payment, status_from)],
        store_id=payment.store_id,
        payment_method_type=common.PaymentMethodType(payment.method.type),
        total_bonus_points=0,
    )


def _diff(diff: model.Diff, step: Decimal, zone: tzinfo) -> aftershop.PaymentDiff:
    return aftershop.PaymentDiff.model_construct(
        type=aftershop.PaymentDiffType(diff.type),
        transaction_id=diff.transaction_id,
        created=diff.created.astimezone(zone),
        created_by=diff.created_by,
        payment_spec=spec_message(diff.spec, step),
        order_id=diff.order_id,
        invoice_id=diff.invoice_id,
        document_names=[diff.document] if diff.document else [],
    )


def spec_message(spec: model.Spec, step: Decimal) -> common.PaymentSpec:
    """A specification whose amounts all have the same number of places. Source: P-47."""
    return common.PaymentSpec.model_construct(
        spec_lines=[_line(line, step) for line in spec.lines],
        total_amount=shown(spec.total_amount, step),
        total_vat_amount=shown(spec.total_vat_amount, step),
        bonus_points=None,
    )


def _line(line: model.SpecLine, step: Decimal) -> common.SpecLine:
    return common.SpecLine.model_construct(
        id=line.id,
        art_no=line.art_no,
        description=line.description,
        quantity=shown(line.quantity, step),
        unit_measure=line.unit_measure,
        unit_amount_without_vat=shown(line.unit_amount_without_vat, step),
        vat_pct=shown(line.vat_pct, step),
        total_vat_amount=shown(line.total_vat_amount, step),
        total_amount=shown(line.total_amount, step),
    )


def customer_message(customer: model.Customer) -> common.Customer:
    """Who pays."""
    return common.Customer.model_construct(
        government_id=customer.government_id,
        address=address_message(customer.address),
        phone=customer.phone,
        email=customer.email,
        type=None if customer.type is None else common.CustomerType(customer.type),
    )


def address_message(address: model.Address) -> common.Address:
    """A postal address. Texts that the contract wants to have content are left out when they have none."""
    return common.Address.model_construct(
        full_name=address.full_name or None,
        first_name=address.first_name or None,
        last_name=address.last_name or None,
        address_row1=address.address_row1,
        address_row2=address.address_row2 or None,
        postal_area=address.postal_area,
        postal_code=address.postal_code,
        country=common.CountryCode(address.country),
    )
