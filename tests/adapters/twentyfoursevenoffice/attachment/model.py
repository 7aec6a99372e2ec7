"""What files and stamp numbers are, in plain Python: bytes, and a set of numbers for each line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tests.adapters.twentyfoursevenoffice.attachment.archive import BERGEN, OSLO, RANGES, Archive, Fault, md5

LAST = 2**31 - 1


class Act(NamedTuple):
    """One call. file: counts from 0 over the files that were made; a file that is not there is unknown.

    offset: from the end of the file so far, for append; from the beginning, for download.
    number: of a stamp.
    """

    what: str
    file: int = 0
    offset: int = 0
    chunk: bytes = b""
    number: int = 0


@dataclass
class ModelFile:
    content: bytearray = field(default_factory=bytearray)
    is_saved: bool = False
    stamp: int = 0


class Model:
    """The answer to each act: what the client sees, or "refused"."""

    def __init__(self) -> None:
        self.files: list[ModelFile] = []
        self.held: set[int] = set()
        self.stands = {"": 1} | {str(each["id"]): int(str(each["start"])) for each in RANGES}

    def act(self, act: Act) -> object:
        """Do it, and say what the client sees."""
        if act.what == "create":
            self.files.append(ModelFile())
            return len(self.files)
        if act.what == "next":
            return self.upcoming()
        if act.what in (BERGEN, OSLO):
            return self.stands[act.what] if self.stands[act.what] <= self._range(act.what)[1] else "refused"
        if act.file >= len(self.files):
            return "refused"
        return getattr(self, f"_{act.what}")(self.files[act.file], act)

    def upcoming(self) -> int:
        """The next number outside of the series."""
        number = self.stands[""]
        while (line := self._line_of(number)) != "":
            number = self._range(line)[1] + 1
        return number

    def _range(self, line: str) -> tuple[int, int]:
        return next((int(str(each["start"])), int(str(each["end"]))) for each in RANGES if each["id"] == line)

    def _line_of(self, number: int) -> str:
        return next(
            (str(each["id"]) for each in RANGES if int(str(each["start"])) <= number <= int(str(each["end"]))), ""
        )

    def _append(self, file: ModelFile, act: Act) -> object:
        offset = max(len(file.content) + act.offset, 0)
        if file.is_saved or offset > len(file.content):
            return "refused"
        file.content[offset : offset + len(act.chunk)] = act.chunk
        return None

    def _save(self, file: ModelFile, act: Act) -> object:
        stamp = act.number or file.stamp
        if not file.content or (file.stamp and stamp != file.stamp):
            return "refused"
        file.is_saved, file.stamp = True, stamp
        if stamp and stamp not in self.held:
            line = self._line_of(stamp)
            self.held.add(stamp)
            self.stands[line] = max(self.stands[line], stamp + 1)
        return None

    def _download(self, file: ModelFile, act: Act) -> object:
        return bytes(file.content[act.offset : act.offset + act.number])

    def _checksum(self, file: ModelFile, _: Act) -> object:
        return len(file.content), md5(bytes(file.content))


async def done(archive: Archive, act: Act, size: int) -> object:
    """Do it over the wire. size: of the file so far."""
    file = act.file + 1
    try:
        match act.what:
            case "create":
                return await archive.create()
            case "next":
                return await archive.next_stamp()
            case "append":
                return await archive.append(file, act.chunk, max(size + act.offset, 0))
            case "save":
                return await archive.save(file, act.number)
            case "download":
                return await archive.download(file, act.offset, act.number)
            case "checksum":
                return await archive.size(file), await archive.checksum(file)
            case series:
                return await archive.next_of(series)
    except Fault:
        return "refused"
