"""The choices that the facts leave open about AccountService."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from adapters.twentyfoursevenoffice.account.answers import ANSWERS, REFUSALS
from adapters.twentyfoursevenoffice.choices import STRICT, refuse_twins, zone_name

ZoneName = Annotated[str, AfterValidator(zone_name)]


def _known_answers(given: Mapping[str, str]) -> Mapping[str, str]:
    if unknown := sorted(given.keys() - ANSWERS.keys()):
        raise ValueError(f"unknown {', '.join(unknown)}; there are {', '.join(ANSWERS)}")
    if wrong := sorted(set(given.values()) - set(REFUSALS)):
        raise ValueError(f"{', '.join(wrong)} is none of {', '.join(REFUSALS)}")
    return given


BundleAnswers = Annotated[Mapping[str, str], AfterValidator(_known_answers)]

MinusOne: TypeAlias = Literal["no_year", "unknown_series", "locked"]


class EntryType(BaseModel):
    """A type of voucher (AC-16).

    id: TypeId. number: TypeNo, 0 or less for types that clients do not offer. series: EntrySeriesId.
    start: the first number of the series in each fiscal year; that of the first type of a series counts.
    """

    model_config = STRICT

    id: Annotated[int, Field(ge=1, le=2**31 - 1)]
    number: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    series: Annotated[int, Field(ge=1, le=2**31 - 1)]
    start: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1


ENTRY_TYPES: Final = (
    EntryType(id=1, number=1, title="Inngående faktura/kreditnota", series=3),
    EntryType(id=2, number=2, title="Utgående faktura/kreditnota", series=1),
    EntryType(id=3, number=3, title="Bank", series=2),
    EntryType(id=4, number=4, title="Diverse", series=2),
    EntryType(id=5, number=0, title="Inngående balanse", series=2),
)
"""Source: AC-16, inferred."""


class FiscalYearChoice(BaseModel):
    """A fiscal year: the days from `start` until before `end`.

    year: its number; that of the day `start` when it is not given.
    """

    model_config = STRICT

    start: date
    end: date
    locked: bool = False
    year: Annotated[int, Field(ge=1, le=9999)] | None = None

    @model_validator(mode="after")
    def _has_days(self) -> FiscalYearChoice:
        if self.end <= self.start:
            raise ValueError(f"the year from {self.start} ends on {self.end}; it must end after it starts")
        return self

    @property
    def number(self) -> int:
        """What the year is called."""
        return self.start.year if self.year is None else self.year


class AccountChoices(BaseModel):
    """A part of the dialect's settings.

    entry_numbers: reserve hands the number of GetEntryId out, so nobody else gets it; peek gives the same again (N-11).
    entry_series: the types of vouchers and the number lines that they draw from, of tenants whose catalogue has none.
    fiscal_years: those of tenants whose catalogue has none. None: calendar years from 2000 to the next one, all open.
    minus_one_for: what GetEntryId answers with -1 (N-13); everything else of the three is a fault.
    time_zone: decides which day a moment with an offset lies in (N-14).
    journal_numbers: whether the numbers of a journal (SaveOption 1) count as used (N-09).
    zero_transaction_no: what a voucher without number gets (AC-45).
    bundle_answers: ResponsType by the name of the reason, instead of the default of `answers.ANSWERS` (AC-45).
    department_required_accounts, project_required_accounts: numbers of accounts (AC-44), beside those of the catalogue.
    no_session: AccountService's answer to SaveBundleList without a session (AC-45).
    """

    model_config = STRICT

    entry_numbers: Literal["reserve", "peek"] = "reserve"
    entry_series: tuple[EntryType, ...] = ENTRY_TYPES
    fiscal_years: tuple[FiscalYearChoice, ...] | None = None
    minus_one_for: tuple[MinusOne, ...] = ("no_year", "unknown_series", "locked")
    time_zone: ZoneName = "Europe/Oslo"
    journal_numbers: Literal["hold", "free"] = "hold"
    zero_transaction_no: Literal["refuse", "assign"] = "refuse"
    bundle_answers: BundleAnswers = Field(default_factory=dict)
    department_required_accounts: tuple[int, ...] = ()
    project_required_accounts: tuple[int, ...] = ()
    no_session: Literal["fault", "NotAuthenticated"] = "fault"

    @field_validator("entry_series")
    @classmethod
    def _types_apart(cls, value: tuple[EntryType, ...]) -> tuple[EntryType, ...]:
        refuse_twins("id", (each.id for each in value))
        return value

    @field_validator("fiscal_years")
    @classmethod
    def _years_apart(cls, value: tuple[FiscalYearChoice, ...] | None) -> tuple[FiscalYearChoice, ...] | None:
        years = sorted(value or (), key=lambda each: each.start)
        refuse_twins("year", (each.number for each in years))
        for before, after in pairwise(years):
            if after.start < before.end:
                raise ValueError(f"{before.number} and {after.number} overlap")
        return value
