"""Structured logs on standard error, as text for people or JSON for machines. No bodies, no secrets."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, Processor

from gateway.config.process import LogSection
from gateway.spi.redaction import redacted_log

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _StandardError:
    """Standard error. A line that cannot be written (disk full, reader gone) is dropped, so that no request fails by it."""

    def write(self, text: str) -> None:
        """Write a line, or drop it."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush, or do nothing when that fails."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def without_secrets(_logger: object, _name: str, facts: EventDict) -> EventDict:
    """Blot out secrets in what a line says: the text of an error may repeat what a client has sent, or a store's URL."""
    return {name: redacted_log(value) if isinstance(value, str) else value for name, value in facts.items()}


class _Formatter(logging.Formatter):
    """For lines of libraries."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted_log(super().format(record))


def configure_logs(section: LogSection, *, serves: bool = True) -> None:
    """Set up the logs of the whole process, before anything logs.

    serves: False for a command, which may be one of several in a process; a server calls this once.
    """
    level = _LEVELS[section.level]
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor]
    if section.format == "json":
        renderer = [structlog.processors.JSONRenderer()]
    else:
        renderer = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,  # the default one prints local variables, even secrets
            )
        ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, without_secrets, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=serves,
    )
    # Libraries log through the standard module; aiohttp's own access log stays off.
    logging.basicConfig(level=max(level, logging.WARNING), stream=cast("TextIO", _StandardError()))
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Formatter("%(levelname)s %(name)s: %(message)s"))
