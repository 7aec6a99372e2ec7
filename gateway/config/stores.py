"""The stores of the configuration, by name, and which tenant is pinned to which.

`store` is the URL of the store named `default`; `stores` holds the settings of any others. `stores.default` may stand in
place of `store`, not beside it. A tenant without `store:` is in the default store.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Annotated, Any, Final

from pydantic import Field, SecretStr

from gateway.config.same_database import places_of
from gateway.config.yaml_file import Document, Problem
from gateway.spi.secrets import WithSecrets

DEFAULT_STORE: Final = "default"
StoreName = Annotated[str, Field(pattern=r"^[a-z](?:[_-]?[a-z0-9]){0,31}$")]
_NO_END: Final = (1 << 63) - 1
_FORMS: Final = ("url", "url_file", "url_env")


class StoreSection(WithSecrets):
    """One store. url: sqlite:///… or postgresql://…, with its options; or url_file, url_env.

    auto_migrate, max_queued_commands: as for every store (top level and `limits`), unless given here. first_id: the ids of
    series and documents that this store makes up begin here, and end before the next higher one of another store. Clients
    know ids, so a tenant keeps its own when it moves; stores with spans of their own never give one twice.
    """

    url: SecretStr
    auto_migrate: bool | None = None
    max_queued_commands: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    first_id: Annotated[int, Field(ge=1, lt=1 << 62)] = 1


def sections_of(url: str, stores: Mapping[str, StoreSection], *, url_is_given: bool) -> dict[str, StoreSection]:
    """Every store by name, the default one first.

    url: the default store's, unless `stores` describes it. url_is_given: a flag or the environment gave it, so that it
    wins over what `stores` says.
    """
    given = stores.get(DEFAULT_STORE)
    if given is None:
        given = StoreSection(url=SecretStr(url))
    elif url_is_given:
        given = given.model_copy(update={"url": SecretStr(url)})
    others = {name: section for name, section in stores.items() if name != DEFAULT_STORE}
    return {DEFAULT_STORE: given, **others}


def ids_of(sections: Mapping[str, StoreSection], name: str) -> range:
    """The ids that a store may make up: from its own first one up to the next higher first one of another store."""
    first = sections[name].first_id
    higher = [section.first_id for section in sections.values() if section.first_id > first]
    return range(first, min(higher, default=_NO_END))


def without_overridden(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The file's values; a URL that the environment gives in one form takes the place of every form in the file."""
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
    """What cannot be right about the stores: two ways to name one, tenants pinned to none, one database twice.

    pins: what each tenant's `store` says, in the order of the file; None = the default store.
    """
    problems: list[Problem] = []
    file_stores = document.values.get("stores")
    if "store" in document.values and isinstance(file_stores, dict) and DEFAULT_STORE in file_stores:
        path: tuple[str | int, ...] = ("stores", DEFAULT_STORE)
        problems.append(Problem(path, document.line_of(path), "store and stores.default are alternatives; give one"))
    for index, pin in enumerate(pins):
        if pin is not None and pin not in sections:
            path = ("tenants", index, "store")
            text = f"found {pin!r}: no store of this name; allowed: {', '.join(sections)}"
            problems.append(Problem(path, document.line_of(path), text))
    return [*problems, *_twins(sections, document)]


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
