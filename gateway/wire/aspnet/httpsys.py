"""What HTTP.sys, the driver below IIS, answers to a head that it cannot read. No application ever sees such a request.

The pages are those that Windows Server 2008 to 2022 send. That a vendor's machine sends them is inferred from its being IIS.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Page(NamedTuple):
    """An answer of HTTP.sys."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


_HEADERS: Final = (("Content-Type", "text/html; charset=us-ascii"), ("Server", "Microsoft-HTTPAPI/2.0"))


def _page(status: int, title: str, heading: str, sentence: str) -> Page:
    body = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n'
        f"<HTML><HEAD><TITLE>{title}</TITLE>\r\n"
        '<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>\r\n'
        f"<BODY><h2>{heading}</h2>\r\n<hr><p>HTTP Error {status}. {sentence}</p>\r\n</BODY></HTML>\r\n"
    )
    return Page(status, _HEADERS, body.encode("ascii"))


def _bad(heading: str, sentence: str) -> Page:
    return _page(400, "Bad Request", f"Bad Request - {heading}", sentence)


_TOO_LONG: Final = "The request URL is too long."
_PAGES: Final[Mapping[str, Page]] = MappingProxyType(
    {
        "METHOD": _bad("Invalid Verb", "The request verb is invalid."),
        "TARGET": _bad("Invalid URL", "The request URL is invalid."),
        "HEADER": _bad("Invalid Header", "The request has an invalid header name."),
        "HOST": _bad("Invalid Hostname", "The request hostname is invalid."),
        "TARGET_TOO_LONG": _page(414, "URL Too Long", "URL Too Long", _TOO_LONG),
        "HEADERS_TOO_LARGE": _bad("Request Too Long", "The size of the request headers is too long."),
        "VERSION": _page(
            505, "HTTP Version Not Supported", "HTTP Version Not Supported", "The request version is not supported."
        ),
    }
)
_ANY: Final = _page(400, "Bad Request", "Bad Request", "The request is badly formed.")


def refused_head(problem: str) -> Page:
    """The page for a broken head. problem: what is wrong with it, in one of the words of _PAGES."""
    return _PAGES.get(problem, _ANY)
