"""A gateway's process: it is started, prints one line when it can answer, and is stopped."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

READY: Final = re.compile(r"invoice-gateway ready data=(http://\S+) admin=(http://\S+)")
_STOP_SECONDS: Final = 10.0


class ServerError(Exception):
    """The gateway did not start. The text holds what the gateway said."""


def launch(words: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a program. Its standard error goes to the log. Raises ServerError."""
    with log.open("w", encoding="utf-8") as errors:
        try:
            return subprocess.Popen(  # noqa: S603 - the command is the user's own
                list(words), cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=errors, text=True
            )
        except OSError as error:
            raise ServerError(f"{words[0]} cannot be started: {error.strerror or error}") from None


def ready(process: subprocess.Popen[str], log: Path, seconds: float) -> tuple[str, str]:
    """Both addresses, from the ready line: of the dialects, of the admin port. Raises ServerError.

    seconds: how long the start may take; then the process is killed.
    """
    # `readline` cannot time out, but it ends when the process does.
    overdue = threading.Timer(seconds, process.kill)
    overdue.start()
    try:
        line = process.stdout.readline() if process.stdout else ""
    finally:
        overdue.cancel()
    match = READY.match(line)
    if match is None:
        stop(process)
        text = log.read_text(encoding="utf-8", errors="replace")[-4000:]
        raise ServerError(f"the gateway did not start (exit code {process.returncode}):\n{text}")
    return match[1], match[2]


def stop(process: subprocess.Popen[str]) -> None:
    """Ask a process to stop, and kill it when it does not."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    if process.poll() is None:
        process.kill()
    process.wait(_STOP_SECONDS)
    if process.stdout:
        process.stdout.close()
