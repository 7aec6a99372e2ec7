"""The choices that the facts leave open about CompanyService."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from adapters.twentyfoursevenoffice.choices import STRICT, refuse_unknown_properties
from schemas.twentyfoursevenoffice.company.types import Company


class CompanyChoices(BaseModel):
    """A part of the dialect's settings.

    company_default_properties: what a Company shows when a call names no properties (CO-29).
    name_match: how a CompanyName without wildcard is compared (CO-24): it is a part of the name, or the whole name.
    unknown_company_id: what an unknown Id in SaveCompanies means (CO-65).
    max_companies: companies of one answer of GetCompanies; above it the call times out, as wide searches do.
    company_statuses: what GetStatuses lists (CO-09), by id.
    sync_page_size: entries of one page of GetCompanySyncList (CO-70).
    """

    model_config = STRICT

    company_default_properties: tuple[str, ...] = ("Id", "Name")
    name_match: Literal["contains", "like"] = "contains"
    unknown_company_id: Literal["create", "refuse"] = "create"
    sync_page_size: Annotated[int, Field(ge=1, le=10_000)] = 1000
    max_companies: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    company_statuses: Mapping[int, str] = Field(default_factory=lambda: {1: "Aktiv", 2: "Passiv"})

    @field_validator("company_default_properties")
    @classmethod
    def _known_properties(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        refuse_unknown_properties(Company, value)
        return value
