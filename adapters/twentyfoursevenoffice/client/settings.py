"""The card of a client company: what GetClientInformation shows of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from adapters.twentyfoursevenoffice.choices import STRICT

Short = Annotated[str, Field(max_length=50)]
Line = Annotated[str, Field(max_length=250)]
Country = Annotated[str, Field(pattern=r"^([A-Za-z]{2})?$")]
Days = Annotated[int, Field(ge=0, le=9999)]


class CardAddress(BaseModel):
    """A postal address of the company. Limits are those of the vendor's addresses (R-61)."""

    model_config = STRICT

    name: Annotated[str, Field(max_length=100)] = ""
    street: Line = ""
    postal_code: Annotated[str, Field(max_length=16)] = ""
    postal_area: Annotated[str, Field(max_length=100)] = ""
    city: Annotated[str, Field(max_length=100)] = ""
    state: Annotated[str, Field(max_length=100)] = ""
    country: Country = ""


class CardAddresses(BaseModel):
    """The company's addresses; one that is not given is left out."""

    model_config = STRICT

    post: CardAddress | None = None
    delivery: CardAddress | None = None
    visit: CardAddress | None = None
    invoice: CardAddress | None = None


class ClientCard(BaseModel):
    """What a client company says of itself. Everything is optional; what is not given is left out. Source: CL-02, CL-10.

    country: two letters.
    phone, mobile, fax: numbers of the company; the first is its number at work.
    email: its address at work.
    invoice_email: its address for invoices.
    factoring_client_no: its number with the factoring company; one that is given means that the company uses factoring.
    reminder_days: after how many days the first, second and third reminder go out.
    reseller_id, reseller_name: who sold it the product.
    default_currency: three letters; "" for the currency of orders (`orders.currency`).
    """

    model_config = STRICT

    organization_number: Annotated[str, Field(max_length=20)] = ""
    bank_account: Short = ""
    iban: Annotated[str, Field(max_length=34)] = ""
    swift: Annotated[str, Field(max_length=11)] = ""
    country: Country = ""
    addresses: CardAddresses = CardAddresses()
    phone: Short = ""
    mobile: Short = ""
    fax: Short = ""
    email: Line = ""
    invoice_email: Line = ""
    factoring_client_no: Short = ""
    factoring_text: Annotated[str, Field(max_length=500)] = ""
    reminder_days: Annotated[tuple[Days, ...], Field(max_length=3)] = ()
    reseller_id: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    reseller_name: Line = ""
    default_currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""
