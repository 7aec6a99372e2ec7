"""Loads the configuration: reads the file, asks the flags, the environment and the file in turn, and says all that is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from gateway.config.model import ENV_PREFIX, Config, FileSource
from gateway.config.paths import folder_of
from gateway.config.problems import problems_of
from gateway.config.stores import store_problems
from gateway.config.yaml_file import ConfigError, Document, KeyPath, Problem, read_document

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def load_config(path: Path | None, flags: dict[str, Any] | None = None) -> tuple[Config, Document]:
    """Load the configuration. `flags` holds values given on the command line (None = not given).

    Raises ConfigError with every problem that can be found without a store, in the order of their lines.
    """
    document = read_document(path, with_problems=True) if path else Document("defaults", {})
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    document = replace(document, outranked=tuple(_outranking(given)))
    given.update(_secrets_from_environment(given))
    problems = list(document.problems)
    config: Config | None = None
    FileSource.document, FileSource.merged = document, _NOTHING
    FileSource.folder = folder_of(path) if path else Path()
    FileSource.store_folder = Path() if "store" in given or _has_environment_the_store() else FileSource.folder
    try:
        config = Config(**given)
    except ValidationError as error:
        problems += problems_of(error, document, Config)
        problems += _problems_of_sections(FileSource.merged, document)
    except ValueError as error:  # a nested environment variable that is not JSON
        raise ConfigError("environment", [Problem((), 0, str(error))]) from None
    finally:
        FileSource.document, FileSource.merged = None, _NOTHING
        FileSource.folder = FileSource.store_folder = Path()
    if config is not None:
        pins = [tenant.store for tenant in config.tenants]
        problems += store_problems(config.store_sections(), pins, document)
    if config is None or problems:
        raise ConfigError(document.name, _without_consequences(problems, document))
    return config, document


def _problems_of_sections(values: Mapping[str, Any], document: Document) -> list[Problem]:
    from gateway.config.validated import problems_in  # noqa: PLC0415 - imports every dialect, so only when it is needed

    return problems_in(values, document)


def _without_consequences(problems: list[Problem], document: Document) -> list[Problem]:
    """Each problem once, and none that only follows from one of the file itself at the same place."""
    roots = [problem.path for problem in document.problems if problem.path]
    return list(
        dict.fromkeys(
            problem
            for problem in problems
            if problem in document.problems or not any(problem.path[: len(root)] == root for root in roots)
        )
    )


def _outranking(given: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """The keys that flags and environment give, with the name of each. The first one counts."""
    for key in given:
        yield (key,), f"--{key.replace('_', '-')}"
    for name, value in os.environ.items():
        key, *more = name.upper().removeprefix(ENV_PREFIX).lower().split("__")
        if value and name.upper().startswith(ENV_PREFIX) and key.removesuffix("_file") in Config.model_fields:
            yield (key, *more), name


def _has_environment_the_store() -> bool:
    given = {name.upper() for name, value in os.environ.items() if value}
    forms = ("STORE", *(f"STORES__DEFAULT__{form}" for form in ("URL", "URL_FILE", "URL_ENV")))
    return any(f"{ENV_PREFIX}{form}" in given for form in forms)


def _secrets_from_environment(given: dict[str, Any]) -> dict[str, Any]:
    paths = {name: os.environ.get(f"{ENV_PREFIX}{name.upper()}_FILE") for name in ("admin_token", "admin_read_token")}
    return {f"{name}_file": path for name, path in paths.items() if path and name not in given}
