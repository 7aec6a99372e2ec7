"""MD5 of files: it goes along with the chunks, so that nothing is read two times when one process gets them all in order.

A process remembers how far it has come with each file. What it remembers counts only for the very version of the file that it
was made for: another gateway may have written in between. Otherwise the content is read once.
"""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from adapters.twentyfoursevenoffice.attachment.content import PIECE, read_range
from adapters.twentyfoursevenoffice.attachment.files import File
from gateway.core.ports import SequenceService
from gateway.core.values import TenantId

if TYPE_CHECKING:
    from hashlib import _Hash

_MOST: Final = 1024
"""So many files are remembered."""
_AT_ONCE: Final = 16 * PIECE

_Known = tuple[int, "_Hash"]


class Checksums:
    """How far MD5 has come with files, by their tokens; for the version of the file that it goes with."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def so_far(self, file: File) -> _Hash | None:
        """The sum of the whole content of a file as it stands; None when it is not known. Copy it before you go on."""
        if not file.size:
            return hashlib.md5(usedforsecurity=False)
        version, known = self._known.get(file.token, (0, None))
        return known if version == file.version else None

    def keep(self, file: File, known: _Hash | None) -> None:
        """Remember the sum of a file as it stands now; None when it is not known."""
        self.forget(file)
        if known is not None:
            self._known[file.token] = file.version, known
            if len(self._known) > _MOST:
                self._known.popitem(last=False)

    def forget(self, file: File) -> None:
        """A saved file knows its sum itself."""
        self._known.pop(file.token, None)


CHECKSUMS: Final = Checksums()
"""Tokens are unique, so all stores and tenants of a process share one memory."""


async def md5_of(service: SequenceService, tenant: TenantId, file: File) -> str:
    """The MD5 of a file's content in lower-case hex; read only when it is not known."""
    if file.md5:
        return file.md5
    known = CHECKSUMS.so_far(file)
    if known is None:
        known = hashlib.md5(usedforsecurity=False)
        for start in range(0, file.size, _AT_ONCE):
            known.update(await read_range(service, tenant, file, start, start + _AT_ONCE))
        CHECKSUMS.keep(file, known)
    return known.hexdigest()


def shown(md5: str, form: str) -> str:
    """A checksum in the form that the settings want. Source: AT-32, inferred."""
    digest = bytes.fromhex(md5)
    match form:
        case "upper_hex":
            return md5.upper()
        case "dashed_hex":
            return digest.hex("-").upper()
        case "base64":
            return base64.b64encode(digest).decode()
    return md5
