"""The table of routes, and a request's way through it: models check path, query and body, and problems have one form."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import unquote

from aiohttp import web
from multidict import MultiMapping
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.admin.context import Services
from gateway.admin.port import read_body
from gateway.admin.problems import (
    INVALID_REQUEST,
    MALFORMED_BODY,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    Problem,
    ProblemKind,
)
from gateway.config.process import LimitsSection
from gateway.core.values import is_text

T = TypeVar("T")
JSON: Final = "application/json"
PATCH_JSON: Final = "application/merge-patch+json"
Access = Literal["open", "read", "full"]


class Body(BaseModel):
    """A body or query of a request: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """Something shown."""

    model_config = ConfigDict(frozen=True)


def _not_a_number(value: Any) -> Any:
    """Refuse a bare number. pydantic would take it for seconds since 1970, which nobody means in a query."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9.]+", value):
        raise ValueError("is a number, not a moment like 2024-02-29T12:00:00Z")
    return value


Moment = Annotated[dt.datetime, BeforeValidator(_not_a_number)]
"""A moment in a query; UTC where no zone is given."""


class Paging(Body):
    """Which page of a list.

    cursor: `next` of the page before.
    limit: how many at most.
    """

    cursor: str | None = Field(default=None, max_length=300)
    limit: int = Field(default=100, ge=1, le=1000)


class Page(View, Generic[T]):
    """A part of a list.

    next: the cursor for the items that follow; null at the end.
    """

    items: list[T]
    next: str | None


@dataclass(slots=True)
class Ask:
    """A checked request.

    services: what the operation may use.
    request: the request itself.
    path: the variables of the path, decoded.
    query: the query as the route's model.
    body: the body as the route's model.
    """

    services: Services
    request: web.Request
    path: Mapping[str, str]
    query: Any = None
    body: Any = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer with headers of its own."""

    body: BaseModel | None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Ask], Awaitable[BaseModel | Shown | web.StreamResponse | None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    method: the HTTP method.
    path: with variables in braces.
    name: its operationId.
    tag: its group in the description.
    summary: what it does, for people.
    handler: answers a checked request.
    query: the model of the query; None for no parameters.
    body: the model of the request's body; None for no body.
    body_required: False when an empty body is allowed.
    answer: the model of the answer's body; None for no body.
    status: of a good answer.
    problems: those that it may meet besides the common ones.
    media: media types of the answer.
    consumes: media types of the request's body.
    etag: the answer has an ETag, and a change needs one.
    asks_store: it may fail because the store does.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    handler: Handler
    query: type[BaseModel] | None = None
    body: Any = None
    body_required: bool = True
    answer: Any = None
    status: int = 200
    problems: tuple[ProblemKind, ...] = ()
    media: tuple[str, ...] = (JSON,)
    consumes: tuple[str, ...] = (JSON,)
    etag: bool = False
    asks_store: bool = True

    @property
    def changes(self) -> bool:
        """True when a token that may only read is not enough."""
        return self.method not in {"GET", "HEAD"}

    @property
    def variables(self) -> list[str]:
        """The names of the path's variables, in order."""
        return re.findall(r"\{(\w+)\}", self.path)


class Table:
    """Finds the route of a request."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self._patterns: list[tuple[re.Pattern[str], dict[str, Route]]] = []
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        # Fewer variables first: `/requests/count` must not be taken for a request with the id `count`.
        for path, methods in sorted(by_path.items(), key=lambda item: item[0].count("{")):
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
            self._patterns.append((re.compile(pattern), methods))

    def find(self, method: str, raw_path: str) -> tuple[Route | None, dict[str, str], list[str]]:
        """The route, the variables of the path, and the methods that the path knows (none when there is no such path).

        The path is matched as sent and only then decoded, so `%2F` in a name is no separator.
        """
        for pattern, methods in self._patterns:
            match = pattern.fullmatch(raw_path)
            if match is None:
                continue
            route = methods.get("GET" if method == "HEAD" else method)
            variables = {name: unquote(value) for name, value in match.groupdict().items()}
            return route, variables, sorted({*methods, *({"HEAD"} if "GET" in methods else ())})
        return None, {}, []


async def checked(services: Services, request: web.Request, route: Route, variables: Mapping[str, str]) -> Ask:
    """Check query and body by the route's models. Raises Problem."""
    ask = Ask(services, request, variables)
    ask.query = read_query(route.query or Body, request.query)
    if route.body is not None:
        ask.body = await _read_body(request, route, services.config.limits)
    return ask


def read_query(model: type[BaseModel], query: MultiMapping[str]) -> Any:
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name in dict.fromkeys(query.keys()):
        given = query.getall(name)
        if name in model.model_fields and _is_list(model.model_fields[name].annotation):
            values[name] = given
        elif len(given) > 1:
            errors.append(FieldError(place="query", field=name, message="is given more than once"))
        else:
            values[name] = given[0]
        if not all(map(is_text, given)):
            errors.append(FieldError(place="query", field=name, message="holds a character that is no text"))
    if errors:
        raise invalid(errors)
    return validated(model, values, "query")


def _is_list(annotation: Any) -> bool:
    options = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return any(get_origin(option) in {list, tuple} for option in options)


async def _read_body(request: web.Request, route: Route, limits: LimitsSection) -> Any:
    text = await read_body(request, limits)
    if not text and not route.body_required:
        return validated(route.body, {}, "body")
    if request.content_type not in route.consumes:
        accepted = {"Accept-Patch" if route.method == "PATCH" else "Accept": ", ".join(route.consumes)}
        raise Problem(UNSUPPORTED_MEDIA_TYPE, f"found {request.content_type}", accepted)
    # Parsed twice on purpose: pydantic's own parser accepts NaN and Infinity, and checks no text in fields of any type.
    try:
        texts = list(_texts(json.loads(text, parse_constant=_no_constant)))
    except (ValueError, RecursionError) as error:
        raise Problem(MALFORMED_BODY, str(error)) from error
    if not all(map(is_text, texts)):
        raise invalid_field("body", "", "holds a character that is no text: U+0000, or half a surrogate pair")
    try:
        return route.body.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise invalid(field_errors(error, "body")) from error


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def validated(model: Any, value: Any, place: str) -> Any:
    """A value as its model. Raises Problem with every wrong field, without the values that were given: they may be secret."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(field_errors(error, place)) from error


def field_errors(error: ValidationError, place: str, prefix: Sequence[str] = ()) -> list[FieldError]:
    """The findings of pydantic, by field."""
    return [
        FieldError(
            place=place,
            field=".".join([*prefix, *(str(part) for part in item["loc"])]),
            message=str(item["msg"]).removeprefix("Value error, "),
        )
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def invalid(errors: Iterable[FieldError]) -> Problem:
    """The problem for fields that are not as they must be."""
    found = list(errors)
    detail = "; ".join(f"{one.place} {one.field}: {one.message}".replace(" : ", ": ") for one in found[:3])
    return Problem(INVALID_REQUEST, detail, errors=[one.model_dump() for one in found])


def invalid_field(place: str, name: str, message: str) -> Problem:
    """The problem for one field."""
    return invalid([FieldError(place=place, field=name, message=message)])


def write_cursor(*parts: str | int) -> str:
    """A cursor that holds where a page ended. It is encoded so that clients do not build their own."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """What a cursor holds; None for the first page. Raises Problem for a cursor that no page has given."""
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(parts, list) and [type(part) for part in parts] == list(kinds) and all(map(_is_storable, parts)):
            return tuple(parts)
    except (binascii.Error, ValueError):
        pass
    raise invalid_field("query", "cursor", "is none that a page of this list has given as `next`")


def _is_storable(part: str | int) -> bool:
    return is_text(part) if isinstance(part, str) else -(2**63) <= part < 2**63


def page_after(items: Iterable[T], limit: int, cursor_of: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The first `limit` items, and the cursor of the last one if there are more."""
    shown: list[T] = []
    for item in items:
        if len(shown) == limit:
            return shown, cursor_of(shown[-1])
        shown.append(item)
    return shown, None
