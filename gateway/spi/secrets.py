"""Secrets in configuration: given in place, by environment variable or by file, never printed, compared in constant time.

A token or session carries a proof of the credentials that it was made with (ADR-60), so that it ends when they change.

A model with a field `password: Secret` that derives from `WithSecrets` accepts two alternatives: `password_file`, the path of
a file whose text is taken without the final newline, and `password_env`, the name of an environment variable. A relative path
in a configuration file has become one below that file's folder before a model sees it (`gateway.config.paths`).
"""

from __future__ import annotations

import hmac
import os
import string
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, SecretStr, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gateway.spi.foreign_text import TextError, printable_line, read_secret

_LETTERS: Final = string.ascii_letters + string.digits


class Secret(SecretStr):
    """A secret of the configuration. A problem with it never shows its value."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """As of `SecretStr`, but with words of its own for what is not text."""
        return core_schema.no_info_before_validator_function(
            _text_only, super().__get_pydantic_core_schema__(source, handler)
        )


class Unusable:
    """Stands where a secret should be. Its validation fails with a text of its own.

    key: the key in the file that is to blame.
    text: what is wrong.
    """

    def __init__(self, key: str, text: str) -> None:
        self.key = key
        self.text = text


def misplaced(text: str, *at: str | int, moved: int = 0) -> PydanticCustomError:
    """An error of validation that is to be shown at another key than the one whose validation raises it.

    text: for people; never holds a secret.
    at: the keys that lead from there to the right place.
    moved: how many keys to go up first.
    """
    return PydanticCustomError("misplaced", "{text}", {"text": text, "at": at, "moved": moved})


def _text_only(value: Any) -> Any:
    if isinstance(value, Unusable):
        raise misplaced(value.text, value.key, moved=1)
    if isinstance(value, (str, SecretStr)) and not getattr(value, "is_ambiguous", False):
        return value
    if value is None or isinstance(value, (dict, list)):
        raise PydanticCustomError("secret", "must be text")
    raise PydanticCustomError("secret", "quote it: without quotes it may mean something else than this text")


def same_secret(given: str, expected: SecretStr) -> bool:
    """Compare in constant time; both may hold any characters."""
    return hmac.compare_digest(given.encode(), expected.get_secret_value().encode())


def joined_secrets(*secrets: SecretStr) -> bytes:
    """Several credentials as one, for `proof_of` and `is_proven`. No other credentials give the same bytes."""
    values = [secret.get_secret_value().encode("utf-8", "surrogatepass") for secret in secrets]
    return b"".join(b"%d:%b" % (len(value), value) for value in values)


def proof_of(token: str, credentials: bytes) -> str:
    """What is kept with a token to show which credentials it was made with: 64 hex digits.

    It is keyed with the token, and a store keeps tokens only under a hash. So nobody who has the store alone can try out
    which password fits.
    """
    return hmac.digest(token.encode("utf-8", "surrogatepass"), credentials, "sha256").hex()


@lru_cache(maxsize=1024)
def is_proven(token: str, credentials: bytes, proof: object) -> bool:
    """True when a token was made with these credentials. A busy token is not proven anew for each request.

    proof: as kept with the token; None for a token of a version that kept none, which is not good any more.
    """
    return isinstance(proof, str) and hmac.compare_digest(proof.encode(), proof_of(token, credentials).encode())


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
            if isinstance(info.annotation, type) and issubclass(info.annotation, SecretStr):
                fill_secret(filled, name)
        return filled


def fill_secret(values: dict[str, Any], name: str) -> None:
    """Put the secret `name` into a section's values, instead of its file or variable; an `Unusable` when that fails."""
    given = [key for key in (name, f"{name}_file", f"{name}_env") if key in values]
    if not given or given == [name]:
        return
    taken = {key: values.pop(key) for key in given}
    key = given[-1]
    if len(given) > 1:
        values[name] = Unusable(key, f"{' and '.join(given)} are alternatives; give one")
    elif not isinstance(taken[key], str) or not taken[key]:
        values[name] = Unusable(key, "must be text")
    elif key == f"{name}_file":
        values[name] = _from_file(key, taken[key])
    else:
        values[name] = _from_environment(key, taken[key])


def _from_file(key: str, path: str) -> str | Unusable:
    try:
        return read_secret(Path(path))
    except TextError as error:
        return Unusable(key, f"the file {printable_line(path, 200)} {error}")


def _from_environment(key: str, variable: str) -> str | Unusable:
    value = os.environ.get(variable)
    if value is None:
        return Unusable(key, f"the environment has no variable {printable_line(variable, 80)}")
    return value if value.strip() else Unusable(key, f"the variable {printable_line(variable, 80)} is empty")
