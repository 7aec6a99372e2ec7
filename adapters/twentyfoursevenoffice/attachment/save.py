"""Create and Save: a ghost comes to be, and becomes a valid image. Source: AT-01, AT-03, AT-20 to AT-25, AT-29."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any, Final

from adapters.twentyfoursevenoffice.attachment.checksums import CHECKSUMS, md5_of
from adapters.twentyfoursevenoffice.attachment.files import (
    FILE,
    MOST_TRIES,
    File,
    MetaData,
    State,
    as_saved,
    body_size,
    file_id,
    read_file,
    save_file,
)
from adapters.twentyfoursevenoffice.attachment.ghosts import removal
from adapters.twentyfoursevenoffice.attachment.stamps import held_elsewhere, taking
from adapters.twentyfoursevenoffice.attachment.view import image_file
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Command
from gateway.core.refusals import (
    KeyReused,
    NumberBehind,
    NumberOutOfRange,
    NumberTaken,
    RecordChanged,
    RecordUnknown,
    Refused,
)
from gateway.core.together import Build, Part, SoFar, Together
from gateway.core.values import STAMP
from schemas.twentyfoursevenoffice.attachment.messages import Create, CreateResponse, Save, SaveResponse
from schemas.twentyfoursevenoffice.attachment.types import AttachmentLocation, ImageFile, ImageFrameInfo, ImageType

_FRAME_IDS: Final = (0, 1)
"""What a frame's id may be; 0 stands for none."""


async def create(work: Work, message: Create) -> CreateResponse:
    """A new ghost. It is removed after a time when it is never saved. Source: AT-01, AT-20, AT-34."""
    tenant, by = work.identity.tenant, work.origin()
    ghost = File(client=work.identity.client.id, type=message.type, token=secrets.token_hex(16))
    due = work.now() + work.settings.ghost_lifetime

    def planned(so_far: SoFar) -> Command[Any]:
        return removal(tenant, int(so_far.results[0].records[0].id), due, by)

    parts = save_file(tenant, ghost, by), Build(planned, like=removal(tenant, 0, due, by))
    done = await work.context.service.execute(Together(tenant, parts, by))
    return CreateResponse(result=image_file(as_saved(ghost, done.results[0].records[0])))


async def save(work: Work, message: Save) -> SaveResponse:
    """Make a ghost a valid image, and take the stamp number of its frame. Raises OperationFault.

    A saved file may be saved again, to say something else of it; only its stamp stays (AT-35, inferred).
    """
    file = file_id(message.file)
    if message.location is AttachmentLocation.SCANNING:
        raise OperationFault("location_unavailable", location=message.location.value)
    for _ in range(MOST_TRIES):
        before = await read_file(work, file)
        after = _saved(before, message.file or ImageFile(), message.location)
        if after == before:
            return SaveResponse()
        if not after.md5:  # most often it is known; else the content is read, once for all
            after = replace(after, md5=await md5_of(work.context.service, work.identity.tenant, before))
        try:
            await _keep(work, before, after)
        except Refused as refused:
            if not isinstance(refused.refusal, NumberBehind | RecordChanged | RecordUnknown):
                raise _fault(after, refused) from None
        else:
            return SaveResponse()
    raise OperationFault("timeout")


async def _keep(work: Work, before: File, after: File) -> None:
    """Take the number and keep the file, in one transaction. Raises OperationFault, Refused."""
    tenant, by = work.identity.tenant, work.origin()
    parts: tuple[Part, ...] = ()
    if after.stamp and after.stamp != before.stamp:
        parts = await taking(work, after.stamp)
        work.call.number = after.stamp
    kept = save_file(tenant, after, by)
    try:
        await work.context.service.execute(Together(tenant, (*parts, kept), by))
    except Refused as refused:
        if not isinstance(refused.refusal, KeyReused) or refused.refusal.counter.line != STAMP:
            raise
        # The number was given out by the line of a series that had other ends then: it is in use, so this adds a page.
        parts = await held_elsewhere(work, after.stamp)
        await work.context.service.execute(Together(tenant, (*parts, kept), by))
    CHECKSUMS.forget(after)


def _saved(before: File, given: ImageFile, location: AttachmentLocation) -> File:
    """The file as Save makes it. Raises OperationFault."""
    if not before.size:
        raise OperationFault("file_empty", id=before.id)
    frame = _frame(given)
    stamp = (frame.stamp_no if frame is not None else 0) or before.stamp
    if before.stamp and stamp != before.stamp:
        raise OperationFault("stamp_fixed", id=before.id, stamp=before.stamp)
    after = replace(
        before,
        state=State.SAVED,
        type=before.type if given.type is ImageType.UNKNOWN else given.type,
        location=location,
        stamp=stamp,
        has_frame=before.has_frame or frame is not None,
        meta_data=before.meta_data if frame is None else _meta_data(frame),
    )
    if body_size(after) > FILE.max_body:
        raise OperationFault("meta_data_too_large", limit=FILE.max_body)
    return after


def _frame(given: ImageFile) -> ImageFrameInfo | None:
    """The one frame of an image; None without one. Raises OperationFault. Source: AT-22."""
    frames = [frame for frame in given.frame_info or () if frame is not None]
    if len(frames) > 1 or any(frame.id not in _FRAME_IDS for frame in frames):
        raise OperationFault("frame_invalid")
    return frames[0] if frames else None


def _meta_data(frame: ImageFrameInfo) -> MetaData:
    """Every pair that has a key. Whatever else stands in MetaData was skipped. Source: AT-24, AT-25."""
    return tuple((pair.key, pair.value or "") for pair in frame.meta_data or () if pair is not None and pair.key)


def _fault(file: File, refused: Refused) -> Exception:
    """The fault for a refusal; the refusal itself where the dialect's table words it."""
    match refused.refusal:
        case NumberTaken(number=number):
            return OperationFault("stamp_taken", number=number)
        case NumberOutOfRange(minimum=first, maximum=last):
            return OperationFault("stamp_out_of_range", number=file.stamp, first=first, last=last)
    return refused
