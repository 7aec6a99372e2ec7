"""A booking that somebody asks for: as it was checked, and, when the customer has to sign first, as it is kept until then.

An application is no payment: getPayment does not know it (8) before it is signed and booked.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Final

from pydantic import TypeAdapter

from adapters.resurs.operation import Actor
from adapters.resurs.payments.model import Customer, InvoiceWish, Payment
from adapters.resurs.payments.records import record_id
from gateway.core.commands import Expect
from gateway.core.record_commands import Action, GetRecords, SaveRecord, SaveRecords
from gateway.core.records import KindName, Record, RecordKey, RecordKind
from gateway.core.values import TenantId

APPLICATION: Final = RecordKind(KindName("resurs.application"), max_body=1024 * 1024, tombstones=False)


class Signature(enum.StrEnum):
    """What the customer has said."""

    OPEN = "open"
    SIGNED = "signed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Application:
    """A checked booking.

    payment: as it is booked when nobody freezes it; the moments in it are set when that happens.
    customer: as the answer names them (P-133).
    government_id: as it was sent; decides which persona it is.
    waits: the answer waits for the automatic fraud control (P-134).
    annuls_if_frozen: P-135.
    finalizes: what to finalize as soon as it is booked; None for nothing (P-136, P-145).
    has_card: it is paid with an existing card, so nobody freezes it (P-138).
    success_url, fail_url: where the customer returns to after the signing.
    version: of the record; 0 for one that is not kept.
    """

    payment: Payment
    customer: Customer
    government_id: str | None = None
    waits: bool = True
    annuls_if_frozen: bool = False
    finalizes: InvoiceWish | None = None
    has_card: bool = False
    success_url: str = ""
    fail_url: str = ""
    signature: Signature = Signature.OPEN
    version: int = 0


_BODY: Final = TypeAdapter(Application)


def application_key(tenant: TenantId, account: str, payment_id: str) -> RecordKey:
    """Names the record of an application, by the id that its payment will have."""
    return APPLICATION.key(tenant, record_id(account, payment_id))


async def read_application(actor: Actor, payment_id: str) -> Application | None:
    """The application of the actor's representative."""
    key = application_key(actor.tenant, actor.account, payment_id)
    record = (await actor.service.read(GetRecords(actor.tenant, (key,)))).records.get(key)
    return None if record is None else application_of(record)


def application_of(record: Record) -> Application:
    """The application that a record holds."""
    return replace(_BODY.validate_json(record.body), version=record.version)


def save_application(actor: Actor, application: Application) -> SaveRecords:
    """Keep an application: a new one, or what became of the one that was read. Refused: RecordExists, RecordChanged."""
    expected = application.version
    save = SaveRecord(
        _record(actor, application),
        expect=Expect.EXISTING if expected else Expect.NEW,
        expected_version=expected or None,
    )
    return SaveRecords(actor.tenant, APPLICATION, (save,), actor.by)


def forget_application(actor: Actor, application: Application) -> SaveRecords:
    """Let go of an application that was read. Refused: RecordChanged, RecordUnknown."""
    save = SaveRecord(
        _record(actor, application),
        expect=Expect.EXISTING,
        expected_version=application.version,
        action=Action.FORGET,
    )
    return SaveRecords(actor.tenant, APPLICATION, (save,), actor.by)


def _record(actor: Actor, application: Application) -> Record:
    body = _BODY.dump_json(replace(application, version=0), exclude_defaults=True)
    return APPLICATION.record(actor.tenant, record_id(actor.account, application.payment.id), body)
