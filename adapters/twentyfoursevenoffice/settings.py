"""The choices that the vendor's facts leave open, and a tenant's applications, companies and users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator

from adapters.twentyfoursevenoffice.account.settings import AccountChoices
from adapters.twentyfoursevenoffice.attachment.settings import AttachmentChoices
from adapters.twentyfoursevenoffice.choices import STRICT
from adapters.twentyfoursevenoffice.client.settings import ClientCard
from adapters.twentyfoursevenoffice.company.settings import CompanyChoices
from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.payment.settings import PaymentChoices
from adapters.twentyfoursevenoffice.product.settings import ProductChoices
from adapters.twentyfoursevenoffice.transaction.settings import TransactionChoices
from gateway.spi.secrets import Secret, WithSecrets
from gateway.spi.series_key import SeriesKey

_STRICT: Final = STRICT
_INT: Final = 2**31 - 1

Text = Annotated[str, Field(min_length=1, max_length=500)]
XmlId = Annotated[int, Field(ge=0, le=_INT)]


class ErrorText(BaseModel):
    """Another text for one business error; an empty field keeps the default.

    type: a .NET type name.
    message: may hold the placeholders of the default.
    """

    model_config = _STRICT

    type: str = ""
    message: str = ""


class Settings(
    AccountChoices, AttachmentChoices, CompanyChoices, PaymentChoices, ProductChoices, TransactionChoices, BaseModel
):
    """`dialects.twentyfoursevenoffice.settings`. Every default is documented in README.md, section "Open choices".

    The choices about one service stand in its folder.

    session_lifetime_seconds: how long a session lives after its last use.
    passwords: what clients send: plain text, md5 (lower-case hex of the UTF-16LE text, R-15), or either.
    missing_array: what a save without its array does (G-24): a fault, or an answer without result.
    stack_trace: what APIException.StackTrace holds (CO-67): nothing, or the line of the operation.
    hourly_limit: calls of all services together per client company and hour; 0 for no limit and no headers about it.
    hourly_limit_answer: a fault, or status 429.
    calls_per_second: of one session; above it status 429. 0 for no throttle.
    max_request_bytes, max_request_elements: of one XML document.
    fault_texts: the last part of a fault's text, by name. A name that is missing keeps its text in `errors.py`.
    errors: business errors, by name. A name that is missing keeps its texts in `errors.py`.
    orders: choices about orders.
    """

    model_config = _STRICT

    session_lifetime_seconds: Annotated[int, Field(ge=10, le=30 * 86400)] = 1200
    passwords: Literal["plain", "md5", "either"] = "either"
    missing_array: Literal["fault", "empty"] = "fault"
    stack_trace: Literal["none", "short"] = "short"
    hourly_limit: Annotated[int, Field(ge=0)] = 0
    hourly_limit_answer: Literal["fault", "status"] = "fault"
    calls_per_second: Annotated[int, Field(ge=0)] = 0
    max_request_bytes: Annotated[int, Field(ge=1024)] = 16 * 1024 * 1024
    max_request_elements: Annotated[int, Field(ge=100)] = 500_000
    fault_texts: Mapping[str, Text] = Field(default_factory=dict)
    errors: Mapping[str, ErrorText] = Field(default_factory=dict)
    orders: OrderChoices = OrderChoices()


class Company(ClientCard):
    """A client company of the vendor, with its card. Source: R-13.

    id, name: as Identity shows them.
    series: the key of the tenant's series from which its invoices take their numbers.
    resting: True makes rest orders (a switch in the vendor's Invoice Settings, R-72).
    """

    model_config = _STRICT

    id: Annotated[int, Field(ge=0, le=2**63 - 1)]
    name: Text
    series: SeriesKey
    resting: bool = False


class UserIdentity(BaseModel):
    """An identity: a company that a user may work for. Source: R-13, R-20.

    id: unique in the whole configuration.
    client: the id of one of the tenant's companies.
    default: taken when a login names no identity. Without a default it is the first one.
    blocked: every use is refused.
    protected, disabled: only shown.
    """

    model_config = _STRICT

    id: UUID
    client: int
    default: bool = False
    blocked: bool = False
    protected: bool = False
    disabled: bool = False

    @field_validator("id")
    @classmethod
    def _not_empty(cls, value: UUID) -> UUID:
        if not value.int:
            raise ValueError("all zero means that no identity is meant")
        return value


class Token(WithSecrets):
    """A login without password. Source: R-21.

    id: a GUID that only its user knows.
    """

    id: Secret

    @field_validator("id")
    @classmethod
    def _is_guid(cls, value: Secret) -> Secret:
        try:
            normal = str(UUID(value.get_secret_value()))
        except ValueError:
            raise ValueError("a token's id is a GUID") from None
        if normal == str(UUID(int=0)):
            raise ValueError("a token's id cannot be all zero")
        return Secret(normal)


_NO_ID: Final = UUID(int=0)


class User(WithSecrets):
    """A person with a password. Source: R-13, R-14.

    username: an e-mail address; letter case does not count. The same user name and password in several tenants reach the
        identities of all of them.
    id, contact_id, employee_id, name: as Identity shows them; what is not given is left out.
    """

    username: Annotated[str, Field(min_length=1, max_length=255)]
    password: Secret
    name: str = ""
    id: UUID = _NO_ID
    contact_id: XmlId | None = None
    employee_id: XmlId | None = None
    identities: Annotated[list[UserIdentity], Field(min_length=1)]
    tokens: list[Token] = Field(default_factory=list)


class Binding(BaseModel):
    """`tenants[].twentyfoursevenoffice`: who may log in with which applications, and what they may work as.

    applications: ids of integrations; several tenants may name the same one.
    """

    model_config = _STRICT

    applications: Annotated[list[UUID], Field(min_length=1)]
    clients: Annotated[list[Company], Field(min_length=1)]
    users: Annotated[list[User], Field(min_length=1)]

    @model_validator(mode="after")
    def _clients_known(self) -> Binding:
        known = [client.id for client in self.clients]
        if len(set(known)) < len(known):
            raise ValueError("two clients have the same id")
        for user in self.users:
            for identity in user.identities:
                if identity.client not in known:
                    raise ValueError(f"identity {identity.id}: there is no client {identity.client}")
        return self
