"""What ties companies to categories, contacts and ids of other systems: small records of their own.

A link of a company that is deleted goes with it. Until then, and should the gateway stop in between, it is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core import extras
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.record_commands import MAX_RECORDS_PAGE, GetRecords, RecordCursor, SearchRecords
from gateway.core.records import Condition, Field, FieldType, KindName, Record, RecordKey, RecordKind
from gateway.core.values import TenantId

_NUMBER: Final = Field(FieldType.NUMBER)
MEMBERSHIP: Final = RecordKind(
    KindName(f"{DIALECT}.customer_category"), {"company": _NUMBER, "category": _NUMBER}, tombstones=False
)
"""A company is in a category. Its id is `<category>-<company>`; it has no body."""
RELATION: Final = RecordKind(
    KindName(f"{DIALECT}.relation"), {"company": _NUMBER, "contact": _NUMBER}, tombstones=False
)
"""A contact of a company. Its id is `<contact>-<company>`; its body holds the properties that were sent."""
MAP: Final = RecordKind(
    KindName(f"{DIALECT}.company_map"), {"company": _NUMBER, "external_id": Field()}, tombstones=False
)
"""The id that a company has elsewhere. Its id is `<map type>-<company>`; its body holds the properties that were sent."""
KINDS: Final = (MEMBERSHIP, RELATION, MAP)
_AT_ONCE: Final = 400
"""So many companies are named by one search."""


def company_key(tenant: TenantId, company: int) -> RecordKey:
    """Names the record of a company."""
    return CUSTOMER.key(tenant, company)


def body_of(values: Mapping[str, Any]) -> bytes:
    """The body of a link."""
    return extras.encode(values).encode()


def values_in(record: Record) -> dict[str, Any]:
    """The properties that a link's body holds."""
    found: dict[str, Any] = extras.decode(record.body.decode())
    return found


def company_in(record: Record) -> int:
    """The company that a link is about."""
    return int(record.id.rpartition("-")[2])


async def links_of(work: Work, kind: RecordKind, companies: Sequence[int], field: str = "company") -> list[Record]:
    """The links of a kind that companies have. field: in which a link names its company."""
    found: list[Record] = []
    for start in range(0, len(companies), _AT_ONCE):
        found += await every(work, kind, (kind.is_one_of(field, *companies[start : start + _AT_ONCE]),))
    return found


async def every(work: Work, kind: RecordKind, where: tuple[Condition, ...] = ()) -> list[Record]:
    """All records of a kind that meet the conditions, by ascending id."""
    found: list[Record] = []
    after: RecordCursor | None = None
    while True:
        query = SearchRecords(work.identity.tenant, kind, where, after=after, limit=MAX_RECORDS_PAGE)
        page = await work.context.service.read(query)
        found += page.records
        if not page.more:
            return found
        after = page.end


async def existing(work: Work, keys: Iterable[RecordKey]) -> frozenset[RecordKey]:
    """Those of some records that there are."""
    wanted = tuple(dict.fromkeys(keys))
    if not wanted:
        return frozenset()
    return frozenset((await work.context.service.read(GetRecords(work.identity.tenant, wanted))).records)
