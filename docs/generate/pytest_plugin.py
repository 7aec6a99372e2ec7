"""The page of the pytest plug-in: options, fixtures, and the client that they give."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from docs.generate.markdown import code, page, prose, table
from gateway.testing import client
from gateway.testing.client import pytest_plugin

_INTRO: Final = """\
The plug-in starts a gateway for the test session and makes a tenant for each test. It needs pytest and the standard library
only. [A contract test in CI](../tutorials/contract-test-in-ci.md) begins with it. [Test a
client](../how-to/test-a-client.md) says how to get it."""
_FIELD: Final = re.compile(r"^([a-z_]\w*): ", re.MULTILINE)
_HOME: Final = re.compile(r"\b(?:gateway\.testing\.client|invoice_gateway_testing|invoice_gateway)\.")


class OptionCollector:
    """Stands for pytest's parser, and keeps the options that the plug-in adds."""

    def __init__(self) -> None:
        self.options: list[tuple[str, dict[str, Any]]] = []

    def getgroup(self, *_: str) -> OptionCollector:
        """The group is this collector, too."""
        return self

    def addoption(self, name: str, **facts: Any) -> None:
        """Keep one."""
        self.options.append((name, facts))


def options() -> list[tuple[str, dict[str, Any]]]:
    """The command-line options of the plug-in."""
    collector = OptionCollector()
    pytest_plugin.pytest_addoption(collector)  # type: ignore[arg-type]
    return collector.options


def fixtures(module: ModuleType = pytest_plugin) -> list[tuple[str, str, str]]:
    """Name, scope and docstring of each fixture."""
    found = []
    for name, own in vars(module).items():
        marker = getattr(own, "_fixture_function_marker", None)
        if marker is not None:
            found.append((name, str(marker.scope), inspect.getdoc(inspect.unwrap(own)) or ""))
    return found


def text() -> str:
    """The page."""
    rows = ((code(name), scope, prose(said)) for name, scope, said in fixtures())
    given = ((code(f"{name} {own['metavar']}"), prose(own["help"])) for name, own in options())
    return page(
        "pytest fixtures and client",
        _INTRO,
        ["## Fixtures", "", *table(("Fixture", "Scope", "Gives"), rows)],
        ["## Options", "", *table(("Option", "Means"), given)],
        ["## Client", "", "What the fixtures give, and what a suite without pytest imports.", ""],
        *(_entry(name, getattr(client, name)) for name in sorted(client.__all__)),
    )


def _entry(name: str, own: Any) -> Iterator[str]:
    yield from [f"### {name}", ""]
    if not inspect.isclass(own):
        yield from ["```python", f"{name}{_signature(own)}", "```", "", *_said(own)]
        return
    yield from _said(own)
    for member, value in vars(own).items():
        if member.startswith("_"):
            continue
        function = value.fget if isinstance(value, property) else value
        if inspect.isfunction(function):
            shown = member if isinstance(value, property) else f"{member}{_signature(function)}"
            yield from ["```python", shown, "```", "", *_said(function)]


def _signature(function: Any) -> str:
    found = inspect.signature(function, eval_str=False)
    parameters = [own for name, own in found.parameters.items() if name != "self"]
    shown = [own.replace(annotation=_Annotation(own.annotation)) for own in parameters]
    return _HOME.sub("", str(found.replace(parameters=shown, return_annotation=_Annotation(found.return_annotation))))


class _Annotation(str):
    """An annotation as it stands in the source: a signature shows other text in quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def _said(own: Any) -> list[str]:
    """A docstring as paragraphs; its fields as a list."""
    lines: list[str] = []
    for text in (inspect.getdoc(own) or "").split("\n\n"):
        starts = [match.start() for match in _FIELD.finditer(text)]
        if not starts or starts[0] != 0:
            lines += [prose(text), ""]
            continue
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            field, _, meaning = text[start:end].partition(":")
            lines.append(f"- {code(field)}: {prose(meaning)}")
        lines.append("")
    return lines
