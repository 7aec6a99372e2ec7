"""The passwords of a representative as they are kept: hashes alone, in one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import ConfigDict, TypeAdapter, with_config

from adapters.resurs.payments.records import record_id
from gateway.core.commands import Expect
from gateway.core.ports import SequenceService
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.records import KindName, RecordKey, RecordKind
from gateway.core.values import Origin, TenantId

PASSWORDS: Final = RecordKind(KindName("resurs.passwords"), max_body=256 * 1024, tombstones=False)


@dataclass(frozen=True, slots=True)
class Additional:
    """A further password.

    description: as the client gave it.
    """

    hash: bytes = field(repr=False)
    description: str | None = None


@with_config(ConfigDict(ser_json_bytes="hex", val_json_bytes="hex"))
@dataclass(frozen=True, slots=True)
class KeptPasswords:
    """What is kept. All hashes have one salt, so one slow hash shows which of the passwords a client has sent.

    configured: of the configured password when the first password was kept. When the configuration has another one now,
        nothing of this counts any more: so an operator resets an account.
    master: replaces the configured password; None while nobody has changed it.
    additional: by identifier.
    version: of the record; 0 when there is none.
    """

    salt: bytes
    configured: bytes = field(repr=False)
    master: bytes | None = field(default=None, repr=False)
    additional: Mapping[str, Additional] = field(default_factory=dict)
    version: int = 0


_BODY: Final = TypeAdapter(KeptPasswords)


def passwords_key(tenant: TenantId, username: str) -> RecordKey:
    """Names the record of an account."""
    return PASSWORDS.key(tenant, record_id(username))


async def read_passwords(service: SequenceService, tenant: TenantId, username: str) -> KeptPasswords | None:
    """What is kept for an account, as committed; None when nothing ever was."""
    key = passwords_key(tenant, username)
    record = (await service.read(GetRecords(tenant, (key,)))).records.get(key)
    return None if record is None else replace(_BODY.validate_json(record.body), version=record.version)


def save_passwords(tenant: TenantId, username: str, kept: KeptPasswords, by: Origin) -> SaveRecords:
    """Keep all passwords of an account; refused when somebody else has changed them since they were read."""
    record = PASSWORDS.record(tenant, record_id(username), _BODY.dump_json(replace(kept, version=0)))
    if kept.version:
        save = SaveRecord(record, expect=Expect.EXISTING, expected_version=kept.version)
    else:
        save = SaveRecord(record, expect=Expect.NEW)
    return SaveRecords(tenant, PASSWORDS, (save,), by)
