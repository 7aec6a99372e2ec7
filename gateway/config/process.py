"""The sections of the configuration that are about the process: its log, journal, watermark and limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Seconds = Annotated[float, Field(gt=0, le=3600)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LogSection(Section):
    """The log, on standard error.

    format: text for people or json for machines.
    level: the least important messages that are written.
    requests: write one line for each request.
    """

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"
    requests: bool = True


class LimitsSection(Section):
    """Caps that keep one client from harming the others.

    max_body_bytes: size of a request body after decompression.
    max_reading_bytes: bodies of all requests together that are being read or answered; further ones get the dialect's
        overload answer. Bodies that arrive whole with their heads are not counted. Never less than twice `max_body_bytes`.
    body_timeout_seconds: time for a whole body to arrive.
    deadline_seconds: time for an answer.
    max_in_flight: requests of one dialect that are answered at the same time.
    max_queued_commands: writes that wait for the store.
    max_records: records of one kind that a tenant may have, such as customers; those deleted count until they are forgotten.
    max_record_bytes: size of all records of one kind that a tenant may have.
    drain_seconds: time for requests in flight after SIGTERM. Connections without a request stay open for a twentieth of it.
    keepalive_seconds: how long an idle connection is kept.
    max_admin_connections: connections of the admin port; further ones are answered 503 and closed.
    """

    max_body_bytes: Annotated[int, Field(ge=1024, le=1 << 30)] = 16 * 1024 * 1024
    max_reading_bytes: Annotated[int, Field(ge=1024, le=1 << 40)] = 64 * 1024 * 1024
    body_timeout_seconds: Seconds = 30.0
    deadline_seconds: Seconds = 30.0
    max_in_flight: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    max_queued_commands: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    max_records: Annotated[int, Field(ge=1, le=100_000_000)] = 1_000_000
    max_record_bytes: Annotated[int, Field(ge=1024, le=1 << 40)] = 2 * 1024**3
    drain_seconds: Seconds = 20.0
    keepalive_seconds: Seconds = 75.0
    max_admin_connections: Annotated[int, Field(ge=1, le=100_000)] = 512


class JournalSection(Section):
    """The request journal. A journal that exists is kept while the mode is off, and notes that it does not know that time.

    mode: record every request, none, or a share of them.
    sample: the share, from 0 to 1, when the mode is `sampled`.
    path: its file, which only its owner can read; empty means `<store's name>.journal.db` beside the store. A file that is
        there and is no journal is refused.
    max_entries: entries of each tenant; as many again of requests without a tenant.
    max_bytes: bytes of entries, counted in the same way.
    max_age_seconds: how long an entry is kept.
    max_message_bytes: how much of a body is kept.
    max_per_second: requests recorded in a second, on average. The requests of ten seconds may come at once; those above are
        counted as lost, so that recording never costs more than answering.
    """

    mode: Literal["on", "off", "sampled"] = "on"
    sample: Annotated[float, Field(gt=0, le=1)] = 0.1
    path: str = ""
    max_entries: Annotated[int, Field(ge=1, le=10_000_000)] = 10_000
    max_bytes: Annotated[int, Field(ge=1024, le=1 << 40)] = 64 * 1024 * 1024
    max_age_seconds: Annotated[float, Field(gt=0, le=10 * 366 * 86400)] = 7 * 86400.0
    max_message_bytes: Annotated[int, Field(ge=0, le=1 << 30)] = 64 * 1024
    max_per_second: Annotated[float, Field(gt=0, le=1_000_000)] = 500.0

    @field_validator("path")
    @classmethod
    def _path(cls, value: str) -> str:
        if "\0" in value:
            raise ValueError("not the name of a file")
        return value

    @field_validator("mode", mode="before")
    @classmethod
    def _mode(cls, value: Any) -> Any:
        """YAML reads a bare on and off as true and false."""
        return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value


class WatermarkSection(Section):
    """The watermark: how far each number line was, kept outside of the store, so that an older store is not served (ADR-54).

    mode: keep it and compare with it at each start, or neither.
    path: its file, which belongs on another volume than the store; empty means `<store's name>.watermark.db` beside the store.
    """

    mode: Literal["on", "off"] = "on"
    path: str = ""

    @field_validator("mode", mode="before")
    @classmethod
    def _mode(cls, value: Any) -> Any:
        """YAML reads a bare on and off as true and false."""
        return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
