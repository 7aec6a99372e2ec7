"""How the configuration slows down those who try out credentials (ADR-60)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.spi.guessing import GuessLimits

_Delay = Annotated[float, Field(gt=0, le=30)]


class GuessingSection(BaseModel):
    """Refusals of wrong credentials that wait, on both ports. Each worker counts for itself.

    failures_per_minute: of one address and account, answered at once; 0 switches all waiting off.
    first_delay_seconds: how long the refusal after those waits; each further one waits twice as long.
    longest_delay_seconds: the longest wait.
    max_delayed: refusals that wait at a time on each port; further ones are answered at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    failures_per_minute: Annotated[int, Field(ge=0, le=100)] = 20
    first_delay_seconds: _Delay = 0.25
    longest_delay_seconds: _Delay = 8.0
    max_delayed: Annotated[int, Field(ge=1, le=10_000)] = 100

    @model_validator(mode="after")
    def _in_order(self) -> GuessingSection:
        if self.first_delay_seconds > self.longest_delay_seconds:
            raise ValueError("first_delay_seconds is longer than longest_delay_seconds")
        return self

    def limits(self) -> GuessLimits:
        """The same, for the room that holds the refusals back."""
        return GuessLimits(
            self.failures_per_minute, self.first_delay_seconds, self.longest_delay_seconds, self.max_delayed
        )
