"""For root: how to start a process as `nobody` that can still read root's files, such as a Python in root's home directory.

PostgreSQL refuses to run as root, and Patroni must run as the same user as its PostgreSQL. The process keeps the capability
to read files where the system allows that; without it the process can read what any other user can read.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import struct
from typing import Any, Final

_SET_KEEPCAPS: Final = 8
_CAP_AMBIENT: Final = 47
_CAP_AMBIENT_RAISE: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_DAC_OVERRIDE: Final = 1


def unprivileged() -> dict[str, Any]:
    """Arguments of Popen that start the process as another user; none when the caller is not root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    libc = ctypes.CDLL(None, use_errno=True)
    only = 1 << _DAC_OVERRIDE
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("IIIIII", only, only, only, 0, 0, 0)

    def become_nobody() -> None:
        libc.prctl(_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        if libc.capset(header, data) == 0:
            libc.prctl(_CAP_AMBIENT, _CAP_AMBIENT_RAISE, _DAC_OVERRIDE, 0, 0)

    return {"preexec_fn": become_nobody}


def give_away(path: str | os.PathLike[str]) -> None:
    """Hand a file or directory to the user of `unprivileged`."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
