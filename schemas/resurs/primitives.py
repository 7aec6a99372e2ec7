"""What every message is built on: the class of all messages, and the simple types that Python has no class of its own for."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict

Int: TypeAlias = Annotated[int, "xsd:int"]
NonNegativeInteger: TypeAlias = Annotated[int, "xsd:nonNegativeInteger"]
PositiveInteger: TypeAlias = Annotated[int, "xsd:positiveInteger"]
UnsignedLong: TypeAlias = Annotated[int, "xsd:unsignedLong"]


class Message(BaseModel):
    """What all messages and their types share: fields in the order of the contract, with the vendor's names as aliases.

    Both names of a field are accepted. A message is never changed.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid")
