"""Finds secrets in XML, JSON, multipart forms and URLs by their names, also where the text is broken or cut off.

Each function takes a text and says it again with `REDACTED` in place of secrets. All of them run in time that is
proportional to the length of the text, because anybody may send one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from gateway.spi.secret_names import SecretNames, local

REDACTED: Final = "[redacted]"

# --- XML ---

_TAG: Final = re.compile(r"<([^\s<>/!?=\"']{1,200})((?:[^<>\"']|\"[^\"]{0,500}+\"|'[^']{0,500}+'|[\"'])*+)(/?)>")
_TOKEN: Final = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)|<(/?)([^\s<>/!?=\"']{1,200})((?:[^<>\"']|\"[^\"]{0,500}+\"|'[^']{0,500}+'|[\"'])*+)>",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"(?<=\s)([^\s<>\"'=/]++)(\s*+=\s*+)(\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))")
_NAMING: Final = re.compile(r"\s(?:name|key|id)\s*=\s*[\"']([^\"'<>]{1,100})[\"']", re.IGNORECASE)
_ESCAPED_TAG: Final = re.compile(r"&lt;([^\s<>&/]{1,200})(?:(?!&[lg]t;)[^<>]){0,500}&gt;")
_ESCAPED_END: Final = re.compile(r"&lt;/|<|\Z")


def without_elements(text: str, names: SecretNames) -> str:
    """Everything inside elements of these names, nested ones of the same name included.

    An element whose attribute `name`, `key` or `id` is such a name counts, too, with its attribute `value`.
    """
    return "".join(_elements(text, names))


def _elements(text: str, names: SecretNames) -> Iterator[str]:
    done = 0
    while match := _TAG.search(text, done):
        yield text[done : match.start()]
        done = match.end()
        naming = _NAMING.search(match[2])
        named = naming is not None and naming[1] in names
        yield _VALUE.sub(rf'\1"{REDACTED}"', match[0]) if named else match[0]
        attributes = match[2]
        if (named or local(match[1]) in names) and not match[3] and not attributes.endswith("/"):
            end = _end_of_element(text, done, local(match[1]))
            if end > done:
                yield REDACTED
            done = end
    yield text[done:]


_VALUE: Final = re.compile(r"(\svalue\s*=\s*)(?:\"[^\"]*\"|'[^']*')", re.IGNORECASE)


def _end_of_element(text: str, start: int, name: str) -> int:
    """Where the closing tag begins; the end of the text when there is none."""
    depth, wanted = 1, name.lower()
    for token in _TOKEN.finditer(text, start):
        if token[2] is None or local(token[2]).lower() != wanted:
            continue
        if token[1]:
            depth -= 1
        elif not token[3].endswith("/"):
            depth += 1
        if not depth:
            return token.start()
    return len(text)


def without_attributes(text: str, names: SecretNames) -> str:
    """The values of attributes of these names."""

    def value(match: re.Match[str]) -> str:
        return f'{match[1]}{match[2]}"{REDACTED}"' if local(match[1]) in names else match[0]

    return _ATTRIBUTE.sub(value, text)


def without_escaped_elements(text: str, names: SecretNames) -> str:
    """The contents of elements that stand as text within another document: `&lt;Password&gt;…`."""
    parts, done = [], 0
    for match in _ESCAPED_TAG.finditer(text):
        if match.start() < done or local(match[1]) not in names:
            continue
        end = _ESCAPED_END.search(text, match.end())
        parts += [text[done : match.end()], REDACTED]
        done = end.start() if end else len(text)
    return "".join([*parts, text[done:]])


# --- JSON ---

_SPACE: Final = r"(?:\s|/\*(?:(?!\*/).){0,200}\*/|//[^\n]{0,200}\n)*+"
_MEMBER_NAME: Final = re.compile(
    r"""("(?:[^"\\]|\\.){1,100}"|'(?:[^'\\]|\\.){1,100}'|(?<![\w-])[A-Za-z_][\w-]{0,99})""" + f"{_SPACE}:{_SPACE}",
    re.DOTALL,
)
"""The name of a JSON member; also in single quotes or without quotes, as lenient readers accept it."""
_STRING: Final = re.compile(r"""("|')(?:(?!\1)[^\\]|\\.)*+(?:\1|\Z|\\\Z)""", re.DOTALL)
_BARE: Final = re.compile(r"[^,}\]\r\n<&]*")
_BRACKETS: Final = re.compile(r"""("|')(?:(?!\1)[^\\]|\\.)*+(?:\1|\Z|\\\Z)|[\[\]{}]""", re.DOTALL)
_NESTED_NAME: Final = re.compile(
    r"""(?<!\\)(\\{1,15})(["'])([^"'\\]{1,100}|[^"'\\]{0,50}\\{1,16}u[0-9a-fA-F]{4}[^"'\\]{0,50})\1\2\s{0,50}:\s{0,50}"""
)
"""The name of a member in JSON that is the text of another member: its quotes are escaped, and so are those of its value."""
_NESTED_BARE: Final = re.compile(r"[^\s,}\]\\\"']*")


