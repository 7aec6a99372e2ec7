"""A file as the contract shows it. Source: AT-01, AT-07, AT-22."""

from __future__ import annotations

from adapters.twentyfoursevenoffice.attachment.files import File
from schemas.twentyfoursevenoffice.attachment.types import ImageFile, ImageFrameInfo
from schemas.twentyfoursevenoffice.common import KeyValuePair


def image_file(file: File) -> ImageFile:
    """The ImageFile: id, type and stamp, and its one frame when Save has had one.

    StampMeta and ContactId are left out: nobody approves files here (inferred).
    """
    return ImageFile(
        id=file.id, type=file.type, stamp_no=file.stamp, frame_info=[_frame(file)] if file.has_frame else None
    )


def _frame(file: File) -> ImageFrameInfo:
    pairs = [KeyValuePair(key=key, value=value) for key, value in file.meta_data]
    return ImageFrameInfo(id=1, stamp_no=file.stamp, meta_data=pairs or None)
