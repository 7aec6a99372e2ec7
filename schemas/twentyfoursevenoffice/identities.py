"""The types of Authenticate, with their elements in the order of the contract."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.primitives import EMPTYGUID, INTMIN, Int, Long, Message


class Credential(Message):
    """Who logs in, and for which integration.

    identity_id: picks the client company; not set means the default one.
    """

    application_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="ApplicationId")
    identity_id: UUID = Field(EMPTYGUID, alias="IdentityId")
    password: str | None = Field(None, alias="Password", repr=False)
    username: str | None = Field(None, alias="Username")


class Token(Message):
    """A token that takes the place of user name and password."""

    application_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="ApplicationId")
    id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="Id", repr=False)


class User(Message):
    """The person of an identity."""

    contact_id: Int = Field(INTMIN, alias="ContactId")
    id: UUID = Field(EMPTYGUID, alias="Id")
    name: str = Field("", alias="Name")
    employee_id: Int = Field(INTMIN, alias="EmployeeId")


class Client(Message):
    """The company of an identity."""

    id: Annotated[Long, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")


class Server(Message):
    """A server of an identity."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    type: Annotated[Int, "min:1"] = Field(0, alias="Type")


class Identity(Message):
    """A person in a company. A session works as one identity."""

    id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="Id")
    user: User | None = Field(None, alias="User")
    client: Client | None = Field(None, alias="Client")
    is_current: Annotated[bool, "min:1"] = Field(False, alias="IsCurrent")
    is_default: Annotated[bool, "min:1"] = Field(False, alias="IsDefault")
    is_protected: Annotated[bool, "min:1"] = Field(False, alias="IsProtected")
    servers: list[Server | None] | None = Field(None, alias="Servers")
    is_disabled: bool = Field(False, alias="IsDisabled")


class Passport(Message):
    """The answer to a token: the session, and the identities that it may work as."""

    id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="Id")
    email: str | None = Field(None, alias="Email")
    identities: list[Identity | None] | None = Field(None, alias="Identities")
    session_id: str | None = Field(None, alias="SessionId", repr=False)
