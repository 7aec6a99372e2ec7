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
    """Asks for Create."""

    type: Annotated[ImageType, "min:1"] = Field(ImageType.UNKNOWN, alias="type")


class CreateResponse(Message):
    """The answer to Create."""

    result: ImageFile | None = Field(None, alias="CreateResult")


class AppendChunk(Message):
    """Asks for AppendChunk."""

    file: ImageFile | None = Field(None, alias="file")
    buffer: bytes | None = Field(None, alias="buffer")
    offset: Annotated[Long, "min:1"] = Field(0, alias="offset")


class AppendChunkResponse(Message):
    """The answer to AppendChunk."""


class AppendChunkByLength(Message):
    """Asks for AppendChunkByLength."""

    file: ImageFile | None = Field(None, alias="file")
    buffer: bytes | None = Field(None, alias="buffer")
    buffer_length: Annotated[Int, "min:1"] = Field(0, alias="bufferLength")
    offset: Annotated[Long, "min:1"] = Field(0, alias="offset")


class AppendChunkByLengthResponse(Message):
    """The answer to AppendChunkByLength."""


class DownloadChunk(Message):
    """Asks for DownloadChunk."""

    file: ImageFile | None = Field(None, alias="file")
    offset: Annotated[Long, "min:1"] = Field(0, alias="offset")
    buffer_size: Annotated[Int, "min:1"] = Field(0, alias="bufferSize")


class DownloadChunkResponse(Message):
    """The answer to DownloadChunk."""

    result: bytes | None = Field(None, alias="DownloadChunkResult")


class GetFileInfo(Message):
    """Asks for GetFileInfo."""

    parameters: FileSearchParameters | None = Field(None, alias="parameters")


class GetFileInfoResponse(Message):
    """The answer to GetFileInfo."""

    result: list[ImageFile | None] | None = Field(None, alias="GetFileInfoResult")


class GetSize(Message):
    """Asks for GetSize."""

    file: ImageFile | None = Field(None, alias="file")


class GetSizeResponse(Message):
    """The answer to GetSize."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetSizeResult")


class Save(Message):
    """Asks for Save."""

    file: ImageFile | None = Field(None, alias="file")
    location: Annotated[AttachmentLocation, "min:1"] = Field(AttachmentLocation.RETRIEVAL, alias="location")


class SaveResponse(Message):
    """The answer to Save."""


class GetChecksum(Message):
    """Asks for GetChecksum."""

    file: ImageFile | None = Field(None, alias="file")


class GetChecksumResponse(Message):
    """The answer to GetChecksum."""

    result: str | None = Field(None, alias="GetChecksumResult")


class GetMaxRequestLength(Message):
    """Takes nothing."""


class GetMaxRequestLengthResponse(Message):
    """The answer to GetMaxRequestLength."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetMaxRequestLengthResult")


class GetApproverList(Message):
    """Takes nothing."""


class GetApproverListResponse(Message):
    """The answer to GetApproverList."""

    result: list[KeyValuePair] | None = Field(None, alias="GetApproverListResult")


class GetStampNo(Message):
    """Takes nothing."""


class GetStampNoResponse(Message):
    """The answer to GetStampNo."""

    result: Annotated[Int, "min:1"] = Field(0, alias="GetStampNoResult")


class GetSeriesStampNo(Message):
    """Asks for GetSeriesStampNo."""

    series_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="SeriesId")


class GetSeriesStampNoResponse(Message):
    """The answer to GetSeriesStampNo."""

    result: Annotated[Int, "min:1"] = Field(0, alias="GetSeriesStampNoResult")


class GetSeries(Message):
    """Takes nothing."""


class GetSeriesResponse(Message):
    """The answer to GetSeries."""

    result: list[StampSeries | None] | None = Field(None, alias="GetSeriesResult")
