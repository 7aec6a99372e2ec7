"""Puts another customer's credentials, ids and numbers into a golden case, both in the request and in what it expects."""

from __future__ import annotations

import base64
import codecs
import json
import re
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from gateway.testing.golden import GoldenCase, Sent
from gateway.testing.profile import Created, Reference
from gateway.wire.xml import escape_text

_BASIC: Final = re.compile(r"(?i)\A(basic\s+)(\S+)\Z")
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# A number by itself: no part of a name, a date or a GUID, and no fraction of a decimal.
_NUMBER: Final = re.compile(r"(?<![\w.-])\d+(?![\w-])")
SMALLEST_REPLACEABLE: Final = 100
"""A smaller number is too likely to be something else: a version, a count, a part of a name."""
Escape = Callable[[str], str]


class CannotReplace(Exception):
    """A case cannot be put into another customer's terms; the text says why."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """One value of the cases, and the value that replaces it at the endpoint.

    name: what it is, for people.
    reference: the value in the cases, and where it is replaced.
    new: the value at the endpoint.
    given: the user or an answer named it; otherwise it is the default.
    """

    name: str
    reference: Reference
    new: str
    given: bool = False

    @property
    def old(self) -> str:
        """The value in the cases."""
        return self.reference.value

    @property
    def patterns(self) -> list[str]:
        """Where the value is to be replaced, as regular expressions."""
        if not self.reference.where:
            return [rf"(?<![\w-]){re.escape(self.old)}(?![\w-])"]
        return [self._pattern(text) for text in self.reference.where]

    def _pattern(self, text: str) -> str:
        # The text around the value becomes look-around: only the value itself is matched, so patterns of neighbours in
        # one text do not swallow each other.
        at = text.lower().find(self.old.lower())
        if at < 0:
            raise ValueError(f"{text!r} does not hold {self.old!r}")
        end = at + len(self.old)
        return rf"(?<={re.escape(text[:at])}){re.escape(text[at:end])}(?={re.escape(text[end:])})"


@dataclass(frozen=True, slots=True)
class Listed:
    """Ids in lists.

    region: a pattern that matches a whole list.
    place: a text in the list, with {} for an id.
    ids: the ids at the endpoint, by those in the cases.
    """

    region: str
    place: str
    ids: Mapping[str, str]

    def apply(self, text: str) -> str:
        """The text with other ids in its lists."""
        before, after = map(re.escape, self.place.split("{}"))
        one = re.compile(rf"(?<={before})\d+(?={after})")

        def each(match: re.Match[str]) -> str:
            return one.sub(lambda found: self.ids.get(found[0], found[0]), match[0])

        return re.sub(self.region, each, text, flags=re.DOTALL)


@dataclass(frozen=True, slots=True)
class Replacements:
    """Everything that is replaced.

    values: credentials, ids and names.
    numbers: numbers of the line on the wire, by those in the cases.
    varies: patterns of expected texts; the group `value` may be anything at another endpoint.
    lists: ids in lists.
    """

    values: tuple[Replacement, ...] = ()
    numbers: Mapping[int, int] = field(default_factory=dict)
    varies: Sequence[re.Pattern[str]] = ()
    lists: tuple[Listed, ...] = ()

    def with_created(self, created: Created, ids: Mapping[str, str]) -> Replacements:
        """The same replacements, and the ids of things that the case has created."""
        made = [
            Replacement(f"created {old}", Reference(old, tuple(text.format(old) for text in created.where)), new)
            for old, new in ids.items()
        ]
        lists = [Listed(region, place, ids) for region, place in created.within.items()]
        return replace(self, values=(*self.values, *made), lists=(*self.lists, *lists))

    def far_away(self, created: Created, ids: Mapping[str, str]) -> Replacements:
        """The same replacements, and ids in lists that nothing in the case has."""
        return replace(
            self, lists=(*(Listed(region, place, ids) for region, place in created.within.items()), *self.lists)
        )

    def with_numbers(self, numbers: Mapping[int, int]) -> Replacements:
        """The same values, other numbers."""
        return replace(self, numbers={old: new for old, new in numbers.items() if old != new})

    def apply(self, case: GoldenCase) -> GoldenCase:
        """The case in the endpoint's terms. Raises CannotReplace."""
        self._refuse_hidden(case)
        self._refuse_small()
        kind = next((value for name, value in case.headers.items() if name.lower() == "content-type"), "")
        answer_kind = case.expected_headers.get("Content-Type", kind)
        return replace(
            case,
            path=self._numbered(self._text(case.path, _in_path)),
            headers={name: self._header(value) for name, value in case.headers.items()},
            body=self._bytes(case.body, kind),
            before=tuple(self._sent(sent, kind) for sent in case.before),
            expected_headers={name: self._text(value, str) for name, value in case.expected_headers.items()},
            expected_body=self._varying(self._bytes(case.expected_body, answer_kind)),
        )

    def text(self, text: str, escape: Escape = str) -> str:
        """A text with the values replaced."""
        return self._text(text, escape)

    def used_by(self, case: GoldenCase) -> set[str]:
        """The names of the values that a case's request holds."""
        texts = _texts(case)
        return {item.name for item in self.values if any(_holds(pattern, texts) for pattern in item.patterns)}

    def hidden(self, text: str) -> str:
        """A text without the endpoint's values, for reports."""
        # The longest first: a value may be a part of another one. Very short ones would blot out half of the text.
        for item in sorted(self.values, key=lambda item: len(item.new), reverse=True):
            if item.new != item.old and len(item.new) >= 4:
                for form in {item.new, quote(item.new, safe=""), quote_plus(item.new), escape_text(item.new)}:
                    text = text.replace(form, "[replaced]")
        return text

    def _text(self, text: str, escape: Escape) -> str:
        items = self._ordered()
        text = _replaced(text, [(pattern, item.new) for item in items for pattern in item.patterns], escape)
        for listed in self.lists:
            text = listed.apply(text)
        return text

    def _ordered(self) -> list[Replacement]:
        """First the values that are bound to a place, so that a value with two roles is replaced by the right one."""
        return sorted(
            (item for item in self.values if item.new != item.old),
            key=lambda item: (not item.reference.where, -len(item.old)),
        )

    def _numbered(self, text: str) -> str:
        if not self.numbers:
            return text
        return _NUMBER.sub(lambda match: str(self.numbers.get(int(match[0]), match[0])), text)

    def _varying(self, body: bytes | None) -> bytes | None:
        """The expected body with `{{any}}` for what differs at every endpoint."""
        if not body or not self.varies:
            return body
        text = body.decode("utf-8", "surrogateescape")
        for pattern in self.varies:
            text = pattern.sub(lambda match: match[0].replace(match["value"], "{{any}}"), text)
        return text.encode("utf-8", "surrogateescape")

    def _sent(self, sent: Sent, content_type: str) -> Sent:
        headers = sent.headers
        return replace(
            sent,
            path=self._numbered(self._text(sent.path, _in_path)),
            body=self._bytes(sent.body, content_type),
            headers=None if headers is None else {name: self._header(value) for name, value in headers.items()},
        )

    def _header(self, value: str) -> str:
        match, pair = _BASIC.match(value), _plain_header(value)
        if match is None or pair == value:
            return self._text(value, str)
        return match[1] + base64.b64encode(self._text(pair, str).encode()).decode()

    def _bytes(self, body: bytes | None, content_type: str) -> bytes | None:
        if body is None or not (self._ordered() or self.numbers):
            return body
        if body.startswith(codecs.BOM_UTF16_LE):
            return self._numbered(self._text(body.decode("utf-16-le"), _escape_of(content_type))).encode("utf-16-le")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            # Some other encoding. As ISO 8859-1 each byte keeps its place, and values in ASCII are found in most of them;
            # digits could also be halves of other characters, so numbers are not replaced.
            if self.numbers:
                raise CannotReplace("numbers cannot be replaced in this encoding") from None
            text = body.decode("iso-8859-1")
            return self._text(text, _escape_of(content_type)).encode("iso-8859-1", "xmlcharrefreplace")
        if self.numbers and "\0" in text:
            raise CannotReplace("numbers cannot be replaced in this encoding")
        return self._numbered(self._text(text, _escape_of(content_type))).encode("utf-8")

    def _refuse_hidden(self, case: GoldenCase) -> None:
        """Raises CannotReplace for a value in another spelling: it would be sent unchanged, and look like a difference."""
        shown = _texts(case)
        spelt = [*shown, unquote(case.path)]
        for item in self._ordered():
            if not any(_holds(pattern, shown) for pattern in item.patterns) and any(
                _holds(f"(?i:{pattern})", spelt) for pattern in item.patterns
            ):
                raise CannotReplace(f"the request holds the {item.name} in a form in which it cannot be replaced")

    def _refuse_small(self) -> None:
        small = [number for number in self.numbers if number < SMALLEST_REPLACEABLE]
        if small:
            raise CannotReplace(
                f"the line stands elsewhere, and {small[0]} is too small a number to be replaced safely"
            )


