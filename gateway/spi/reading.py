"""What a dialect may say about reading requests: what its vendor's stack inflates, takes, checks early and refuses.

Each part is optional. The web room asks for it with the functions below; a dialect without it gets the default.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Final, Protocol, cast

from gateway.spi.adapter import Call, Dialect, Reply

CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
"""The content codings that the gateway can undo, and what it undoes for a dialect that says nothing."""


class HeadProblem(enum.Enum):
    """Why a request's head is refused before any dialect sees the request. The value is the usual status of the answer."""

    METHOD = (400, "the method is no token, or is not in upper case")
    TARGET = (400, "the target holds what no target may hold")
    HEADER = (400, "a header line is broken, or one stands twice that may stand once")
    HOST = (400, "HTTP/1.1 without Host")
    TARGET_TOO_LONG = (414, "the request line is over the limit")
    HEADERS_TOO_LARGE = (431, "a header line is over the limit, or there are too many")
    VERSION = (505, "a version of HTTP that is not spoken")
    NOT_HTTP = (400, "not HTTP at all")

    @property
    def status(self) -> int:
        """The status for it in the HTTP standard."""
        return self.value[0]

    @property
    def text(self) -> str:
        """What is wrong, for people."""
        return self.value[1]


class NamesCodings(Protocol):
    """A dialect whose vendor's stack looks at some content codings only, or at none.

    A body with any other `Content-Encoding` is handed over as it is, as a stack does that never looks at the header.
    """

    @property
    def content_codings(self) -> Collection[str]:
        """The codings that the stack undoes, in lower case; a part of CODINGS."""
        ...


class LimitsBodies(Protocol):
    """A dialect whose codec takes less than `limits.max_body_bytes`."""

    @property
    def body_limit(self) -> int:
        """The most bytes that a body may have, after decompression."""
        ...


class ChecksHeads(Protocol):
    """A dialect whose credentials stand in the head. It is asked before a body of more than 64 KiB is read."""

    async def check_head(self, call: Call) -> Reply | None:
        """The answer for a caller whose body need not be read, such as a 401; None lets the body in. `call.body` is empty."""
        ...


class RefusesHeads(Protocol):
    """A dialect that knows how the web server in front of its vendor's service refuses a broken head."""

    def refuse_head(self, problem: HeadProblem) -> Reply:
        """The answer of that web server."""
        ...


def codings_of(dialect: Dialect) -> Collection[str]:
    """The content codings to undo for a dialect."""
    return cast("NamesCodings", dialect).content_codings if hasattr(dialect, "content_codings") else CODINGS


def body_limit_of(dialect: Dialect, most: int) -> int:
    """The most bytes of a body, at most `most`."""
    return min(most, cast("LimitsBodies", dialect).body_limit) if hasattr(dialect, "body_limit") else most


async def head_checked(dialect: Dialect, call: Call) -> Reply | None:
    """The dialect's answer to a head that it refuses; None when the body may be read."""
    return await cast("ChecksHeads", dialect).check_head(call) if hasattr(dialect, "check_head") else None


def refused_head(dialect: Dialect | None, problem: HeadProblem) -> Reply:
    """The answer to a broken head: the dialect's, else the bare status."""
    if dialect is not None and hasattr(dialect, "refuse_head"):
        return cast("RefusesHeads", dialect).refuse_head(problem)
    return Reply(problem.status)
