"""Pages of a dialect that are no part of its vendor's wire: a signing page, a PDF to open (ADR-67).

They stand below `/_gateway/<dialect>/`, on every host, and below the dialect's prefix as well. No dialect can claim such a
path, and nothing of ours stands elsewhere on a vendor's host. What goes wrong is said in plain words, not in dialect.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias, cast
from urllib.parse import quote, unquote

from gateway.core.refusals import Refusal
from gateway.core.values import TenantId
from gateway.spi.adapter import Call, Dialect, Endpoint, Failure, Operation, Reply
from gateway.spi.reading import HeadProblem

SEGMENT: Final = "_gateway"
RESERVED: Final = f"/{SEGMENT}"
OPERATION: Final = "page"
"""What journal, metrics and fault rules call a request for a page, unless the page says something better."""

_BODY_LIMIT: Final = 64 * 1024
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_POLICY: Final = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
_SAFE: Final = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),  # the address may hold a token
)
_OURS: Final = frozenset({name.lower() for name, _ in _SAFE} | {"content-security-policy", "content-type", "allow"})
_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of a page. Headers that keep it safe are added: no-store, nosniff, no referrer, and a content policy.

    allow: what the content policy allows besides nothing, by directive, such as {"style-src": "'unsafe-inline'"}.
    headers: further ones.

    Raises ValueError for a header that is added anyway, and for a directive's value that would end the directive.
    """

    body: bytes = b""
    content_type: str = _TEXT
    status: int = 200
    allow: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name, _ in self.headers:
            if name.lower() in _OURS:
                raise ValueError(f"the header {name} of a page is not free")
        for name, value in self.allow.items():
            if not re.fullmatch(r"[^;,\s]+( [^;,\s]+)*", value):
                raise ValueError(f"not the value of a directive: {name} {value!r}")

    @classmethod
    def html(
        cls, title: str, content: str, allow: Mapping[str, str] = _NOTHING, status: int = 200, language: str = "en"
    ) -> Page:
        """A page for people.

        title: a text.
        content: HTML, in which the caller has escaped every text of somebody else. A form needs
            `allow={"form-action": "'self'"}`, and there also the other host when its answer redirects to one.
        language: its code, such as "sv".
        """
        head = f'<head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        whole = f'<!DOCTYPE html><html lang="{escape(language)}">{head}<body>{content}</body></html>\n'
        return cls(whole.encode(), "text/html; charset=utf-8", status, allow)

    @classmethod
    def pdf(cls, document: bytes, name: str) -> Page:
        """A PDF, shown in the browser.

        name: of the file when it is saved; only letters, digits, dots, dashes and underscores of ASCII stay.
        """
        kept = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
        shown = (("Content-Disposition", f'inline; filename="{kept}"'),)
        viewer = {"object-src": "'self'", "style-src": "'unsafe-inline'"}  # what browsers' own viewers need
        return cls(document, "application/pdf", allow=viewer, headers=shown)

    @classmethod
    def redirect(cls, url: str) -> Page:
        """Send the client to another address, which it asks with GET. Raises ValueError for one that is not http or https."""
        if not re.fullmatch(r"https?://[!-~]+", url):
            raise ValueError("a page redirects to addresses of http and https only")
        return cls(status=303, headers=(("Location", url),))

    def reply(self) -> Reply:
        """The whole answer."""
        policy = "; ".join(f"{name} {value}" for name, value in {**_POLICY, **self.allow}.items())
        own = (("Content-Type", self.content_type), *_SAFE, ("Content-Security-Policy", policy))
        return Reply(self.status, (*own, *self.headers), self.body)


PageHandler: TypeAlias = Callable[[Call], Awaitable[Page]]
"""Answers a request for a page. May raise Refused, StoreUnavailableError, and Failed, as `Failed(Failure.NOT_FOUND)`."""


class HasPages(Protocol):
    """A dialect with pages. It sees requests for them nowhere else."""

    def find_page(self, segments: Sequence[str], /) -> Mapping[str, PageHandler] | None:
        """Who answers which method; None when there is no such page. `GET` answers HEAD as well. Must be cheap.

        segments: of the path below `/_gateway/<dialect>/`, decoded.
        """
        ...


def is_reserved(path: str) -> bool:
    """True for a path that no dialect can claim.

    path: as sent, percent-encoded.
    """
    first = path[1:].partition("/")[0]
    return first == SEGMENT or ("%" in first and unquote(first) == SEGMENT)


