"""What the query of a list asks for: a page, types and states. Filters that cannot be answered are errors (D-13).

Source: R-37.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from adapters.invoicexpress.documents.lifecycle import BY_NAME, DELETED, FINAL, LISTED, TYPES, DocumentType
from adapters.invoicexpress.documents.settings import DocumentSettings
from gateway.core.values import DocumentKind
from gateway.wire.rails.parameters import to_i

T = TypeVar("T")
_MAX_PAGE: Final = 10**9
_NUMBERED: Final = re.compile(r"\[[0-9]+\]$")
"""An item of a list as some clients number it: the node client sends `status[0]` for `status[]`. Source: R-37."""
_TYPE: Final = frozenset({"type[]", "filter[by_type][]"})
_STATUS: Final = frozenset({"status[]", "filter[status][]"})
_FLAGS: Final = ("archived", "non_archived")
NO_FILTERS: Final = frozenset({"api_key", "page", "per_page", "format", "utf8", "_"})
"""Parameters that never make a list narrower: the key, the page, and what frameworks and browsers add."""
_SERVED: Final = frozenset(
    {*_TYPE, *_STATUS, *_FLAGS, *NO_FILTERS, "filter[archived]", "filter[archived][]", "reference"}
)
_EMPTY_IS_NOTHING: Final = ("text", "date[", "due_date[", "total_before_taxes[", "filter[")
"""Filters of the vendor that are not served. One without a value asks for nothing."""
_SENT: Final = "sent"
"""The filter's other word for `final`. Source: R-37."""
_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0"})


@dataclass(slots=True)
class ListQuery:
    """What to list.

    kinds: of documents; empty when nothing that exists was asked for.
    page: the first page is 1.
    per_page: documents of a page.
    states: of documents.
    reference: of documents, exactly; None for any.
    problems: what cannot be answered.
    """

    kinds: tuple[DocumentKind, ...]
    page: int
    per_page: int
    states: tuple[str, ...] = LISTED
    reference: str | None = None
    problems: list[str] = field(default_factory=list)

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        """The items of the page."""
        return items[(self.page - 1) * self.per_page : self.page * self.per_page]


def read_list_query(query: str, kind: DocumentType, choices: DocumentSettings) -> ListQuery:
    """Read the query of a list of one resource. With `list_scope: all`, `invoices` lists every type (R-37)."""
    pairs = [(_NUMBERED.sub("[]", name), value) for name, value in parse_qsl(query, keep_blank_values=True)]
    page = _last(pairs, "page")
    per_page = _last(pairs, "per_page")
    is_everything = kind is TYPES[0] and choices.list_scope == "all"
    found = ListQuery(
        kinds=tuple(one.kind for one in TYPES) if is_everything else (kind.kind,),
        page=min(max(to_i(page), 1), _MAX_PAGE),
        per_page=min(to_i(per_page), choices.max_per_page) if to_i(per_page) > 0 else choices.per_page,
    )
    if choices.deleted == "shown":
        found.states = (*LISTED, DELETED)
    _filter(found, pairs)
    return found


def _last(pairs: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for key, value in reversed(list(pairs)) if key == name), "")


def _filter(query: ListQuery, pairs: Iterable[tuple[str, str]]) -> None:
    pairs = list(pairs)
    if types := [value for name, value in pairs if name in _TYPE]:
        wanted = {BY_NAME[name].kind for name in types if name in BY_NAME}
        query.kinds = tuple(kind for kind in query.kinds if kind in wanted)
    if states := {FINAL if value == _SENT else value for name, value in pairs if name in _STATUS}:
        query.states = tuple(state for state in query.states if state in states)
    values = dict(pairs)
    query.reference = values.get("reference")
    if _only_archived(values):
        query.kinds = ()
    query.problems += [f"Filter {name} is not supported" for name in dict.fromkeys(_not_understood(pairs))]


def _not_understood(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Parameters that may mean a narrower list: to ignore one would show documents that were not asked for. D-13."""
    for name, value in pairs:
        if name in _FLAGS:
            is_good = value.lower() in {"", *_TRUE, *_FALSE}
        else:
            is_good = name in _SERVED or (not value and name.startswith(_EMPTY_IS_NOTHING))
        if not is_good:
            yield name


def _only_archived(values: Mapping[str, str]) -> bool:
    """Nothing here is ever archived, so a list of archived documents alone is empty."""
    archived, non_archived = (values.get(name, "").lower() for name in _FLAGS)
    if non_archived:
        return non_archived in _FALSE
    asked = (values.get("filter[archived]"), values.get("filter[archived][]"))
    return archived in _TRUE or "only_archived" in asked
