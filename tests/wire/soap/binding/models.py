"""A small contract of the tests' own, with every kind of field, and ways to read and write it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from gateway.wire.soap.binding import Binder, BindingOptions, Source
from gateway.wire.xml import parse_document

NS = "urn:test"
LEAST = -(2**31)
START = datetime.min


class Model(BaseModel):
    model_config = ConfigDict(populate_by_name=True)


class Colour(StrEnum):
    RED = "Red"
    GREEN = "Green"


class Part(Model):
    number: Annotated[int, "xsd:int"] = Field(LEAST, alias="Number")
    note: str | None = Field(None, alias="Note")


class Thing(Model):
    number: Annotated[int, "xsd:int"] = Field(LEAST, alias="Number")
    place: Annotated[int, "xsd:short"] = Field(-(2**15), alias="Place")
    size: Annotated[int, "xsd:long", "min:1"] = Field(0, alias="Size")
    price: Decimal = Field(Decimal(-1), alias="Price")
    name: Annotated[str, "max:10"] = Field("", alias="Name")
    note: str | None = Field(None, alias="Note")
    colour: Colour = Field(Colour.RED, alias="Colour")
    flag: bool = Field(False, alias="Flag")
    sure: Annotated[bool | None, "nillable", "min:1"] = Field(None, alias="Sure")
    maybe: Annotated[bool | None, "nillable"] = Field(None, alias="Maybe")
    when: datetime = Field(START, alias="When")
    since: datetime = Field(alias="Since")
    key: UUID = Field(UUID(int=0), alias="Key")
    content: bytes | None = Field(None, alias="Content")
    part: Part | None = Field(None, alias="Part")
    parts: list[Part | None] | None = Field(None, alias="Parts")
    numbers: list[Annotated[int, "xsd:int"]] | None = Field(None, alias="Numbers")
    words: list[str | None] | None = Field(None, alias="Words")
    tags: Annotated[list[str], "repeated", "nillable"] = Field(default=[], alias="Tag")


def thing(**values: object) -> Thing:
    return Thing(**{"since": START, **values})  # type: ignore[arg-type]


def read(children: str, options: BindingOptions | None = None, encoding: str = "utf-8") -> Thing:
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    namespace = NS if options is None or options.qualified else ""
    body = f'<Thing xmlns="{namespace}" xmlns:o="urn:other" xmlns:n="{NS}" xmlns:xsi="{xsi}">{children}</Thing>'.encode(
        encoding
    )
    document = parse_document(body, charset=encoding)
    binder = Binder(NS, options or BindingOptions())
    return binder.reader(Thing)(document.root, Source(document.root, body, document.encoding))


def write(value: Thing, options: BindingOptions | None = None) -> str:
    return Binder(NS, options or BindingOptions()).writer(Thing)(value)
