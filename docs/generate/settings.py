"""Tables of settings from the JSON Schema of the configuration: key, type with bounds, default, meaning."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from docs.generate.markdown import code, prose, table
from gateway.config.schema import config_schema

Schema = Mapping[str, Any]
HEAD: Final = ("Key", "Values", "Default", "Meaning")
_BOUNDS: Final = (
    (("minimum", "maximum"), "{0} to {1}"),
    (("exclusiveMinimum", "maximum"), "above {0}, at most {1}"),
    (("minimum",), "{0} or more"),
    (("maximum",), "{0} or less"),
    (("exclusiveMinimum",), "above {0}"),
    (("exclusiveMaximum",), "below {0}"),
    (("minLength", "maxLength"), "{0} to {1} characters"),
    (("maxLength",), "at most {0} characters"),
    (("minItems",), "at least {0}"),
    (("maxItems",), "at most {0}"),
    (("pattern",), "`{0}`"),
)
"""Which bounds are said together, and how. The first row that fits counts for each bound."""


@functools.cache
def schema() -> Schema:
    """The schema of the whole configuration."""
    return config_schema()


def resolved(own: Schema) -> Schema:
    """What a reference refers to; anything else as it is. "Or null" is left out: a key may always be left out."""
    options = [option for option in own.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        own = {**options[0], **{key: value for key, value in own.items() if key != "anyOf"}}
    if "$ref" in own:
        found = schema()["$defs"][str(own["$ref"]).rpartition("/")[2]]
        return {**found, **{key: value for key, value in own.items() if key != "$ref"}}
    return own


def section(own: Schema, path: str, level: int, skip: frozenset[str] = frozenset()) -> Iterator[str]:
    """A heading, the table of an object's keys, and the same for every object below it.

    path: how the object is reached, like `tenants[].series[]`; "" for the whole configuration.
    skip: keys whose own sections stand elsewhere.
    """
    found = resolved(own)
    if path:
        yield from [f"{'#' * min(level, 6)} `{path}`", ""]
    said = _about(own)
    if said:
        yield from [_sentence(said), ""]
    keys = found.get("properties", {})
    required = set(found.get("required", ()))
    yield from table(HEAD, (_row(key, value, key in required) for key, value in keys.items()))
    for key, value in keys.items():
        inner, suffix = _object_of(value)
        if inner and key not in skip:
            yield from section(inner, f"{path}.{key}{suffix}".lstrip("."), level + 1)


def _about(own: Schema) -> str:
    """What an object is for: the words of its model rather than those of the key that holds it. "" when the key's are empty."""
    whole = schema()["$defs"].get(str(own.get("$ref", "")).rpartition("/")[2], {})
    said = str(own.get("description", whole.get("description", "")))
    return str(whole.get("description", said)) if said else ""


def _object_of(own: Schema) -> tuple[Schema, str]:
    """The object that a key holds, and how its path goes on; nothing for a plain value."""
    found = resolved(own)
    if found.get("properties"):
        return own, ""
    if "items" in found and resolved(found["items"]).get("properties"):
        return found["items"], "[]"
    for key in ("patternProperties", "additionalProperties"):
        inner = found.get(key)
        if isinstance(inner, Mapping) and inner:
            value = next(iter(inner.values())) if key == "patternProperties" else inner
            if resolved(value).get("properties"):
                return value, ".<name>"
    return {}, ""


def _row(key: str, own: Schema, required: bool) -> tuple[str, str, str, str]:
    found = resolved(own)
    default = "required" if required else ""
    if "default" in found and not found.get("properties") and found["default"] is not None:
        default = code(json.dumps(found["default"], ensure_ascii=False))
    return code(key), _values(found), default, _sentence(own.get("description", ""))


def _values(own: Schema) -> str:
    """The type in words, with its bounds."""
    if "enum" in own:
        return ", ".join(code(str(value)) for value in own["enum"])
    if "const" in own:
        return code(str(own["const"]))
    if "anyOf" in own:
        return " or ".join(dict.fromkeys(_values(resolved(option)) for option in own["anyOf"]))
    kind = str(own.get("type", "any"))
    if own.get("format"):
        kind = str(own["format"]).replace("password", "secret")
    elif kind == "array":
        inner = resolved(own.get("items", {}))
        kind = "list" if inner.get("properties") else f"list of {_values(inner)}"
    elif kind == "object":
        kind = "section"
    return ", ".join([kind, *_bounds(own)])


def _bounds(own: Schema) -> Iterator[str]:
    said: set[str] = set()
    for names, words in _BOUNDS:
        if said.isdisjoint(names) and all(name in own for name in names):
            said.update(names)
            yield prose(words.format(*(own[name] for name in names)))


def _sentence(text: str) -> str:
    """A description from a docstring, with a capital letter if it begins with a word."""
    shown = prose(text)
    return shown[:1].upper() + shown[1:] if re.match(r"[a-z]+[ ,.;]", shown) else shown