def has_reserved_segment(path: str) -> bool:
    """True for a path in which pages could be mistaken for what stands there."""
    return any(unquote(segment) == SEGMENT for segment in path.split("/"))


def page_url(base_url: str, dialect: str, *segments: str, token: str = "") -> str:
    """The address of a page.

    base_url: that of the call, or another one by which clients reach the dialect.
    segments: of the path, as texts.
    token: for the page to check; it stands in the query, where journal and log never show it.
    """
    path = "/".join(quote(segment, safe="") for segment in (dialect, *segments))
    return f"{base_url}{RESERVED}/{path}" + (f"?token={quote(token, safe='')}" if token else "")


def owner_in(path: str) -> str:
    """The dialect that a reserved path names; "" when it names none."""
    return next(iter(_segments(path)[1:]), "")


def _segments(path: str) -> Sequence[str]:
    return [unquote(segment) for segment in path[1:].split("/")]


class Pages:
    """The pages of one dialect in the place of a dialect, so that a request for a page lives as every other does.

    dialect: the dialect as it is now; None for paths that name no dialect.
    """

    operations: Sequence[Operation] = ()
    body_limit: Final = _BODY_LIMIT

    def __init__(self, dialect: Callable[[], Dialect | None] = lambda: None) -> None:
        self._dialect = dialect

    def claims(self, path: str) -> bool:
        """True below the reserved prefix."""
        return is_reserved(path)

    async def answer(self, call: Call) -> Reply:
        """Answer a request for a page."""
        call.operation = OPERATION
        handlers = self._find(call)
        if handlers is None:
            return self.fail(call, Failure.NOT_FOUND)
        handler = handlers.get("GET" if call.method == "HEAD" else call.method)
        if handler is None:
            return self.fail(call, Failure.METHOD_NOT_ALLOWED)
        return (await handler(call)).reply()

    def _find(self, call: Call) -> Mapping[str, PageHandler] | None:
        dialect = self._dialect()
        if dialect is None or not hasattr(dialect, "find_page"):
            return None
        return cast("HasPages", dialect).find_page(_segments(call.path)[2:])

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core: the page did not expect it, so it has no words for it."""
        return _plain(409, f"This was refused ({type(refusal).__name__}), and nothing was changed.")

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure in plain words."""
        status, text = _FAILURES[failure]
        call.outcome = call.outcome or failure.name.lower()
        return _plain(status, text, self._allowed(call) if failure is Failure.METHOD_NOT_ALLOWED else ())

    def _allowed(self, call: Call) -> tuple[tuple[str, str], ...]:
        methods = set(self._find(call) or ())
        return (("Allow", ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))),)

    def refuse_head(self, problem: HeadProblem) -> Reply:
        """A head that could not be read."""
        return _plain(problem.status, f"The request could not be read: {problem.text}.")

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """None: a dialect hands out the addresses of its pages itself."""
        return ()


def _plain(status: int, text: str, more: tuple[tuple[str, str], ...] = ()) -> Reply:
    reply = Page(f"invoice-gateway: {text}\n".encode(), status=status).reply()
    return Reply(reply.status, (*reply.headers, *more), reply.body)


_FAILURES: Final[Mapping[Failure, tuple[int, str]]] = MappingProxyType(
    {
        Failure.NOT_FOUND: (404, "There is no page at this address."),
        Failure.METHOD_NOT_ALLOWED: (405, "This page does not answer this method."),
        Failure.BODY_TOO_LARGE: (413, "The request is too large for this page."),
        Failure.BODY_UNREADABLE: (400, "The request could not be read."),
        Failure.BODY_TIMEOUT: (408, "The request did not arrive in time."),
        Failure.OVERLOADED: (503, "Too many requests are waiting. Please try again."),
        Failure.RATE_LIMITED: (429, "There were too many requests from this client. Please wait."),
        Failure.STORE_UNAVAILABLE: (503, "The store cannot answer now. Please try again."),
        Failure.DEADLINE: (503, "There was no answer within the time limit. Please try again."),
        Failure.INTERNAL: (500, "Something went wrong in the gateway. Its log has the details."),
        Failure.UNAUTHORIZED: (403, "This address is not valid, or not valid any more."),
        Failure.STRICT: (422, "The strict profile of this tenant refuses this request."),
    }
)
