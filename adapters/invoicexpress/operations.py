"""The vendor's operations: the path and verb of each, and which of them are served."""

from __future__ import annotations

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

LIST: Final = "sequences.list"
GET: Final = "sequences.get"
CREATE: Final = "sequences.create"
UPDATE: Final = "sequences.update"
SET_CURRENT: Final = "sequences.set_current"

_ID: Final = ":id"
_Pattern = tuple[str, ...]

_SEQUENCES: Final[Mapping[_Pattern, Mapping[str, str]]] = {
    ("sequences",): {"GET": LIST, "POST": CREATE},
    ("sequences", _ID): {"GET": GET, "PUT": UPDATE},
    ("sequences", _ID, "set_current"): {"PUT": SET_CURRENT},
    ("sequences", _ID, "register"): {"PUT": "sequences.register"},
}
_DOCUMENTS: Final = (
    "invoices",
    "simplified_invoices",
    "cash_invoices",
    "invoice_receipts",
    "credit_notes",
    "debit_notes",
    "receipts",
    "purchase_orders",
    "transports",
)
_OTHERS: Final[Mapping[_Pattern, Mapping[str, str]]] = {
    ("clients",): {"GET": "clients.list", "POST": "clients.create"},
    ("clients", "find-by-code"): {"GET": "clients.find_by_code"},
    ("clients", "find-by-name"): {"GET": "clients.find_by_name"},
    ("clients", _ID): {"GET": "clients.get", "PUT": "clients.update"},
    ("clients", _ID, "invoices"): {"GET": "clients.invoices"},
    ("items",): {"GET": "items.list", "POST": "items.create"},
    ("items", _ID): {"GET": "items.get", "PUT": "items.update", "DELETE": "items.delete"},
    ("taxes",): {"GET": "taxes.list", "POST": "taxes.create"},
    ("taxes", _ID): {"GET": "taxes.get", "PUT": "taxes.update", "DELETE": "taxes.delete"},
    ("schedules",): {"GET": "schedules.list", "POST": "schedules.create"},
    ("schedules", _ID): {"GET": "schedules.get", "PUT": "schedules.update"},
    ("login",): {"POST": "users.login"},
    ("users", "accounts"): {"GET": "users.accounts"},
    ("users", "change-account"): {"PUT": "users.change_account"},
    ("api", "charts", _ID): {"GET": "charts.get"},
    ("api", "pdf", _ID): {"GET": "documents.pdf"},
    ("pdf", _ID): {"GET": "documents.pdf"},
}


def _document_patterns(plural: str) -> Iterator[tuple[_Pattern, Mapping[str, str]]]:
    """Documents of every type have the same paths. change-state also answers below the singular. Source: R-20, R-32."""
    states = {"PUT": f"{plural}.change_state", "POST": f"{plural}.change_state"}
    yield (plural,), {"GET": f"{plural}.list", "POST": f"{plural}.create"}
    yield (plural, _ID), {"GET": f"{plural}.get", "PUT": f"{plural}.update"}
    yield (plural, _ID, "change-state"), states
    yield (plural.removesuffix("s"), _ID, "change-state"), states
    yield (plural, _ID, "email-document"), {"PUT": f"{plural}.email"}
    yield (plural, _ID, "email-invoice"), {"PUT": f"{plural}.email"}


_TABLE: Final[Mapping[_Pattern, Mapping[str, str]]] = {
    **_SEQUENCES,
    **{pattern: verbs for plural in _DOCUMENTS for pattern, verbs in _document_patterns(plural)},
    **_OTHERS,
}

_SEGMENTS: Final = frozenset(pattern[0] for pattern in _TABLE) - {"api", "users", "login", "pdf"}
_PREFIXES: Final = ("/api/charts/", "/api/pdf/", "/users/accounts.", "/users/change-account.", "/login.xml", "/pdf/")


def claims(path: str) -> bool:
    """True for the paths of the table, with any suffix, and for everything below its resources."""
    segment = path[1:].partition("/")[0].partition(".")[0]
    return segment in _SEGMENTS or path.startswith(_PREFIXES)


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


Handler: TypeAlias = Callable[[Call, Caller, Target, Parameters], Awaitable[Answer]]
"""Answers one operation for a caller whose key is good."""


def origin_of(call: Call, caller: Caller) -> Origin:
    """Who asks for what, for the ledger."""
    return Origin(DIALECT, caller.principal, call.request_id, call.operation)


@lru_cache(maxsize=256)
def find_target(method: str, path: str) -> Target | None:
    """Return the target of a request; None for a path without a route. HEAD is answered like GET."""
    route = split_path(path)
    segments = route.segments
    if "" in segments:
        return None
    for pattern in (segments, (*segments[:1], _ID, *segments[2:]), (*segments[:2], _ID)):
        verbs = _TABLE.get(pattern) if len(pattern) == len(segments) else None
        if verbs is not None:
            identifier = segments[pattern.index(_ID)] if _ID in pattern else ""
            operation = verbs.get("GET" if method == "HEAD" else method, "")
            return Target(operation, identifier, route.format, tuple(verbs))
    return None


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
            ("list", Evidence.RECORDED, "pages, types and states; other filters are refused"),
            ("create", Evidence.RECORDED, "drafts"),
            ("get", Evidence.RECORDED, "those made through this dialect"),
            ("update", Evidence.CLIENT_DERIVED, "drafts only"),
            ("change_state", Evidence.DOCUMENTED, "also by POST and below the singular"),
        )
    ),
)
_SERVED_NAMES: Final = frozenset(operation.name for operation in _SERVED)


def _reason(operation: str) -> str:
    resource, _, action = operation.partition(".")
    if action in {"email", "pdf"}:
        return "nothing is sent or printed here"
    if resource in _DOCUMENTS:
        return "another type of document, without a counter in a legacy sequence"
    return "JSON generation of 2022" if resource == "sequences" else "not about numbering"


OPERATIONS: Final = (
    *_SERVED,
    *(
        Operation(name, False, Evidence.CLIENT_DERIVED, _reason(name))
        for name in dict.fromkeys(name for verbs in _TABLE.values() for name in verbs.values())
        if name not in _SERVED_NAMES
    ),
)
