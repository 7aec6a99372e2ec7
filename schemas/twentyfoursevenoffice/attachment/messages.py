"""The messages of AttachmentService."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.attachment.types import (
    AttachmentLocation,
    FileSearchParameters,
    ImageFile,
    ImageType,
    StampSeries,
)
from schemas.twentyfoursevenoffice.common import KeyValuePair
from schemas.twentyfoursevenoffice.primitives import EMPTYGUID, Int, Long, Message


class Create(Message):
    """Asks for a new file of a type."""

    type: Annotated[ImageType, "min:1"] = Field(ImageType.UNKNOWN, alias="type")


class CreateResponse(Message):
    """The file with its id."""

    result: ImageFile | None = Field(None, alias="CreateResult")


class AppendChunk(Message):
    """A piece of a file, and the place in bytes where it begins."""

    file: ImageFile | None = Field(None, alias="file")
    buffer: bytes | None = Field(None, alias="buffer")
    offset: Annotated[Long, "min:1"] = Field(0, alias="offset")


class AppendChunkResponse(Message):
    """Holds nothing."""


class AppendChunkByLength(Message):
    """A piece of a file: `buffer_length` bytes of the buffer, and the place in bytes where it begins."""

    file: ImageFile | None = Field(None, alias="file")
    buffer: bytes | None = Field(None, alias="buffer")
    buffer_length: Annotated[Int, "min:1"] = Field(0, alias="bufferLength")
    offset: Annotated[Long, "min:1"] = Field(0, alias="offset")


class AppendChunkByLengthResponse(Message):
    """Holds nothing."""


class DownloadChunk(Message):
    """Asks for at most `buffer_size` bytes from a place on."""

    file: ImageFile | None = Field(None, alias="file")
    offset: Annotated[Long, "min:1"] = Field(0, alias="offset")
    buffer_size: Annotated[Int, "min:1"] = Field(0, alias="bufferSize")


class DownloadChunkResponse(Message):
    """The bytes."""

    result: bytes | None = Field(None, alias="DownloadChunkResult")


class GetFileInfo(Message):
    """Asks for files."""

    parameters: FileSearchParameters | None = Field(None, alias="parameters")


class GetFileInfoResponse(Message):
    """The files that were found, without their content."""

    result: list[ImageFile | None] | None = Field(None, alias="GetFileInfoResult")


class GetSize(Message):
    """Asks for the size of a file."""

    file: ImageFile | None = Field(None, alias="file")


class GetSizeResponse(Message):
    """The size in bytes."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetSizeResult")


class Save(Message):
    """A file, and where it goes."""

    file: ImageFile | None = Field(None, alias="file")
    location: Annotated[AttachmentLocation, "min:1"] = Field(AttachmentLocation.RETRIEVAL, alias="location")


class SaveResponse(Message):
    """Holds nothing."""


class GetChecksum(Message):
    """Asks for the checksum of a file."""

    file: ImageFile | None = Field(None, alias="file")


class GetChecksumResponse(Message):
    """The checksum."""

    result: str | None = Field(None, alias="GetChecksumResult")


class GetMaxRequestLength(Message):
    """Takes nothing."""


class GetMaxRequestLengthResponse(Message):
    """Kilobytes."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetMaxRequestLengthResult")


class GetApproverList(Message):
    """Takes nothing."""


class GetApproverListResponse(Message):
    """Pairs: key is the id of a person, value the name."""

    result: list[KeyValuePair] | None = Field(None, alias="GetApproverListResult")


class GetStampNo(Message):
    """Takes nothing."""


class GetStampNoResponse(Message):
    """The stamp number."""

    result: Annotated[Int, "min:1"] = Field(0, alias="GetStampNoResult")


class GetSeriesStampNo(Message):
    """Asks for a stamp number of a series."""

    series_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="SeriesId")


class GetSeriesStampNoResponse(Message):
    """The stamp number."""

    result: Annotated[Int, "min:1"] = Field(0, alias="GetSeriesStampNoResult")


class GetSeries(Message):
    """Takes nothing."""


class GetSeriesResponse(Message):
    """The series."""

    result: list[StampSeries | None] | None = Field(None, alias="GetSeriesResult")
