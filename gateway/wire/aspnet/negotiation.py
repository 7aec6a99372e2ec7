"""Which formatter, media type and charset an answer uses, decided from the request's headers.

Two formatters write: JSON (application/json, text/json) and XML (application/xml, text/xml), in this order; the form
formatter only reads. Header values are read as System.Net.Http reads them: one bad entry drops its whole header line.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_WORD: Final = r"[!#$%&'*+.0-9A-Z^_`a-z|~-]+"
_TYPE = re.compile(rf"[ \t]*({_WORD})[ \t]*/[ \t]*({_WORD})[ \t]*")
_PARAMETER = re.compile(rf'[ \t]*({_WORD})[ \t]*(?:=[ \t]*({_WORD}|"[ !#-~]*")[ \t]*)?')
_CHARSET = re.compile(rf"[ \t]*({_WORD})[ \t]*(?:;[ \t]*[qQ][ \t]*=[ \t]*({_WORD})[ \t]*)?(?:,|\Z)")
_QUALITY = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\Z")
_CHARSET_QUALITY = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)\Z")

UTF_8: Final = "utf-8"
UTF_16: Final = "utf-16"
SUPPORTED_CHARSETS: Final = (UTF_8, UTF_16)


class Formatter(enum.Enum):
    """A formatter, with the media types it reads and writes, the preferred one first."""

    JSON = ("application/json", "text/json")
    XML = ("application/xml", "text/xml")
    FORM = ("application/x-www-form-urlencoded",)


_WRITERS: Final = (Formatter.JSON, Formatter.XML)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type or range.

    type: in lower case; `*` for any.
    subtype: in lower case; `*` for any.
    text: both as the client wrote them.
    quality: the q of a range; 1 when there is none.
    charset: the charset parameter as written; None without one.
    """

    type: str
    subtype: str
    text: str
    quality: float = 1.0
    charset: str | None = None

    def covers(self, media_type: str) -> bool:
        """True when this type or range includes a type without parameters, given in lower case."""
        main, _, sub = media_type.partition("/")
        if (self.type, self.subtype) == ("*", "*"):
            return True
        return self.type == main and self.subtype in {sub, "*"}

    @property
    def breadth(self) -> int:
        """2 for a single type, 1 for `type/*`, 0 for `*/*`."""
        if self.subtype != "*":
            return 2
        return 0 if self.type == "*" else 1


