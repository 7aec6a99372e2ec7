"""Counts of what fault rules matched and struck: of one process, or of several workers together (ADR-27)."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol


class Count(Protocol):
    """A number that only grows."""

    @property
    def total(self) -> int:
        """The number now."""
        ...

    def add(self) -> int:
        """Add one. Returns the new number, which nobody else gets."""
        ...

    def close(self) -> None:
        """Let go of it. It is not used again."""
        ...


class OwnCount:
    """A count of this process."""

    def __init__(self) -> None:
        self.total = 0

    def add(self) -> int:
        """Add one."""
        self.total += 1
        return self.total

    def close(self) -> None:
        """Nothing to let go of."""


class SharedCount:
    """A count of all processes that open the same file: the number is the length of the file.

    The system appends one byte after the other, and afterwards the position of each process is the end of its own byte. So no
    two processes get the same number, none of them waits for another, and one that dies leaves no lock behind.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    @property
    def total(self) -> int:
        """The number now."""
        return os.fstat(self._file).st_size

    def add(self) -> int:
        """Add one. Returns the new number, which nobody else gets."""
        os.write(self._file, b".")
        return os.lseek(self._file, 0, os.SEEK_CUR)

    def close(self) -> None:
        """Let go of the file and remove it."""
        os.close(self._file)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
