"""The JSON Schema of the configuration: it knows every key, says what each one means, and fits what the gateway accepts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, SecretStr

from gateway.config.model import Config, DialectSection, TenantSection
from gateway.config.schema import config_schema, descriptions
from gateway.spi.registry import installed_adapters, load_adapter
from tests.conftest import example_values, merged


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return config_schema()


def resolved(schema: dict[str, Any], part: Any) -> Any:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return part


def models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for info in model.model_fields.values():
        annotations = [info.annotation]
        while annotations:
            own = annotations.pop()
            annotations += getattr(own, "__args__", ())
            if isinstance(own, type) and issubclass(own, BaseModel):
                yield from models_below(own)


MODELS = [
    own
    for adapter in map(load_adapter, installed_adapters().values())
    for top in (adapter.Settings, adapter.Binding)
    for own in models_below(top)
] + [own for top in (Config, DialectSection, TenantSection) for own in models_below(top)]


def test_the_example_is_valid(schema: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert list(validator.iter_errors(dict(example_values()))) == []


@pytest.mark.parametrize(
    ("changes", "is_valid"),
    [
        ({"prot": 1}, False),
        ({"port": 70_700}, False),
        ({"port": 0}, True),
        ({"log": {"levle": "info"}}, False),
        ({"dialects": {"resource": {}}}, False),
        ({"dialects": {"resurs": {"settings": {"zero": "maybe"}}}}, False),
        ({"dialects": {"resurs": {"settings": {"zero": "clear"}}}}, True),
        ({"admin_token": "x", "admin_read_token_file": "y"}, True),
        ({"admin_token_env": "X"}, True),
        ({"stores": {"east": {"url_file": "x"}}}, True),
        ({"stores": {"east": {}}}, False),
        ({"stores": {"east": {"url": "x", "url_env": "X"}}}, False),
        ({"tenants": [{"id": "a", "series": [{"key": "m"}]}]}, True),
        ({"tenants": [{"id": "a", "series": [{"key": "m"}], "resurz": {}}]}, False),
        ({"tenants": [{"id": "a"}]}, False),
        ({"tenants": [{"id": "a", "series": [{"key": "m"}], "invoicexpress": {"account": "x", "api_key": 5}}]}, False),
        (
            {"tenants": [{"id": "a", "series": [{"key": "m"}], "invoicexpress": {"account": "x", "api_key_env": "K"}}]},
            True,
        ),
    ],
)
def test_it_refuses_what_the_gateway_refuses(schema: dict[str, Any], changes: dict[str, Any], is_valid: bool) -> None:
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(merged(example_values(), changes)) is is_valid


def test_it_has_every_key_of_every_model(schema: dict[str, Any]) -> None:
    known = {frozenset(part.get("properties", ())) for part in (schema, *schema["$defs"].values())}
    for model in MODELS:
        if model is DialectSection:
            continue
        keys = set(model.model_fields)
        keys |= {
            f"{name}_{form}"
            for name, info in model.model_fields.items()
            for form in ("file", "env")
            if isinstance(info.annotation, type) and issubclass(info.annotation, SecretStr)
        }
        assert any(keys <= own for own in known), model
    dialects = resolved(schema, schema["properties"]["dialects"])["properties"]
    assert set(dialects) == set(installed_adapters())
    for section in dialects.values():
        assert set(section["properties"]) == set(DialectSection.model_fields)
        assert resolved(schema, section["properties"]["settings"])["properties"]


def test_it_says_what_a_key_means_and_what_it_is_by_default(schema: dict[str, Any]) -> None:
    limits = resolved(schema, schema["properties"]["limits"])["properties"]
    assert limits["drain_seconds"]["description"].startswith("time for requests in flight after SIGTERM.")
    assert limits["drain_seconds"]["default"] == 20.0
    assert (limits["drain_seconds"]["exclusiveMinimum"], limits["drain_seconds"]["maximum"]) == (0, 3600)
    for model in (Config, *(own for own in MODELS if own.__module__ == "gateway.config.model")):
        assert set(model.model_fields) <= set(descriptions(model)), model
    for name in ("admin_token", "admin_token_file", "admin_token_env"):
        assert schema["properties"][name]["description"]
    for section in schema["properties"]["dialects"]["properties"].values():
        for key, own in resolved(schema, section["properties"]["settings"])["properties"].items():
            assert own.get("description"), key


def test_every_place_with_fixed_keys_is_closed(schema: dict[str, Any]) -> None:
    dialects = schema["properties"]["dialects"]
    places = [schema, dialects, *dialects["properties"].values(), *schema["$defs"].values()]
    assert [own for own in places if "properties" in own and own.get("additionalProperties") is not False] == []
