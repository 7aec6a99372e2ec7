"""The stores of the configuration, by name, and which tenant is pinned to which (ADR-35).

`store` is the URL of the store named `default`; `stores` describes the others. `stores.default` may replace `store`, but
both together are refused. A tenant without `store:` is in the default store.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Annotated, Any, Final

from pydantic import Field

from gateway.config.problems import did_you_mean
from gateway.config.same_database import places_of
from gateway.config.yaml_file import Document, KeyPath, Problem
from gateway.spi.secrets import Secret, WithSecrets

DEFAULT_STORE: Final = "default"
StoreName = Annotated[str, Field(pattern=r"^[a-z](?:[_-]?[a-z0-9]){0,31}$")]
_NO_END: Final = (1 << 63) - 1
_FORMS: Final = ("url", "url_file", "url_env")
_SCHEME: Final = re.compile("[a-z][a-z0-9+.-]{0,20}", re.IGNORECASE)
SCHEMES: Final = ("sqlite", "postgresql", "postgres", "postgresql+asyncpg")
"""What a store's URL may begin with."""


class StoreSection(WithSecrets):
    """One store.

    url: sqlite:///… or postgresql://…, with its options; `url_file` or `url_env` name where to read it. A relative path is
        below the configuration file's folder, or below the working directory when an environment variable gives it.
    auto_migrate: as at the top level, unless given here.
    max_queued_commands: as in `limits`, unless given here.
    first_id: where the made-up ids of series and documents begin. They end before the next higher `first_id` of another
        store. A tenant keeps its ids when it moves (ADR-40), so each store needs ids that no other store makes up.
    """

    url: Secret
    auto_migrate: bool | None = None
    max_queued_commands: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    first_id: Annotated[int, Field(ge=1, lt=1 << 62)] = 1


def sections_of(url: str, stores: Mapping[str, StoreSection], *, url_is_given: bool) -> dict[str, StoreSection]:
    """Every store by name, the default one first.

    url: the default store's URL, unless `stores` describes that store.
    stores: the sections of the configuration.
    url_is_given: a flag or the environment gave the URL, so it outranks `stores`.
    """
    given = stores.get(DEFAULT_STORE)
    if given is None:
        given = StoreSection(url=Secret(url))
    elif url_is_given:
        given = given.model_copy(update={"url": Secret(url)})
    others = {name: section for name, section in stores.items() if name != DEFAULT_STORE}
    return {DEFAULT_STORE: given, **others}


def ids_of(sections: Mapping[str, StoreSection], name: str) -> range:
    """The ids that a store may make up: from its own `first_id` up to the next higher one of another store."""
    first = sections[name].first_id
    higher = [section.first_id for section in sections.values() if section.first_id > first]
    return range(first, min(higher, default=_NO_END))


def without_overridden(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The file's values, without the URLs of stores that the environment gives in any of the three forms."""
    stores = values.get("stores")
    if not isinstance(stores, dict):
        return values
    kept = {name: _unless_given(name, section, prefix) for name, section in stores.items()}
    return {**values, "stores": kept}


def _unless_given(name: Any, section: Any, prefix: str) -> Any:
    head = f"{prefix}STORES__{str(name).upper()}__"
    given = {variable.upper() for variable in os.environ}
    if not isinstance(section, dict) or not any(head + form.upper() in given for form in _FORMS):
        return section
    return {key: value for key, value in section.items() if key not in _FORMS}


def store_problems(
    sections: Mapping[str, StoreSection], pins: Sequence[str | None], document: Document
) -> list[Problem]:
    """What is wrong with the stores.

    That is: an address of no kind that there is, one store described in two ways, tenants pinned to none, one database under
    two names.

    sections: every store by name.
    pins: the `store` of each tenant, in the order of the file; None means the default store.
    document: the file, for line numbers.
    """
    problems: list[Problem] = []
    file_stores = document.values.get("stores")
    if "store" in document.values and isinstance(file_stores, dict) and DEFAULT_STORE in file_stores:
        path: tuple[str | int, ...] = ("stores", DEFAULT_STORE)
        problems.append(Problem(path, document.line_of(path), "store and stores.default are alternatives; give one"))
    for index, pin in enumerate(pins):
        if pin is not None and pin not in sections:
            path = ("tenants", index, "store")
            hint = did_you_mean(pin, sections)
            text = f"found {pin!r}: no store of this name{hint}; allowed: {', '.join(sections)}"
            problems.append(Problem(path, document.line_of(path), text))
    return [
        *problems,
        *_addresses(sections, document),
        *_twins(sections, document),
    ]


def path_of(name: str, document: Document) -> KeyPath:
    """Where the configuration says the URL of a store."""
    file_stores = document.values.get("stores")
    described = file_stores.get(name) if isinstance(file_stores, dict) else None
    if name == DEFAULT_STORE and described is None:
        return ("store",)
    given = [key for key in _FORMS if isinstance(described, dict) and key in described]
    return ("stores", name, *given[:1])


def _addresses(sections: Mapping[str, StoreSection], document: Document) -> list[Problem]:
    schemes = {name: section.url.get_secret_value().partition("://") for name, section in sections.items()}
    problems = []
    for name, (scheme, mark, _) in schemes.items():
        if not mark or scheme not in SCHEMES:
            shown = f"found a {scheme!r} URL: " if mark and _SCHEME.fullmatch(scheme) else ""
            hint = did_you_mean(scheme, SCHEMES) if shown else ""
            text = f"{shown}not a store address{hint}; give sqlite:///path/to/file.db or postgresql://…"
            problems.append(document.problem(path_of(name, document), text))
    return problems


def worker_problems(sections: Mapping[str, StoreSection], workers: int, document: Document) -> list[Problem]:
    """Several processes that are to serve from a store that only one may open."""
    files = [name for name, section in sections.items() if section.url.get_secret_value().startswith("sqlite:")]
    if workers == 1 or not files:
        return []
    whose = "a SQLite store" if len(sections) == 1 else f"a SQLite store ({', '.join(files)})"
    text = f"found {workers}: {whose} belongs to one process; use a PostgreSQL store, or 1 worker"
    return [document.problem(("workers",), text)]


def _twins(sections: Mapping[str, StoreSection], document: Document) -> list[Problem]:
    if len(sections) == 1:
        return []
    places = {name: places_of(section.url.get_secret_value()) for name, section in sections.items()}
    problems = []
    for one, other in combinations(sections, 2):
        if places[one] & places[other]:
            path = ("stores", other)
            text = f"is the same database as the store {one!r}; two names for one would break its numbers"
            problems.append(Problem(path, document.line_of(path), text))
    return problems
