"""The page of the admin API, from its OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from docs.generate.markdown import code, page, prose, table
from gateway.admin.openapi import description
from gateway.admin.problems import KINDS

_INTRO: Final = """\
The admin port serves health, metrics and this JSON API. A running gateway shows the same at `/docs` and, for machines, at
`/openapi.json`. [The admin port](admin-port.md) says who may ask and how lists, problems and changes work."""

PLAIN: Final[Mapping[str, str]] = {
    "/livez": "200 while the process answers. Open to everybody.",
    "/readyz": "200 while any store can commit, else 503; `?store=NAME` asks for one store. Open to everybody.",
    "/version": "The version of the gateway.",
    "/metrics": "Figures for Prometheus.",
    "/openapi.json": "The description of the API, for machines. Open to everybody.",
    "/docs": "The description of the API, for people. Open to everybody.",
    "/evidence": "What is known about each operation of each dialect, and how, for people.",
}
"""What the admin port serves besides the API below `/v1`."""


def text() -> str:
    """The page."""
    api = description()
    plain = table(("Path", "Answers"), ((code(f"GET {path}"), prose(said)) for path, said in PLAIN.items()))
    return page("Admin API", _INTRO, ["## Outside of the API", "", *plain], _operations(api), _problems(), _models(api))


def _operations(api: Mapping[str, Any]) -> Iterator[str]:
    found = [(path, verb, own) for path, verbs in api["paths"].items() for verb, own in verbs.items()]
    for tag in api["tags"]:
        yield from [f"## {tag['name'].capitalize()}", "", prose(tag["description"]), ""]
        for path, verb, own in found:
            if tag["name"] in own["tags"]:
                yield from _operation(path, verb, own)


def _operation(path: str, verb: str, own: Mapping[str, Any]) -> Iterator[str]:
    yield from [f"### {own['summary'].rstrip('.')}", "", f"`{verb.upper()} {path}`", ""]
    said = own["description"].split("\n\n")
    yield from [line for text in said if text for line in (prose(text), "")]
    rows = (
        (code(one["name"]), one["in"], _form(one["schema"]), "required" if one["required"] else "")
        for one in own["parameters"]
    )
    yield from table(("Parameter", "In", "Form", ""), rows)
    if "requestBody" in own:
        content = own["requestBody"]["content"]
        schema = next(iter(content.values()))["schema"]
        yield from [f"Body ({', '.join(map(code, content))}): {_form(schema)}", ""]
    yield from table(("Status", "Answer"), (_answer(status, one) for status, one in own["responses"].items()))


def _answer(status: str, own: Mapping[str, Any]) -> tuple[str, str]:
    forms = dict.fromkeys(_form(one["schema"]) for one in own.get("content", {}).values() if status.startswith("2"))
    return status, " ".join([prose(own["description"]), *forms])


def _form(schema: Mapping[str, Any]) -> str:
    """A link to a model, or the schema itself."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return f"[{prose(name)}](#{_anchor(name)})"
    return code(json.dumps({key: own for key, own in schema.items() if key != "title"}, ensure_ascii=False))


def _anchor(model: str) -> str:
    return f"model-{model.lower()}"


def _problems() -> Iterator[str]:
    yield from ["## Problems", "", "The `type` of a problem document is stable, so programs may compare it.", ""]
    yield from table(
        ("Type", "Status", "Meaning"), ((code(own.type), str(own.status), prose(own.title)) for own in KINDS)
    )


def _models(api: Mapping[str, Any]) -> Iterator[str]:
    yield from ["## Models", ""]
    for name, schema in api["components"]["schemas"].items():
        yield from [f'<a id="{_anchor(name)}"></a>', "", f'??? note "{name}"', "", "    ```json"]
        yield from (f"    {line}" for line in json.dumps(schema, indent=2, ensure_ascii=False).splitlines())
        yield from ["    ```", ""]
