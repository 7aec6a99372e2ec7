"""One gateway process per file: an operating-system lock on the file itself, gone with the process that holds it (ADR-55).

It is a lock of the kind `flock`, which belongs to the file and not to a name. So a deleted lock file or a second name (a hard
link) lets nobody in. SQLite's own locks are of another kind, so readers are not kept out. `<file>.lock` says who has it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Final

from gateway.stores.errors import StoreLockedError, StoreOpenError
from gateway.stores.sqlite.file import NOWHERE, Identity, identity_of

_HEAD_BYTES: Final = 100
_held: set[Identity] = set()
"""The files that this process has locked. Such a file must not be opened and closed a second time: closing it lets go of all
locks that SQLite has on it in this process.
"""


class FileLock:
    """Holds a store's file until `release`; makes an empty file when there is none. Take it before SQLite opens the file.

    `<file>.lock` holds the owner's pid as text. It is never removed: an older version of this program has its only lock on it.

    identity: of the file that is locked, whatever its name leads to meanwhile.
    """

    def __init__(self, path: Path) -> None:
        """Raises StoreLockedError when another process has it, StoreOpenError when the file cannot be made."""
        self.identity: Identity = NOWHERE
        self._file = -1
        self._note = _opened(path, path.with_name(path.name + ".lock"))
        try:
            _take(self._note, path)
            if identity_of(path) in _held:
                raise StoreLockedError(path, os.getpid())
            self._file = _opened(path, path)
            _take(self._file, path)
        except BaseException:
            self._close()
            raise
        status = os.fstat(self._file)
        self.identity = status.st_dev, status.st_ino
        _held.add(self.identity)
        # Older versions made it readable for everybody, and everybody who can read it can lock it.
        with contextlib.suppress(PermissionError):  # it is another user's
            os.fchmod(self._note, 0o600)
        os.ftruncate(self._note, 0)
        os.pwrite(self._note, f"{os.getpid()}\n".encode(), 0)

    def check(self, path: Path) -> None:
        """Raises StoreOpenError when the name does not lead to the locked file any more."""
        if identity_of(path) != self.identity:
            raise StoreOpenError(f"store {path} was moved, removed or replaced while in use")

    def head(self) -> bytes:
        """The head of the file, as SQLite describes it; with it the mark of the last commit that was copied into the file."""
        return os.pread(self._file, _HEAD_BYTES, 0)

    def release(self) -> None:
        """Let another process in, after SQLite has closed the file. May be called more than once."""
        if self._note >= 0:
            os.ftruncate(self._note, 0)
            _held.discard(self.identity)
            self._close()

    def _close(self) -> None:
        for descriptor in (self._file, self._note):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._note = -1


def _opened(path: Path, file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreOpenError(f"cannot lock store {path}: {error.strerror}: {file}") from error


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StoreLockedError(path, holder(path)) from error


def holder(path: Path) -> int | None:
    """The process that has the lock of a store's file; None when no process has it, or none that can be seen from here.

    Changes nothing. A lock is tried only where the kernel's list cannot be read and a running process seems to have it:
    otherwise this could refuse the lock, for a moment, to a gateway that starts.
    """
    locked = _locked()
    for file in (path, path.with_name(path.name + ".lock")):
        if identity_of(file) in locked:
            return locked[identity_of(file)]
    return _noted_holder(path.with_name(path.name + ".lock"))


def _locked() -> dict[Identity, int]:
    """The files that are locked in this way, as the kernel lists them, each with its process."""
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return {}
    found: dict[Identity, int] = {}
    for words in map(str.split, lines):
        if len(words) > 5 and words[1] == "FLOCK" and words[4].isdigit():
            major, minor, inode = words[5].split(":")
            found[os.makedev(int(major, 16), int(minor, 16)), int(inode)] = int(words[4])
    return found


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _noted_holder(note: Path) -> int | None:
    try:
        fd = os.open(note, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    text = os.pread(fd, 32, 0).strip()
    pid = int(text) if text.isdigit() else None
    try:
        if pid is not None and _is_running(pid):
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return pid
    finally:
        os.close(fd)
    return None


def make_directory(directory: Path) -> None:
    """Make a store's directory. Raises StoreOpenError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreOpenError(f"cannot make directory {directory}: {error.strerror}") from error
