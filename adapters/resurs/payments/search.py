"""findPayments and calculateResultSize. Source: P-100 to P-109.

Criteria become conditions on the fields of `index`, so a page costs what is on it, however many payments there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from adapters.resurs import errors
from adapters.resurs.errors import Fault
from adapters.resurs.operation import Actor, OperationCall
from adapters.resurs.payments import index, model
from adapters.resurs.payments.records import payment_of
from adapters.resurs.payments.specs import shown, step_of
from adapters.resurs.payments.status import statuses_of, sums_of
from adapters.resurs.settings import Settings
from gateway.core.documents import NEVER
from gateway.core.record_commands import BY_CHANGED, MAX_RECORDS_PAGE, CountRecords, SearchRecords
from gateway.core.records import Condition, RecordKind
from schemas.resurs.aftershop import (
    BasicPayment,
    CalculateResultSize,
    CalculateResultSizeResponse,
    FindPayments,
    FindPaymentsResponse,
    SearchCriteria,
    SortAlternative,
    SortOrder,
)
from schemas.resurs.common import PaymentStatus

LARGEST_PAGE: Final = MAX_RECORDS_PAGE
"""The most payments in one answer. A larger page is cut off here; the next page begins where the client counts it."""
_MOST_COUNTED: Final = 2**31 - 1
"""The answer is an xs:int."""

_MICROSECOND: Final = dt.timedelta(microseconds=1)
_COLUMNS: Final = {
    SortAlternative.PAYMENT_ID: "payment",
    SortAlternative.CUSTOMER_GOVERNMENT_ID: "government_id",
    SortAlternative.CUSTOMER_NAME: "name",
    SortAlternative.BOOKED_TIME: "booked",
    SortAlternative.MODIFIED_TIME: "modified",
    SortAlternative.FINALIZED_TIME: "finalized",
    SortAlternative.AMOUNT: "amount",
}
"""The fields to sort by. All payments have the same bonus, so a sort by it changes nothing."""


async def find_payments(call: OperationCall, message: FindPayments) -> FindPaymentsResponse:
    """A page of the payments that meet all criteria. Raises Fault(INVALID_FIELD) for a page 0 or of 0 payments."""
    skip, limit = _page(message, call.settings.default_page_size)
    where = _conditions(call, message.search_criteria)
    if where is None:
        return FindPaymentsResponse.model_construct(result=[])
    orders, descending = _orders(message.sort_by)
    search = SearchRecords(
        call.tenant,
        index.payment_kind(call.account),
        where,
        order=orders[0],
        then=(*orders[1:], BY_CHANGED),
        descending=descending,
        skip=skip,
        limit=limit,
    )
    found = await call.service.read(search)
    basic = _Writer(call).basic_payment
    return FindPaymentsResponse.model_construct(result=[basic(payment_of(record)) for record in found.records])


async def calculate_result_size(call: OperationCall, message: CalculateResultSize) -> CalculateResultSizeResponse:
    """How many payments meet all criteria."""
    where = _conditions(call, message.search_criteria)
    if where is None:
        return CalculateResultSizeResponse.model_construct(result=0)
    count = CountRecords(call.tenant, index.payment_kind(call.account), where, _MOST_COUNTED)
    return CalculateResultSizeResponse.model_construct(result=(await call.service.read(count)).count)


def _page(message: FindPayments, default_size: int) -> tuple[int, int]:
    """How many payments to leave out, and the most to answer. Source: P-106."""
    number, size = message.page_number, message.items_per_page
    for name, given in (("pageNumber", number), ("itemsPerPage", size)):
        if given == 0:
            raise Fault(errors.INVALID_FIELD, field=name)
    size = default_size if size is None else size
    return (0 if number is None else number - 1) * size, min(size, LARGEST_PAGE)


def _orders(sort_by: SortOrder | None) -> tuple[list[str], bool]:
    """The fields to sort by, and whether the direction is down. Source: P-107.

    Times are compared to the microsecond, though answers show whole seconds: a shop that books and invoices several payments in
    one second finds the newest first. Payments that are equal in all columns are in the order of their last change.
    """
    if sort_by is None:
        return ["booked"], True
    columns = dict.fromkeys(_COLUMNS[column] for column in sort_by.sort_columns if column in _COLUMNS)
    return list(columns) or ["booked"], not sort_by.ascending


# --- criteria ---------------------------------------------------------------------------------------------------------


class _NothingFound(Exception):
    """No payment can meet the criteria."""


def _conditions(actor: Actor, criteria: SearchCriteria) -> tuple[Condition, ...] | None:
    """What must hold for a payment; None when nothing can be found."""
    kind = index.payment_kind(actor.account)
    delay = actor.settings.search_delay_seconds
    try:
        found = [condition for read in _CRITERIA for condition in read(kind, criteria, actor.settings)]
        found += _times(kind, criteria, actor.zone)
    except _NothingFound:
        return None
    if delay:  # P-108
        found.append(kind.is_between("booked", None, actor.now() - dt.timedelta(seconds=delay)))
    return tuple(found)


def _ids(kind: RecordKind, criteria: SearchCriteria, settings: Settings) -> Iterator[Condition]:
    if criteria.any_id is not None:  # P-101
        if settings.any_id == "prefix":
            yield kind.begins_with("any", index.beginning(criteria.any_id))
        else:
            yield kind.is_one_of("any", index.exact(criteria.any_id))
    if criteria.payment_method_id is not None:
        yield kind.is_one_of("method", index.exact(criteria.payment_method_id))


def _customer(kind: RecordKind, criteria: SearchCriteria, _: Settings) -> Iterator[Condition]:
    if criteria.government_id is not None:  # P-104
        yield kind.is_one_of("government_id", index.plain_government_id(criteria.government_id))
    if criteria.customer_name:  # P-102
        yield kind.begins_with("part", index.part_of(criteria.customer_name))


def _amounts(kind: RecordKind, criteria: SearchCriteria, _: Settings) -> Iterator[Condition]:
    low, high = criteria.amount_from, criteria.amount_to
    if low is not None or high is not None:  # P-103
        yield kind.is_between(
            "amount", None if low is None else index.scaled(low), None if high is None else index.scaled(high)
        )
    if criteria.bonus_from or criteria.bonus_is_used:  # P-103: the bonus is 0, so nobody has used any
        raise _NothingFound


def _state(kind: RecordKind, criteria: SearchCriteria, settings: Settings) -> Iterator[Condition]:
    wanted, unwanted = map(_statuses, (criteria.status_set, criteria.status_not_set))
    if not wanted and not unwanted and criteria.frozen is None:
        return
    states = index.states_with(wanted, unwanted, criteria.frozen, settings.status_from)
    if not states:
        raise _NothingFound
    yield kind.is_one_of("state", *states)


def _statuses(given: list[PaymentStatus]) -> list[model.Status]:
    return [model.Status(status.value) for status in given]


def _meta_data(kind: RecordKind, criteria: SearchCriteria, _: Settings) -> Iterator[Condition]:
    asked = criteria.with_meta_data
    if asked is None:
        return
    key, value = asked.with_meta_data_key, asked.with_meta_data_value
    if value is None:  # P-105
        yield kind.begins_with("meta", index.meta_key(key))
    else:
        yield kind.is_one_of("meta", index.meta_value(key, value))


_Reading = Callable[[RecordKind, SearchCriteria, Settings], Iterator[Condition]]
_CRITERIA: Final[tuple[_Reading, ...]] = (_ids, _customer, _amounts, _state, _meta_data)


def _times(kind: RecordKind, criteria: SearchCriteria, zone: ZoneInfo) -> Iterator[Condition]:
    for name, low, high in (
        ("booked", criteria.booked_from, criteria.booked_to),
        ("modified", criteria.modified_from, criteria.modified_to),
        ("finalized", criteria.finalized_from, criteria.finalized_to),
    ):
        if low is None and high is None:
            continue
        first = None if low is None else _moment(low, zone, fold=0)
        if name == "finalized":  # P-103: a payment that is not finalized has no such time
            first = max(NEVER + _MICROSECOND, first or NEVER)
        yield kind.is_between(name, first, None if high is None else _end(high, zone))


def _moment(given: dt.datetime, zone: ZoneInfo, *, fold: int) -> dt.datetime:
    """A moment of a request. Without a zone it is local time; of an hour that comes twice, `fold` says which one."""
    return given if given.tzinfo is not None else given.replace(tzinfo=zone, fold=fold)


def _end(given: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The end of a span of time. Answers show whole seconds, so the whole second is within the span. Source: P-103, P-13."""
    moment = _moment(given, zone, fold=1)
    return moment if moment.microsecond else moment.replace(microsecond=999_999)


# --- answers ----------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes payments of one answer."""

    def __init__(self, call: OperationCall) -> None:
        self._zone = call.zone
        self._step = step_of(call.settings.decimals)
        self._status_from = call.settings.status_from

    def basic_payment(self, payment: model.Payment) -> BasicPayment:
        """A payment as findPayments shows it. Source: P-109."""
        finalized = payment.finalized
        return BasicPayment.model_construct(
            payment_id=payment.id,
            payment_method_id=payment.method.id,
            payment_method_name=payment.method.name,
            government_id=payment.customer.government_id or "-",
            full_name=index.full_name(payment.customer),
            booked=payment.booked.astimezone(self._zone),
            modified=payment.modified.astimezone(self._zone),
            finalized=None if finalized is None else finalized.astimezone(self._zone),
            total_amount=shown(max(sums_of(payment).total, Decimal(0)), self._step),
            frozen=payment.frozen,
            status=[PaymentStatus(status) for status in statuses_of(payment, self._status_from)],
            total_bonus_points=0,
        )
