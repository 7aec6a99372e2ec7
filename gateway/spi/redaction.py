"""Blots secrets out of requests and answers before they are recorded, by names that a dialect lists (ADR-20).

Every text is searched for query and form fields, JSON members, XML elements and attributes, whatever its content type says:
a client with the wrong content type must not leak a secret. What cannot be read as text is withheld as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Protocol, TypeAlias, runtime_checkable
from urllib.parse import quote

from gateway.spi import redaction_forms as forms
from gateway.spi.adapter import Call, Reply
from gateway.spi.body_text import charset_of, read_text
from gateway.spi.secret_names import SecretNames, decoded, folded

REDACTED: Final = forms.REDACTED
Form: TypeAlias = Literal["none", "text", "withheld"]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RedactionRules:
    """Names whose values are secret, in addition to those in `ALWAYS`. Letter case, `-`, `_` and `.` make no difference.

    headers: the whole value, but for a scheme or a cookie's name. The names of fields, members and elements count, too.
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
    "api_key",
    "new_password",
    "old_password",
    "current_password",
    "password_confirmation",
    "passphrase",
    "private_key",
    "access_key",
)
_TOKENS: Final = (
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "assertion",
    "client_assertion",
    "auth_token",
    "binary_security_token",
    "session_id",
    "aspnet_session_id",
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
    """Both messages of an exchange without their secrets. path: of the request; None leaves it to the general rules."""

    query: str
    request_headers: Pairs
    request_body: Text
    reply_headers: Pairs
    reply_body: Text
    path: str | None = None


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
        path=blotter.path(call.path),
    )


def redacted_log(text: str) -> str:
    """A text for the log, such as a traceback, without what is secret in any dialect. Lines of source code stay as they are."""
    lines = forms.without_credentials(text).split("\n")
    return "\n".join(line if _SOURCE.match(line) else _logged(line) for line in lines)


def _logged(line: str) -> str:
    return _INPUT.sub(rf"\1{REDACTED}", _blotter(RedactionRules()).text(line))


def redacted_path(path: str) -> str:
    """A path without the values of parameters that are secret in any dialect."""
    return _blotter(RedactionRules()).path(path)


def _content_type(headers: Pairs) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


@lru_cache(maxsize=256)
def _blotter(rules: RedactionRules) -> _Blotter:
    return _Blotter(rules)


