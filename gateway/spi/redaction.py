"""Blots secrets out of requests and answers before they are recorded, by names that a dialect lists (ADR-20).

Every text is searched for query and form fields, JSON members, XML elements and attributes, whatever its content type says:
a client with the wrong content type must not leak a secret. What cannot be read as text is withheld as a whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Protocol, TypeAlias, runtime_checkable
from urllib.parse import unquote_plus

from gateway.spi.adapter import Call, Reply

REDACTED: Final = "[redacted]"
Form: TypeAlias = Literal["none", "text", "withheld"]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RedactionRules:
    """Names, in any letter case, whose values are secret, in addition to those in `ALWAYS`.

    headers: the whole value, but for a scheme or a cookie's name.
    query, form: fields of query strings and forms.
    json_members: by their own name, at any depth.
    xml_elements: by local name, with everything inside; attributes of these names, too.
    """

    headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    json_members: tuple[str, ...] = ()
    xml_elements: tuple[str, ...] = ()


_SECRETS: Final = (
    "password",
    "passwd",
    "pwd",
    "secret",
    "client_secret",
    "clientsecret",
    "api_key",
    "apikey",
    "api-key",
)
_TOKENS: Final = (
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "assertion",
    "client_assertion",
    "session_id",
    "sessionid",
)
ALWAYS: Final = RedactionRules(
    headers=(
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "x-access-token",
    ),
    query=(*_SECRETS, *_TOKENS, "code"),
    form=(*_SECRETS, *_TOKENS, "code"),
    json_members=(*_SECRETS, *_TOKENS),
    xml_elements=(*_SECRETS, *_TOKENS),
)
"""What is secret in any dialect."""


@dataclass(frozen=True, slots=True)
class Text:
    """A body as it may be kept.

    form: `text`, `none` (there was no body) or `withheld` (it could not be searched).
    cut: only the beginning is here.
    """

    form: Form
    text: str = ""
    charset: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Redacted:
    """Both messages of an exchange without their secrets."""

    query: str
    request_headers: Pairs
    request_body: Text
    reply_headers: Pairs
    reply_body: Text


@runtime_checkable
class Redacting(Protocol):
    """A dialect that blots out secrets in its own way."""

    def redact(self, call: Call, reply: Reply) -> Redacted:
        """Both messages as they may be kept. Must be pure, because it is called from another thread."""
        ...


Redact: TypeAlias = Callable[[Call, Reply], Redacted]


def redactor_for(dialect: object | None, max_body_bytes: int | None = None) -> Redact:
    """How secrets of a dialect's messages are blotted out: by its own `redact`, else by its `redaction` rules and `ALWAYS`.

    max_body_bytes: bodies are cut there before they are searched; what the cut leaves of a secret is still recognized.
    """
    if isinstance(dialect, Redacting):
        return dialect.redact
    rules = getattr(dialect, "redaction", RedactionRules())
    return lambda call, reply: redact(call, reply, rules, max_body_bytes)


def redact(call: Call, reply: Reply, rules: RedactionRules, max_body_bytes: int | None = None) -> Redacted:
    """Blot out the values of secret names."""
    blotter = _blotter(rules)
    return Redacted(
        query=blotter.query(call.query),
        request_headers=blotter.headers(call.headers.items()),
        request_body=blotter.body(call.body, call.headers.get("Content-Type", ""), max_body_bytes),
        reply_headers=blotter.headers(reply.headers),
        reply_body=blotter.body(reply.body, _content_type(reply.headers), max_body_bytes),
    )


def _content_type(headers: Pairs) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


@lru_cache(maxsize=256)
def _blotter(rules: RedactionRules) -> _Blotter:
    return _Blotter(rules)


class _Blotter:
    """Rules, compiled. Small bodies are remembered, because clients repeat them."""

    def __init__(self, rules: RedactionRules) -> None:
        self._headers = _names(ALWAYS.headers, rules.headers)
        self._fields = _names(ALWAYS.query, ALWAYS.form, rules.query, rules.form)
        self._members = _names(ALWAYS.json_members, rules.json_members)
        elements = "|".join(
            sorted(map(re.escape, _names(ALWAYS.xml_elements, rules.xml_elements)), key=len, reverse=True)
        )
        name = rf"((?:[\w.-]+:)?(?:{elements}))"
        self._element = re.compile(
            rf"(<{name}(?=[\s>/])[^<>]*(?<!/)>)(.*?)(?=</\s*(?:[\w.-]+:)?(?:{elements})\s*>|\Z)",
            re.DOTALL | re.IGNORECASE,
        )
        self._attribute = re.compile(rf"(\s{name}\s*=\s*)(\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))", re.IGNORECASE)

        everything = self._fields | self._members | _names(ALWAYS.xml_elements, rules.xml_elements)
        self._bodies: dict[tuple[bytes, str, int | None], Text] = {}
        self._roots = [name for name in everything if not any(other != name and other in name for other in everything)]

    def _clean(self, text: str) -> bool:
        """True when no secret's name can be in a text. Most texts need no other look than this."""
        if "%" in text or "\\" in text:  # a name may be hidden in escapes
            return False
        lowered = text.lower()
        for root in self._roots:  # noqa: SIM110 - a generator would cost more than the search
            if root in lowered:
                return False
        return True

    def headers(self, headers: Iterable[tuple[str, str]]) -> Pairs:
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if name not in self._headers:
            return self.fields(value)
        if name in {"cookie", "set-cookie"}:
            return "; ".join(_cookie(part, first or name == "cookie") for first, part in _parts(value))
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {REDACTED}" if blank and scheme.isalpha() else REDACTED

    def fields(self, text: str) -> str:
        """Fields of a query string or form, wherever they stand in a text."""
        return _FIELD.sub(self._field, text) if "=" in text and not self._clean(text) else text

    def _field(self, match: re.Match[str]) -> str:
        secret = match[2] and _plain_name(match[1]) in self._fields
        done = match[2].startswith((REDACTED, f'"{REDACTED}"'))
        return f"{match[1]}={REDACTED}" if secret and not done else match[0]

    def form(self, text: str) -> str:
        """A text that is nothing but fields: a value ends only at the next ampersand."""
        return "&".join(map(self._pair, text.split("&"))) if "=" in text else text

    def _pair(self, pair: str) -> str:
        name, _, value = pair.partition("=")
        return f"{name}={REDACTED}" if value and _plain_name(name).strip() in self._fields else pair

    def query(self, query: str) -> str:
        return self.fields(self.form(query))

    def body(self, body: bytes, content_type: str, limit: int | None) -> Text:
        if not body:
            return Text("none")
        if len(body) > _REMEMBERED_BYTES:
            return self._body(body, content_type, limit)
        key = (body, content_type, limit)
        known = self._bodies.get(key)
        if known is None:
            if len(self._bodies) >= _REMEMBERED:
                self._bodies.clear()
            known = self._bodies[key] = self._body(body, content_type, limit)
        return known

    def _body(self, body: bytes, content_type: str, limit: int | None) -> Text:
        charset = _charset(body, content_type)
        if charset is None:
            return Text("withheld")
        cut = limit is not None and len(body) > limit
        text, charset = _decode(body[:limit] if cut else body, charset, cut)
        if text is None or "\0" in text:
            return Text("withheld")
        return Text("text", self.text(text), charset, cut)

    def text(self, text: str) -> str:
        """A text without secrets of any form."""
        if self._clean(text):
            return text
        if text.lstrip()[:1] not in _MARKUP:
            text = self.form(text)
        if "<" in text:
            text = self._element.sub(rf"\1{REDACTED}", text)
            text = self._attribute.sub(rf'\1"{REDACTED}"', text)
        if ":" in text:
            text = "".join(self._members_of(text))
        return self.fields(text)

    def _members_of(self, text: str) -> Iterator[str]:
        done = 0
        for match in _MEMBER_NAME.finditer(text):
            if match.start() < done or _json_name(match[1]) not in self._members:
                continue
            yield text[done : match.end()]
            yield f'"{REDACTED}"'
            done = _end_of_value(text, match.end())
        yield text[done:]


