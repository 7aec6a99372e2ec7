"""When two spellings are one name: for finding the names of secrets however a client writes them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, unquote_plus

_ROUNDS: Final = 3
_SEPARATORS: Final = re.compile(r"[\[\].:/$\s\0]+")
"""What frameworks put between the names on the way to a field: `user[password]`, `user.password`, `ctl00$Password`."""
_ENDS: Final = ("password", "passwd", "secret", "apikey", "token")
"""Whatever ends so is secret: `userPassword`, `WebPassword`, `ix_api_key`."""
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")


def folded(name: str) -> str:
    """A name without letter case and separators: `Api_Key`, `api-key` and `apiKey` are one name."""
    return name.lower().replace("_", "").replace("-", "").replace(".", "")


class SecretNames:
    """A set of names that finds all spellings of each."""

    def __init__(self, *lists: Iterable[str]) -> None:
        self._folded = frozenset(folded(name) for names in lists for name in names)
        self._known: dict[str, bool] = {}

    def __or__(self, other: SecretNames) -> SecretNames:
        return SecretNames(self._folded, other._folded)

    def roots(self) -> list[str]:
        """The shortest names of which every other one holds one."""
        names = self._folded
        return [name for name in names if not any(other != name and other in name for other in names)]

    def __contains__(self, name: str) -> bool:
        """True for a name in any spelling, also as a part of `user[name][]` or `user.name`."""
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[name] = self._holds(name)
        return known

    def _holds(self, name: str) -> bool:
        plain = unescaped(decoded(name)).strip("\"'")
        parts = [folded(part) for part in (*_SEPARATORS.split(plain), _SEPARATORS.sub("", plain))]
        return any(part in self._folded or part.endswith(_ENDS) for part in parts)


_REMEMBERED: Final = 4096


def decoded(text: str, *, plus: bool = True) -> str:
    """A text without percent-encoding, also when it was encoded more than once. plus: a plus sign is a space."""
    for _ in range(_ROUNDS):
        if "%" not in text and not (plus and "+" in text):
            break
        text = unquote_plus(text) if plus else unquote(text)
    return text


def unescaped(name: str) -> str:
    """A name without escapes of JSON and character references of XML."""
    if "\\" in name:
        name = _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), name).replace("\\", "")
    return html.unescape(name) if "&" in name else name


def local(name: str) -> str:
    """An XML name without its prefix."""
    return name.rpartition(":")[2]
