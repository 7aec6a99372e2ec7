"""The content of files: pieces of one size, each in a record, so that any part is read and written with few records.

A piece is small against a chunk. So a chunk that ends anywhere writes little twice, a client that reads 4 KiB at a time gets
most of them from pieces that the store has at hand, and a file of 64 MiB has about a thousand records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.twentyfoursevenoffice.attachment.files import File
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.commands import Expect
from gateway.core.ports import SequenceService
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.records import KindName, RecordKey, RecordKind, RecordQuota
from gateway.core.values import Origin, TenantId

PIECE: Final = 64 * 1024
"""Bytes of a piece; the last one of a file may be shorter."""
PIECES: Final = RecordKind(KindName(f"{DIALECT}.file_piece"), max_body=PIECE, tombstones=False)
"""Their ids are the file's id, a dot and the place, which counts from 0."""


def piece_key(tenant: TenantId, file: int, place: int) -> RecordKey:
    """Names the record of a piece."""
    return PIECES.key(tenant, f"{file}.{place}")


def places(start: int, end: int) -> range:
    """The places of the pieces that hold the bytes from `start` up to, but not including, `end`."""
    return range(start // PIECE, -(-end // PIECE)) if end > start else range(0)


async def read_pieces(service: SequenceService, tenant: TenantId, file: int, wanted: Sequence[int]) -> list[bytes]:
    """Pieces by their places, in this order; b"" for one that is not there."""
    keys = tuple(piece_key(tenant, file, place) for place in wanted)
    found = (await service.read(GetRecords(tenant, keys))).records if keys else {}
    return [found[key].body if key in found else b"" for key in keys]


async def read_range(service: SequenceService, tenant: TenantId, file: File, start: int, end: int) -> bytes:
    """The bytes from `start` up to, but not including, `end`; what lies behind the end of the file is left out."""
    end = min(end, file.size)
    wanted = places(start, end)
    pieces = await read_pieces(service, tenant, file.id, wanted)
    first = wanted.start * PIECE
    if len(pieces) == 1:
        return pieces[0][start - first : end - first]
    return b"".join(pieces)[start - first : end - first] if pieces else b""


@dataclass(frozen=True, slots=True)
class Written:
    """What a chunk makes of the pieces that it touches.

    pieces: by place, whole.
    changes: False when the content reads the same as before.
    """

    pieces: Mapping[int, bytes]
    changes: bool


def written(chunk: bytes, offset: int, size: int, known: Mapping[int, bytes]) -> Written:
    """Put a chunk into the pieces that it touches; what it overlaps is overwritten, as a file of .NET does it.

    offset: at most `size`.
    size: of the file so far.
    known: by place, the touched pieces that are there.
    """
    end, pieces, changes = offset + len(chunk), {}, offset + len(chunk) > size
    for place in places(offset, end):
        begin = place * PIECE
        old = known.get(place, b"")
        low, high = max(offset - begin, 0), min(end - begin, PIECE)
        part = chunk[begin + low - offset : begin + high - offset]
        new = part if not low and high >= len(old) else old[:low] + part + old[high:]
        changes = changes or new != old
        pieces[place] = new
    return Written(pieces, changes)


def touched(offset: int, length: int, size: int) -> list[int]:
    """The places of pieces that are there already and that a chunk touches."""
    return [place for place in places(offset, offset + length) if place * PIECE < size]


def save_pieces(
    tenant: TenantId, file: int, pieces: Mapping[int, bytes], by: Origin, quota: RecordQuota
) -> SaveRecords:
    """The command that keeps pieces, in place of those that are there.

    quota: of all pieces of the tenant; a few bytes for each piece's id count, too.
    Refused: RecordsFull.
    """
    records = (PIECES.record(tenant, piece_key(tenant, file, place).id, body) for place, body in pieces.items())
    return SaveRecords(tenant, PIECES, tuple(SaveRecord(record, Expect.EITHER) for record in records), by, quota=quota)


def keys_of(tenant: TenantId, file: int, wanted: Iterable[int]) -> tuple[RecordKey, ...]:
    """Names the records of pieces."""
    return tuple(piece_key(tenant, file, place) for place in wanted)
