"""Commits of a SQLite store that fail, or that stop halfway until a test lets them go on."""

from __future__ import annotations

import sqlite3
import threading
from typing import Final

import pytest

from gateway.stores.sqlite.file import Writer

_PATIENCE_SECONDS: Final = 60.0
"""Only ends a test that hangs."""


def fail_commit(monkeypatch: pytest.MonkeyPatch, *, before: bool, times: int) -> None:
    """The next commits fail with an I/O error, before or after they take effect."""
    left = [times]
    true_commit = Writer.commit

    def commit(writer: Writer) -> None:
        if left[0] == 0:
            true_commit(writer)
            return
        left[0] -= 1
        if not before:
            true_commit(writer)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Writer, "commit", commit)


class HeldCommit:
    """The next commit stops before or after it takes effect, until `go_on` is called; then it may fail.

    stopped: whether the commit has come to this place.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, before: bool, fails: bool = False) -> None:
        self.stopped = threading.Event()
        self._go_on = threading.Event()
        self._before, self._fails = before, fails
        self._true_commit = Writer.commit

        def commit(writer: Writer) -> None:
            self._commit(writer)

        monkeypatch.setattr(Writer, "commit", commit)

    def go_on(self) -> None:
        """Let the commit return."""
        self._go_on.set()

    def _commit(self, writer: Writer) -> None:
        if self.stopped.is_set():
            self._true_commit(writer)
            return
        if not self._before:
            self._true_commit(writer)
        self.stopped.set()
        assert self._go_on.wait(_PATIENCE_SECONDS)
        if self._fails:
            raise sqlite3.OperationalError("disk I/O error")
        if self._before:
            self._true_commit(writer)
