"""Nested messages between XML and pydantic models, by the rules of .NET's XmlSerializer or by stricter ones.

A model is described once (`describe`), then compiled into a reader and a writer (`Binder`). Reading walks a parsed tree;
writing joins strings. Neither runs pydantic's validation: the description says all that the wire can express.

How a model says what the schema says. These are plain data, so a model imports nothing from here:

| In the model | In the schema |
|---|---|
| `Field(alias="OrderId")` | the element's name |
| `Annotated[int, "xsd:int"]` | the type, where Python's has several (`SCALARS` has all); unmarked `int` is `integer` |
| a default that is not None | the schema's default: left out on output, taken when absent |
| `X \\| None = None` | minOccurs 0 without default: left out when None |
| `Annotated[X, "min:1"]`, or no default | minOccurs 1: always written; absent on input: the model's default or a blank |
| `Annotated[X \\| None, "nillable"]` | nillable: None is `xsi:nil` with "min:1", else left out |
| `list[Item] \\| None` | a wrapper `ArrayOfItem` of elements named after the item's type (`Item \\| None`: nillable) |
| `Annotated[list[Item], "repeated"]` | the element itself, 0..n times, without wrapper |
| a model whose parent has fields and another name | a type that extends the parent's |
| `Annotated[object \\| None, "xsd:anyType"]` | an element that may hold anything: read as None, never written |
| `Annotated[str, "max:50"]` | nothing: a limit that only the documentation names; a dialect may check it |

Must not know: operations, envelopes, vendors.
"""

from gateway.wire.soap.binding.binder import Binder, BindingOptions, Reader, Writer
from gateway.wire.soap.binding.datetimes import FineDateTime
from gateway.wire.soap.binding.describe import (
    ArrayType,
    Element,
    EnumType,
    RecordType,
    describe,
    types_in_schema_order,
)
from gateway.wire.soap.binding.problems import ReadProblem, ReadRefusedError
from gateway.wire.soap.binding.scalars import SCALARS, Scalar
from gateway.wire.soap.binding.source import Source

__all__ = [
    "SCALARS",
    "ArrayType",
    "Binder",
    "BindingOptions",
    "Element",
    "EnumType",
    "FineDateTime",
    "ReadProblem",
    "ReadRefusedError",
    "Reader",
    "RecordType",
    "Scalar",
    "Source",
    "Writer",
    "describe",
    "types_in_schema_order",
]
