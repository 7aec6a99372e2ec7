"""The ids of lines in the books, which clients see as guids. Pure.

A line has no id of its own: its guid is made from what the line belongs to and its place in it, and leads back to both. A mask
of the tenant and client company is laid over it, so lines of different companies never have one guid.
"""

from __future__ import annotations

import enum
import hashlib
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

from gateway.core.values import TenantId

_PLACES: Final = 2**32
_OWNERS: Final = 2**63
_CHECK: Final = 0x5A5
_VERSION: Final = 0x8
_VARIANT: Final = 0b10
"""Of a UUID whose bits mean what its maker likes (RFC 9562, version 8)."""


class Owner(enum.IntEnum):
    """What a line belongs to: a voucher that was booked, or an issued invoice."""

    VOUCHER = 1
    INVOICE = 2


class LineRef(NamedTuple):
    """Names one line.

    owner: the number of the voucher's record, or the id of the document; 0 to 2**63 - 1.
    place: of the line in it, from 0; below 2**32.
    """

    kind: Owner
    owner: int
    place: int


def line_guid(tenant: TenantId, client: int, ref: LineRef) -> UUID:
    """The guid of a line. Raises ValueError for a line that cannot be named."""
    if not 0 <= ref.owner < _OWNERS or not 0 <= ref.place < _PLACES:
        raise ValueError(f"not a line: {ref}")
    bits = ((_CHECK << 4 | ref.kind) << 63 | ref.owner) << 32 | ref.place  # 11 + 4 + 63 + 32 = 110 bits
    bits ^= _mask(tenant, client)
    high, middle, low = bits >> 74, bits >> 62 & 0xFFF, bits & (2**62 - 1)
    return UUID(int=high << 80 | _VERSION << 76 | middle << 64 | _VARIANT << 62 | low)


def line_ref(tenant: TenantId, client: int, guid: UUID) -> LineRef | None:
    """The line that a guid names; None for a guid that names no line of this company."""
    number = guid.int
    if number >> 76 & 0xF != _VERSION or number >> 62 & 0b11 != _VARIANT:
        return None
    bits = (number >> 80) << 74 | (number >> 64 & 0xFFF) << 62 | number & (2**62 - 1)
    bits ^= _mask(tenant, client)
    kind = bits >> 95 & 0xF
    if bits >> 99 != _CHECK or kind not in set(Owner):
        return None
    return LineRef(Owner(kind), bits >> 32 & (_OWNERS - 1), bits & (_PLACES - 1))


@lru_cache(maxsize=1024)
def _mask(tenant: TenantId, client: int) -> int:
    """122 bits."""
    digest = hashlib.sha256(f"{tenant}:{client}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:16], "big") & (2**122 - 1)
