"""Files of a client company: what is known of each one, and how it is kept.

A file is one record of its own kind, and its content lies in further records, the pieces (`content.py`). Its id is made up by
the store and counts for the whole tenant. A file that was not saved yet is a ghost (AT-20): it is no valid image, so no search
finds it, and due work removes it after a time (`ghosts.py`).
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.commands import Expect
from gateway.core.documents import NEVER
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.records import MADE_UP, Field, FieldType, KindName, Record, RecordId, RecordKey, RecordKind
from gateway.core.values import Origin, TenantId
from schemas.twentyfoursevenoffice.attachment.types import AttachmentLocation, FlagType, ImageFile, ImageType

FILE: Final = RecordKind(
    KindName(f"{DIALECT}.file"),
    {"client": Field(FieldType.NUMBER), "stamp": Field(FieldType.NUMBER), "status": Field()},
    tombstones=False,
)
"""What is known of files. Only saved files have values, so no search finds a ghost. Stamp 0 stands for none."""

MOST_TRIES: Final = 100
"""How often a call is decided anew when others change the same file or line at the same time."""

MetaData = tuple[tuple[str, str], ...]


class State(enum.StrEnum):
    """Where a file is on its way.

    GHOST: chunks may be appended.
    SAVED: a valid image; its content stays as it is.
    REMOVED: a ghost that due work removes; calls do not see it any more.
    """

    GHOST = "ghost"
    SAVED = "saved"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it stands.

    id: 1 or more; 0 before the store has given one.
    client: the id of the client company.
    token: different for each file that ever was, whatever its id.
    size: of the content, in bytes.
    md5: of the content of a saved file, in lower-case hex; "" before.
    stamp: 0 for none.
    has_frame: Save has had a frame.
    meta_data: keys and values as the client gave them, in their order.
    version, registered, changed: of the record.
    """

    client: int
    type: ImageType
    token: str
    id: int = 0
    size: int = 0
    state: State = State.GHOST
    md5: str = ""
    location: AttachmentLocation = AttachmentLocation.RETRIEVAL
    stamp: int = 0
    has_frame: bool = False
    meta_data: MetaData = ()
    version: int = 0
    registered: datetime = NEVER
    changed: datetime = NEVER

    @property
    def status(self) -> FlagType:
        """What the flow of approval has made of it: only the two states that Save leads to. Source: AT-31, inferred."""
        return FlagType.POSTED_IN_JOURNAL if self.location is AttachmentLocation.JOURNAL else FlagType.NONE


def file_key(tenant: TenantId, file: int) -> RecordKey:
    """Names the record of a file."""
    return FILE.key(tenant, file)


def read_record(record: Record) -> File:
    """The file that a record keeps."""
    facts: dict[str, Any] = json.loads(record.body)
    return File(
        id=int(record.id),
        client=facts["client"],
        type=ImageType(facts["type"]),
        token=facts["token"],
        size=facts["size"],
        state=State(facts["state"]),
        md5=facts["md5"],
        location=AttachmentLocation(facts["location"]),
        stamp=facts["stamp"],
        has_frame=facts["frame"],
        meta_data=tuple((key, value) for key, value in facts["meta"]),
        version=record.version,
        registered=record.registered,
        changed=record.changed,
    )


def _record(tenant: TenantId, file: File) -> Record:
    facts = {
        "client": file.client,
        "type": file.type.value,
        "token": file.token,
        "size": file.size,
        "state": file.state.value,
        "md5": file.md5,
        "location": file.location.value,
        "stamp": file.stamp,
        "frame": file.has_frame,
        "meta": file.meta_data,
    }
    body = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    values = None
    if file.state is State.SAVED:
        values = {
            "client": file.client,
            "stamp": file.stamp,
            "status": file.status.value,
        }
    return FILE.record(tenant, RecordId(str(file.id)) if file.id else MADE_UP, body, values)


def body_size(file: File) -> int:
    """How long the record's body is, in bytes; it must not exceed `FILE.max_body`."""
    return len(_record(TenantId("any"), file).body)


def save_file(tenant: TenantId, file: File, by: Origin) -> SaveRecords:
    """The command that keeps a new file, or one that stands as it was read.

    Refused: RecordUnknown, RecordChanged: somebody else has changed it meanwhile, or it is gone.
    """
    record = _record(tenant, file)
    save = SaveRecord(record, Expect.EXISTING, file.version) if file.id else SaveRecord(record)
    return SaveRecords(tenant, FILE, (save,), by)


def as_saved(file: File, record: Record) -> File:
    """The file as it stands after its record was saved."""
    return replace(
        file, id=int(record.id), version=record.version, registered=record.registered, changed=record.changed
    )


def file_id(given: ImageFile | None) -> int:
    """The id that a call names. Raises OperationFault when it names no file."""
    if given is None:
        raise OperationFault("null_reference")
    return given.id


def own_file(work: Work, record: Record | None, file: int) -> File:
    """The file of the caller's client company. Raises OperationFault for one that is not there. Source: AT-29."""
    found = None if record is None else read_record(record)
    if found is None or found.client != work.identity.client.id or found.state is State.REMOVED:
        raise OperationFault("file_unknown", id=file)
    return found


async def read_file(work: Work, file: int) -> File:
    """A file by its id. Raises OperationFault."""
    key = file_key(work.identity.tenant, file)
    found = await work.context.service.read(GetRecords(work.identity.tenant, (key,)))
    return own_file(work, found.records.get(key), file)
