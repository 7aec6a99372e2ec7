"""GetSize, GetChecksum, DownloadChunk: the content as it is, of ghosts, too (AT-36, inferred). Source: AT-08."""

from __future__ import annotations

from typing import Final

from adapters.twentyfoursevenoffice.attachment.checksums import md5_of, shown
from adapters.twentyfoursevenoffice.attachment.content import read_range
from adapters.twentyfoursevenoffice.attachment.files import file_id, read_file
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import Work
from schemas.twentyfoursevenoffice.attachment.messages import (
    DownloadChunk,
    DownloadChunkResponse,
    GetChecksum,
    GetChecksumResponse,
    GetMaxRequestLength,
    GetMaxRequestLengthResponse,
    GetSize,
    GetSizeResponse,
)

MOST_AT_ONCE: Final = 16 * 1024 * 1024
"""The most bytes that one answer has; a client that wants more asks for the next chunk."""


async def get_size(work: Work, message: GetSize) -> GetSizeResponse:
    """The size of the content in bytes. Raises OperationFault."""
    file = await read_file(work, file_id(message.file))
    return GetSizeResponse(result=file.size)


async def get_checksum(work: Work, message: GetChecksum) -> GetChecksumResponse:
    """The MD5 of the content. Raises OperationFault."""
    file = await read_file(work, file_id(message.file))
    md5 = await md5_of(work.context.service, work.identity.tenant, file)
    return GetChecksumResponse(result=shown(md5, work.settings.checksum_form))


async def download_chunk(work: Work, message: DownloadChunk) -> DownloadChunkResponse:
    """At most `bufferSize` bytes from `offset` on: less at the end of the file, none behind it. Raises OperationFault."""
    file = await read_file(work, file_id(message.file))
    start, length = message.offset, message.buffer_size
    if start < 0:
        raise OperationFault("offset_invalid", offset=start)
    if length < 0:
        raise OperationFault("buffer_size", size=length)
    end = min(start + length, file.size)
    if end - start > MOST_AT_ONCE:
        raise OperationFault("chunk_too_large", limit=MOST_AT_ONCE)
    content = await read_range(work.context.service, work.identity.tenant, file, start, end)
    return DownloadChunkResponse.model_construct(result=content)


async def get_max_request_length(work: Work, _: GetMaxRequestLength) -> GetMaxRequestLengthResponse:
    """How long the request with a chunk may be, in kB. Source: AT-09, AT-27."""
    return GetMaxRequestLengthResponse(result=work.settings.max_request_length_kb)
