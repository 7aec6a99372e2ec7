"""The choices that the vendor's facts leave open, and a tenant's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gateway.core.values import MAX_NUMBER
from gateway.spi.secrets import Secret, WithSecrets
from gateway.spi.series_key import SeriesKey

Country = Literal["SE", "NO", "DK", "FI"]
Language = Literal["sv", "no", "da", "fi"]
UserText = Literal["too_low", "too_high", "not_found", "not_possible", "not_supported", "technical"]


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
    """`tenants[].resurs`: the tenant's credentials, one per country as a rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: Annotated[list[Account], Field(min_length=1)]
