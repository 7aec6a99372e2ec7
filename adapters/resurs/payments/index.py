"""What payments are found by: the fields of their records, and how what is asked becomes what a field holds. Pure.

Each representative has a kind of record of its own. So a search never passes over payments of others, one number can be given
by two of them, and the count of all payments is there without counting (ADR-72).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

from adapters.resurs.payments.model import Customer, Payment, Status
from adapters.resurs.payments.status import StatusFrom, shown_statuses, statuses_of, sums_of
from gateway.core.documents import NEVER
from gateway.core.records import Field, FieldType, Given, KindName, RecordKind

_FIELDS: Final = {
    "payment": Field(),
    "number": Field(several=True, unique=True),
    "any": Field(several=True),
    "method": Field(),
    "state": Field(),
    "government_id": Field(),
    "name": Field(),
    "part": Field(several=True),
    "booked": Field(FieldType.MOMENT),
    "modified": Field(FieldType.MOMENT),
    "finalized": Field(FieldType.MOMENT),
    "amount": Field(FieldType.NUMBER),
    "meta": Field(several=True),
}
"""The values are those that findPayments looks at and sorts by. A field to sort by has a value in each payment.

payment: the payment's id.
number: invoice and credit note numbers: no two payments of a representative have the same (P-65).
any: everything that `anyId` finds.
state: statuses and `frozen` in one value (`state_of`).
name, part: the full name as it is compared, and its ends (`ends_of`).
finalized: NEVER for a payment that is not finalized.
amount: the present total, in hundred-thousandths of the currency unit.
meta: keys with their values (`meta_value`).
"""

_PLAIN: Final = re.compile(r"[a-z0-9_-]{1,40}")
_LONGEST: Final = 200
_KEPT: Final = 136
_SEARCHED: Final = 100
"""So many characters of a name are searched."""
_SCALE: Final = 100_000
_MOST: Final = 2**62
_STATUSES: Final = tuple(Status)
_FROZEN: Final = 1 << len(_STATUSES)
_NOTHING: Final = "\x1e"
_MARK: Final = "\x1f"
"""No text of a message holds these characters, because XML has no way to write them."""
_CENTURY: Final = re.compile(r"(?:16|18|19|20|21)(\d{10})")
_FINNISH: Final = re.compile(r"(\d{6})[A-FU-Y](\d{3}[0-9A-Z])")


@lru_cache(maxsize=1024)
def payment_kind(account: str) -> RecordKind:
    """The kind of the payments of one representative."""
    plain = _PLAIN.fullmatch(account) is not None
    name = f".{account}" if plain else f"-{hashlib.sha256(account.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
    return RecordKind(KindName(f"resurs.payment{name}"), _FIELDS, max_body=1024 * 1024, tombstones=False)


def values_of(payment: Payment) -> dict[str, Given]:
    """What a payment is found by."""
    numbers = [exact(diff.invoice_id) for diff in payment.diffs if diff.invoice_id is not None]
    others = (value for diff in payment.diffs for value in (diff.transaction_id, diff.order_id) if value is not None)
    name = compared(full_name(payment.customer))
    return {
        "payment": exact(payment.id),
        "number": numbers,
        "any": [exact(payment.id), *numbers, *map(exact, others)],
        "method": exact(payment.method.id),
        "state": state_of(statuses_of(payment), frozen=payment.frozen),
        "government_id": plain_government_id(payment.customer.government_id or ""),
        "name": name,
        "part": ends_of(name),
        "booked": payment.booked,
        "modified": payment.modified,
        "finalized": payment.finalized or NEVER,
        "amount": scaled(max(sums_of(payment).total, Decimal(0))),
        "meta": [meta_value(key, value) for key, value in payment.meta_data],
    }


def exact(text: str) -> str:
    """A text as the index holds it: whole, or its beginning and a digest, so that two texts never look the same."""
    if len(text) <= _LONGEST:
        return text
    return text[:_KEPT] + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def beginning(text: str) -> str:
    """A beginning to be searched for in a field of `exact` texts. Longer beginnings are found by so much of them."""
    return text[:_KEPT]


def scaled(amount: Decimal) -> int:
    """An amount as the index holds it."""
    if amount.adjusted() > 20:
        return _MOST if amount > 0 else -_MOST
    return max(-_MOST, min(_MOST, int((amount * _SCALE).to_integral_value())))


def full_name(customer: Customer) -> str:
    """The composite full name. Source: P-102."""
    address = customer.address
    return address.full_name or " ".join(part for part in (address.first_name, address.last_name) if part)


def compared(text: str) -> str:
    """A name as it is compared: letter case and the form of letters with marks make no difference. Source: P-102."""
    return unicodedata.normalize("NFC", text).casefold()


def ends_of(name: str) -> Iterator[str]:
    """The name from each of its characters on: what is somewhere in the name begins one of them."""
    return (name[start : start + _SEARCHED] for start in range(min(len(name), _SEARCHED)))


def part_of(name: str) -> str:
    """A part of a name to be searched for; so much of it as is searched."""
    return compared(name)[:_SEARCHED]


def plain_government_id(text: str) -> str:
    """A government id without century, hyphen and blanks, in capital letters. Source: P-104.

    A Finnish one has a sign for the century in the middle, and may end with a letter.
    """
    plain = "".join(char for char in text.upper() if char.isalnum())
    finnish = _FINNISH.fullmatch(plain)
    if finnish:
        return "".join(finnish.groups())
    with_century = _CENTURY.fullmatch(plain)
    return with_century[1] if with_century else plain


def meta_value(key: str, value: str | None) -> str:
    """A key and its value in one; begins with `meta_key`."""
    return meta_key(key) + (_NOTHING if value is None else _MARK + _token(value))


def meta_key(key: str) -> str:
    """What each value of a key begins with."""
    return _token(key) + _MARK


def _token(text: str) -> str:
    """A text, or the digest of a long one, so that key and value stay whole together."""
    return text if len(text) <= 64 else _NOTHING + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def state_of(statuses: Iterable[Status], *, frozen: bool) -> str:
    """Statuses and `frozen` in one value. The statuses are those of the setting `any`: the others follow from them."""
    bits = sum(1 << _STATUSES.index(status) for status in statuses)
    return f"{bits + (_FROZEN if frozen else 0):02x}"


def states_with(
    wanted: Iterable[Status], unwanted: Iterable[Status], frozen: bool | None, status_from: StatusFrom
) -> list[str]:
    """The values of payments that show all of `wanted` and none of `unwanted`.

    frozen: None for both.
    """
    present, absent = frozenset(wanted), frozenset(unwanted)
    found = []
    for bits in range(2 * _FROZEN):
        own = shown_statuses({status for at, status in enumerate(_STATUSES) if bits >> at & 1}, status_from)
        if present.issubset(own) and absent.isdisjoint(own) and frozen in (None, bool(bits & _FROZEN)):
            found.append(f"{bits:02x}")
    return found
