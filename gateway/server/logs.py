"""Structured logs on standard error, as text for people or JSON for machines. No bodies, no secrets."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import Processor

from gateway.config.process import LogSection

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


def configure_logs(section: LogSection) -> None:
    """Set up the logs of the whole process. Call this once, before anything logs."""
    level = _LEVELS[section.level]
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor]
    if section.format == "json":
        renderer = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        renderer = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,  # the default one prints local variables, even secrets
            )
        ]
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
    # Libraries log through the standard module; aiohttp's own access log stays off.
    logging.basicConfig(
        level=max(level, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
