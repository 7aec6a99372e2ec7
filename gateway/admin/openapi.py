"""The OpenAPI 3.1 description. It is made from the table of routes and the models, when somebody asks for it."""

from __future__ import annotations

import functools
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from gateway.admin.api import ROUTES, common_problems
from gateway.admin.problems import ProblemDocument, ProblemKind
from gateway.admin.routing import Body, Route
from gateway.version import product_version

_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final = "application/problem+json"
_TAGS: Final = {
    "health": "Whether the gateway can give out numbers.",
    "tenants": "Customer accounts: configured ones, and others made and deleted at run time.",
    "series": "Numbering series and their lines.",
    "documents": "What numbers were given to.",
    "catalogue": "What documents refer to.",
    "ledger": "Every move of a number line, and every hole explained.",
    "requests": "The journal of requests and answers.",
    "work": "What a tenant's dialects are to do later, such as callbacks.",
    "faults": "What shall go wrong.",
    "clock": "Time as a tenant sees it.",
    "state": "Snapshots, reset and seed of a tenant, and what dialects keep of their own.",
    "dialects": "Adapters, their coverage, and their settings.",
    "evidence": "What is known about each operation, and how. A page of it: /evidence.",
}
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_VARIABLES: Final[dict[str, tuple[str, dict[str, Any], Any]]] = {
    "tenant": ("The tenant's id.", _TEXT, "demo"),
    "series": ("The key of the series, or its id.", _TEXT, "main"),
    "line": ("The number line: invoice, credit_note, …", _TEXT, "invoice"),
    "document": ("The document's id.", {"type": "integer", "minimum": 1}, 1),
    "work": ("The item's id.", {"type": "integer", "minimum": 1}, 1),
    "request": ("The entry's id, or the request id that the log shows.", _TEXT, "1"),
    "fault": ("The rule's id.", _TEXT, "f1"),
    "snapshot": ("The snapshot's name.", _TEXT, "clean"),
    "kind": ("What a dialect keeps, in the plural; `seeds` of its adapter has the names.", _TEXT, "payments"),
    "item": ("Its id.", _TEXT, "P-1001"),
    "adapter": ("The adapter's name.", _TEXT, "resurs"),
    "dialect": ("The dialect's name.", _TEXT, "resurs"),
}
"""The variables of paths: what each one means, its schema, an example."""


@functools.cache
def description() -> dict[str, Any]:
    """The whole document."""
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "invoice-gateway admin API",
            "version": product_version(),
            "description": "Problems are RFC 9457 documents with a stable `type`. Lists are paged by `cursor` and `next`.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "admin_token: everything."},
                "readToken": {"type": "http", "scheme": "bearer", "description": "admin_read_token: GET only."},
            },
        },
    }


class _Schemas:
    """Collects models. Where input and output differ, a model has two schemas: a default is optional only in input."""

    def __init__(self) -> None:
        wanted = dict.fromkeys(
            [(route.body, "validation") for route in ROUTES if route.body is not None]
            + [(route.answer, "serialization") for route in ROUTES if route.answer is not None]
            + [(ProblemDocument, "serialization")]
        )
        inputs = [(model, mode, TypeAdapter(model).core_schema) for model, mode in wanted]
        generator = GenerateJsonSchema(ref_template=_REF)
        self._by_key, self._definitions = generator.generate_definitions(inputs)  # type: ignore[arg-type]

    def ref(self, model: Any, mode: str) -> dict[str, Any]:
        """A reference to the schema of a model, or the schema itself."""
        found: dict[str, Any] = self._by_key[(model, mode)]  # type: ignore[index]
        return found

    def definitions(self) -> dict[str, Any]:
        """Every named model."""
        return dict(sorted(self._definitions.items()))


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "description": (route.handler.__doc__ or "").strip(),
        "security": [{"token": []}] if route.changes else [{"token": []}, {"readToken": []}],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)],
        "responses": _responses(route, schemas),
    }
    if route.body is not None:
        schema = schemas.ref(route.body, "validation")
        content = {media: {"schema": schema} for media in route.consumes}
        operation["requestBody"] = {"required": route.body_required, "content": content}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "description": text, "schema": schema, "example": example}
        for name, (text, schema, example) in ((name, _VARIABLES[name]) for name in route.variables)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    model: type[BaseModel] = route.query or Body
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _inlined(_without_null(own), schema.get("$defs", {})),
        }
        for name, own in schema.get("properties", {}).items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without null. A parameter that is left out is None in Python, but a query cannot hold a null."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "title"}}
    if rest.get("default", ...) is None:
        del rest["default"]
    if not options:
        return rest
    return {**options[0], **rest} if len(options) == 1 else {"anyOf": options, **rest}


def _inlined(value: Any, definitions: dict[str, Any]) -> Any:
    """A schema without references: a parameter has no place for definitions of its own."""
    if isinstance(value, dict):
        if "$ref" in value:
            return _inlined(definitions[value["$ref"].rpartition("/")[2]], definitions)
        return {key: _inlined(inner, definitions) for key, inner in value.items()}
    if isinstance(value, list):
        return [_inlined(inner, definitions) for inner in value]
    return value


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    if not (route.etag and route.changes):
        return []
    text = "The ETag that GET gave, or * for whatever there is."
    return [{"name": "If-Match", "in": "header", "required": True, "description": text, "schema": {"type": "string"}}]


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    success: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        shown = {"schema": schemas.ref(route.answer, "serialization")}
        as_text = {"schema": {"type": "string"}}
        success["content"] = {media: shown if media.endswith("/json") else as_text for media in route.media}
    if route.etag:
        success["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "For If-Match."}}
    responses = {str(route.status): success}
    by_status: dict[int, list[ProblemKind]] = {}
    for kind in dict.fromkeys((*route.problems, *common_problems(route))):
        by_status.setdefault(kind.status, []).append(kind)
    for status, kinds in sorted(by_status.items()):
        text = "; ".join(f"`{kind.name}`: {kind.title}" for kind in kinds)
        document = {"schema": schemas.ref(ProblemDocument, "serialization")}
        responses[str(status)] = {"description": text, "content": {_PROBLEM: document}}
    return responses
