"""Reads the head of a request that aiohttp's parser refuses, as far as the answer needs it: method, target, Host.

aiohttp's parser knows a fixed list of methods and stops at the first byte that it does not like. The vendors' servers hand
an unknown method on, and refuse a broken head in words of their own. So the head is gathered and read a second time here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import HttpVersion10, HttpVersion11, hdrs
from aiohttp.http import HttpVersion, RawRequestMessage
from aiohttp.http_exceptions import BadHttpMethod, InvalidURLError, LineTooLong
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.spi.reading import HeadProblem

MOST_BYTES: Final = 64 * 1024
"""How much of a head is gathered until it is refused for its size."""
_END: Final = re.compile(rb"\r?\n\r?\n")
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_VERSION: Final = re.compile(r"HTTP/([0-9])\.([0-9])")
_METHOD: Final = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
_TARGET: Final = re.compile(r"/[^\s\x00-\x1f\x7f]*")
_FIELD: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_ONCE: Final = frozenset({"content-length", "content-type", "host", "transfer-encoding"})
_LENGTH: Final = re.compile(r"[0-9]{1,15}")
_KNOWN: Final = hdrs.METH_ALL | {"LINK", "UNLINK", "PURGE", "SEARCH", "SOURCE"}
_ASCII: Final = "".join(map(chr, range(128)))
_MOST_METHOD: Final = 256


@dataclass(frozen=True, slots=True)
class BrokenHead:
    """A head that the parser has refused.

    message: what could be read of it, in the form of aiohttp's parser. It always ends the connection.
    problem: why it is refused; None when only its method is unknown, so that the dialect may answer.
    rest: how many bytes of a body are still to come; None when that cannot be known.
    """

    message: RawRequestMessage
    problem: HeadProblem | None
    rest: int | None


def is_gathered(seen: bytes, error: Exception) -> bool:
    """True when enough has arrived to answer: the whole head, or a beginning that can be no head."""
    if isinstance(error, LineTooLong) or len(seen) > MOST_BYTES or _END.search(seen):
        return True
    return not _begins_like_http(seen)


def _begins_like_http(seen: bytes) -> bool:
    line, end, _ = seen.partition(b"\n")
    if _NO_TEXT.search(line):
        return False
    return not end or b" HTTP/" in line


def read_broken_head(seen: bytes, error: Exception) -> BrokenHead:
    """Read what can be read. seen: all bytes since the end of the request before."""
    end = _END.search(seen)
    head = (seen[: end.start()] if end else seen[:MOST_BYTES]).decode("utf-8", "surrogateescape")
    line, *lines = re.split(r"\r?\n", head)
    method, _, rest = quote(line, safe=_ASCII, errors="surrogateescape").partition(" ")
    target, _, version = rest.rpartition(" ")
    if not version.startswith("HTTP/"):
        target, version = rest, ""
    fields = [field for text in lines if (field := _FIELD.fullmatch(text))]
    headers = CIMultiDict([(field[1], field[2].strip()) for field in fields])
    problem = _problem(method, target, version, headers, error, broken=len(fields) < len(lines))
    path = target if _TARGET.match(target) else "/"
    message = RawRequestMessage(
        method[:_MOST_METHOD] if _METHOD.match(method) or problem is not HeadProblem.NOT_HTTP else "",
        path,
        HttpVersion10 if version == "HTTP/1.0" else HttpVersion11,
        CIMultiDictProxy(headers),
        (),
        True,
        None,
        False,
        False,
        URL.build(path=path.partition("?")[0], encoded=True),
    )
    if problem is HeadProblem.NOT_HTTP:
        return BrokenHead(message, problem, 0)
    return BrokenHead(message, problem, _body_bytes(headers, len(seen) - end.end()) if end else None)


def _problem(
    method: str, target: str, version: str, headers: CIMultiDict[str], error: Exception, *, broken: bool
) -> HeadProblem | None:
    if isinstance(error, LineTooLong):
        is_first = not version or len(target) > error.args[1]
        return HeadProblem.TARGET_TOO_LONG if is_first else HeadProblem.HEADERS_TOO_LARGE
    spoken = _VERSION.fullmatch(version)
    if spoken is None:
        return HeadProblem.NOT_HTTP if not version else HeadProblem.VERSION
    if HttpVersion(int(spoken[1]), int(spoken[2])) not in {HttpVersion10, HttpVersion11}:
        return HeadProblem.VERSION
    if isinstance(error, InvalidURLError) or not _TARGET.fullmatch(target):
        return HeadProblem.TARGET
    if "Too many headers" in str(error):
        return HeadProblem.HEADERS_TOO_LARGE
    if "Host" not in headers and version == "HTTP/1.1":
        return HeadProblem.HOST
    if broken or any(len(headers.getall(name, ())) > 1 for name in _ONCE):
        return HeadProblem.HEADER
    if not _METHOD.fullmatch(method):
        return HeadProblem.METHOD
    # A request with a method that the parser knows is refused for what follows it. Without its body it must not be run.
    return None if isinstance(error, BadHttpMethod) and method not in _KNOWN else HeadProblem.HEADER


def _body_bytes(headers: CIMultiDict[str], arrived: int) -> int | None:
    """How many bytes are still to come after `arrived` ones."""
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return None
    length = headers.get("Content-Length", "0")
    return max(0, int(length) - arrived) if _LENGTH.fullmatch(length) else 0
