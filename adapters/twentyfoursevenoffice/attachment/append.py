"""AppendChunk and AppendChunkByLength: a chunk is durable when it is answered. Source: AT-02, AT-20, AT-26, AT-27.

A chunk may lie anywhere up to the end of the file: a chunk that comes again changes nothing, and one that overlaps overwrites
(AT-33, inferred). Chunk and file are written in one transaction, against the version of the file that was read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from adapters.twentyfoursevenoffice.attachment.checksums import CHECKSUMS
from adapters.twentyfoursevenoffice.attachment.content import (
    PIECE,
    Written,
    keys_of,
    read_pieces,
    save_pieces,
    touched,
    written,
)
from adapters.twentyfoursevenoffice.attachment.files import (
    MOST_TRIES,
    File,
    State,
    as_saved,
    file_id,
    file_key,
    own_file,
    save_file,
)
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.record_commands import GetRecords
from gateway.core.records import RecordQuota
from gateway.core.refusals import RecordChanged, RecordsFull, RecordUnknown, Refused
from gateway.core.together import Together
from schemas.twentyfoursevenoffice.attachment.messages import (
    AppendChunk,
    AppendChunkByLength,
    AppendChunkByLengthResponse,
    AppendChunkResponse,
)

if TYPE_CHECKING:
    from hashlib import _Hash

_IN_A_THREAD: Final = 256 * 1024
"""A chunk of so many bytes is summed up and divided in a thread, so that other requests do not wait."""


async def append_chunk(work: Work, message: AppendChunk) -> AppendChunkResponse:
    """Put a chunk into a ghost. Raises OperationFault."""
    await _append(work, file_id(message.file), _buffer(work, message.buffer), message.offset)
    return AppendChunkResponse()


async def append_chunk_by_length(work: Work, message: AppendChunkByLength) -> AppendChunkByLengthResponse:
    """Put the first `bufferLength` bytes of the buffer into a ghost. Raises OperationFault. Source: AT-02."""
    file, buffer, length = file_id(message.file), _buffer(work, message.buffer), message.buffer_length
    if not 0 <= length <= len(buffer):
        raise OperationFault("buffer_length", length=length, bytes=len(buffer))
    await _append(work, file, buffer if length == len(buffer) else buffer[:length], message.offset)
    return AppendChunkByLengthResponse()


def _buffer(work: Work, buffer: bytes | None) -> bytes:
    """The chunk; an empty one is good (AT-26). Raises OperationFault for a missing one."""
    if buffer is None and work.settings.missing_array == "fault":
        raise OperationFault("null_reference")
    return buffer or b""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk of a file that is there, and what is known of the content so far.

    known: by place, the pieces that it touches.
    """

    file: File
    content: bytes
    offset: int
    known: dict[int, bytes]

    @property
    def end(self) -> int:
        return self.offset + len(self.content)


async def _append(work: Work, file: int, buffer: bytes, offset: int) -> None:
    if offset < 0:
        raise OperationFault("offset_invalid", offset=offset)
    for _ in range(MOST_TRIES):
        chunk = await _read(work, file, buffer, offset)
        if not buffer:
            return
        try:
            await _save(work, chunk)
        except Refused as refused:
            if not isinstance(refused.refusal, RecordChanged | RecordUnknown):
                raise _fault(work, refused) from None
        else:
            return
    raise OperationFault("timeout")


async def _read(work: Work, file: int, buffer: bytes, offset: int) -> _Chunk:
    """What the chunk meets. Raises OperationFault when it may not be appended. Source: AT-29."""
    tenant, end = work.identity.tenant, offset + len(buffer)
    # Most chunks go behind the end, so they meet one piece at most. One question finds file and piece.
    key, meets = file_key(tenant, file), [offset // PIECE] if buffer and offset % PIECE else []
    first = keys_of(tenant, file, meets)
    found = (await work.context.service.read(GetRecords(tenant, (key, *first)))).records
    own = own_file(work, found.get(key), file)
    if own.state is not State.GHOST:
        raise OperationFault("file_saved", id=file)
    if offset > own.size:
        raise OperationFault("chunk_hole", offset=offset, size=own.size)
    if end > max(work.settings.max_file_bytes, own.size):
        raise OperationFault("file_too_large", limit=work.settings.max_file_bytes)
    known = {place: found[piece].body for place, piece in zip(meets, first, strict=True) if piece in found}
    others = [place for place in touched(offset, len(buffer), own.size) if place not in known]
    if others:
        known |= zip(others, await read_pieces(work.context.service, tenant, file, others), strict=True)
    return _Chunk(own, buffer, offset, known)


async def _save(work: Work, chunk: _Chunk) -> None:
    """Raises Refused."""
    if len(chunk.content) < _IN_A_THREAD:
        result, summed = _worked_out(chunk)
    else:
        result, summed = await asyncio.to_thread(_worked_out, chunk)
    if not result.changes:  # it came before
        return
    tenant, by = work.identity.tenant, work.origin()
    quota = RecordQuota(bytes=work.settings.attachment_quota_bytes)
    after = replace(chunk.file, size=max(chunk.file.size, chunk.end))
    parts = save_file(tenant, after, by), save_pieces(tenant, after.id, result.pieces, by, quota)
    done = await work.context.service.execute(Together(tenant, parts, by))
    CHECKSUMS.keep(as_saved(after, done.results[0].records[0]), summed)


def _worked_out(chunk: _Chunk) -> tuple[Written, _Hash | None]:
    """The pieces as they become, and the checksum of the whole; None when it cannot go on from what is known."""
    result = written(chunk.content, chunk.offset, chunk.file.size, chunk.known)
    summed = CHECKSUMS.so_far(chunk.file) if chunk.offset == chunk.file.size else None
    if summed is None:
        return result, None
    summed = summed.copy()
    summed.update(chunk.content)
    return result, summed


def _fault(work: Work, refused: Refused) -> Exception:
    """The fault for a refusal; the refusal itself where the dialect's table words it."""
    match refused.refusal:
        case RecordsFull(what="bytes"):
            return OperationFault("quota_used_up", limit=work.settings.attachment_quota_bytes)
    return refused
