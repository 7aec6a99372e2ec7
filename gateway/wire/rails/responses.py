"""Complete answers of a Rails 2.3 application behind nginx: headers, conditional GET, blank bodies, static pages."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

HeaderList: TypeAlias = tuple[tuple[str, str], ...]

XML: Final = "application/xml; charset=utf-8"
BLANK: Final = b" "
"""What `head` renders: a body of one space."""

_NO_CACHE: Final = ("Cache-Control", "no-cache")
_REVALIDATE: Final = ("Cache-Control", "private, max-age=0, must-revalidate")


class Answer(NamedTuple):
    """An answer.

    status: the HTTP status.
    headers: in the order in which they are sent.
    body: the bytes.
    from_action: True when an action gave the answer, so that it carries X-Runtime.
    """

    status: int
    headers: HeaderList
    body: bytes
    from_action: bool = True


class Tagged(NamedTuple):
    """An answer of 200 and its entity tag."""

    tag: str
    answer: Answer


class RailsServer:
    """Makes answers. `server` is the Server header of the proxy in front; "" sends none."""

    def __init__(self, server: str = "nginx") -> None:
        self._tail: HeaderList = (("Server", server),) if server else ()
        self._by_status: dict[int, HeaderList] = {}

    def rendered(self, status: int, body: bytes, content_type: str = XML) -> Answer:
        """A body rendered by an action, not to be cached: errors, created records."""
        if content_type != XML:
            return Answer(status, self._headers(status, content_type), body)
        headers = self._by_status.get(status)
        if headers is None:
            headers = self._by_status[status] = self._headers(status, XML)
        return Answer(status, headers, body)

    def blank(self, status: int, extra: HeaderList = ()) -> Answer:
        """`head status`: one space, in the format of the path."""
        answer = self.rendered(status, BLANK)
        return answer._replace(headers=answer.headers + extra) if extra else answer

    def fresh(self, body: bytes, if_none_match: str | None) -> Answer:
        """200 with an entity tag made of the body, or 304 when the client has it already."""
        return self.unless_known(self.tagged(body), if_none_match)

    def tagged(self, body: bytes) -> Tagged:
        """A body with its entity tag."""
        tag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
        headers = (("Content-Type", XML), ("Status", "200"), _REVALIDATE, ("Etag", tag), *self._tail)
        return Tagged(tag, Answer(200, headers, body))

    def unless_known(self, tagged: Tagged, if_none_match: str | None) -> Answer:
        """The answer, or 304 when the client has it already."""
        if if_none_match != tagged.tag:
            return tagged.answer
        return Answer(304, (("Status", "304"), _REVALIDATE, ("Etag", tagged.tag), *self._tail), b"")

    def page(self, status: int) -> Answer:
        """A static page that the application shows instead of an action's answer."""
        headers = (("Content-Type", "text/html; charset=utf-8"), ("Status", str(status)), _NO_CACHE, *self._tail)
        return Answer(status, headers, _PAGES[status], from_action=False)

    def failsafe(self, status: int) -> Answer:
        """A static page of the server below or in front of the application, when the application cannot answer."""
        return Answer(status, (("Content-Type", "text/html"), *self._tail), _PAGES[status], from_action=False)

    def refused_head(self, status: int) -> Answer:
        """nginx's own page for a head that it cannot read. Oversized headers are a 400 there."""
        status = 400 if status == 431 else status
        title = f"{status} {_PHRASES[status]}"
        lines = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n",
            f'<body bgcolor="white">\r\n<center><h1>{title}</h1></center>\r\n',
            "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        )
        headers = (("Content-Type", "text/html"), *self._tail)
        return Answer(status, headers, "".join(lines).encode(), from_action=False)

    def plain(self, status: int, text: str) -> Answer:
        """A line of text from the middleware in front of the application."""
        headers = (("Content-Type", "text/plain"), *self._tail)
        return Answer(status, headers, text.encode(), from_action=False)

    def _headers(self, status: int, content_type: str) -> HeaderList:
        return (("Content-Type", content_type), ("Status", str(status)), _NO_CACHE, *self._tail)


_PHRASES: Final[Mapping[int, str]] = MappingProxyType(
    {400: "Bad Request", 414: "Request-URI Too Large", 505: "HTTP Version Not Supported"}
)


def _static_page(title: str, text: str) -> bytes:
    """HTML, and on purpose not well-formed XML: an XML client must not read it as an empty answer."""
    lines = (
        "<!DOCTYPE html>",
        "<html>",
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{title}</title>",
        "</head>",
        "<body>",
        f"<h1>{title}</h1>",
        f"<p>{text}",
        "</body>",
        "</html>",
        "",
    )
    return "\n".join(lines).encode()


_PAGES: Final[Mapping[int, bytes]] = MappingProxyType(
    {
        404: _static_page("Page not found (404)", "There is nothing at this address."),
        408: _static_page("Request timed out (408)", "The request did not arrive in time."),
        413: _static_page("Request too large (413)", "The request is larger than this server accepts."),
        500: _static_page("Server error (500)", "The request could not be processed."),
        503: _static_page("Service unavailable (503)", "The service cannot answer at the moment."),
        504: _static_page("No answer in time (504)", "The service did not answer in time."),
    }
)
"""The pages in our own words; real servers of this kind use theirs."""
