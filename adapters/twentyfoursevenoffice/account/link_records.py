"""Links: what holds lines of the books together. Source: N-30.

A link is an id and nothing else; lines name it. So each is a small record, and the store makes up its id.
"""

from __future__ import annotations

import json
from typing import Final

from gateway.core.records import MADE_UP, KindName, Record, RecordKind
from gateway.core.values import TenantId

LINK: Final = RecordKind(KindName("twentyfoursevenoffice.link"), tombstones=False)


def link_record(tenant: TenantId, client: int) -> Record:
    """A new link of a client company."""
    return LINK.record(tenant, MADE_UP, json.dumps({"client": client}).encode())


def is_link_of(record: Record, client: int) -> bool:
    """Whether a link belongs to a client company."""
    own: bool = json.loads(record.body)["client"] == client
    return own
