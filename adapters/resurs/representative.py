"""What the service keeps for a representative beside the payments: the callbacks, the count of documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter

from adapters.resurs.operation import Actor
from adapters.resurs.payments.records import record_id
from gateway.core.commands import Expect
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.records import KindName, Record, RecordKey, RecordKind
from gateway.core.together import SoFar
from gateway.core.values import Origin, TenantId

REPRESENTATIVE: Final = RecordKind(KindName("resurs.representative"), tombstones=False)


@dataclass(frozen=True, slots=True)
class Registration:
    """A callback as it was registered.

    uri_template: with names in braces (P-152).
    algorithm: MD5 or SHA1; None for no digest.
    parameters: names whose values the digest is made of, in this order (P-153).
    """

    uri_template: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    algorithm: str | None = None
    parameters: tuple[str, ...] = ()
    salt: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RepresentativeData:
    """The whole record.

    documents: how many PDFs were made; the next one gets the next number (P-110).
    callbacks: by event type.
    """

    documents: int = 0
    callbacks: Mapping[str, Registration] = field(default_factory=dict)


_BODY: Final = TypeAdapter(RepresentativeData)
_NOTHING: Final = RepresentativeData()


def representative_key(tenant: TenantId, account: str) -> RecordKey:
    """Names the record."""
    return REPRESENTATIVE.key(tenant, record_id(account))


def data_of(record: Record | None) -> RepresentativeData:
    """What a record holds; nothing at all when there is none."""
    return _NOTHING if record is None or record.deleted else _BODY.validate_json(record.body)


def data_so_far(so_far: SoFar, tenant: TenantId, account: str) -> RepresentativeData:
    """What the parts before leave, for a part that needs the record."""
    return data_of(so_far.records.get(representative_key(tenant, account)))


async def read_data(actor: Actor) -> RepresentativeData:
    """What is kept for the actor's representative."""
    key = representative_key(actor.tenant, actor.account)
    return data_of((await actor.service.read(GetRecords(actor.tenant, (key,)))).records.get(key))


def save_data(tenant: TenantId, account: str, data: RepresentativeData, by: Origin) -> SaveRecords:
    """Keep the whole record. Give it as a part whose data were read from `SoFar`, or somebody else's change is lost."""
    record = REPRESENTATIVE.record(tenant, record_id(account), _BODY.dump_json(data, exclude_defaults=True))
    return SaveRecords(tenant, REPRESENTATIVE, (SaveRecord(record, expect=Expect.EITHER),), by)
