"""The types of AttachmentService, with their elements in the order of the contract."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.common import KeyValuePair
from schemas.twentyfoursevenoffice.primitives import DATEMIN, EMPTYGUID, Int, Message


class FlagType(StrEnum):
    """The state of an attachment."""

    NONE = "None"
    ASSIGNED = "Assigned"
    APPROVED = "Approved"
    DECLINED = "Declined"
    ARCHIVED = "Archived"
    DISTRIBUTED = "Distributed"
    PREPOSTED_IN_JOURNAL = "PrepostedInJournal"
    POSTED_IN_JOURNAL = "PostedInJournal"


class FileSearchParameters(Message):
    """Which attachments are wanted. All filters that are set must fit.

    has_stamp_no, file_approved: a missing element means no filter.
    Source: AT-28.
    """

    stamp_no: list[Int] | None = Field(None, alias="StampNo")
    file_id: list[Int] | None = Field(None, alias="FileId")
    attachment_registered_after: datetime = Field(DATEMIN, alias="AttachmentRegisteredAfter")
    attachment_changed_after: datetime = Field(DATEMIN, alias="AttachmentChangedAfter")
    has_stamp_no: Annotated[bool | None, "min:1", "nillable"] = Field(None, alias="HasStampNo")
    file_approved: Annotated[bool | None, "min:1", "nillable"] = Field(None, alias="FileApproved")
    attachment_status: list[FlagType] | None = Field(None, alias="AttachmentStatus")


class ImageFrameInfo(Message):
    """One page of an attachment.

    id: always 1. uri: never set. status: always 0.
    stamp_no: the stamp number that Save gives to the file; 0 for none.
    meta_data: for example PageNo, which orders files of one stamp number.
    Source: N-22, N-23, AT-22, AT-24.
    """

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    uri: str | None = Field(None, alias="Uri")
    stamp_no: Annotated[Int, "min:1"] = Field(0, alias="StampNo")
    meta_data: list[KeyValuePair] | None = Field(None, alias="MetaData")
    status: Annotated[Int, "min:1"] = Field(0, alias="Status")


class ImageType(StrEnum):
    """What a file is. Letter case counts. Source: AT-23."""

    UNKNOWN = "Unknown"
    WMF = "Wmf"
    PNG = "Png"
    TIFF = "Tiff"
    PDF = "Pdf"
    BMP = "Bmp"
    GIF = "Gif"
    JPEG = "Jpeg"


class ImageFile(Message):
    """An attachment. Before Save it is a ghost, which nobody sees.

    stamp_no, stamp_meta, contact_id: the server sets them; what a client sends does not count.
    Source: N-22, AT-20, AT-22.
    """

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    type: Annotated[ImageType, "min:1"] = Field(ImageType.UNKNOWN, alias="Type")
    stamp_no: Annotated[Int, "min:1"] = Field(0, alias="StampNo")
    stamp_meta: list[KeyValuePair] | None = Field(None, alias="StampMeta")
    frame_info: list[ImageFrameInfo | None] | None = Field(None, alias="FrameInfo")
    contact_id: list[Int] | None = Field(None, alias="ContactId")


class StampSeries(Message):
    """A series of stamp numbers from `start` to `end`, which people make by hand. Source: N-21."""

    id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="Id")
    name: str | None = Field(None, alias="Name")
    start: Annotated[Int, "min:1"] = Field(0, alias="Start")
    end: Annotated[Int, "min:1"] = Field(0, alias="End")


class AttachmentLocation(StrEnum):
    """Where an attachment goes: Retrieval is the inbox, Journal skips it. Scanning must not be used. Source: AT-21."""

    RETRIEVAL = "Retrieval"
    SCANNING = "Scanning"
    JOURNAL = "Journal"
