"""Routes: which action a path and verb select. Literals match in any case; `{name}` takes one whole segment.

The path is unescaped before it is split, so `%2F` separates segments; separators at the end are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

A = TypeVar("A")


@dataclass(frozen=True)
class Route(Generic[A]):
    """A template like `v1/Locations/{locationID}/Finance` and its actions by verb."""

    template: str
    actions: Mapping[str, A]
    allow: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "allow", ", ".join(self.actions))


@dataclass(frozen=True, slots=True)
class Matched(Generic[A]):
    """A route that fits a path, and the texts of its parameters, not yet converted."""

    route: Route[A]
    values: Mapping[str, str]

    def action(self, method: str) -> A | None:
        """The action for a verb; verbs are compared exactly."""
        return self.route.actions.get(method)


class RouteTable(Generic[A]):
    """Routes in order of registration; the first that fits wins."""

    def __init__(self, routes: Sequence[Route[A]]) -> None:
        self._routes = [(route, _segments(route.template)) for route in routes]

    def match(self, path: str) -> Matched[A] | None:
        """Find the route for a path as sent, percent-encoded. None when there is none."""
        given = _request_segments(path)
        for route, template in self._routes:
            if len(template) == len(given) and (values := _values(template, given)) is not None:
                return Matched(route, values)
        return None


def _segments(template: str) -> list[tuple[str, bool]]:
    """For each segment its text in capitals, or the parameter's name and True."""
    return [(part[1:-1], True) if part.startswith("{") else (part.upper(), False) for part in template.split("/")]


def without_dots(path: str) -> str:
    """A path without `.` and `..` segments, as System.Uri holds it."""
    if "/." not in path:
        return path
    parts, resolved = path.split("/"), list[str]()
    for place, part in enumerate(parts):
        if part == "..":
            del resolved[max(1, len(resolved) - 1) :]
        if part not in {".", ".."}:
            resolved.append(part)
        elif place == len(parts) - 1:
            resolved.append("")
    return "/".join(resolved)


def _request_segments(path: str) -> list[str]:
    plain = unquote(path) if "%" in path else path
    return plain.removeprefix("/").rstrip("/").split("/")


def _values(template: list[tuple[str, bool]], given: list[str]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for (name, is_parameter), segment in zip(template, given, strict=True):
        if not segment or (not is_parameter and segment.upper() != name):
            return None
        if is_parameter:
            values[name] = segment
    return values
