"""Words for what a model refuses: the key, its line, what was found, what is allowed, and what was probably meant.

A value is shown only where no secret can stand: never in a tenant's section for a dialect, and never at a key whose name sounds
like a secret. Of a long text only the beginning is shown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError

from gateway.config.yaml_file import Document, KeyPath, Problem
from gateway.spi.foreign_text import printable_line

_SECRET: Final = re.compile("token|password|passwd|secret|api.?key|credential|url|dsn", re.IGNORECASE)
_LONGEST: Final = 60


def problems_of(
    error: ValidationError, document: Document, model: type[BaseModel], prefix: KeyPath = (), *, show: bool = True
) -> list[Problem]:
    """A validation error for people: the key, its line, the value and what is allowed.

    prefix: the keys that lead to what was validated.
    show: whether values may be shown; secrets are never shown.
    """
    problems = []
    for item in error.errors(include_url=False):
        path = (*prefix, *_place(item))
        problems.append(document.problem(path, _text(item, model, show=show)))
    return problems


def _place(item: Any) -> KeyPath:
    """Where the problem is to be shown."""
    at: KeyPath = tuple(part for part in item["loc"] if part != "[key]")
    context = item.get("ctx") or {}
    if item["type"] == "misplaced":
        at = at[: len(at) - context["moved"]]
        at += context["at"]
    return at


def _text(item: Any, model: type[BaseModel], *, show: bool) -> str:
    kind, loc = item["type"], item["loc"]
    if kind == "extra_forbidden":
        return unknown_key(str(loc[-1]), _allowed_keys(model, loc[:-1]))
    if kind == "missing":
        return "is missing"
    text = str(item["msg"]).removeprefix("Value error, ")
    found = item.get("input")
    if kind == "string_type":
        return "must be text; quote it" if isinstance(found, (bool, int, float)) else "must be text"
    if show and kind != "misplaced" and _may_be_shown(found) and not any(_SECRET.search(str(part)) for part in loc):
        return f"found {_shown(found)}: {text}"
    return text


def _may_be_shown(found: Any) -> bool:
    return isinstance(found, (int, float, bool, str))


def _shown(found: Any) -> str:
    text = repr(found) if not isinstance(found, int) or abs(found) < 10**_LONGEST else "a number of many digits"
    return printable_line(text, _LONGEST)


def unknown_key(name: str, allowed: Iterable[str]) -> str:
    """What to say of a key, or another name, that is not known."""
    names = sorted(allowed)
    return f"unknown key{did_you_mean(name, names)}; allowed: {', '.join(names)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean x?)`, or nothing when no known name is similar."""
    names = {own.lower(): own for own in known}
    close = difflib.get_close_matches(name[:80].lower().replace("-", "_"), names, n=1)
    return f" (did you mean {names[close[0]]}?)" if close else ""


def _allowed_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that are allowed at a place of the configuration, worked out from the models' annotations."""
    annotation: Any = model
    for part in path:
        annotation = _below(annotation, part)
    models = [own for own in _options(annotation) if isinstance(own, type) and issubclass(own, BaseModel)]
    return [
        key for own in models[:1] for name, info in own.model_fields.items() for key in keys_of(name, info.annotation)
    ]


def keys_of(name: str, annotation: Any) -> list[str]:
    """The keys that fill a field: for a secret there are three."""
    if isinstance(annotation, type) and issubclass(annotation, SecretStr):
        return [name, f"{name}_env", f"{name}_file"]
    return [name]


def _below(annotation: Any, part: str | int) -> Any:
    """What an annotation says of a key or item."""
    for own in _options(annotation):
        inner = get_args(own)
        if isinstance(own, type) and issubclass(own, BaseModel) and part in own.model_fields:
            return own.model_fields[str(part)].annotation
        if isinstance(part, int) and inner:
            return inner[0]
        if isinstance(part, str) and len(inner) == 2:
            return inner[1]
    return None


def _options(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for own in get_args(annotation):
            yield from _options(own)
    else:
        yield annotation
