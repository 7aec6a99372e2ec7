"""The choices that the vendor's facts leave open, and a tenant's credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gateway.spi.secrets import Secret, WithSecrets
from gateway.spi.series_key import SeriesKey

Line = Literal["invoice", "receipt"]
Place = Literal["header", "form", "query"]
Seconds = Annotated[int, Field(ge=1, le=10 * 365 * 86400)]
Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
ErrorCodeName = Literal["NumberTooLow", "NumberNotAllowed", "LocationNotFound", "NotAllowed", "Exhausted"]

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Settings(BaseModel):
    """`dialects.qqsolutions.settings`. Every default is documented in README.md, section "Open choices".

    What the action does:
    invalid_model: reject answers 400 with ModelState; continue runs the action with what could be read.
    null_body: reject answers 400; business_error answers 200 with IsSuccess false.
    zero: NextNumberShouldBe 0, which an absent number becomes, too: refuse; keep leaves the number and stores the
        affixes; accept sets the line to 0.
    lower_numbers: a number below the current one: refuse, or accept.
    missing_members: an absent or null affix: replace clears it; merge leaves it as it is.
    location_unknown_on_get: not_found answers 404; null answers 200 with the null message.

    What the answers hold:
    integers: the type of NextNumberShouldBe.
    unset_number: what GET shows while the line was never set.
    related_to: RelatedTo by line.
    created_by, row_source, entity_id, policy_id: members of the envelope.
    user_locations: UserLocationsV2 answers a bare array of locations, or the envelope of lists with them in its member Data.
    error_codes: ErrorCode by the name of the error in errors.py; null leaves it out.

    The framework:
    max_message_bytes: larger bodies get the 413 of the web server.
    newtonsoft: the version of the JSON library.
    wrapping_integers: True turns a literal far above Int32 into another number, as versions before 7.0.2 do; False refuses it.
    outside_v1: the answer to a path outside `v1/` with a good token: user_error (400 "User cannot be identified.") or
        not_found (404). Without a good token it is 404.
    body_parameter: the name in ModelState keys.
    error_detail: True explains a 404 further.
    line_end: line breaks inside XML answers.
    extra_headers: further headers of every answer, as a web server in front of the framework might add them.

    Authentication:
    www_authenticate: the challenge of a 401; empty for none.
    without_user: the answer to a token of the application alone: user_error (400 "User cannot be identified.") or denied (401).
    token_places: where an access token may stand, in the order in which the places are read.
    token_lifetime_seconds, refresh_lifetime_seconds, code_lifetime_seconds: how long each kind of token is good.
    token_type: how the token endpoint writes this word.
    accept_password_credentials: True takes this grant type, which some clients send, for `password`.
    authorize_as: a user for whom /oauth/authorize redirects at once, without a login page; empty shows the page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    invalid_model: Literal["reject", "continue"] = "reject"
    null_body: Literal["reject", "business_error"] = "reject"
    zero: Literal["refuse", "keep", "accept"] = "refuse"
    lower_numbers: Literal["refuse", "accept"] = "refuse"
    missing_members: Literal["replace", "merge"] = "replace"
    location_unknown_on_get: Literal["not_found", "null"] = "not_found"

    integers: Literal["Int32", "Int64"] = "Int32"
    unset_number: Int32 = 0
    related_to: Mapping[Line, str | None] = Field(default_factory=dict)
    created_by: str | None = None
    row_source: str | None = None
    entity_id: Int32 = 0
    policy_id: Int32 = 0
    user_locations: Literal["array", "data"] = "array"
    error_codes: Mapping[ErrorCodeName, str | None] = Field(default_factory=dict)

    max_message_bytes: Annotated[int, Field(ge=1024, le=4 * 1024 * 1024)] = 64 * 1024
    newtonsoft: Literal["5.0.8", "6.0.8", "9.0.1", "10.0.3"] = "6.0.8"
    wrapping_integers: bool = False
    outside_v1: Literal["user_error", "not_found"] = "user_error"
    body_parameter: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "value"
    error_detail: bool = False
    line_end: Literal["crlf", "lf"] = "crlf"
    extra_headers: Mapping[str, str] = Field(default_factory=dict)

    www_authenticate: str = "Bearer"
    without_user: Literal["user_error", "denied"] = "user_error"
    token_places: tuple[Place, ...] = ("header", "form", "query")
    token_lifetime_seconds: Seconds = 3600
    refresh_lifetime_seconds: Seconds = 30 * 86400
    code_lifetime_seconds: Seconds = 300
    token_type: Literal["bearer", "Bearer"] = Field(default="bearer")
    accept_password_credentials: bool = True
    authorize_as: str = ""

    @field_validator("extra_headers")
    @classmethod
    def _header_lines(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not value.isprintable():
                raise ValueError(f"{name!r} is not a header with a printable value")
        return headers

    @field_validator("www_authenticate")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be printable")
        return value


class Client(WithSecrets):
    """A registered application.

    id, secret: of OAuth.
    redirect_uris: where codes may be sent besides loopback addresses.
    """

    id: Annotated[str, Field(min_length=1, max_length=255)]
    secret: Secret
    redirect_uris: tuple[str, ...] = ("https://login.qqcatalyst.com/WinformCallback/completed.htm",)

    @field_validator("redirect_uris")
    @classmethod
    def _absolute(cls, uris: tuple[str, ...]) -> tuple[str, ...]:
        for uri in uris:
            parts = urlsplit(uri)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.fragment:
                raise ValueError(f"{uri!r} is not an absolute http address without a fragment")
        return uris


class User(WithSecrets):
    """A person of the tenant.

    name, password: for the login page and the password grant.
    """

    name: Annotated[str, Field(min_length=1, max_length=255)]
    password: Secret


class Location(BaseModel):
    """An office of the tenant.

    id: as it stands in the path.
    series: the key of the series whose lines it shows.
    number: LocationID in answers about numbers; by default the id when it is a number, else 0.
    name: for people; by default the id.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=255)]
    series: SeriesKey
    number: Int32 | None = None
    name: Annotated[str, Field(max_length=255)] = ""

    @property
    def shown_number(self) -> int:
        """LocationID as answers about numbers show it."""
        if self.number is not None:
            return self.number
        return int(self.id) if self._is_number else 0

    @property
    def shown_id(self) -> int | str:
        """What a client must put into the path: a number where the id is written as one, else the text."""
        return int(self.id) if self._is_number and str(int(self.id)) == self.id else self.id

    @property
    def _is_number(self) -> bool:
        return self.id.isascii() and self.id.isdigit() and len(self.id) <= 10 and int(self.id) < 2**31


class Binding(BaseModel):
    """`tenants[].qqsolutions`: the tenant's applications, people and offices.

    clients: applications that may ask for tokens.
    users: people who may log in with one of these applications.
    locations: offices; the id of one stands in the path of every request for numbers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clients: Annotated[list[Client], Field(min_length=1)]
    users: list[User] = Field(default_factory=list)
    locations: list[Location] = Field(default_factory=list)
