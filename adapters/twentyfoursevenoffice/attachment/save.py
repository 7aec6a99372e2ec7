"""Create and Save: a ghost comes to be, and becomes a valid image. Source: AT-01, AT-03, AT-20 to AT-25, AT-29."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from adapters.twentyfoursevenoffice.attachment.checksums import CHECKSUMS
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
from adapters.twentyfoursevenoffice.attachment.stamps import taking
from adapters.twentyfoursevenoffice.attachment.view import image_file
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Command
from gateway.core.refusals import KeyReused, NumberBehind, NumberOutOfRange, NumberTaken, RecordChanged, Refused
from gateway.core.together import Build, Part, SoFar, Together
from gateway.core.work import NewWork, ScheduleWork
from schemas.twentyfoursevenoffice.attachment.messages import Create, CreateResponse, Save, SaveResponse
from schemas.twentyfoursevenoffice.attachment.types import AttachmentLocation, ImageFile, ImageFrameInfo, ImageType
