"""Compares an expected body with the one that came: as bytes, as XML or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gateway.wire.xml import XmlRefused, parse

_ANY: Final = "{{any}}"


def matches(expected: str, given: str) -> bool:
    """Whether a text is the expected one, in which `{{any}}` stands for any text."""
    if _ANY not in expected:
        return expected == given
    pattern = ".+".join(re.escape(part) for part in expected.split(_ANY))
    return re.fullmatch(pattern, given, re.DOTALL) is not None


def _compare_bytes(expected: bytes, given: bytes) -> Iterator[str]:
    if not matches(expected.decode("utf-8", "surrogateescape"), given.decode("utf-8", "surrogateescape")):
        yield f"body differs from {expected!r}"


def _compare_json(expected: bytes, given: bytes) -> Iterator[str]:
    try:
        value = json.loads(given)
    except ValueError as error:
        yield f"body is not JSON: {error}"
        return
    yield from _json_differences(json.loads(expected), value, "$")


def _json_differences(expected: Any, given: Any, path: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(given, dict):
        if list(expected) != list(given):
            yield f"{path}: members {list(given)}, expected {list(expected)}"
        for key in expected.keys() & given.keys():
            yield from _json_differences(expected[key], given[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        for index, (one, other) in enumerate(zip(expected, given, strict=True)):
            yield from _json_differences(one, other, f"{path}[{index}]")
    elif isinstance(expected, str) and isinstance(given, str):
        if not matches(expected, given):
            yield f"{path}: {given!r}, expected {expected!r}"
    elif (expected != given or type(expected) is not type(given)) and expected != _ANY:
        yield f"{path}: {given!r}, expected {expected!r}"


def _compare_xml(expected: bytes, given: bytes) -> Iterator[str]:
    try:
        root = parse(given)
    except XmlRefused as error:
        yield f"body is not XML: {error}"
        return
    yield from _xml_differences(parse(expected), root, "")


def _xml_differences(expected: Any, given: Any, path: str) -> Iterator[str]:
    here = f"{path}/{expected.tag}"
    if expected.tag != given.tag:
        yield f"{here}: found element {given.tag}"
        return
    if dict(expected.attrib) != dict(given.attrib):
        yield f"{here}: attributes {dict(given.attrib)}, expected {dict(expected.attrib)}"
    has_children = len(expected) or len(given)
    one, other = _text(expected, has_children), _text(given, has_children)
    if not matches(one, other):
        yield f"{here}: text {other!r}, expected {one!r}"
    if len(expected) != len(given):
        yield f"{here}: children {[child.tag for child in given]}, expected {[child.tag for child in expected]}"
        return
    for left, right in zip(expected, given, strict=True):
        yield from _xml_differences(left, right, here)


def _text(element: Any, has_children: int | bool) -> str:
    text = element.text or ""
    return text.strip() if has_children else text


COMPARE: Final[Mapping[str, Callable[[bytes, bytes], Iterator[str]]]] = {
    "bytes": _compare_bytes,
    "json": _compare_json,
    "xml": _compare_xml,
    "none": lambda _expected, _given: iter(()),
}
"""By the word that a case says: what differs between an expected body and a given one, in words."""


def refuse_unreadable(compare: str, expected: bytes | None) -> None:
    """Raises ValueError for an expected body that nothing can be compared with."""
    if compare not in {"json", "xml"}:
        return
    if expected is None:
        raise ValueError(f"compares as {compare.upper()}, but has no response file beside it")
    try:
        json.loads(expected) if compare == "json" else parse(expected)
    except (ValueError, XmlRefused) as error:
        raise ValueError(
            f"compares as {compare.upper()}, but the response file is not {compare.upper()}: {error}"
        ) from None
