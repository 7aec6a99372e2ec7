"""What a tenant's shop is configured with: payment methods, people with their outcomes and addresses.

All of it is test data. The defaults are the synthetic persons that the vendor publishes for tests. Source: P-120 to P-145.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Country = Literal["SE", "NO", "DK", "FI"]
Language = Literal["sv", "no", "da", "fi"]
CustomerKind = Literal["NATURAL", "LEGAL"]

_STRICT: Final = ConfigDict(extra="forbid", frozen=True)
_Text = Annotated[str, Field(min_length=1)]


class Annuity(BaseModel):
    """One way of paying in parts.

    factor: price times factor is the monthly cost.
    duration: months, 1 or more.
    name: of the plan, for end users.
    """

    model_config = _STRICT

    factor: Annotated[Decimal, Field(gt=0)]
    duration: Annotated[int, Field(ge=1)]
    name: _Text


class LegalLink(BaseModel):
    """A link that a shop must show beside a method.

    append_price_last: the shop appends the amount to the URL, which ends in `amount=` or `creditAmount=` (P-124).
    """

    model_config = _STRICT

    description: _Text
    url: _Text
    append_price_last: bool = False


class PaymentMethod(BaseModel):
    """One payment method. Source: P-121 to P-127.

    description: what end users read.
    descriptions: the same in other languages; a language that is not named gets `description`.
    min_limit, max_limit: of a purchase, both inclusive.
    type, specific_type: P-125; only the specific type INVOICE draws numbers (P-60).
    customer_types: who may use it.
    extra_limit: what is granted beyond the purchase (P-24).
    annuities: ways of paying in parts.
    legal_links: None for the gateway's own pages.
    """

    model_config = _STRICT

    id: Annotated[str, Field(min_length=1, max_length=100)]
    description: _Text
    descriptions: Mapping[Language, _Text] = Field(default_factory=dict)
    min_limit: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    max_limit: Annotated[Decimal, Field(ge=0)] = Decimal(2147483647)
    type: Literal["INVOICE", "REVOLVING_CREDIT", "CARD", "PAYMENT_PROVIDER"]
    specific_type: _Text
    customer_types: Annotated[tuple[CustomerKind, ...], Field(min_length=1)] = ("NATURAL",)
    extra_limit: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    annuities: tuple[Annuity, ...] = ()
    legal_links: tuple[LegalLink, ...] | None = None

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.min_limit > self.max_limit:
            raise ValueError("min_limit is above max_limit, so nobody could use the method")
        return self


class Persona(BaseModel):
    """What becomes of the bookings of a person or an organisation.

    outcome: BOOKED; DENIED: no payment comes to be; FROZEN: it waits for manual control.
    then: what manual control decides: nothing (it never decides), thaw, or annul.
    after_seconds: when, after the freeze, by the tenant's clock.
    """

    model_config = _STRICT

    outcome: Literal["BOOKED", "DENIED", "FROZEN"]
    then: Literal["nothing", "thaw", "annul"] = "nothing"
    after_seconds: Annotated[int, Field(ge=0, le=31_536_000)] = 0

    @model_validator(mode="after")
    def _only_frozen_ones_are_decided(self) -> Self:
        if self.outcome != "FROZEN" and (self.then != "nothing" or self.after_seconds):
            raise ValueError("nobody decides later about what is not FROZEN: leave out then and after_seconds")
        return self


class Registered(BaseModel):
    """An entry of the address book: where a person or an organisation is registered.

    full_name: the only name of an organisation.
    """

    model_config = _STRICT

    full_name: _Text
    first_name: _Text | None = None
    last_name: _Text | None = None
    address_row1: str
    address_row2: _Text | None = None
    postal_area: _Text
    postal_code: _Text
    country: Country = "SE"
    type: CustomerKind = "NATURAL"


def _annuity(duration: int, factor: str, interest: str) -> Annuity:
    name = f"{duration} Månader - {interest}% ränta"
    return Annuity(factor=Decimal(factor), duration=duration, name=name)


DEMO_METHODS: Final = (
    PaymentMethod(
        id="INVOICE",
        description="Faktura",
        min_limit=Decimal(10),
        max_limit=Decimal(50000),
        type="INVOICE",
        specific_type="INVOICE",
        extra_limit=Decimal(3000),
    ),
    PaymentMethod(
        id="INVOICE_COMPANY",
        description="Faktura för företag",
        min_limit=Decimal(1),
        max_limit=Decimal(50000),
        type="INVOICE",
        specific_type="INVOICE",
        customer_types=("LEGAL",),
    ),
    PaymentMethod(
        id="PARTPAYMENT",
        description="Delbetalning",
        min_limit=Decimal(10),
        max_limit=Decimal(50000),
        type="REVOLVING_CREDIT",
        specific_type="PART_PAYMENT",
        extra_limit=Decimal(500),
        annuities=(
            _annuity(3, "0.3333333333", "0"),
            _annuity(6, "0.1666666667", "0"),
            _annuity(12, "0.0833333333", "0"),
            _annuity(24, "0.0416666667", "0"),
            _annuity(48, "0.0290571842", "16,72"),
            _annuity(72, "0.0230808901", "17,96"),
        ),
    ),
    PaymentMethod(
        id="NEWCARD",
        description="Nytt kort",
        min_limit=Decimal(10),
        max_limit=Decimal(130000),
        type="REVOLVING_CREDIT",
        specific_type="REVOLVING_CREDIT",
    ),
    PaymentMethod(
        id="CARD", description="Kort", type="CARD", specific_type="CARD", customer_types=("NATURAL", "LEGAL")
    ),
    PaymentMethod(
        id="SWISH",
        description="Swish",
        min_limit=Decimal(1),
        max_limit=Decimal(100000),
        type="PAYMENT_PROVIDER",
        specific_type="SWISH",
    ),
)
"""The methods of a tenant that names none: our choice among the samples (inferred); the factors are documented."""

_BOOKED: Final = Persona(outcome="BOOKED")
_DENIED: Final = Persona(outcome="DENIED")
_FROZEN: Final = Persona(outcome="FROZEN")


def _until(seconds: int, then: Literal["thaw", "annul"]) -> Persona:
    return Persona(outcome="FROZEN", then=then, after_seconds=seconds)


DEMO_PERSONAS: Final[Mapping[str, Persona]] = {
    "198305147715": _BOOKED,
    "198801082382": _BOOKED,
    "197211072793": _DENIED,
    "195004269741": _DENIED,
    "198209123705": _FROZEN,
    "198101010000": _FROZEN,
    "198001010001": _until(5, "thaw"),
    "197801069241": _until(5, "annul"),
    "199401012381": _until(600, "thaw"),
    "198909194451": _until(600, "annul"),
    "166997368573": _BOOKED,
    "169468958195": _DENIED,
    "162177385255": _DENIED,
    "162830419400": _FROZEN,
}
"""By government id. Source: the vendor's published synthetic identities; 198101010000 is client-derived."""


