"""AttachmentService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.attachment.append import append_chunk, append_chunk_by_length
from adapters.twentyfoursevenoffice.attachment.people import get_approver_list
from adapters.twentyfoursevenoffice.attachment.read import (
    download_chunk,
    get_checksum,
    get_max_request_length,
    get_size,
)
from adapters.twentyfoursevenoffice.attachment.save import create, save
from adapters.twentyfoursevenoffice.attachment.search import get_file_info
from adapters.twentyfoursevenoffice.attachment.stamps import get_series, get_series_stamp_no, get_stamp_no
from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.attachment.contract import ATTACHMENT_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "Create": create,
        "AppendChunk": append_chunk,
        "AppendChunkByLength": append_chunk_by_length,
        "DownloadChunk": download_chunk,
        "GetFileInfo": get_file_info,
        "GetSize": get_size,
        "Save": save,
        "GetChecksum": get_checksum,
        "GetMaxRequestLength": get_max_request_length,
        "GetApproverList": get_approver_list,
        "GetStampNo": get_stamp_no,
        "GetSeriesStampNo": get_series_stamp_no,
        "GetSeries": get_series,
    }
)
"""The handler of each operation; others are declined."""

ATTACHMENT: Final = Service(
    ATTACHMENT_SERVICE,
    HANDLERS,
    Evidence.DOCUMENTED,
    lists=frozenset({"GetSeries"}),
    repeated=frozenset({"GetFileInfo", "GetSize", "GetChecksum", "DownloadChunk"}),
    longest=lambda settings: settings.max_request_length_kb,
)
