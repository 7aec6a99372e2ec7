"""The operations of AttachmentService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.attachment import messages as m
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract

ATTACHMENT_SERVICE: Final = ServiceContract(
    "AttachmentService",
    "/Economy/Accounting/Accounting_V001/AttachmentService.asmx",
    (
        Operation(
            "Create", "Makes a file without content, which is a ghost until it is saved.", m.Create, m.CreateResponse
        ),
        Operation("AppendChunk", "Adds a piece to the content of a file.", m.AppendChunk, m.AppendChunkResponse),
        Operation(
            "AppendChunkByLength",
            "Adds the first bytes of a buffer to the content of a file.",
            m.AppendChunkByLength,
            m.AppendChunkByLengthResponse,
        ),
        Operation("DownloadChunk", "Gets a piece of the content of a file.", m.DownloadChunk, m.DownloadChunkResponse),
        Operation("GetFileInfo", "Gets files by search parameters.", m.GetFileInfo, m.GetFileInfoResponse),
        Operation("GetSize", "Gets the size of a file in bytes.", m.GetSize, m.GetSizeResponse),
        Operation(
            "Save", "Saves a file whose content is complete, and fixes its stamp number.", m.Save, m.SaveResponse
        ),
        Operation(
            "GetChecksum", "Gets the MD5 checksum of the content of a file.", m.GetChecksum, m.GetChecksumResponse
        ),
        Operation(
            "GetMaxRequestLength",
            "Gets how many kilobytes a request may have.",
            m.GetMaxRequestLength,
            m.GetMaxRequestLengthResponse,
        ),
        Operation(
            "GetApproverList",
            "Gets the persons who can approve attachments.",
            m.GetApproverList,
            m.GetApproverListResponse,
        ),
        Operation(
            "GetStampNo",
            "Gets the next free stamp number. It is not reserved: the answer stays the same until a file is saved with it.",
            m.GetStampNo,
            m.GetStampNoResponse,
        ),
        Operation(
            "GetSeriesStampNo",
            "Gets the next free stamp number of a series.",
            m.GetSeriesStampNo,
            m.GetSeriesStampNoResponse,
        ),
        Operation("GetSeries", "Gets all series of stamp numbers.", m.GetSeries, m.GetSeriesResponse),
    ),
    namespace="http://24sevenoffice.com/webservices/economy/accounting/",
    host="webservices.24sevenoffice.com",
)
