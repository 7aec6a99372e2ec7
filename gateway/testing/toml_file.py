"""Reads the TOML files of golden cases and of known differences."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from gateway.spi.foreign_text import TextError, read_text


def read_toml(path: Path) -> dict[str, Any]:
    """The table in a file. Raises TextError."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise TextError(f"is not TOML: {error}") from None
    except RecursionError:
        raise TextError("is nested too deeply") from None
    except ValueError as error:  # a number of too many digits
        raise TextError(f"is not TOML: {error}") from None
