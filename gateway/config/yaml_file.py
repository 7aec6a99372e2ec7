"""Reads the YAML files of people: the configuration, catalogues, seeds. It does not know what keys mean.

The reader follows the stream of events of the YAML library and makes the values itself (ADR-57). So it knows the line of each
key, and a word means that word (`country: NO`). No file can make it use much memory or stack: aliases are refused, and depth
and size have bounds. A JSON file is read likewise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from gateway.spi.foreign_text import MAX_DEPTH, TextError, printable_line, read_text

KeyPath: TypeAlias = tuple[str | int, ...]

MAX_VALUES: Final = 2_000_000
"""Keys, items and values of one file."""
_USER: Final = re.compile(r"://[^\s@]*@")
"""The user and password of a URL. A URL may stand where it does not belong, so no text of a problem shows them."""
_LONE: Final = re.compile("[\ud800-\udfff]")
_SURROGATE: Final = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class Bare(str):
    """Text that stands in the file without quotes, and that other YAML readers may take for something else than text.

    Such as `no`, `0150`, `1e5`, `12:30:00` or a date. Here it is the text as written. A secret must not be written like this.
    """

    __slots__ = ()
    is_ambiguous = True


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the configuration.

    path: the keys that lead to it.
    line: its line in the file; 0 when unknown.
    text: what is wrong, for people.
    """

    path: KeyPath
    line: int
    text: str

    def __str__(self) -> str:
        key = ".".join(printable_line(str(part), 80) for part in self.path) or "(whole file)"
        text = printable_line(_USER.sub("://…@", self.text), 2000)
        return f"line {self.line}: {key}: {text}" if self.line else f"{key}: {text}"


class ConfigError(Exception):
    """The configuration cannot be used.

    source: the name of the file, or what else the values came from.
    problems: everything that is wrong, in the order of the lines.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__(f"{source}: " + "; ".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    name: the file's name.
    values: plain values.
    lines: the line of each key, by the keys that lead to it.
    problems: what is wrong with the file itself, such as a key that is given twice; its values can still be checked.
    outranked: keys that a flag or the environment gives instead of the file, each with the flag's or variable's name.
    """

    name: str
    values: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    outranked: tuple[tuple[KeyPath, str], ...] = ()

    def line_of(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest key around it; 0 when the file does not say."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 0

    def problem(self, path: KeyPath, text: str) -> Problem:
        """Something that is wrong at a key, in the file or where else its value is from."""
        for own, name in self.outranked:
            if path[: len(own)] == own:
                return Problem(path, 0, f"{text} (given by {name})")
        return Problem(path, self.line_of(path), text)


def read_document(path: Path, *, with_problems: bool = False) -> Document:
    """Read a YAML file. Raises ConfigError when it cannot be read or is not YAML.

    with_problems: return a document with problems, instead of raising them.
    """
    try:
        text = read_text(path)
    except TextError as error:
        raise ConfigError(str(path), [Problem((), 0, str(error))]) from None
    return parse_document(str(path), text, with_problems=with_problems)


def parse_document(name: str, text: str, *, with_problems: bool = False) -> Document:
    """Parse YAML text. Raises ConfigError. with_problems: as in `read_document`."""
    _refuse_control_characters(name, text)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(_joined_surrogates(text))
    reading = _Reading(name, loader)
    try:
        values = reading.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(name, [Problem((), line, _not_yaml(error, text, line))]) from None
    except yaml.YAMLError:
        raise ConfigError(name, [Problem((), 0, "is not YAML")]) from None
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        kind = "a list" if isinstance(values, list) else "a single value"
        raise ConfigError(name, [Problem((), 1, f"must be a mapping of keys, found {kind}")])
    if reading.problems and not with_problems:
        raise ConfigError(name, reading.problems)
    return Document(name, values, reading.lines, tuple(reading.problems))


def _refuse_control_characters(name: str, text: str) -> None:
    match = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if match is not None:
        line = text.count("\n", 0, match.start()) + 1
        found = f"holds the control character U+{ord(match[0]):04X}"
        raise ConfigError(name, [Problem((), line, f"is not YAML: {found}")])


def _joined_surrogates(text: str) -> str:
    r"""JSON writes a character beyond U+FFFF as two escapes, \ud83d\ude00; YAML knows \U0001f600 only."""
    if '"' not in text or "\\u" not in text:
        return text
    return _SURROGATE.sub(
        lambda match: f"\\U{0x10000 + ((int(match[1], 16) & 0x3FF) << 10) + (int(match[2], 16) & 0x3FF):08x}", text
    )


def _not_yaml(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    lines = text.splitlines()
    hint = ""
    if 0 < line <= len(lines) and "\t" in lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]:
        hint = " (a tab; YAML is indented with spaces)"
    return f"is not YAML: {error.problem or error.context}{hint}"


_FORMS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9]\d{0,29})", re.ASCII)
_FRACTION: Final = re.compile(r"-?(?:0|[1-9]\d{0,29})\.\d{1,30}", re.ASCII)
_NUMBER: Final = re.compile(
    r"[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?|0[ob][0-7_]+|0[xX][\da-fA-F_]+", re.ASCII
)
_OTHERS: Final = yaml.SafeLoader.yaml_implicit_resolvers
"""By first character: what YAML 1.1 takes for a number, a date, a truth value and so on."""