@dataclass(frozen=True, slots=True)
class Format:
    """How an answer is written."""

    formatter: Formatter
    media_type: str
    charset: str

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header."""
        return f"{self.media_type}; charset={self.charset}"


# --- header values ----------------------------------------------------------------------------------------------------


def read_media_type(value: str) -> MediaType | None:
    """A Content-Type value; None when it does not follow the grammar (then it counts as absent)."""
    parsed = _media_type(value, 0)
    return parsed[0] if parsed and parsed[1] == len(value) else None


def read_accept(lines: Iterable[str]) -> list[MediaType]:
    """The entries of all Accept header lines, in order."""
    entries: list[MediaType] = []
    for line in lines:
        entries.extend(_accept_line(line))
    return entries


def _accept_line(line: str) -> list[MediaType]:
    entries: list[MediaType] = []
    at = 0
    while True:
        parsed = _media_type(line, at)
        if parsed is None:
            return []
        entries.append(parsed[0])
        at = parsed[1]
        if at == len(line):
            return entries
        if line[at] != ",":
            return []
        at += 1


def _media_type(text: str, at: int) -> tuple[MediaType, int] | None:
    """One entry that begins here, and where it ends. Of a parameter that comes twice, the first one counts."""
    match = _TYPE.match(text, at)
    if match is None:
        return None
    at = match.end()
    quality, charset = 1.0, None
    seen_quality = False
    while text[at : at + 1] == ";":
        parameter = _PARAMETER.match(text, at + 1)
        if parameter is None:
            return None
        at = parameter.end()
        name, value = parameter[1].lower(), parameter[2]
        if name == "q" and not seen_quality:
            quality, seen_quality = _quality(value), True
        elif name == "charset" and charset is None:
            charset = value
    written = f"{match[1]}/{match[2]}"
    return MediaType(match[1].lower(), match[2].lower(), written, quality, charset), at


def _quality(value: str | None) -> float:
    """A q that is no plain number counts as absent, that is 1; it is not held to 0..1."""
    return float(value) if value and _QUALITY.match(value) else 1.0


def read_accept_charset(lines: Iterable[str]) -> list[tuple[str, float]]:
    """The entries of all Accept-Charset header lines with their q, in order, names in lower case."""
    entries: list[tuple[str, float]] = []
    for line in lines:
        entries.extend(_charset_line(line))
    return entries


def _charset_line(line: str) -> list[tuple[str, float]]:
    entries: list[tuple[str, float]] = []
    at = 0
    while True:
        match = _CHARSET.match(line, at)
        if match is None:
            return []
        quality = match[2]
        if quality is not None and (not _CHARSET_QUALITY.match(quality) or float(quality) > 1):
            return []
        entries.append((match[1].lower(), 1.0 if quality is None else float(quality)))
        at = match.end()
        if at == len(line) and not match[0].endswith(","):
            return entries


# --- choosing ---------------------------------------------------------------------------------------------------------


class _Rank(enum.IntEnum):
    """How a formatter came to be a candidate. The order is that of the framework: at equal quality the first kind wins."""

    MAPPING = 0
    LITERAL = 1
    SUBTYPE_RANGE = 2
    ALL_RANGE = 3
    REQUEST_TYPE = 4
    TYPE = 5


_ACCEPT_RANKS: Final = {2: _Rank.LITERAL, 1: _Rank.SUBTYPE_RANGE, 0: _Rank.ALL_RANGE}


@dataclass(frozen=True, slots=True)
class _Candidate:
    formatter: Formatter
    media_type: str
    rank: _Rank
    quality: float = 1.0


def negotiate(
    accept: tuple[str, ...], accept_charset: tuple[str, ...], content_type: str | None, requested_with: str | None
) -> Format:
    """Choose a format from header values. There is always one: a request that matches nothing gets JSON.

    accept: the lines of Accept.
    accept_charset: the lines of Accept-Charset.
    content_type: the request's Content-Type, None without one.
    requested_with: the request's X-Requested-With, None without one.
    """
    # Clients repeat their headers, so choices are remembered. Clients also choose them, so long ones are not.
    size = sum(map(len, accept)) + sum(map(len, accept_charset)) + len(content_type or "") + len(requested_with or "")
    choose = _remembered if size <= _LONGEST_REMEMBERED else _choose
    return choose(accept, accept_charset, content_type, requested_with)


def _choose(
    accept: tuple[str, ...], accept_charset: tuple[str, ...], content_type: str | None, requested_with: str | None
) -> Format:
    request_type = read_media_type(content_type) if content_type is not None else None
    entries = read_accept(accept)
    ordered = sorted(entries, key=lambda entry: (-entry.quality, -entry.breadth))
    candidates = [_candidate(writer, ordered, request_type, requested_with) for writer in _WRITERS]
    chosen = _best(candidates)
    charset = _charset(read_accept_charset(accept_charset), request_type)
    return Format(chosen.formatter, chosen.media_type, charset)


_LONGEST_REMEMBERED: Final = 1000
_remembered = lru_cache(maxsize=1024)(_choose)


def _candidate(
    formatter: Formatter, accept: list[MediaType], request_type: MediaType | None, requested_with: str | None
) -> _Candidate:
    """The candidate of one formatter: the first rule that matches decides its rank."""
    if formatter is Formatter.JSON and _is_script_request(accept, requested_with):
        return _Candidate(formatter, formatter.value[0], _Rank.MAPPING)
    for entry in accept:
        covered = _covered(entry, formatter) if entry.quality != 0 else None
        if covered is not None:
            return _Candidate(formatter, covered, _ACCEPT_RANKS[entry.breadth], entry.quality)
    covered = _covered(request_type, formatter) if request_type is not None else None
    if covered is not None:
        return _Candidate(formatter, covered, _Rank.REQUEST_TYPE)
    return _Candidate(formatter, formatter.value[0], _Rank.TYPE)


def _is_script_request(accept: list[MediaType], requested_with: str | None) -> bool:
    """A request of a page's script that names no type: Web API maps it to JSON (XmlHttpRequestHeaderMapping)."""
    if requested_with is None or "xmlhttprequest" not in requested_with.lower():
        return False
    return not accept or (len(accept) == 1 and accept[0].text == "*/*")


def _covered(entry: MediaType, formatter: Formatter) -> str | None:
    return next((media_type for media_type in formatter.value if entry.covers(media_type)), None)


def _best(candidates: list[_Candidate]) -> _Candidate:
    """The framework's choice among the candidates.

    A mapping yields only to a strictly higher q of Accept. Otherwise Accept decides by q and rank, then the request's own
    type, then the order of the formatters.
    """
    by_rank: dict[_Rank, _Candidate] = {}
    for candidate in candidates:
        held = by_rank.get(candidate.rank)
        if held is None or (candidate.quality > held.quality and candidate.rank <= _Rank.ALL_RANGE):
            by_rank[candidate.rank] = candidate
    ranked = [by_rank[rank] for rank in sorted(by_rank)]
    chosen = ranked[0]
    for candidate in ranked[1:]:
        if candidate.rank <= _Rank.ALL_RANGE and candidate.quality > chosen.quality:
            chosen = candidate
    return chosen


def _charset(accepted: list[tuple[str, float]], request_type: MediaType | None) -> str:
    """The charset that Accept-Charset prefers by q, where `*` comes last and means utf-8; else the request's own charset."""
    for name, quality in sorted(accepted, key=lambda entry: (-entry[1], entry[0] == "*")):
        if quality == 0:
            continue
        if name == "*":
            return UTF_8
        if name in SUPPORTED_CHARSETS:
            return name
    return request_charset(request_type)


def request_charset(request_type: MediaType | None) -> str:
    """The charset a request body is read with: the parameter when supported, else utf-8."""
    named = (request_type.charset or "").lower() if request_type else ""
    return named if named in SUPPORTED_CHARSETS else UTF_8


def reader_for(media_type: MediaType | None) -> Formatter | None:
    """The formatter that reads a request body of this type; None for an unsupported or absent one."""
    if media_type is None:
        return None
    return next((formatter for formatter in Formatter if _covered(media_type, formatter) is not None), None)
