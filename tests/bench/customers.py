"""Many customers at once: rows go straight into the tables, just as the store would write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from gateway.core.catalogue import Customer
from gateway.core.catalogue_records import CUSTOMER, record_of
from gateway.core.documents import NEVER
from gateway.core.records import Record, RecordId, RecordUsage
from gateway.core.values import TenantId
from gateway.stores.engine.record_rows import place_of, record_row, usage_row
from tests.bench.bulk import Tables, Values

TENANT: Final = TenantId("demo")


def customer(number: int) -> Record:
    """A customer whose values are in the order of numbers."""
    return _customer(number, f"{number:07}", f"{number:09}")


def _customer(number: int, seven: str, nine: str) -> Record:
    own = Customer(number, f"Customer {seven}", nine, f"c{seven}@example.com")
    moment = NEVER + timedelta(seconds=number)
    return replace(record_of(TENANT, own), version=1, registered=moment, changed=moment)


async def add_records(tables: Tables, count: int) -> None:
    """Put `count` customers in, just as the store would write them."""
    numbers = range(1, count + 1)
    await tables.put("records", map(_row, numbers))
    await tables.put("record_values", _values(numbers))
    size = count * (customer(1).size - 1) + sum(len(str(number)) for number in numbers)
    await tables.put("record_usage", iter([usage_row(TENANT, CUSTOMER.name, RecordUsage(count, 0, size, count))]))


_FORMS: Final = {
    "name": "customer {:07}",
    "organization_number": "{:09}",
    "email": "c{:07}@example.com",
    "emails": "c{:07}@example.com",
}
_SAMPLE: Final = record_row(_customer(1, "@7", "@9"))


def _row(number: int) -> Values:
    """The row of a customer, made from that of the first one, because a million are wanted."""
    *_, found_by, body = _SAMPLE
    seven, nine = f"{number:07}", f"{number:09}"
    texts = found_by.replace("@7", seven).replace("@9", nine)
    plain = body.decode().replace("@7", seven).replace("@9", nine)
    moment = number * 1_000_000
    return (*_SAMPLE[:2], place_of(RecordId(str(number))), *_SAMPLE[3:5], moment, moment, texts, plain.encode())


def _values(numbers: Sequence[int]) -> Iterator[Values]:
    for field in sorted(_FORMS):
        for number in numbers:
            yield TENANT, CUSTOMER.name, field, _FORMS[field].format(number), place_of(RecordId(str(number)))


def check_rows() -> None:
    """Raises ValueError when the rows are not those that a store would write."""
    for number in (1, 10, 111, 4711, 999_999, 1_000_000):
        values = {name: (form.format(number),) for name, form in _FORMS.items()}
        if _row(number) != record_row(customer(number)) or values != customer(number).values:
            raise ValueError(f"the row of customer {number} is another one")
