"""The human page about the API: one HTML document, made from its description; nothing is loaded from elsewhere."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, Final

from gateway.admin.openapi import description
from gateway.admin.problems import KINDS

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --get: #0a7d55; --post: #1f6feb; --put: #a35c00;
--patch: #8250df; --delete: #c93c37; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
nav a { margin-right: .8rem; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .35rem .7rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
code, pre { font: 13px/1.45 ui-monospace, monospace; } pre { background: var(--soft); overflow: auto; padding: .6rem; }
.verb { border-radius: 4px; color: #fff; display: inline-block; font: 600 12px/1.6 ui-monospace, monospace;
margin-right: .5rem; padding: 0 .4rem; text-align: center; width: 4rem; }
.get { background: var(--get); } .post { background: var(--post); } .put { background: var(--put); }
.patch { background: var(--patch); } .delete { background: var(--delete); }
table { border-collapse: collapse; width: 100%; } td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem;
text-align: left; vertical-align: top; } th { font-weight: 600; } td:first-child { white-space: nowrap; }
@media (max-width: 40rem) { td:first-child { white-space: normal; } }
"""


@functools.cache
def page() -> str:
    """The whole document."""
    told = description()
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>{escape(told['info']['title'])}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(told['info']['title'])}</h1>",
        f"<p>Version {escape(told['info']['version'])}. Machines read <a href='openapi.json'>openapi.json</a>. ",
        "With a token configured, send <code>Authorization: Bearer …</code>; the read token may only <code>GET</code>.</p>",
        "<nav>",
        *(f"<a href='#{tag['name']}'>{tag['name']}</a>" for tag in told["tags"]),
        "<a href='#problems'>problems</a> <a href='#models'>models</a></nav>",
        *_sections(told),
        *_problems(),
        *_models(told),
        "</body></html>",
    ]
    return "\n".join(parts)


def _sections(told: dict[str, Any]) -> Iterator[str]:
    operations = [(path, verb, operation) for path, verbs in told["paths"].items() for verb, operation in verbs.items()]
    for tag in told["tags"]:
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
        yield from _table("Parameter", "Form", rows)
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        yield f"<p>Body ({escape(', '.join(content))}): {_reference(next(iter(content.values()))['schema'])}</p>"
    yield from _table("Status", "Answer", (_response(status, own) for status, own in operation["responses"].items()))
    yield "</details>"


def _response(status: str, response: dict[str, Any]) -> tuple[str, str]:
    shown = [_reference(own["schema"]) for own in response.get("content", {}).values()]
    return status, f"{escape(response['description']).replace('`', '')} {' '.join(dict.fromkeys(shown))}"


def _table(first: str, second: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"<table><tr><th>{first}</th><th>{second}</th></tr>"
    yield from (f"<tr><td>{one}</td><td>{other}</td></tr>" for one, other in rows)
    yield "</table>"


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
    yield from _table("Type", "Meaning", rows)


def _models(told: dict[str, Any]) -> Iterator[str]:
    yield "<h2 id='models'>models</h2>"
    for name, schema in told["components"]["schemas"].items():
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        yield f"<details id='model-{escape(name)}'><summary><code>{escape(name)}</code></summary>"
        yield f"<pre>{escape(text)}</pre></details>"
