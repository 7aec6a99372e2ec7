"""Reads the YAML file of the configuration and remembers on which line each key stands. It does not know what keys mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

KeyPath: TypeAlias = tuple[str | int, ...]


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
        key = ".".join(str(part) for part in self.path) or "(whole file)"
        return f"line {self.line}: {key}: {self.text}" if self.line else f"{key}: {self.text}"


class ConfigError(Exception):
    """The configuration cannot be used.

    source: the name of the file, or what else the values came from.
    problems: everything that is wrong.
    """

    def __init__(self, source: str, problems: list[Problem]) -> None:
        super().__init__(f"{source}: " + "; ".join(str(problem) for problem in problems))
        self.source = source
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    name: the file's name.
    values: plain values.
    lines: the line of each key, by the keys that lead to it.
    """

    name: str
    values: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest key around it; 0 when the file does not say."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 0


def read_document(path: Path) -> Document:
    """Read a YAML file. Raises ConfigError when it cannot be read, is not YAML, or repeats a key."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(path), [Problem((), 0, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), [Problem((), 0, "is not UTF-8 text")]) from None
    return parse_document(str(path), text)


def parse_document(name: str, text: str) -> Document:
    """Parse YAML text. Raises ConfigError."""
    # Not `yaml.safe_load`: only the nodes know their lines, and only they still show a key that was given twice.
    loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = loader_class(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Document(name, {})
        lines: dict[KeyPath, int] = {}
        _note_lines(name, node, (), lines)
        values = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(name, [Problem((), line, f"is not YAML: {error.problem}")]) from None
    except yaml.YAMLError as error:
        raise ConfigError(name, [Problem((), 0, f"is not YAML: {error}")]) from None
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        raise ConfigError(name, [Problem((), 1, f"must be a mapping of keys, found {type(values).__name__}")])
    return Document(name, values, lines)


def _note_lines(name: str, node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            key = (*path, str(key_node.value))
            line = key_node.start_mark.line + 1
            if key in lines:
                raise ConfigError(name, [Problem(key, line, f"is given twice (first on line {lines[key]})")])
            lines[key] = line
            _note_lines(name, value_node, key, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            key = (*path, index)
            lines[key] = item.start_mark.line + 1
            _note_lines(name, item, key, lines)
