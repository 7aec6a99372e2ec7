"""The messages of invoices, credit notes and debit notes, with the vendor's names.

What clients send is read by models. What they get is made of checked values, so it needs none.

Source: adapters/invoicexpress/README.md R-25 to R-38.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict


class DocumentForm(BaseModel):
    """What create and update send, as Rails reads it: any field may be absent, None, text, or a value of another type.

    A field that is absent is not in `model_fields_set`. Other elements are ignored. Source: R-26.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    date: Any = None
    due_date: Any = None
    reference: Any = None
    observations: Any = None
    retention: Any = None
    tax_exemption: Any = None
    sequence_id: Any = None
    manual_sequence_number: Any = None
    tax_retention: Any = None
    mb_reference: Any = None
    client: Any = None
    items: Any = None


class ClientForm(BaseModel):
    """The client inside a document. Source: R-26."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Any = None
    code: Any = None
    email: Any = None
    address: Any = None
    city: Any = None
    postal_code: Any = None
    country: Any = None
    fiscal_id: Any = None
    website: Any = None
    phone: Any = None
    fax: Any = None
    observations: Any = None
    language: Any = None
    send_options: Any = None


class ItemForm(BaseModel):
    """One item. Source: R-26."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Any = None
    description: Any = None
    unit_price: Any = None
    unit: Any = None
    quantity: Any = None
    tax: Any = None
    discount: Any = None


class TaxForm(BaseModel):
    """The tax of an item. Source: R-30."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Any = None
    value: Any = None


class StateForm(BaseModel):
    """What change-state sends; its root is `invoice` or that of the document. Source: R-32."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    state: Any = None
    message: Any = None


class Tax(NamedTuple):
    """The tax of an item as answered. Source: R-28.

    id: None for a tax that is not among the account's.
    value: percent.
    """

    id: int | None
    name: str | None
    value: Decimal


class Item(NamedTuple):
    """An item as answered. What create answers leaves out the last four fields. Source: R-28."""

    name: str
    description: str | None
    unit_price: Decimal
    unit: str | None
    quantity: Decimal
    tax: Tax
    discount: Decimal
    subtotal: Decimal
    tax_amount: Decimal
    discount_amount: Decimal
    total: Decimal


class Event(NamedTuple):
    """One line of a document's timeline. Source: R-36."""

    type: str
    at: dt.datetime
    user: str


class Document(NamedTuple):
    """A document as answered; fields in the order of the wire. Source: R-28.

    client: the id, then the fields that are known, in the order of the wire.
    inverted_sequence_number, sequence_id: None where the generation or the settings leave them out.
    """

    id: int
    status: str
    type: str
    sequence_number: str
    inverted_sequence_number: str | None
    sequence_id: int | None
    date: dt.date | None
    due_date: dt.date | None
    reference: str | None
    observations: str | None
    retention: Decimal | None
    permalink: str
    client: dict[str, str | int]
    currency: str
    items: tuple[Item, ...]
    sum: Decimal
    discount: Decimal
    before_taxes: Decimal
    taxes: Decimal
    total: Decimal
    timeline: tuple[Event, ...]


class State(NamedTuple):
    """What change-state answers. Source: R-33.

    message: only with `canceled`.
    """

    id: int
    type: str
    sequence_number: str
    state: str
    message: str | None = None
