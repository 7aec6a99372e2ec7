"""A few dozen payments of two representatives, and what a search for them must find: a plain filter over all of them."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.resurs.payments.model import Address, Customer, Diff, DiffType, Method, Payment, Spec
from adapters.resurs.payments.status import StatusFrom, statuses_of, sums_of
from gateway.core.records import RecordId, id_order
from schemas.resurs.aftershop import SearchCriteria, SortAlternative

ZONE: Final = ZoneInfo("Europe/Stockholm")
NOON: Final = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
METHODS: Final = (
    Method("INVOICE", "Faktura", "INVOICE", "INVOICE"),
    Method("CARD", "Kort", "CARD", "CARD"),
)
NAMES: Final = ("Prov Testsson", "prov testsson", "Åsa Ångström", "A\u030asa Berg", "Bo Straße", "Anna Nanna", "")
IDS: Final = ("8305147715", "0101011010", "9001011234", None, "010101A123N")
AMOUNTS: Final = ("100", "450", "450.00001", "950", "1500.5")
KEYS: Final = ("CustomerId", "note", "k" * 70)
VALUES: Final = ("-", "C-9", "", None, "v" * 300)


def payments(account: str, count: int, seed: int) -> list[Payment]:
    """Payments with few different values, so that many are equal in something."""
    chance = random.Random(seed)
    return [_payment(chance, account, number) for number in range(1, count + 1)]


def _payment(chance: random.Random, account: str, number: int) -> Payment:
    booked = NOON + dt.timedelta(minutes=chance.randrange(6))
    amount = Decimal(chance.choice(AMOUNTS))
    name = chance.choice(NAMES)
    address = Address("Gatan 1", "Staden", "12345", "SE", name or None, "Bosse", "Larsson")
    payment = Payment(
        f"P-{number}" if number % 9 else f"other {number}",
        account,
        chance.choice(METHODS),
        Customer(address, chance.choice(IDS)),
        amount,
        booked,
        (
            Diff(
                DiffType.AUTHORIZE, booked, Spec(amount, Decimal(0)), transaction_id=chance.choice([None, "TX", "T-1"])
            ),
        ),
        tuple((key, chance.choice(VALUES)) for key in KEYS if chance.random() < 0.4),
        frozen=chance.random() < 0.2,
    )
    for step in range(chance.randrange(4)):
        payment = _changed(chance, payment, booked + dt.timedelta(minutes=step), f"{number}{step}")
    return payment


def _changed(chance: random.Random, payment: Payment, moment: dt.datetime, number: str) -> Payment:
    sums = sums_of(payment)
    kind = chance.choice([DiffType.DEBIT, DiffType.DEBIT, DiffType.CREDIT, DiffType.ANNUL])
    room = sums.creditable if kind is DiffType.CREDIT else sums.debitable
    if room <= 0:
        return payment
    spec = Spec(room if chance.random() < 0.5 else (room / 2).quantize(Decimal(1)) or room, Decimal(0))
    own = None if kind is DiffType.ANNUL else chance.choice([number, f"DebInv-{number}"])
    order = chance.choice([None, "O-1", "O-1/2"]) if kind is DiffType.DEBIT else None
    return payment.with_diff(Diff(kind, moment, spec, invoice_id=own, order_id=order))


@dataclass(frozen=True)
class Kept:
    """A payment, and when its record was changed."""

    payment: Payment
    changed: int


def found(
    kept: Sequence[Kept], criteria: SearchCriteria, *, prefix: bool = False, status_from: StatusFrom = "any"
) -> list[Kept]:
    """Those that meet all criteria."""
    return [one for one in kept if _meets(one.payment, criteria, prefix=prefix, status_from=status_from)]


def _meets(payment: Payment, criteria: SearchCriteria, *, prefix: bool, status_from: StatusFrom) -> bool:
    shown = {status.value for status in statuses_of(payment, status_from)}
    total = sums_of(payment).total
    return all(
        (
            criteria.any_id is None or any(_same_id(own, criteria.any_id, prefix) for own in _ids(payment)),
            criteria.payment_method_id in (None, payment.method.id),
            criteria.government_id is None or _short(criteria.government_id) == _short(payment.customer.government_id),
            _plain(criteria.customer_name or "") in _plain(_name(payment)),
            _within(payment.booked, criteria.booked_from, criteria.booked_to),
            _within(payment.modified, criteria.modified_from, criteria.modified_to),
            _within(payment.finalized, criteria.finalized_from, criteria.finalized_to),
            criteria.amount_from is None or total >= criteria.amount_from,
            criteria.amount_to is None or total <= criteria.amount_to,
            not criteria.bonus_from,
            criteria.frozen in (None, payment.frozen),
            _has_meta_data(payment, criteria),
            shown.issuperset(status.value for status in criteria.status_set),
            shown.isdisjoint(status.value for status in criteria.status_not_set),
            not criteria.bonus_is_used,
        )
    )


def _same_id(own: str, wanted: str, prefix: bool) -> bool:
    return own.startswith(wanted) if prefix else own == wanted


def _ids(payment: Payment) -> list[str]:
    of_diffs = (own for diff in payment.diffs for own in (diff.transaction_id, diff.invoice_id, diff.order_id))
    return [payment.id, *(own for own in of_diffs if own is not None)]


def _short(government_id: str | None) -> str:
    text = (government_id or "").upper().replace("-", "").replace(" ", "").replace("A", "")
    return text[2:] if len(text) == 12 else text


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _name(payment: Payment) -> str:
    return payment.customer.address.full_name or "Bosse Larsson"


def _within(moment: dt.datetime | None, first: dt.datetime | None, last: dt.datetime | None) -> bool:
    if first is None and last is None:
        return True
    if moment is None:
        return False
    return (first is None or moment >= _aware(first)) and (last is None or moment <= _aware(last))


def _aware(given: dt.datetime) -> dt.datetime:
    return given if given.tzinfo else given.replace(tzinfo=ZONE)


def _has_meta_data(payment: Payment, criteria: SearchCriteria) -> bool:
    asked = criteria.with_meta_data
    if asked is None:
        return True
    own = dict(payment.meta_data)
    key, value = asked.with_meta_data_key, asked.with_meta_data_value
    return key in own and value in (None, own[key])


_KEYS: Final[dict[SortAlternative, Callable[[Payment], Any]]] = {
    SortAlternative.PAYMENT_ID: lambda payment: payment.id,
    SortAlternative.CUSTOMER_GOVERNMENT_ID: lambda payment: _short(payment.customer.government_id),
    SortAlternative.CUSTOMER_NAME: lambda payment: _plain(_name(payment)),
    SortAlternative.BOOKED_TIME: lambda payment: payment.booked,
    SortAlternative.MODIFIED_TIME: lambda payment: payment.modified,
    SortAlternative.FINALIZED_TIME: lambda payment: payment.finalized or dt.datetime.min.replace(tzinfo=dt.UTC),
    SortAlternative.AMOUNT: lambda payment: sums_of(payment).total,
    SortAlternative.BONUS_POINTS: lambda _: 0,
}


def in_order(kept: Sequence[Kept], columns: Sequence[SortAlternative], *, ascending: bool) -> list[Payment]:
    """Sorted by the columns, then by the last change, then by the id."""

    def key(one: Kept) -> tuple[Any, ...]:
        named = (_KEYS[column](one.payment) for column in columns)
        return *named, one.changed, id_order(RecordId(one.payment.id))

    return [one.payment for one in sorted(kept, key=key, reverse=not ascending)]
