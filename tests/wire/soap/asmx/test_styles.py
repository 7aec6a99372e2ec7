"""Envelopes of each kind of client, as files: the operation that they mean and the values that they carry.

A case is a folder: `request.xml` (the body's bytes), `case.toml` (headers, expected operation and version) and
`message.json` (the elements that were there, under their wire names).
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from gateway.wire.soap.asmx import AsmxCall
from gateway.wire.soap.binding import Scalar, describe
from tests.wire.soap.asmx.loopback import PATHS, Loopback, Request, post

CASES = sorted((Path(__file__).parent / "styles").iterdir())


def shown(value: Any) -> Any:
    """The given elements as JSON: with wire names, and with the wire's text for values that JSON cannot express."""
    if isinstance(value, list):
        return [shown(item) for item in value]
    if not isinstance(value, BaseModel):
        return value
    result = {}
    for element in describe(type(value)).elements:
        if element.attribute in value.model_fields_set:
            member = getattr(value, element.attribute)
            texts = isinstance(element.type, Scalar) and element.type.name in {"decimal", "dateTime", "guid"}
            result[element.name] = (
                element.type.write(member) if texts and isinstance(element.type, Scalar) else shown(member)
            )
    return result


def request_of(folder: Path) -> tuple[Request, dict[str, Any]]:
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    headers = case["headers"]
    body = (folder / "request.xml").read_bytes()
    return post(body, headers.get("SOAPAction"), headers["Content-Type"], PATHS[case["service"]]), case


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_style(folder: Path) -> None:
    request, case = request_of(folder)
    endpoint = next(each for each in Loopback().endpoints if each.claims(request.path))
    received = endpoint.receive(request)
    assert isinstance(received, AsmxCall), received
    assert received.operation.name == case["expect"]["operation"]
    assert received.version.name == case["expect"]["version"]
    assert shown(received.message) == json.loads((folder / "message.json").read_text(encoding="utf-8"))