_REMEMBERED: Final = 512
_REMEMBERED_BYTES: Final = 4096
_MARKUP: Final = ("<", "{", "[")
_FIELD: Final = re.compile(r"(?<![^\s&?;,\"'<>(\[{])([^\s=&?;,\"'<>()\[\]{}]{1,100})=([^\s&<>]*)")
"""A field within a text: a name after a separator, an equals sign, a value up to an ampersand, white space or a tag."""
_STRING: Final = re.compile(r"""("|')(?:(?!\1)[^\\]|\\.)*(?:\1|\Z)""", re.DOTALL)
_BARE: Final = re.compile(r"[^\s,}\]]*")
_BRACKETS: Final = re.compile(r"""("|')(?:(?!\1)[^\\]|\\.)*(?:\1|\Z)|[\[\]{}]""", re.DOTALL)
_MEMBER_NAME: Final = re.compile(
    r"""("(?:[^"\\]|\\.){1,100}"|'(?:[^'\\]|\\.){1,100}'|(?<![\w-])[A-Za-z_][\w-]{0,99})\s*:\s*""", re.DOTALL
)
"""The name of a JSON member; also in single quotes or without quotes, as lenient readers accept it."""
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_ASCII_BASED: Final = re.compile(r"utf-8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d|cp125\d", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_OPENINGS: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"), (b"\0{", "utf-16-be"))


def _names(*lists: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for names in lists for name in names)


def _plain_name(name: str) -> str:
    decoded = unquote_plus(name) if "%" in name or "+" in name else name
    return decoded.lower()


def _json_name(raw: str) -> str:
    name = raw.strip("\"'")
    if "\\" in name:
        name = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), name)
    return name.lower()