def plain_value(text: str) -> Any:
    """What a scalar without quotes means: nothing, a truth value, a number in its usual form, or the text as written."""
    if text in _FORMS:
        return _FORMS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    if _NUMBER.fullmatch(text) or any(own.match(text) for _, own in _OTHERS.get(text[0], ())):
        return Bare(text)
    return text


class _Reading:
    """One pass through the events of a file."""

    def __init__(self, name: str, loader: Any) -> None:
        self.name = name
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._loader = loader
        self._left = MAX_VALUES

    def document(self) -> Any:
        """The value of the only document; no value at all is an empty mapping."""
        loader = self._loader
        loader.get_event()  # the start of the stream
        if loader.check_event(yaml.StreamEndEvent):
            return {}
        loader.get_event()  # the start of the document
        value = self._value((), loader.get_event())
        loader.get_event()  # its end
        if not loader.check_event(yaml.StreamEndEvent):
            self._note((), loader.peek_event(), "holds more than one document")
        return {} if value is None else value

    def _note(self, path: KeyPath, event: Any, text: str) -> None:
        self.problems.append(Problem(path, event.start_mark.line + 1, text))

    def _value(self, path: KeyPath, event: Any) -> Any:
        self._left -= 1
        if self._left < 0 or len(path) > MAX_DEPTH:
            bound = (
                f"has more than {MAX_VALUES} values" if self._left < 0 else f"is nested deeper than {MAX_DEPTH} levels"
            )
            raise ConfigError(self.name, [*self.problems, Problem((), event.start_mark.line + 1, bound)])
        if isinstance(event, yaml.AliasEvent):
            self._note(path, event, f"found the alias *{event.anchor}: aliases are not read; write the value out")
            return None
        if event.tag is not None and event.tag not in {"!", "tag:yaml.org,2002:str"}:
            self._note(path, event, "a tag (!) is not read; write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            if not event.value.isascii() and _LONE.search(event.value):
                self._note(path, event, "holds half of a character (a lone surrogate)")
            return plain_value(event.value) if event.implicit[0] else event.value
        return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)

    def _sequence(self, path: KeyPath) -> list[Any]:
        values: list[Any] = []
        get = self._loader.get_event
        while not isinstance(event := get(), yaml.SequenceEndEvent):
            key = (*path, len(values))
            self.lines[key] = event.start_mark.line + 1
            values.append(self._value(key, event))
        return values

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        get = self._loader.get_event
        while not isinstance(event := get(), yaml.MappingEndEvent):
            key = self._key(path, event)
            if key in values:
                self._note((*path, key), event, f"is given twice (first on line {self.lines[(*path, key)]})")
            else:
                self.lines[(*path, key)] = event.start_mark.line + 1
            values[key] = self._value((*path, key), get())
        return values

    def _key(self, path: KeyPath, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._value((*path, "?"), event)  # read to its end
            self._note(path, event, "a key must be plain text")
            return "?"
        key: str = event.value
        if key == "<<" and event.implicit[0]:
            self._note((*path, key), event, "merge keys are not read; write the values out")
        elif not key:
            self._note(path, event, "a key is empty")
        elif key != printable_line(key):
            self._note((*path, key), event, "a key holds a control character")
        return key
