"""The messages of the finance numbering endpoints, with the vendor's names as aliases and in the vendor's order.

`xml_name` and `xml_namespace` name the element of the DataContract form. Source: the help pages; `SOURCES.md`.
"""

from __future__ import annotations

from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

_DTO: Final = "http://schemas.datacontract.org/2004/07/QQSolutions.NextGen.ModelLibrary.DataTransferObjects"


class Message(BaseModel):
    """What all messages share: fields have the vendor's names as aliases, and no value is converted or changed."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid", strict=True)

    xml_name: ClassVar[str]
    xml_namespace: ClassVar[str]


class SequenceValueDTO(Message):
    """A number line as clients see and set it. An absent member becomes 0 or None."""

    xml_name = "SequenceValueDTO"
    xml_namespace = f"{_DTO}.Locations"

    next_number_should_be: int = Field(default=0, alias="NextNumberShouldBe")
    suffix: str | None = Field(default=None, alias="Suffix")
    prefix: str | None = Field(default=None, alias="Prefix")


class SequenceNumberDTO(Message):
    """A number line and where it belongs.

    id: the id of the series.
    location_id: the number of the location.
    """

    xml_name = "SequenceNumberDTO"
    xml_namespace = f"{_DTO}.Locations"

    id: int = Field(alias="ID")
    location_id: int = Field(alias="LocationID")
    related_to: str | None = Field(default=None, alias="RelatedTo")
    sequence_value: SequenceValueDTO | None = Field(default=None, alias="SequenceValue")


class ActionResultDTO(Message):
    """The base of every envelope: whether it worked, and what to say about it."""

    xml_name = "ActionResultDTO"
    xml_namespace = _DTO

    is_success: bool = Field(alias="IsSuccess")
    error_code: str | None = Field(default=None, alias="ErrorCode")
    error_message: str | None = Field(default=None, alias="ErrorMessage")
    info_message: str | None = Field(default=None, alias="InfoMessage")


class ActionResultOfSequenceNumberDTO(ActionResultDTO):
    """The envelope of the POST answers. Its own members come before the inherited ones in JSON, after them in XML."""

    xml_name = "ActionResultOfSequenceNumberDTO"
    xml_namespace = _DTO

    result: SequenceNumberDTO | None = Field(default=None, alias="Result")
    created_by: str | None = Field(default=None, alias="CreatedBy")
    entity_id: int = Field(default=0, alias="EntityID")
    row_source: str | None = Field(default=None, alias="RowSource")
    policy_id: int = Field(default=0, alias="PolicyID")


class LocationDTO(Message):
    """A location as its clients find it. Its three ids are the same: what stands in the path. The XML name is a guess.

    location_id, qqid, id: a number, or the text that stands in the path when that is no number.
    """

    xml_name = "LocationDTO"
    xml_namespace = f"{_DTO}.Locations"

    location_id: int | str = Field(alias="LocationID")
    qqid: int | str = Field(alias="QQID")
    id: int | str = Field(alias="Id")
    name: str = Field(alias="Name")


class PageOfLocationDTO(Message):
    """A page of locations in the envelope of lists. The XML name is a guess.

    page_number: from 1.
    pages_total: number of pages.
    total_items: locations on all pages.
    """

    xml_name = "PageOfLocationDTO"
    xml_namespace = _DTO

    data: list[LocationDTO] = Field(alias="Data")
    page_number: int = Field(default=1, alias="PageNumber")
    pages_total: int = Field(default=1, alias="PagesTotal")
    total_items: int = Field(alias="TotalItems")
    is_success: bool = Field(default=True, alias="IsSuccess")
    error_code: str | None = Field(default=None, alias="ErrorCode")
    error_message: str | None = Field(default=None, alias="ErrorMessage")
    display_message: str | None = Field(default=None, alias="DisplayMessage")
    links: str | None = Field(default=None, alias="Links")
    href: str | None = Field(default=None, alias="Href")


class AccessToken(BaseModel):
    """A successful answer of the token endpoint. Members that are None are left out.

    expires_in: seconds.
    """

    model_config = ConfigDict(frozen=True)

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the kind of token, not a token
    expires_in: int
    refresh_token: str | None = None
    scope: str | None = None


class TokenError(BaseModel):
    """A refusal of the token endpoint, with an error value of OAuth 2."""

    model_config = ConfigDict(frozen=True)

    error: str
    error_description: str | None = None
