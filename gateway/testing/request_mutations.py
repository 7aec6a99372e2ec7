"""Good requests made bad in many small ways; with the same random numbers, in the same ways every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Final

from gateway.testing.golden import GoldenCase

_VERBS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "")
_TYPES: Final = (
    "",
    "text/plain",
    "application/json; charset=utf-16",
    "text/xml; charset=unknown-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    'application/soap+xml; action="; charset="',
    ";;;",
)
_TAILS: Final = ("/", "x", "%00", "%zz", "/../..", "%2e%2e", ".xml", "\u00e9", "?", "?%zz&&=&a", "?wsdl&xsd=../../x")
_BODIES: Final = (
    b"",
    b"\0",
    b"\xff\xfe" * 8,
    b"<" * 3000,
    b"[" * 3000,
    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b"<a" + b" x='y'" * 500 + b"/>",
    b"null",
    b"{}",
    b"=&=&=",
    " \u00a0\u2028".encode(),
)


def spoilt(case: GoldenCase, chance: Random) -> Iterator[tuple[str, GoldenCase]]:
    """The request itself, then variations of it, each with a name. The tokens in it stay good."""
    yield "as it is", case
    yield from ((name, other) for name, other in _variations(case, chance) if other != case)


def _variations(case: GoldenCase, chance: Random) -> Iterator[tuple[str, GoldenCase]]:
    yield from _bodies(case, chance)
    for verb in _VERBS:
        if verb != case.method:
            yield f"verb {verb or '(none)'}", replace(case, method=verb)
    for kind in _TYPES:
        yield f"content type {kind!r}", replace(case, headers=_with(case, "Content-Type", kind))
    path, mark, query = case.path.partition("?")
    for tail in _TAILS:
        yield f"path and {tail!r}", replace(case, path=f"{path}{tail}{mark}{query}")
    yield "path in capitals", replace(case, path=f"{path.upper()}{mark}{query}")
    yield "no query", replace(case, path=path)
    yield "no headers", replace(case, headers={})
    yield "odd credentials", replace(case, headers=_with(case, "Authorization", "Basic \u00e9%%%="))


def _bodies(case: GoldenCase, chance: Random) -> Iterator[tuple[str, GoldenCase]]:
    for other in _BODIES:
        yield f"body {other[:12]!r}", replace(case, body=other)
    body = case.body
    if not body:
        return
    yield "body twice", replace(case, body=body * 2)
    for _ in range(4):
        at = chance.randrange(len(body))
        yield f"body cut at {at}", replace(case, body=body[:at])
        yield f"byte {at} left out", replace(case, body=body[:at] + body[at + 1 :])
        yield f"byte {at} changed", replace(case, body=body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :])


def _with(case: GoldenCase, name: str, value: str) -> dict[str, str]:
    others = {key: text for key, text in case.headers.items() if key.lower() != name.lower()}
    return {**others, name: value} if value else others
