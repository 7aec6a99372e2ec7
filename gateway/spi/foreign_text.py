"""Text that somebody else wrote: read within bounds from files, and shown without characters that steer a terminal.

Every text file that a person writes for the gateway is read here, so that a byte order mark and a file of the wrong kind are
treated in one way everywhere.
"""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

MAX_TEXT_BYTES: Final = 16 * 1024 * 1024
"""A file of more bytes is refused: no file that a person writes for the gateway is so large."""
MAX_DEPTH: Final = 64
"""How deep values may be nested, in YAML and in JSON."""

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STEERING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""What a terminal may take for a command, or shows in another order: control characters but tab and line feed, marks of
writing direction, separators of lines, lone surrogates.
"""
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS: Final = re.compile(r"[\[\]{}]")


class TextError(ValueError):
    """A text cannot be used. Its own text says why, for people, and holds nothing of what was read."""


def read_text(path: Path, most: int = MAX_TEXT_BYTES) -> str:
    """The text of a UTF-8 file, without a byte order mark. Raises TextError.

    most: bytes; a larger file is refused.
    """
    return text_of(read_bytes(path, most))


def read_bytes(source: Path | BinaryIO, most: int = MAX_TEXT_BYTES) -> bytes:
    """The whole of a file. Raises TextError."""
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                data = file.read(most + 1)
        else:
            data = source.read(most + 1)
    except OSError as error:
        raise TextError(f"cannot be read: {error.strerror or error}") from None
    except ValueError:  # a path with a NUL
        raise TextError("cannot be read: not the name of a file") from None
    if len(data) > most:
        raise TextError(f"is larger than {most} bytes")
    return data


def text_of(data: bytes) -> str:
    """Bytes as text, as `read_text` reads them. Raises TextError."""
    if data.startswith(_UTF16):
        raise TextError("is UTF-16 text; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(f"is not UTF-8 text (byte {error.start})") from None


def read_secret(path: Path) -> str:
    """The secret in a file: its text without the line ends at its end. Raises TextError, also for more lines or none."""
    text = read_text(path, 64 * 1024).rstrip("\r\n")
    if not text.strip():
        raise TextError("is empty")
    if printable_line(text) != text:
        raise TextError("holds more than one line, or a control character")
    return text


def json_value(text: str) -> Any:
    """The value of a JSON text. Raises TextError for what is no JSON, NaN and Infinity included, or nested too deeply."""
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(text)
    try:
        return _JSON.decode(text)
    except ValueError as error:
        raise TextError(f"is not JSON ({_reason(error)})") from None


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return str(error) if isinstance(error, TextError) else "a number has too many digits"


def _no_constant(name: str) -> NoReturn:
    raise TextError(f"{name} is no JSON number")


_JSON: Final = json.JSONDecoder(parse_constant=_no_constant)


def _check_depth(text: str) -> None:
    """Raise before the parser would run out of stack."""
    depth = 0
    for sign in _BRACKETS.findall(_QUOTED.sub("", text)):
        depth += 1 if sign in "[{" else -1
        if depth > MAX_DEPTH:
            raise TextError(f"is nested deeper than {MAX_DEPTH} levels")


def printable(text: str, most: int | None = None) -> str:
    r"""A text fit for a terminal: what would steer it is written as an escape, like \x1b or \u202e.

    most: characters; a longer text is cut and ends with an ellipsis.
    """
    if most is not None and len(text) > most:
        text = text[:most] + "…"
    return _STEERING.sub(_escaped, text.replace("\r\n", "\n"))


def printable_line(text: str, most: int | None = None) -> str:
    r"""The same in one line: line feeds and tabs are written as \n and \t, too."""
    return printable(text, most).replace("\n", "\\n").replace("\t", "\\t")


def printable_json(value: Any, indent: int | None = 2) -> str:
    """A value as JSON that is fit for a terminal and still the same value."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