def _end_of_value(text: str, start: int) -> int:
    """Where a JSON value ends; the end of the text when the value is cut off."""
    opening = text[start : start + 1]
    if opening in {'"', "'"}:
        match = _STRING.match(text, start)
        return match.end() if match else len(text)
    if opening not in {"{", "["}:
        bare = _BARE.match(text, start)
        return bare.end() if bare else start
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(text)


def _decode(body: bytes, charset: str, cut: bool) -> tuple[str | None, str]:
    """The text and its charset. A body that was cut may end within a character, so up to three bytes are left out."""
    for missing in range(4 if cut else 1):
        try:
            return body[: len(body) - missing].decode(charset), charset
        except UnicodeDecodeError:
            continue
    if charset != "utf-8":
        return None, charset
    return body.decode("iso-8859-1"), "iso-8859-1"  # not UTF-8, but names in ASCII are still found


def _parts(value: str) -> Iterable[tuple[bool, str]]:
    return ((index == 0, part.strip()) for index, part in enumerate(value.split(";")))


def _cookie(part: str, secret: bool) -> str:
    if not secret:
        return part
    name, equals, _ = part.partition("=")
    return f"{name}={REDACTED}" if equals else REDACTED


def _charset(body: bytes, content_type: str) -> str | None:
    """The encoding for searching a body; None when names cannot be found in it."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    for opening, name in _OPENINGS:
        if body.startswith(opening):
            return name
    if b"\0" in body:
        return None
    declared = _DECLARED.match(body[:300].lstrip())
    named = [declared[1].decode()] if declared else []
    given = _CHARSET.search(content_type)
    named += [given[1]] if given else []
    if any(not _ASCII_BASED.fullmatch(name) for name in named):
        return None
    return "utf-8"
