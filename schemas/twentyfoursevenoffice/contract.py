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
    header: the model of the header that the contract declares for the request; None when it declares none.
    """

    name: str
    documentation: str
    request: type[BaseModel]
    response: type[BaseModel]
    header: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class ServiceContract:
    """One service.

    path: where the vendor has it, in the vendor's spelling.
    namespace: compared exactly: others differ from it in letter case only.
    documentation: what the contract says about the service; "" for nothing.
    version: distinguishes services of one name.
    host: where the vendor has it. Every host of a gateway has every service.
    """

    name: str
    path: str
    operations: tuple[Operation, ...]
    namespace: str = NAMESPACE
    documentation: str = ""
    version: str = ""
    host: str = "api.24sevenoffice.com"

    @property
    def file(self) -> str:
        """The name of the contract's file in this package."""
        return f"{self.name}{self.version}.wsdl"

    @property
    def address(self) -> str:
        """The address at the vendor's."""
        return f"https://{self.host}{self.path}"
