"""One gateway process per file: an operating-system lock on `<file>.lock`, gone with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from gateway.stores.errors import StoreLockedError, StoreOpenError


class FileLock:
    """Holds `<path>.lock` until `release`. The file holds the owner's pid as text.

    The file is never removed: a process that opened it before the removal could then lock a file that has no name any more.
    """

    def __init__(self, path: Path) -> None:
        """Raises StoreLockedError when another process has it, StoreOpenError when the file cannot be made."""
        lock_path = path.with_name(path.name + ".lock")
        try:
            self._fd = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreOpenError(f"cannot lock store {path}: {error.strerror}: {lock_path}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = _pid_in(self._fd)
            os.close(self._fd)
            raise StoreLockedError(path, pid) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another process in. May be called more than once."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1


def holder(path: Path) -> int | None:
    """The process that has the lock of a store's file; None when no process has it. Changes nothing.

    This tries the lock only when a running process seems to have it. Otherwise it could refuse the lock, for a moment, to a
    gateway that starts.
    """
    try:
        fd = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    pid = _pid_in(fd)
    try:
        if pid is not None and _is_running(pid):
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return pid
    finally:
        os.close(fd)
    return None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def make_directory(directory: Path) -> None:
    """Make a store's directory. Raises StoreOpenError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreOpenError(f"cannot make directory {directory}: {error.strerror}") from error


def _pid_in(fd: int) -> int | None:
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else None
