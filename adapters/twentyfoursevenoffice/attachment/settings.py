"""The choices that the facts leave open about AttachmentService."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator

from adapters.twentyfoursevenoffice.choices import STRICT, refuse_twins


class StampSeriesChoice(BaseModel):
    """A series of stamp numbers: a range, both ends included."""

    model_config = STRICT

    id: UUID
    name: Annotated[str, Field(min_length=1, max_length=200)]
    start: Annotated[int, Field(ge=1, le=2**31 - 1)]
    end: Annotated[int, Field(ge=1, le=2**31 - 1)]

    @model_validator(mode="after")
    def _in_order(self) -> StampSeriesChoice:
        if self.start > self.end:
            raise ValueError(f"{self.name}: the start lies behind the end")
        return self


class AttachmentChoices(BaseModel):
    """A part of the dialect's settings.

    stamp_start: the first number of the line outside of all series (N-27).
    stamp_series: series of tenants whose catalogue has none (N-21).
    series_stamp_reserves: True makes GetSeriesStampNo hand its number out (N-25).
    image_type_case: whether letter case counts in ImageType (AT-23).
    max_request_length_kb: what GetMaxRequestLength answers, and how long a request with a chunk may be, in KiB (AT-27). The
        parser takes no text of more than 10 million characters, so a larger chunk could not be read.
    max_file_bytes: the largest file.
    attachment_quota_bytes: of all files of a tenant together, ghosts included.
    ghost_lifetime_hours: how long after its last chunk a file is removed that was never saved (AT-34).
    checksum_form: how GetChecksum writes the MD5 (AT-32).
    """

    model_config = STRICT

    stamp_start: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    stamp_series: tuple[StampSeriesChoice, ...] = ()
    series_stamp_reserves: bool = False
    image_type_case: Literal["strict", "blind"] = "strict"
    max_request_length_kb: Annotated[int, Field(ge=64, le=9765)] = 4096
    max_file_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024 * 1024
    attachment_quota_bytes: Annotated[int, Field(ge=1024)] = 1024**3
    ghost_lifetime_hours: Annotated[int, Field(ge=1, le=24 * 366)] = 24
    checksum_form: Literal["hex", "upper_hex", "dashed_hex", "base64"] = "hex"

    @field_validator("stamp_series")
    @classmethod
    def _apart(cls, value: tuple[StampSeriesChoice, ...]) -> tuple[StampSeriesChoice, ...]:
        refuse_twins("id", (each.id for each in value))
        for before, after in pairwise(sorted(value, key=lambda each: each.start)):
            if before.end >= after.start:
                raise ValueError(f"{before.name} and {after.name} overlap")
        return value

    @property
    def ghost_lifetime(self) -> timedelta:
        """`ghost_lifetime_hours` as a span of time."""
        return timedelta(hours=self.ghost_lifetime_hours)