def _person(first: str, last: str, street: str) -> Registered:
    return Registered(
        full_name=f"{first} {last}",
        first_name=first,
        last_name=last,
        address_row1=street,
        postal_area="Provstad",
        postal_code="12345",
    )


def _organisation(name: str, street: str) -> Registered:
    return Registered(full_name=name, address_row1=street, postal_area="Provstad", postal_code="12345", type="LEGAL")


DEMO_ADDRESS_BOOK: Final[Mapping[str, Registered]] = {
    "198305147715": _person("Prov", "Testsson", "Provgatan 1"),
    "198801082382": _person("Prova", "Testsson", "Provgatan 2"),
    "197211072793": _person("Nekad", "Testsson", "Provgatan 3"),
    "195004269741": _person("Nekad", "Provsson", "Provgatan 4"),
    "198209123705": _person("Fryst", "Testsson", "Provgatan 5"),
    "198001010001": _person("Tinad", "Testsson", "Provgatan 6"),
    "197801069241": _person("Annullerad", "Testsson", "Provgatan 7"),
    "199401012381": _person("Tinad", "Provsson", "Provgatan 8"),
    "198909194451": _person("Annullerad", "Provsson", "Provgatan 9"),
    "166997368573": _organisation("Provbolaget AB", "Provtorget 1"),
    "169468958195": _organisation("Nekade Bolaget AB", "Provtorget 2"),
    "162177385255": _organisation("Nekade Provbolaget AB", "Provtorget 3"),
    "162830419400": _organisation("Frysta Bolaget AB", "Provtorget 4"),
}
"""By government id. The names and addresses are made up."""

DEMO_REFUSED_CARDS: Final = ("9999999999999999",)
"""Card numbers that are refused when nothing is configured. Made up."""
