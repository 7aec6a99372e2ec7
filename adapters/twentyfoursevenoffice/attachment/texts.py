"""Texts of errors of AttachmentService alone. No public source has them: all are inferred (AT-29)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.wording import BusinessText

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "file_unknown": "File with Id {id} was not found.",
        "file_saved": "File with Id {id} is saved. No chunk can be appended any more.",
        "file_empty": "File with Id {id} has no content. Upload it with AppendChunk before it is saved.",
        "file_too_large": "The file exceeds the maximum size of {limit} bytes.",
        "quota_used_up": "The files of this client exceed the maximum of {limit} bytes.",
        "request_too_long": "Maximum request length exceeded. A chunk may have {limit} kB with its overhead.",
        "chunk_hole": "The chunk begins at offset {offset}, but the file ends at {size}.",
        "offset_invalid": "The offset {offset} is negative.",
        "buffer_length": "The bufferLength {length} does not fit a buffer of {bytes} bytes.",
        "buffer_size": "The bufferSize {size} is negative.",
        "chunk_too_large": "A chunk may have {limit} bytes at most.",
        "location_unavailable": "The location {location} is not implemented.",
        "frame_invalid": "FrameInfo must have one ImageFrameInfo, and its Id must be 1.",
        "meta_data_too_large": "MetaData exceeds the maximum of {limit} bytes.",
        "stamp_invalid": "The StampNo {number} is not valid.",
        "stamp_fixed": "File with Id {id} already has StampNo {stamp}.",
        "stamp_taken": "The StampNo {number} cannot be used.",
        "stamp_out_of_range": "The StampNo {number} is outside of the range from {first} to {last}.",
        "stamp_series_unknown": "Stamp series with Id {id} was not found.",
        "stamps_used_up": "All stamp numbers from {first} to {last} are in use.",
    }
)
"""The last part of a fault's text, by name."""

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType({})
"""Errors of one item, by name."""
