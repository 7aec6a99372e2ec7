"""The choices that the facts leave open about AttachmentService."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from adapters.twentyfoursevenoffice.choices import STRICT


class StampSeriesChoice(BaseModel):
    """A series of stamp numbers: a range, both ends included."""

    model_config = STRICT

    id: UUID
    name: Annotated[str, Field(min_length=1, max_length=200)]
    start: Annotated[int, Field(ge=1, le=2**31 - 1)]
    end: Annotated[int, Field(ge=1, le=2**31 - 1)]


class AttachmentChoices(BaseModel):
    """A part of the dialect's settings.

    stamp_start: the first number of the line outside of all series (N-27).
    stamp_series: series of tenants whose catalogue has none (N-21).
    series_stamp_reserves: True makes GetSeriesStampNo hand its number out (N-25).
    image_type_case: whether letter case counts in ImageType (AT-23).
    max_request_length_kb: what GetMaxRequestLength answers, in KiB (AT-27).
    max_file_bytes: the largest file.
    attachment_quota_bytes: of all files of a tenant together.
    """

    model_config = STRICT

    stamp_start: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    stamp_series: tuple[StampSeriesChoice, ...] = ()
    series_stamp_reserves: bool = False
    image_type_case: Literal["strict", "blind"] = "strict"
    max_request_length_kb: Annotated[int, Field(ge=64, le=1024 * 1024)] = 4096
    max_file_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024 * 1024
    attachment_quota_bytes: Annotated[int, Field(ge=1024)] = 1024**3
