"""The vendor's operations: the path and verb of each, and which of them are served."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from adapters.invoicexpress.documents.lifecycle import DIALECT, TYPES
from gateway.core.values import Caller, Origin
from gateway.spi.adapter import Call, Evidence, Operation
from gateway.wire.rails.parameters import Parameters
from gateway.wire.rails.paths import split_path
from gateway.wire.rails.responses import Answer
from schemas.invoicexpress.routes import DOCUMENT_ACTIONS, DOCUMENTS, MISSING, ROUTES, WITHOUT_SUFFIX

LIST: Final = "sequences.list"
GET: Final = "sequences.get"
CREATE: Final = "sequences.create"
UPDATE: Final = "sequences.update"
SET_CURRENT: Final = "sequences.set_current"

_ID: Final = ":id"
_WITH_ID: Final = re.compile(r"/([a-z_]+)/([0-9]+)((?:/[a-z-]+)?\.xml)")
_Pattern = tuple[str, ...]


def _rows() -> Iterator[tuple[str, str, str]]:
    """Verbs, path and operation of everything that the vendor offers. Source: R-20, R-32."""
    yield from ROUTES
    for plural in DOCUMENTS:
        for verbs, path, action in DOCUMENT_ACTIONS:
            if (plural, action) not in MISSING:
                yield verbs, path.format(plural=plural, singular=plural.removesuffix("s")), f"{plural}.{action}"


def _table() -> dict[_Pattern, dict[str, str]]:
    table: dict[_Pattern, dict[str, str]] = {}
    for verbs, path, operation in _rows():
        table.setdefault(tuple(path[1:].split("/")), {}).update(dict.fromkeys(verbs.split(), operation))
    return table


_TABLE: Final[Mapping[_Pattern, Mapping[str, str]]] = _table()

_SHARED: Final = frozenset({"api", "users", "login", "pdf"})
"""First segments that say little: of them, only the paths of the table belong to this vendor on a host of no vendor."""
_SEGMENTS: Final = frozenset(pattern[0] for pattern in _TABLE) - _SHARED
_PREFIXES: Final = tuple(
    {"/" + "/".join(pattern[:2]) for pattern in _TABLE if pattern[0] in _SHARED - {"pdf", "login"}}
)


def claims(path: str) -> bool:
    """True for the paths of the table, with any suffix, and for everything below its resources."""
    segment = path[1:].partition("/")[0].partition(".")[0]
    return segment in _SEGMENTS or path.startswith((*_PREFIXES, "/login.xml", "/login.json", "/pdf/"))


@dataclass(frozen=True, slots=True)
class Target:
    """What a request asks for.

    operation: "" when the path has no such verb.
    id: as it stands in the path; "" when it has none.
    format: the suffix of the path.
    allowed: the verbs of the path.
    """

    operation: str
    id: str
    format: str
    allowed: tuple[str, ...]

    @property
    def is_spelt_well(self) -> bool:
        """True when the vendor's API has the operation at such a suffix. Source: R-17."""
        return self.format in {"xml", "json"} or (not self.format and self.operation in WITHOUT_SUFFIX)


Handler: TypeAlias = Callable[[Call, Caller, Target, Parameters], Awaitable[Answer]]
"""Answers one operation for a caller whose key is good."""


def origin_of(call: Call, caller: Caller) -> Origin:
    """Who asks for what, for the ledger."""
    return Origin(DIALECT, caller.principal, call.request_id, call.operation)


def find_target(method: str, path: str) -> Target | None:
    """Return the target of a request; None for a path without a route. HEAD is answered like GET."""
    with_id = _WITH_ID.fullmatch(path)
    if with_id is None:
        return _target(method, path)
    resource, own, rest = with_id.groups()
    found = _target(method, f"/{resource}/0{rest}")  # the same for every id, so it is kept
    return None if found is None else Target(found.operation, own, found.format, found.allowed)


@lru_cache(maxsize=256)
def _target(method: str, path: str) -> Target | None:
    route = split_path(path)
    segments = route.segments
    if "" in segments:
        return None
    for pattern in _patterns(segments):
        verbs = _TABLE.get(pattern)
        if verbs is not None:
            identifier = segments[pattern.index(_ID)] if _ID in pattern else ""
            operation = verbs.get("GET" if method == "HEAD" else method, "")
            return Target(operation, identifier, route.format, tuple(verbs))
    return None


def _patterns(segments: _Pattern) -> Iterator[_Pattern]:
    """The patterns that segments may stand for, the most exact one first."""
    yield segments
    for place in range(1, len(segments)):
        yield (*segments[:place], _ID, *segments[place + 1 :])
    yield (*segments[:2], *(_ID for _ in segments[2:]))


_SERVED: Final = (
    Operation(LIST, True, Evidence.DOCUMENTED, "L and v1"),
    Operation(GET, True, Evidence.DOCUMENTED, "L and v1"),
    Operation(CREATE, True, Evidence.CLIENT_DERIVED, "L and v1; 201 is recorded for a later JSON generation"),
    Operation(UPDATE, True, Evidence.DOCUMENTED, "L"),
    Operation(SET_CURRENT, True, Evidence.CLIENT_DERIVED, "v1"),
    *(
        Operation(f"{kind.plural}.{name}", True, evidence, note)
        for kind in TYPES
        for name, evidence, note in (
            ("list", Evidence.RECORDED, "pages, types, states and reference; other filters are refused"),
            ("create", Evidence.RECORDED, "drafts"),
            ("get", Evidence.RECORDED, "those made through this dialect"),
            ("update", Evidence.CLIENT_DERIVED, "drafts only"),
            ("change_state", Evidence.DOCUMENTED, "also by POST and below the singular"),
        )
    ),
)
SERVED: Final = frozenset(operation.name for operation in _SERVED)
"""The names of the operations that are served."""


def _reason(operation: str) -> str:
    resource, _, action = operation.partition(".")
    if action in {"email", "pdf", "pdf_start", "qr_code"}:
        return "nothing is sent or printed here"
    if action in {"archive", "unarchive"}:
        return "nothing is archived here"
    if resource in {*DOCUMENTS, "estimates", "guides"}:
        return "another type of document, without a counter in a legacy sequence"
    return "JSON generation of 2022" if resource == "sequences" else "not served yet"


OPERATIONS: Final = (
    *_SERVED,
    *(
        Operation(name, False, Evidence.CLIENT_DERIVED, _reason(name))
        for name in dict.fromkeys(name for verbs in _TABLE.values() for name in verbs.values())
        if name not in SERVED
    ),
)