def _replaced(text: str, rules: Sequence[tuple[str, str]], escape: Escape) -> str:
    """The text with all rules applied in one pass, so that a new value is not replaced again by another rule."""
    if not rules:
        return text
    together = "|".join(f"({pattern})" for pattern, _ in rules)
    return re.sub(together, lambda match: escape(rules[_which(match)][1]), text)


def like(value: str) -> str:
    """Another value of the same form."""
    if _UUID.fullmatch(value):
        return str(uuid.uuid4())
    if value.isdigit():
        return str(secrets.randbelow(9 * 10**8) + 10**8)
    return f"c{secrets.token_hex(4)}-{value}"


def _which(match: re.Match[str]) -> int:
    return next(index for index, group in enumerate(match.groups()) if group is not None)


def _in_path(text: str) -> str:
    return quote(text, safe="")


def _escape_of(content_type: str) -> Escape:
    kind = content_type.lower()
    if "xml" in kind:
        return escape_text
    if "json" in kind:
        return lambda text: json.dumps(text)[1:-1]
    if "form" in kind:
        return quote_plus
    return str


def _plain_header(value: str) -> str:
    """The value of a header; for HTTP Basic the user and the password in clear."""
    match = _BASIC.match(value)
    try:
        return base64.b64decode(match[2], validate=True).decode() if match else value
    except ValueError:
        return value


def _plain_body(body: bytes | None) -> str:
    return (body or b"").decode("utf-8", "replace")


def _texts(case: GoldenCase) -> list[str]:
    """Everything that a case sends, as text."""
    bodies = (case.body, *(sent.body for sent in case.before))
    return [case.path, *map(_plain_header, case.headers.values()), *map(_plain_body, bodies)]


def _holds(pattern: str, texts: Sequence[str]) -> bool:
    return any(re.search(pattern, text) for text in texts)
