"""The page of the command line: every command with its arguments and options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from typer.main import get_command

from docs.generate.markdown import code, page, prose, table
from gateway.cli import app

PROGRAM: Final = "invoice-gateway"
_INTRO: Final = (
    "Data goes to standard output; progress, warnings and errors go to standard error. Where a command has `--json`, programs"
    " should use it. The [exit codes](exit-codes.md) are the same for all commands."
)


def text() -> str:
    """The page."""
    return page("Command line", _INTRO, _lines(get_command(app), PROGRAM))


def _lines(command: Any, words: str) -> Iterator[str]:
    """A command, then those below it."""
    below = getattr(command, "commands", {})
    if words != PROGRAM:
        yield from [f"{'##' if words.count(' ') == 1 else '###'} {words.removeprefix(PROGRAM + ' ')}", ""]
    if not below:
        yield from ["```text", _usage(command, words), "```", ""]
    yield from [prose(command.help or ""), ""]
    yield from table(("Option", "Default", "Meaning"), map(_row, _shown(command)))
    for name, inner in below.items():
        if not inner.hidden:
            yield from _lines(inner, f"{words} {name}")


def _shown(command: Any) -> list[Any]:
    return [own for own in command.params if not getattr(own, "hidden", False)]


def _usage(command: Any, words: str) -> str:
    arguments = [own for own in _shown(command) if own.param_type_name == "argument"]
    named = [own.name.upper() if own.required else f"[{own.name.upper()}]" for own in arguments]
    options = ["[OPTIONS]"] if len(arguments) < len(_shown(command)) else []
    return " ".join([words, *options, *named])


def _row(own: Any) -> tuple[str, str, str]:
    """An argument or option: how it is written, its default, what it means."""
    is_flag = getattr(own, "is_flag", False)
    names = [own.name.upper()] if own.param_type_name == "argument" else [*own.opts, *own.secondary_opts]
    value = "" if is_flag or own.param_type_name == "argument" else f" {own.name.upper()}"
    shown = ", ".join(code(name) for name in names) + (f" {code(value.strip())}" if value else "")
    notes = [prose(getattr(own, "help", None) or "")]
    if own.required:
        notes.append("Required.")
    if getattr(own, "multiple", False):
        notes.append("May be repeated.")
    if own.envvar:
        notes.append(f"Environment: {code(own.envvar)}.")
    default = own.default
    is_plain = isinstance(default, str | int | float) and not is_flag and default != ""
    return shown, code(str(default)) if is_plain else "", " ".join(filter(None, notes))
