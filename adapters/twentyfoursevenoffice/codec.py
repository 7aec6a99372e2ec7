"""Bytes to messages and back: services as ASMX endpoints, and the pages of the web server around them."""

from __future__ import annotations

from html import escape

from adapters.twentyfoursevenoffice.errors import HostPage
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.spi.adapter import Reply
from gateway.wire.soap.asmx import AsmxEndpoint, AsmxOptions
from gateway.wire.xml import XmlLimits
from schemas.twentyfoursevenoffice.contract import ServiceContract


def make_endpoint(contract: ServiceContract, settings: Settings, repeated: frozenset[str]) -> AsmxEndpoint:
    """A service as ASMX serves it.

    repeated: operations whose small requests may be remembered (ADR-33).
    Source: R-01 to R-04; letter case of ImageType: AT-23.
    """
    limits = XmlLimits(max_bytes=settings.max_request_bytes, max_elements=settings.max_request_elements)
    blind = frozenset({"ImageType"} if settings.image_type_case == "blind" else ())
    return AsmxEndpoint(contract, AsmxOptions(limits=limits, remembered=repeated, blind_enums=blind))


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
