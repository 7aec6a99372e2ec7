"""The choices that the vendor's facts leave open, and a tenant's credentials."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from adapters.invoicexpress.documents.settings import DocumentSettings
from gateway.spi.secrets import Secret, WithSecrets
from gateway.wire.rails.numericality import Numericality
from schemas.invoicexpress.messages import ID_OFFSETS

IDS_PER_SEQUENCE_V1 = max(ID_OFFSETS.values()) + 1
"""A v1 sequence takes up the ids of its types, too. Source: R-09."""


class Settings(BaseModel):
    """`dialects.invoicexpress.settings`. README.md describes every choice in its section "Open choices".

    generation: the shape of answers: L (legacy, three counters) or v1 (a counter and an id for each type).
    id_base, id_step: a sequence's id on the wire is id_base + id_step * the series' own id. id_step 0 stands for 1, in v1
        for 17.
    max_serie_length: characters.
    documents: choices about invoices, credit notes and debit notes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    generation: Literal["L", "v1"] = "L"
    accept_basic: bool = True
    unauthorized: Literal["errors", "text"] = "errors"
    require_xml_content_type: bool = True
    numericality: Numericality = Numericality.INTEGER
    missing_counters_on_update: Literal["error", "keep"] = "error"
    missing_counters_on_create: Literal["zero", "error"] = "zero"
    zero_means: Literal["start", "unset"] = "start"
    locked_by: Literal["any", "invoices"] = "any"
    locked_by_canceled: bool = True
    locked_status: Literal[403, 406, 409, 422] = 422
    locked_message: str = "Only sequences with no finalized invoices can be updated"
    create_status: Literal[200, 201] = 201
    update_body: Literal["blank", "sequence"] = "blank"
    set_current_body: Literal["blank", "sequence"] = "blank"
    list_type_array: bool = True
    wrong_verb: Literal[404, 405] = 405
    overloaded_status: Literal[429, 500, 503] = 429
    store_down_status: Literal[500, 503] = 500
    max_serie_length: Annotated[int, Field(ge=1, le=255)] = 255
    id_base: Annotated[int, Field(ge=0, le=10**12)] = 0
    id_step: Annotated[int, Field(ge=0, le=1000)] = 0
    server_header: Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,64}$")] = "nginx"
    documents: DocumentSettings = DocumentSettings()

    @model_validator(mode="after")
    def _room_for_ids(self) -> Settings:
        if self.generation == "v1" and 0 < self.id_step < IDS_PER_SEQUENCE_V1:
            raise ValueError(f"id_step: a v1 sequence takes {IDS_PER_SEQUENCE_V1} ids")
        return self

    @property
    def step(self) -> int:
        """The distance between the ids of two sequences."""
        return self.id_step or (IDS_PER_SEQUENCE_V1 if self.generation == "v1" else 1)


class Binding(WithSecrets):
    """`tenants[].invoicexpress`: one account of a tenant. All series of the tenant are its sequences.

    account: the first part of the host name.
    api_key: what calls carry in the query.
    default_host: True also answers on host names that name no account, such as 127.0.0.1 or that of a proxy.
    """

    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$")]
    api_key: Secret
    default_host: bool = False

    @field_validator("api_key")
    @classmethod
    def _not_empty(cls, value: Secret) -> Secret:
        if not value.get_secret_value():
            raise ValueError("an empty key would let everybody in")
        return value
