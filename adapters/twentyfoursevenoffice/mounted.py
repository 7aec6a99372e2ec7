"""A service at its path, and what its operations are called in stack traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.codec import make_endpoint
from adapters.twentyfoursevenoffice.service import Service
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.wire.soap.asmx import AsmxEndpoint
from gateway.wire.soap.binding import ArrayType, describe
from schemas.twentyfoursevenoffice.contract import Operation as ContractOperation


@dataclass(frozen=True, slots=True)
class Mounted:
    """A service at its path.

    service: None for Authenticate.
    methods: by operation, the .NET method.
    """

    endpoint: AsmxEndpoint
    service: Service | None
    methods: Mapping[str, str]


def make_mounted(service: Service, settings: Settings) -> Mounted:
    """A service that needs a session, with the names of its methods for stack traces (CO-67)."""
    endpoint = make_endpoint(service.contract, settings, service.repeated)
    name = service.contract.name
    methods = {
        each.name: f"Office24Seven.WebService.{name}.{name}.{each.name}({_parameters(each)})"
        for each in service.contract.operations
    }
    return Mounted(endpoint, service, methods)


_CLR_NAMES: Final = MappingProxyType(
    {
        "int": "Int32",
        "long": "Int64",
        "string": "String",
        "base64Binary": "Byte[]",
        "guid": "Guid",
        "decimal": "Decimal",
        "short": "Int16",
        "boolean": "Boolean",
        "dateTime": "DateTime",
    }
)
"""What .NET calls simple types."""


def _parameters(operation: ContractOperation) -> str:
    """The parameters of an operation's method, as a stack trace shows them."""
    found = []
    for element in describe(operation.request).elements:
        is_array = isinstance(element.type, ArrayType)
        name = element.type.item.type.name if isinstance(element.type, ArrayType) else element.type.name
        found.append(f"{_CLR_NAMES.get(name, name)}{'[]' if is_array else ''} {element.name}")
    return ", ".join(found)
