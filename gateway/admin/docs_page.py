"""The page for people about the API: one HTML document, made from the description. It loads nothing from elsewhere."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from html import escape
from typing import Any

from gateway.admin.openapi import description
from gateway.admin.pages import document, table
from gateway.admin.problems import KINDS


@functools.cache
def page() -> str:
    """The whole document."""
    api = description()
    parts = [
        f"<p>Version {escape(api['info']['version'])}. Machines read <a href='openapi.json'>openapi.json</a>. ",
        "With a token configured, send <code>Authorization: Bearer …</code>; the read token may only <code>GET</code>.</p>",
        "<nav>",
        *(f"<a href='#{tag['name']}'>{tag['name']}</a>" for tag in api["tags"]),
        "<a href='#problems'>problems</a> <a href='#models'>models</a></nav>",
        "<p>What is known of each vendor's operations, and how: <a href='evidence'>evidence</a>.</p>",
        *_sections(api),
        *_problems(),
        *_models(api),
    ]
    return document(api["info"]["title"], parts)


def _sections(api: dict[str, Any]) -> Iterator[str]:
    operations = [(path, verb, operation) for path, verbs in api["paths"].items() for verb, operation in verbs.items()]
    for tag in api["tags"]:
        yield f"<h2 id='{tag['name']}'>{tag['name']}</h2><p>{escape(tag['description'])}</p>"
        for path, verb, operation in operations:
            if tag["name"] in operation["tags"]:
                yield from _operation(path, verb, operation)


def _operation(path: str, verb: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<details id='{operation['operationId']}'><summary><span class='verb {verb}'>{verb.upper()}</span>"
    yield f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
    yield f"<p>{escape(operation['description'])}</p>"
    if operation["parameters"]:
        rows = (
            (
                f"<code>{escape(own['name'])}</code> ({own['in']})",
                _code(own["schema"]) + escape(own.get("description", "")),
            )
            for own in operation["parameters"]
        )
        yield from table(("Parameter", "Form"), rows)
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        yield f"<p>Body ({escape(', '.join(content))}): {_reference(next(iter(content.values()))['schema'])}</p>"
    yield from table(("Status", "Answer"), (_response(status, own) for status, own in operation["responses"].items()))
    yield "</details>"


def _response(status: str, response: dict[str, Any]) -> tuple[str, str]:
    shown = [_reference(own["schema"]) for own in response.get("content", {}).values()]
    return status, f"{escape(response['description']).replace('`', '')} {' '.join(dict.fromkeys(shown))}"


def _reference(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"<a href='#model-{escape(name)}'>{escape(name)}</a>"
    return _code(schema)


def _code(schema: dict[str, Any]) -> str:
    kept = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    return f"<code>{escape(json.dumps(kept, ensure_ascii=False))}</code> "


def _problems() -> Iterator[str]:
    yield "<h2 id='problems'>problems</h2><p>The <code>type</code> of a problem document is stable.</p>"
    rows = ((f"<code>{escape(kind.type)}</code>", f"{kind.status}: {escape(kind.title)}") for kind in KINDS)
    yield from table(("Type", "Meaning"), rows)


def _models(api: dict[str, Any]) -> Iterator[str]:
    yield "<h2 id='models'>models</h2>"
    for name, schema in api["components"]["schemas"].items():
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        yield f"<details id='model-{escape(name)}'><summary><code>{escape(name)}</code></summary>"
        yield f"<pre>{escape(text)}</pre></details>"
