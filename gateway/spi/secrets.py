"""Secrets in configuration: given in place, by environment variable or by file, never printed, compared in constant time.

A model with a field `password: Secret` that derives from `WithSecrets` accepts two alternatives: `password_file`, the path of
a file whose text is taken without the final newline, and `password_env`, the name of an environment variable. A relative path
in a configuration file has become one below that file's folder before a model sees it (`gateway.config.paths`).
"""

from __future__ import annotations

import hmac
import os
import string
from pathlib import Path
from random import Random
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

Secret = SecretStr
_LETTERS: Final = string.ascii_letters + string.digits


def same_secret(given: str, expected: SecretStr) -> bool:
    """Compare in constant time; both may hold any characters."""
    return hmac.compare_digest(given.encode(), expected.get_secret_value().encode())


def made_up_secret(random: Random) -> str:
    """24 letters and digits: about 140 bits when `random` is unpredictable."""
    return "".join(random.choices(_LETTERS, k=24))


class WithSecrets(BaseModel):
    """A section of the configuration. Unknown keys are refused; `<name>_file` and `<name>_env` fill the secret `<name>`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _fill_secrets(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        filled = dict(values)
        for name, info in cls.model_fields.items():
            if info.annotation is SecretStr:
                fill_secret(filled, name)
        return filled


def fill_secret(values: dict[str, Any], name: str) -> None:
    """Put the secret `name` into a section's values, instead of its file or variable. Raises ValueError."""
    given = [key for key in (name, f"{name}_file", f"{name}_env") if key in values]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} are alternatives; give one")
    path = values.pop(f"{name}_file", None)
    variable = values.pop(f"{name}_env", None)
    if path is not None:
        try:
            values[name] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{name}_file: cannot read {path}: {error}") from None
    if variable is not None:
        if variable not in os.environ:
            raise ValueError(f"{name}_env: the environment has no variable {variable}")
        values[name] = os.environ[variable]
