"""The messages of the sequences resource, with the vendor's names.

`current_<type>_number` is the last number used; 0 means none yet. Source: adapters/invoicexpress/README.md R-04 to R-09.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Field(ge=0)]
SequenceId = Annotated[int, Field(gt=0)]
Flag = Literal[0, 1]

TYPES_V1: Final = (
    "invoice",
    "invoice_receipt",
    "simplified_invoice",
    "credit_note",
    "debit_note",
    "receipt",
    "shipping",
    "transport",
    "devolution",
    "proforma",
    "quote",
    "fees_note",
    "purchase_order",
)
"""Types of documents in the order of the v1 answer. Source: R-08."""

ID_OFFSETS: Final = {
    "invoice": 0,
    "simplified_invoice": 1,
    "invoice_receipt": 2,
    "receipt": 3,
    "debit_note": 4,
    "credit_note": 5,
    "purchase_order": 10,
    "quote": 11,
    "proforma": 12,
    "fees_note": 13,
    "shipping": 14,
    "devolution": 15,
    "transport": 16,
}
"""The distance from the id of a sequence to the id of each of its types. Source: R-09."""


class SequenceForm(BaseModel):
    """What create and update send, as Rails reads it: any field may be absent, None, text, or a value of another type.

    A field that is absent is not in `model_fields_set`. Other elements, such as `id`, are ignored. Source: R-05, R-06.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    serie: Any = None
    current_invoice_number: Any = None
    current_credit_note_number: Any = None
    current_debit_note_number: Any = None
    default_sequence: Any = None


class Sequence(BaseModel):
    """A sequence as the legacy generation answers it; fields in the order of the wire. Source: R-07."""

    model_config = ConfigDict(frozen=True)

    id: SequenceId
    serie: str
    current_invoice_number: Number
    current_credit_note_number: Number
    current_debit_note_number: Number
    default_sequence: Flag


class TypeCounter(BaseModel):
    """One type's pair in a v1 sequence: `current_<type>_number` and `current_<type>_sequence_id`. Source: R-08."""

    model_config = ConfigDict(frozen=True)

    type: str
    number: Number
    sequence_id: SequenceId


class SequenceV1(BaseModel):
    """A sequence as the v1 generation answers it; `counters` in the order of `TYPES_V1`. Source: R-08."""

    model_config = ConfigDict(frozen=True)

    id: SequenceId
    serie: str
    default_sequence: Flag
    counters: tuple[TypeCounter, ...]
