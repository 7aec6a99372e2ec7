"""ModelState: what was wrong with a request, by key. A key is `<parameter>.<path>`, spelled as in its first error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

GENERIC_ERROR: Final = "An error has occurred."
"""What a remote client sees of an exception."""
VALUE_REQUIRED: Final = "A value is required."
NOT_PRESENT: Final = "A value is required but was not present in the request."


def not_valid(raw: str, name: str) -> str:
    """The text for a form or query value that cannot be converted."""
    return f"The value '{raw}' is not valid for {name}."


class ModelState:
    """Errors in the order of their first appearance; keys compare without regard to case."""

    def __init__(self) -> None:
        self._errors: dict[str, tuple[str, list[str]]] = {}

    def add(self, parameter: str, path: str, text: str = GENERIC_ERROR) -> None:
        """Record an error of a parameter at a path inside its value (empty = the value itself)."""
        key = _joined(parameter, path)
        self._errors.setdefault(key.upper(), (key, []))[1].append(text)

    def absorb(self, other: ModelState) -> None:
        """Take over the errors of another ModelState that has other keys."""
        self._errors.update(other._errors)

    @property
    def is_valid(self) -> bool:
        """True when nothing was wrong."""
        return not self._errors

    def has(self, parameter: str, path: str) -> bool:
        """True when an error is recorded under this very key."""
        return _joined(parameter, path).upper() in self._errors

    def items(self) -> Iterator[tuple[str, list[str]]]:
        """Keys with their texts."""
        return iter(self._errors.values())


def _joined(parameter: str, path: str) -> str:
    if not path or not parameter:
        return path or parameter
    return f"{parameter}{path}" if path.startswith("[") else f"{parameter}.{path}"