class _Blotter:
    """Rules, compiled. Small bodies are remembered, because clients repeat them."""

    def __init__(self, rules: RedactionRules) -> None:
        self._fields = SecretNames(ALWAYS.query, ALWAYS.form, rules.query, rules.form)
        self._members = SecretNames(ALWAYS.json_members, rules.json_members)
        self._elements = SecretNames(ALWAYS.xml_elements, rules.xml_elements)
        self._anywhere = self._fields | self._members | self._elements
        self._headers = SecretNames(ALWAYS.headers, rules.headers)
        self._bodies: dict[tuple[bytes, str, int | None], Text] = {}
        self._safe_headers: dict[tuple[str, str], str] = {}
        self._secret_headers: dict[str, bool] = {}
        self._roots = self._anywhere.roots()

    def _clean(self, text: str) -> bool:
        """True when no secret's name can be in a text. Most texts need no other look than this."""
        if "%" in text or "\\" in text or "&#" in text:  # a name may be hidden in escapes
            return False
        plain = folded(text)
        for root in self._roots:  # noqa: SIM110 - a generator would cost more than the search
            if root in plain:
                return False
        return True

    def headers(self, headers: Iterable[tuple[str, str]]) -> Pairs:
        return tuple((name, self._known_header(name, value)) for name, value in headers)

    def _known_header(self, name: str, value: str) -> str:
        """Clients repeat their headers. Those that are secrets themselves are not remembered."""
        known = self._safe_headers.get((name, value))
        if known is None:
            known = self._header(name, value)
            if known == value and len(value) <= _REMEMBERED_HEADER:
                if len(self._safe_headers) >= _REMEMBERED:
                    self._safe_headers.clear()
                self._safe_headers[name, value] = value
        return known

    def _header(self, name: str, value: str) -> str:
        if not self._is_secret_header(name):
            return self.fields(forms.without_credentials(value))
        if folded(name) in {"cookie", "setcookie"}:
            given = folded(name) == "cookie"
            return "; ".join(_cookie(part) if first or given else self.fields(part) for first, part in _parts(value))
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {REDACTED}" if blank and scheme.lower() in _SCHEMES else REDACTED

    def _is_secret_header(self, name: str) -> bool:
        known = self._secret_headers.get(name)
        if known is None:
            if len(self._secret_headers) >= _REMEMBERED:
                self._secret_headers.clear()
            plain = folded(name)
            known = name in self._headers or plain.endswith(_HEADER_ENDS) or plain.removeprefix("x") in self._anywhere
            self._secret_headers[name] = known
        return known

    def fields(self, text: str) -> str:
        """Fields of a query string or form, wherever they stand in a text."""
        if ("=" not in text and "%" not in text) or self._clean(text):
            return text
        text = "".join(self._fields_of(text))
        return _WORD.sub(self._word, text) if "%" in text else text

    def _word(self, match: re.Match[str]) -> str:
        """A word in which separators and equals signs are encoded, such as an address that another one holds."""
        if "%" not in match[0]:
            return match[0]
        plain = decoded(match[0], plus=False)
        cleaned = "".join(self._fields_of(plain))
        return match[0] if cleaned == plain else quote(cleaned, safe=":/?#[]@!$&'()*+,;=")

    def _fields_of(self, text: str) -> Iterator[str]:
        done = 0
        for match in _FIELD.finditer(text):
            if match.start() < done:
                continue
            # The value of another name ends early, because a secret field may stand in it.
            value = (_SECRET_VALUE if match[1] in self._fields else _OTHER_VALUE).match(text, match.end())
            found = value[0] if value else ""
            if not found.startswith((REDACTED, f'"{REDACTED}"')):
                yield text[done : match.end()]
                yield self._value(match[1], found)
                done = match.end() + len(found)
        yield text[done:]

    def form(self, text: str) -> str:
        """A text that is nothing but fields: a value ends only at the next ampersand."""
        return "&".join(map(self._pair, text.split("&"))) if "=" in text else text

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        return f"{name}{equals}{self._value(name.strip(), value)}"

    def _value(self, name: str, value: str) -> str:
        """The value of a field. A value that is itself an encoded address or document is searched, too."""
        if not value:
            return value
        if name in self._fields:
            return REDACTED
        if "%" not in value:
            return value
        plain = decoded(value)
        cleaned = self.text(plain) if "%" not in plain else plain  # else it was encoded still more often
        return value if cleaned == plain else quote(cleaned, safe="[]")

    def path(self, path: str) -> str:
        """A path without the values of its parameters (`;name=value`)."""
        return "/".join(map(self._segment, path.split("/"))) if "=" in path or "%" in path else path

    def _segment(self, segment: str) -> str:
        cleaned = ";".join(map(self._pair, self.fields(segment).split(";")))
        plain = decoded(cleaned, plus=False)
        searched = plain if plain == cleaned else self.fields(plain)
        return cleaned if searched == plain else quote(searched, safe="[];=")

    def query(self, query: str) -> str:
        return self.fields(self.form(forms.without_credentials(query)))

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
        charset = charset_of(body, content_type)
        if charset is None:
            return Text("withheld")
        cut = limit is not None and len(body) > limit
        text, charset = read_text(body[:limit] if cut else body, charset, cut)
        if text is None or "\0" in text:
            return Text("withheld")
        return Text("text", self.text(text), charset, cut)

    def text(self, text: str) -> str:
        """A text without secrets of any form."""
        text = forms.without_credentials(text)
        if "content-" in text[:_PREAMBLE].lower():
            text = forms.without_parts(text, self._anywhere)
        if self._clean(text):
            return text
        if text.lstrip()[:1] not in _MARKUP:
            text = self.form(text)
        if "<" in text:
            text = forms.without_attributes(forms.without_elements(text, self._elements), self._elements)
        if "&lt;" in text:
            text = forms.without_escaped_elements(text, self._elements)
        if ":" in text:
            text = forms.without_members(text, self._members)
        return self.fields(text)


_SOURCE: Final = re.compile(r'  File "|    ')
_INPUT: Final = re.compile(r"(input_value=).*(?=, input_type=)")
"""What pydantic says of a value that it refuses."""
_REMEMBERED: Final = 512
_REMEMBERED_BYTES: Final = 4096
_REMEMBERED_HEADER: Final = 200
_MARKUP: Final = ("<", "{", "[")
_FIELD: Final = re.compile(r"(?<![^\s&?;#,\"'<>(\[{])([^\s=&?;#,\"'<>(){}]{1,100})[ \t]{0,3}=[ \t]{0,3}")
"""The name of a field within a text, after a separator, and an equals sign."""
_WORD: Final = re.compile(r"[^\s\"'<>]+")
_SECRET_VALUE: Final = re.compile(r"\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s&<>]*")
_OTHER_VALUE: Final = re.compile(r"[^\s&<>;#?,\"']*")
_SCHEMES: Final = frozenset({"basic", "bearer", "digest", "negotiate", "ntlm", "token", "oauth", "apikey"})
_HEADER_ENDS: Final = (
    "authorization",
    "apikey",
    "token",
    "secret",
    "password",
    "sessionid",
    "credential",
    "credentials",
)
_PREAMBLE: Final = 4096
"""Where the first head of a multipart body begins."""


def _parts(value: str) -> Iterable[tuple[bool, str]]:
    return ((index == 0, part.strip()) for index, part in enumerate(value.split(";")))


def _cookie(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}={REDACTED}" if equals else REDACTED
