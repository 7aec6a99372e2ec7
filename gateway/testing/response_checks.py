"""What any answer on a vendor path must be: complete, well-formed, and not in our own words."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from gateway.spi.adapter import Reply
from gateway.testing.golden import GoldenCase

_FOREIGN: Final = re.compile(
    r"aiohttp|Python/3|Traceback \(most recent|File \"[^\"]+\.py\"|gateway\.(?:core|spi|web|stores)\b", re.IGNORECASE
)
"""Words of this product and of its libraries. No vendor would say them (every answer on a vendor's path is in dialect)."""
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_ITS_BUSINESS: Final = frozenset({"content-length", "date", "connection", "transfer-encoding"})
_BASIC: Final = re.compile(r"(?i)(basic\s+)(\S+)")


def faults_of(reply: Reply) -> Iterator[str]:
    """What is wrong with an answer, in sentences."""
    if not 200 <= reply.status <= 599:
        yield f"status {reply.status}"
    names = [name.lower() for name, _ in reply.headers]
    for name, value in reply.headers:
        if not _TOKEN.fullmatch(name) or re.search(r"[\r\n\0]", value):
            yield f"header {name!r}: {value!r} is not well-formed"
    if names.count("content-type") > 1:
        yield "two content types"
    for name in _NOT_ITS_BUSINESS.intersection(names):
        yield f"the header {name} is the server's business"
    if reply.body.strip() and "content-type" not in names:
        yield "a body without a content type"
    foreign = _FOREIGN.search(text_of(reply))
    if foreign:
        yield f"{foreign[0]!r} is not a vendor's word"


def text_of(reply: Reply) -> str:
    """Everything a client can read in an answer."""
    head = "\n".join(f"{name}: {value}" for name, value in reply.headers)
    return f"{head}\n\n{reply.body.decode('utf-8', 'replace')}"


def secrets_in(model: BaseModel) -> Iterator[str]:
    """Every secret of a model, however deep."""
    for name in type(model).model_fields:
        yield from _secrets(getattr(model, name))


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        yield from secrets_in(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _secrets(item)


def with_other_text(case: GoldenCase, old: str, new: str) -> GoldenCase | None:
    """The request with one text replaced by another everywhere, also inside of HTTP Basic; None when it has no such text."""

    def basic(match: re.Match[str]) -> str:
        try:
            pair = base64.b64decode(match[2], validate=True).decode()
        except ValueError:
            return match[0]
        return match[1] + base64.b64encode(pair.replace(old, new).encode()).decode()

    headers = {name: _BASIC.sub(basic, value).replace(old, new) for name, value in case.headers.items()}
    body = case.body.replace(old.encode(), new.encode()) if case.body else case.body
    other = replace(case, path=case.path.replace(old, new), headers=headers, body=body)
    return None if (other.path, other.headers, other.body) == (case.path, dict(case.headers), case.body) else other
