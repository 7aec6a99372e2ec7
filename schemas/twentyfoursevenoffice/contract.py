"""What a service is: a name, a path, a namespace and a table of operations in the order of its contract."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from schemas.twentyfoursevenoffice.primitives import NAMESPACE


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    name: of its element.
    documentation: what the contract says about it.
    request, response: its two messages.
    authentication: the contract declares a header `Authentication` for the request.
    """

    name: str
    documentation: str
    request: type[BaseModel]
    response: type[BaseModel]
    authentication: bool = False


@dataclass(frozen=True, slots=True)
class ServiceContract:
    """One service.

    path: where the vendor has it, in the vendor's spelling.
    namespace: compared exactly: others differ from it in letter case only.
    """

    name: str
    path: str
    operations: tuple[Operation, ...]
    namespace: str = NAMESPACE