def without_members(text: str, names: SecretNames) -> str:
    """The values of JSON members of these names, at any depth, also in JSON that is the text of another member."""
    text = "".join(_members(text, names))
    return "".join(_nested_members(text, names)) if "\\" in text else text


def _nested_members(text: str, names: SecretNames) -> Iterator[str]:
    done = 0
    for match in _NESTED_NAME.finditer(text):
        if match.start() < done or match[3] not in names:
            continue
        yield text[done : match.end()]
        done = _end_of_nested(text, match.end(), match[1])
        yield REDACTED
    yield text[done:]


def _end_of_nested(text: str, start: int, escapes: str) -> int:
    """Where the value of a nested member ends: with its own closing quote, or with that of the text around it."""
    opening = text.startswith((f'{escapes}"', f"{escapes}'"), start)
    if not opening and text[start : start + 1] not in {"[", "{"}:
        bare = _NESTED_BARE.match(text, start)
        return bare.end() if bare else start
    # A quote with as many escapes closes a text; one with fewer closes what is around it, and so a list or object, too.
    most = len(escapes) if opening else len(escapes) - 1
    end = _closing(most).search(text, start + len(escapes) + 1 if opening else start)
    return end.start() if end else len(text)


@lru_cache(maxsize=16)
def _closing(most: int) -> re.Pattern[str]:
    return re.compile(rf"(?<!\\)\\{{0,{most}}}[\"']")


def _members(text: str, names: SecretNames) -> Iterator[str]:
    done = 0
    for match in _MEMBER_NAME.finditer(text):
        if match.start() < done or match[1].strip("\"'") not in names:
            continue
        yield text[done : match.end()]
        done = _end_of_value(text, match.end())
        yield f'"{REDACTED}"'
    yield text[done:]


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


# --- multipart ---

_PART: Final = re.compile(r"(?:^|\n)(content-[^\r\n]{0,1000}(?:\r?\n[^\r\n]{1,1000}){0,20}\r?\n\r?\n)", re.IGNORECASE)
_PART_NAME: Final = re.compile(
    r"[;\s]name\*?\s*=\s*(?:[\w-]*'[\w-]*')?(?:\"((?:[^\"\\\r\n]|\\.)*)\"|([^\s;\"]+))", re.IGNORECASE
)
_ENCODED: Final = re.compile(r"content-transfer-encoding:\s*(?:base64|quoted-printable)", re.IGNORECASE)
_BOUNDARY: Final = re.compile(r"(?:^|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n")


def without_parts(text: str, names: SecretNames) -> str:
    """The contents of parts of these names, and of parts in an encoding in which no name can be found."""
    boundary = _BOUNDARY.search(text)
    if boundary is None:
        return text
    ending = "\n--" + boundary[1]
    parts, done = [], 0
    for match in _PART.finditer(text):
        if match.start() < done or not _is_secret_part(match[1], names):
            continue
        end = text.find(ending, match.end() - 1)
        end = len(text) if end < 0 else end
        parts += [text[done : match.end()], REDACTED]
        done = max(end, match.end())
    return "".join([*parts, text[done:]])


def _is_secret_part(head: str, names: SecretNames) -> bool:
    if _ENCODED.search(head):
        return True
    name = _PART_NAME.search(head)
    return name is not None and (name[1] or name[2] or "") in names


# --- credentials that need no name ---

_SCHEME: Final = re.compile(r"\b(basic|bearer)([ +]|%20){1,3}([A-Za-z0-9+/=._~-]{4,})", re.IGNORECASE)
_USER_INFO: Final = re.compile(r"(://[^\s/@:\"'<>?#]{0,200}:)([^\s/@\"'<>?#]{1,200})(?=@)")


def without_credentials(text: str) -> str:
    """Passwords in addresses, and what stands after the names of HTTP's schemes."""
    if "@" in text and "://" in text:
        text = _USER_INFO.sub(rf"\1{REDACTED}", text)
    return _SCHEME.sub(_without_credential, text) if "asic" in text.lower() or "earer" in text.lower() else text


def _without_credential(match: re.Match[str]) -> str:
    is_secret = len(match[3]) >= 16 if match[1].lower() == "bearer" else _is_basic(match[3])
    return match[0].removesuffix(match[3]) + REDACTED if is_secret else match[0]


def _is_basic(text: str) -> bool:
    whole = text.rstrip("=")
    try:
        return b":" in base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
