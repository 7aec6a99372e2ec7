"""The choices that the vendor's facts leave open, and a tenant's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from adapters.resurs.payments.seed import PaymentSeed, doubled, seed_problem
from adapters.resurs.shop import (
    DEMO_ADDRESS_BOOK,
    DEMO_METHODS,
    DEMO_PERSONAS,
    DEMO_REFUSED_CARDS,
    Country,
    Language,
    PaymentMethod,
    Persona,
    Registered,
)
from gateway.core.values import MAX_NUMBER
from gateway.spi.key_file import KeyFile
from gateway.spi.secrets import Secret, WithSecrets, misplaced
from gateway.spi.series_key import SeriesKey

UserText = Literal[
    "too_low",
    "too_high",
    "not_found",
    "not_possible",
    "not_supported",
    "technical",
    "payment_unknown",
    "frozen",
    "payment_state",
    "over_finalize",
    "over_credit",
    "over_annul",
    "over_limit",
    "number_used",
    "number_not_allowed",
    "invalid_field",
    "method_forbids",
    "government_id",
    "id_used",
    "signing_required",
    "card_refused",
    "weak_password",
]


RETRY_SECONDS: Final = tuple(
    round(minutes * 60)
    for minutes in (0.5, 0.75, 1, 1.5, 2.5, 4, 5.5, 8.5, 13, 20, 30, 45, 60, 90, 150, 240, 300, 480, 720)
)
"""The vendor's table of delays before attempts 2 to 20, in seconds. Source: P-158."""


