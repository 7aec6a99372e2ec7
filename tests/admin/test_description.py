"""The description and the page: complete, correct, loading nothing from elsewhere, and built only on demand."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

from jsonschema_rs import Draft202012Validator, meta

from gateway.admin.api import ROUTES
from gateway.admin.openapi import description
from gateway.admin.problems import KINDS
from tests.admin.conftest import Admin


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(references(inner) for inner in value)) if value else set()
    return set()


def test_every_route_is_described_once() -> None:
    described = description()
    names = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert sorted(names) == sorted(route.name for route in ROUTES)
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in described["tags"]}
    assert {route.tag for route in ROUTES} == tags


def test_every_reference_leads_somewhere_and_every_model_is_used() -> None:
    described = description()
    models = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert references(described) == models
    for name, schema in described["components"]["schemas"].items():
        assert meta.is_valid({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}), name


def test_every_operation_says_what_it_does() -> None:
    for path in description()["paths"].values():
        for operation in path.values():
            assert operation["summary"], operation["operationId"]
            assert operation["description"], operation["operationId"]


def test_the_schemas_hold_examples_of_both_kinds() -> None:
    described = description()
    new_tenant = {"$ref": "#/components/schemas/NewTenant", "components": described["components"]}
    validator = Draft202012Validator(new_tenant)
    assert validator.is_valid({"series": [{"key": "a", "numbers": {"invoice": 1}}]})
    assert not validator.is_valid({"surprise": 1})
    assert not validator.is_valid({"series": [{"key": "no spaces"}]})


async def test_the_document_is_served_as_it_is(admin: Admin) -> None:
    served = await admin.get("/openapi.json")
    assert served.body == description()
    assert served.body["openapi"] == "3.1.0"


class Links(HTMLParser):
    """Collects the references of a page and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.wanted: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if name in {"src", "href", "action", "data", "srcset"} and value:
                if value.startswith("#"):
                    self.wanted.add(value[1:])
                else:
                    self.outside.append(value)
        assert tag not in {"script", "link", "img", "iframe", "object", "form"}


async def test_the_page_loads_nothing_and_links_to_itself(admin: Admin) -> None:
    page = await admin.get("/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    links = Links()
    links.feed(page.text)
    assert links.outside == ["openapi.json", "evidence"]
    assert links.wanted <= links.anchors
    assert {route.name for route in ROUTES} <= links.anchors
    assert all(kind.type in page.text for kind in KINDS)
    assert not re.search(r"@import|url\(", page.text)


def test_nothing_of_the_api_is_loaded_by_a_start() -> None:
    lazy = ["gateway.admin.api", "gateway.admin.openapi", "gateway.admin.docs_page"]
    code = f"import sys, gateway.server.wiring\nprint([name for name in {lazy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
