"""The operations of AttachmentService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.attachment import messages as m
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract

ATTACHMENT_SERVICE: Final = ServiceContract(
    "AttachmentService",
    "/Economy/Accounting/Accounting_V001/AttachmentService.asmx",
    (
        Operation("Create", "Create.", m.Create, m.CreateResponse),
        Operation("AppendChunk", "Append chunk.", m.AppendChunk, m.AppendChunkResponse),
        Operation(
            "AppendChunkByLength", "Append chunk by length.", m.AppendChunkByLength, m.AppendChunkByLengthResponse
        ),
        Operation("DownloadChunk", "Download chunk.", m.DownloadChunk, m.DownloadChunkResponse),
        Operation("GetFileInfo", "Get file info.", m.GetFileInfo, m.GetFileInfoResponse),
        Operation("GetSize", "Get size.", m.GetSize, m.GetSizeResponse),
        Operation("Save", "Save.", m.Save, m.SaveResponse),
        Operation("GetChecksum", "Get checksum.", m.GetChecksum, m.GetChecksumResponse),
        Operation(
            "GetMaxRequestLength", "Get max request length.", m.GetMaxRequestLength, m.GetMaxRequestLengthResponse
        ),
        Operation("GetApproverList", "Get approver list.", m.GetApproverList, m.GetApproverListResponse),
        Operation("GetStampNo", "Get stamp no.", m.GetStampNo, m.GetStampNoResponse),
        Operation("GetSeriesStampNo", "Get series stamp no.", m.GetSeriesStampNo, m.GetSeriesStampNoResponse),
        Operation("GetSeries", "Get series.", m.GetSeries, m.GetSeriesResponse),
    ),
    namespace="http://24sevenoffice.com/webservices/economy/accounting/",
    host="webservices.24sevenoffice.com",
)
