"""The simple types and the "not set" values of 24SevenOffice's contracts.

A value type cannot be absent in .NET, so each has a value that means "not set". The contract declares that value as the
element's default, and an element that has it is never written. Source: SOURCES.md, section "Sentinels".
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

NAMESPACE: Final = "http://24sevenOffice.com/webservices"
GUID_NAMESPACE: Final = "http://microsoft.com/wsdl/types/"

INTMIN: Final = -(2**31)
SHORTMIN: Final = -(2**15)
DECMIN: Final = Decimal("-79228162514264337593543950335")
DATEMIN: Final = datetime(1, 1, 1)  # noqa: DTZ001 - .NET's DateTime.MinValue has no zone
DAYMIN: Final = date(1, 1, 1)
EMPTYGUID: Final = UUID(int=0)

Int: TypeAlias = Annotated[int, "xsd:int", Field(ge=-(2**31), le=2**31 - 1)]
Short: TypeAlias = Annotated[int, "xsd:short", Field(ge=-(2**15), le=2**15 - 1)]
Byte: TypeAlias = Annotated[int, "xsd:unsignedByte", Field(ge=0, le=255)]
Long: TypeAlias = Annotated[int, "xsd:long", Field(ge=-(2**63), le=2**63 - 1)]


class Message(BaseModel):
    """What goes over the wire: fields in the order of the contract, with the vendor's names as aliases.

    Both names of a field are accepted. A field that is not given holds its "not set" value.
    """

    model_config = ConfigDict(populate_by_name=True, extra="forbid")