class Settings(BaseModel):
    """`dialects.resurs.settings`. Every default is documented in README.md, section "Open choices".

    zero: what 0 as the next number means: reject (like a number that is too low), clear (like no number), or accept.
    maximum_number: the largest number that may be set; 1 to 2^63-2.
    invalid_message: the answer to a request that breaks the schema: client_fault (soap:Client without an ECommerceError) or
        illegal_argument (ECommerceError ILLEGAL_ARGUMENT).
    check_content_type: True answers 415 to a POST that is neither text/xml nor multipart/related. False reads it whatever its
        type.
    unauthorized_body: the body of a 401, sent as text/html; empty for none.
    layout: indented as on the vendor's pages, or compact on one line.
    user_error_messages: texts for the shop's end users, by language and name. A text that is not named keeps its default.

    Numbers of payments:
    explicit_number: what a client's own whole number does to the sequence: advance_if_next (a number where the sequence stands
        moves it on), never, or advance_to_max (a higher one moves it, too). P-63.
    credit_notes_draw: credit notes without a number of their own take the next one of the same sequence. P-69.
    skip_used: a draw passes over numbers that are used, instead of ending in error 29. P-65.
    refuse_own_number: error 28 for a client's own number while a sequence is set. P-68.
    without_sequence: what a finalization without number does when no sequence is set: no_number, or refuse (error 22). P-73.
    order_date_non_invoice: accept or refuse an orderDate for methods that do not invoice. P-66.

    Payments:
    status_from: any diff of a type gives IS_DEBITED, IS_CREDITED and IS_ANNULLED; full only when nothing of it is left. P-25.
    unspecified_lines: the rows of a diff whose request had none: none, or the remaining ones. P-51.
    decimals: decimal places of amounts in answers, 0 to 15. P-46.
    rounding: vendor compares every value within 0.05, row the sums of rows only. P-45.
    over_amount_errors: specific error ids (26, 23, 36, 10), or 20 for all (payment_state). P-83 to P-86.
    partial_card_finalize: accept or refuse a partial finalization of external cards. P-90.

    Searches:
    any_id: exact, or a beginning of the id (prefix). P-101.
    default_page_size: payments in a page whose size the request leaves out. P-106.
    search_delay_seconds: how old a payment must be to be found; 0 finds all. P-108.

    The shop flow:
    below_min: drop or keep methods whose minimum is above the purchase. P-121.
    signing: page shows a page to the customer, auto signs at once, never asks for no signature. P-137.
    fraud_control_seconds: when the automatic control ends, for bookPayment without waiting. P-134.

    Messages:
    serve_store_id: the XSD has storeId of bookPayment and deliveryDate of rows, and requests may have them. P-09.
    lenient_namespaces: children in the wrapper's namespace are accepted. R-04.
    developer_service: DeveloperWebService is there: on the test system only (test), on both (both), or nowhere (none). P-01.

    Configuration service:
    register_twice: a second registration of an event overwrites the first, or is refused.
    callback_schedule: seconds before attempts 2, 3 …; at most 19. P-158.
    update_totals: totals in UPDATE bodies, of rows and of the whole: net or gross. P-162.
    passwords: what clients may do with passwords: nothing (refuse, error 4), or change, add and remove them (apply).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    zero: Literal["reject", "clear", "accept"] = "reject"
    maximum_number: Annotated[int, Field(ge=1, le=MAX_NUMBER)] = MAX_NUMBER
    invalid_message: Literal["client_fault", "illegal_argument"] = "client_fault"
    check_content_type: bool = False
    unauthorized_body: str = ""
    layout: Literal["indented", "compact"] = "indented"
    user_error_messages: Mapping[Language, Mapping[UserText, Annotated[str, Field(min_length=1)]]] = Field(
        default_factory=dict
    )
    explicit_number: Literal["advance_if_next", "never", "advance_to_max"] = "advance_if_next"
    credit_notes_draw: bool = True
    skip_used: bool = False
    refuse_own_number: bool = False
    without_sequence: Literal["no_number", "refuse"] = "no_number"
    order_date_non_invoice: Literal["accept", "refuse"] = "accept"
    status_from: Literal["any", "full"] = "any"
    unspecified_lines: Literal["none", "remaining"] = "none"
    decimals: Annotated[int, Field(ge=0, le=15)] = 5
    rounding: Literal["vendor", "row"] = "vendor"
    over_amount_errors: Literal["specific", "payment_state"] = "specific"
    partial_card_finalize: Literal["accept", "refuse"] = "accept"
    any_id: Literal["exact", "prefix"] = "exact"
    default_page_size: Annotated[int, Field(ge=1, le=10_000)] = 100
    search_delay_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    below_min: Literal["drop", "keep"] = "drop"
    signing: Literal["page", "auto", "never"] = "page"
    fraud_control_seconds: Annotated[int, Field(ge=0, le=86_400)] = 2
    serve_store_id: bool = False
    lenient_namespaces: bool = False
    developer_service: Literal["test", "both", "none"] = "test"
    register_twice: Literal["overwrite", "refuse"] = "overwrite"
    callback_schedule: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=19)] = RETRY_SECONDS
    update_totals: Literal["net", "gross"] = "net"
    passwords: Literal["refuse", "apply"] = "refuse"


class Account(WithSecrets):
    """One credential of one country. Source: R-31, R-36.

    username, password: of HTTP Basic.
    country: decides the language of messages for end users.
    series: the key of the tenant's series whose invoices this credential numbers.
    """

    username: Annotated[str, Field(min_length=1, max_length=255)]
    password: Secret
    country: Country = "SE"
    series: SeriesKey

    @field_validator("username")
    @classmethod
    def _no_colon(cls, username: str) -> str:
        if ":" in username:
            raise ValueError("a user name of HTTP Basic cannot hold a colon")
        return username


class Binding(BaseModel):
    """`tenants[].resurs`: the tenant's credentials, one per country as a rule, and the test data of its shop.

    methods: the payment methods in the order in which clients are to see them (P-122).
    personas: by government id, what becomes of the bookings of a person; of all others they are BOOKED.
    address_book: by government id, who is registered where (P-133).
    refused_cards: numbers of existing cards that are wrong or overdrawn (P-138).
    payments: those that are there without a booking, each with its `id`. One whose id exists already is left as it is.
    shop_file: a YAML or JSON file with some of these lists, instead of here.

    What is given takes the place of its default as a whole. Government ids are compared without hyphens, and without the
    century where one of the two has none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: Annotated[list[Account], Field(min_length=1)]
    methods: Annotated[tuple[PaymentMethod, ...], Field(min_length=1)] = DEMO_METHODS
    personas: Mapping[str, Persona] = DEMO_PERSONAS
    address_book: Mapping[str, Registered] = DEMO_ADDRESS_BOOK
    refused_cards: tuple[str, ...] = DEMO_REFUSED_CARDS
    payments: Annotated[tuple[PaymentSeed, ...], Field(max_length=10_000)] = ()
    shop_file: KeyFile = ""

    @field_validator("methods")
    @classmethod
    def _ids_differ(cls, methods: tuple[PaymentMethod, ...]) -> tuple[PaymentMethod, ...]:
        if len({method.id for method in methods}) < len(methods):
            raise ValueError("two payment methods have one id")
        return methods

    @property
    def usernames(self) -> list[str]:
        """The names of the accounts, in their order."""
        return [account.username for account in self.accounts]

    @model_validator(mode="after")
    def _payments_fit(self) -> Self:
        for index, seed in enumerate(self.payments):
            if seed.id is None:
                raise misplaced("a payment of the configuration needs an id", "payments", index, "id")
            problem = seed_problem(seed, self.usernames, self.methods)
            if problem is not None:
                raise misplaced(problem[1], "payments", index, *problem[0].split("."))
        twice = doubled(self.payments, self.usernames)
        if twice is not None:
            raise misplaced(twice[2], "payments", *twice[:2])
        return self
