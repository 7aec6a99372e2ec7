"""Bytes to messages and back: both services as ASMX endpoints, and the pages of the web server around them."""

from __future__ import annotations

from html import escape
from typing import Final

from adapters.twentyfoursevenoffice.errors import HostPage
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.spi.adapter import Reply
from gateway.wire.soap.asmx import AsmxEndpoint, AsmxOptions
from gateway.wire.xml import XmlLimits
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE

REMEMBERED: Final = frozenset({"GetInvoices", "GetOrderSyncList", "GetInvoiceDocument", "SetIdentityById"})
"""Small requests that clients repeat. They hold no secrets, so their bodies may be remembered (ADR-33)."""


def make_endpoints(settings: Settings) -> tuple[AsmxEndpoint, AsmxEndpoint]:
    """InvoiceService and Authenticate. Source: R-01 to R-04."""
    limits = XmlLimits(max_bytes=settings.max_request_bytes, max_elements=settings.max_request_elements)
    options = AsmxOptions(limits=limits, remembered=REMEMBERED)
    return AsmxEndpoint(INVOICE_SERVICE, options), AsmxEndpoint(AUTHENTICATE, options)


def write_page(page: HostPage) -> Reply:
    """A page of the web server. Source: R-30."""
    if not page.title:
        return Reply(page.status)
    title = escape(page.title)
    body = (
        f"<!DOCTYPE html>\n<html>\n<head><title>{page.status} - {title}</title></head>\n"
        f"<body>\n<h1>Server Error</h1>\n<h2>{page.status} - {title}</h2>\n<p>{escape(page.text)}</p>\n</body>\n</html>\n"
    )
    return Reply(page.status, (("Content-Type", "text/html; charset=utf-8"),), body.encode())
