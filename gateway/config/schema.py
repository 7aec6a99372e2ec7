"""The JSON Schema of the configuration, for editors and for people: descriptions, bounds, defaults, and every allowed key.

The installed adapters' own sections are in it. Field descriptions are those of the models' docstrings.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from gateway.config.model import Config, DialectSection, TenantSection
from gateway.config.problems import keys_of
from gateway.spi.adapter import Adapter
from gateway.spi.registry import installed_adapters, load_adapter

_FIELD: Final = re.compile(r"^([a-z_]\w*(?:, [a-z_]\w*)*): (.*(?:\n {4,}.*)*)", re.MULTILINE)
_SECRET_FORMS: Final = {
    "_file": "A file that holds `{name}`; a relative path is relative to the configuration file.",
    "_env": "An environment variable that holds `{name}`.",
}


class _Generator(GenerateJsonSchema):
    """Descriptions of fields from the docstrings of their models, and all three forms of each secret."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """The schema of one model."""
        found = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        described = descriptions(model)
        if "" in described:
            found["description"] = described.pop("")
        properties = found.setdefault("properties", {})
        for name, info in model.model_fields.items():
            if name in properties:
                if name in described:
                    properties[name].setdefault("description", described[name])
                for key in keys_of(name, info.annotation)[1:]:
                    text = _SECRET_FORMS[key.removeprefix(name)].format(name=name)
                    properties[key] = {"type": "string", "minLength": 1, "description": text}
        _one_form_of_each_secret(found, model)
        return found


def _one_form_of_each_secret(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """A required secret is required in one of its forms."""
    for name, info in model.model_fields.items():
        keys = keys_of(name, info.annotation)
        if len(keys) > 1 and name in schema.get("required", ()):
            schema["required"].remove(name)
            schema.setdefault("allOf", []).append({"oneOf": [{"required": [key]} for key in keys]})
    if not schema.get("required", True):
        del schema["required"]


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """What a model's docstring says, by field; its beginning under the empty name. Fields of its bases are in it."""
    found: dict[str, str] = {}
    for own in reversed(
        [base for base in model.__mro__ if base not in (BaseModel, object) and "__doc__" in vars(base)]
    ):
        text = inspect.cleandoc(own.__doc__ or "")
        for names, meaning in _FIELD.findall(text):
            found |= dict.fromkeys(names.split(", "), " ".join(meaning.split()))
        found[""] = " ".join(_FIELD.split(text)[0].split())
    return found


def model_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of one model, with the descriptions of its docstrings."""
    return model.model_json_schema(schema_generator=_Generator)


def config_schema() -> dict[str, Any]:
    """The schema of the configuration with the installed adapters' sections."""
    adapters = {name: load_adapter(point) for name, point in sorted(installed_adapters().items())}
    models: list[type[BaseModel]] = [Config, DialectSection, TenantSection]
    for adapter in adapters.values():
        models += [adapter.Settings, adapter.Binding]
    mode: JsonSchemaMode = "validation"
    inputs = [(own, mode, own.__pydantic_core_schema__) for own in models]
    refs, defined = _Generator().generate_definitions(inputs)
    definitions: dict[str, Any] = {str(name): schema for name, schema in defined.items()}
    found = {own: refs[own, mode] for own in models}
    config = definitions.pop(_name(found[Config]))
    _add_dialects(config, definitions, found, adapters)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "invoice-gateway configuration",
        **{key: value for key, value in config.items() if key != "title"},
        "$defs": dict(sorted(definitions.items())),
    }


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _add_dialects(
    config: dict[str, Any],
    definitions: dict[str, Any],
    found: Mapping[type[BaseModel], Mapping[str, Any]],
    adapters: Mapping[str, Adapter],
) -> None:
    """Name each installed dialect where the models allow any, and close these places for other names."""
    section, tenant = definitions.pop(_name(found[DialectSection])), definitions[_name(found[TenantSection])]
    dialects = config["properties"]["dialects"]
    dialects |= {"properties": {}, "additionalProperties": False}
    tenant["additionalProperties"] = False
    for name, adapter in adapters.items():
        settings = found[adapter.Settings]
        for key in definitions[_name(settings)].get("properties", {}).values():
            key.setdefault("description", f'See README.md of the dialect {name}, section "Open choices".')
        own = {**section, "properties": {**section["properties"], "settings": dict(settings)}}
        dialects["properties"][name] = {**own, "title": adapter.title}
        tenant["properties"][name] = dict(found[adapter.Binding])
