"""Files: chunks, content, checksums, what is refused."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.attachment.checksums import CHECKSUMS
from adapters.twentyfoursevenoffice.attachment.content import PIECE
from gateway.core.ports import StoreUnavailableError
from gateway.journal.capture import plain
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.attachment.archive import Archive, Fault, framed, md5, named, opened

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
async def archive() -> Archive:
    clock = HandClock()
    return await opened(MemoryStore(MemoryState(clock)), clock)


async def test_a_file_goes_up_and_comes_back(archive: Archive) -> None:
    file = await archive.create("Jpeg")
    for offset in range(0, len(CONTENT), 100_000):
        await archive.append(file, CONTENT[offset : offset + 100_000], offset)
    assert await archive.next_stamp() == 1
    await archive.save(file, 1)
    assert await archive.size(file) == len(CONTENT)
    assert await archive.checksum(file) == md5(CONTENT)
    parts = [await archive.download(file, offset, 70_000) for offset in range(0, len(CONTENT), 70_000)]
    assert b"".join(parts) == CONTENT
    assert len(parts[-1]) == len(CONTENT) % 70_000


def _chunk(file: int, buffer: str, rest: str = "<offset>0</offset>") -> str:
    return f"{named(file)}{buffer}{rest}"


SOME = base64.b64encode(b"0123456789").decode()
EMPTY = ["<buffer></buffer>", "<buffer/>"]


@pytest.mark.parametrize("buffer", EMPTY)
async def test_an_empty_buffer_is_accepted(archive: Archive, buffer: str) -> None:
    """A client sends one behind the end of a file that its chunks fill (AT-26)."""
    file = await archive.create()
    await archive.ask("AppendChunk", _chunk(file, buffer))
    await archive.append(file, b"0123456789", 0)
    await archive.ask("AppendChunk", _chunk(file, buffer, "<offset>10</offset>"))
    assert await archive.size(file) == 10


async def test_what_a_chunk_overlaps_is_overwritten(archive: Archive) -> None:
    file, content = await archive.create(), bytearray(CONTENT[: 3 * PIECE])
    await archive.append(file, bytes(content), 0)
    for offset, chunk in ((5, b"abc"), (PIECE - 2, b"defg"), (PIECE, bytes(PIECE)), (len(content) - 1, b"hij")):
        content[offset : offset + len(chunk)] = chunk
        await archive.append(file, chunk, offset)
        assert await archive.download(file, 0, len(content) + 1) == bytes(content)
        assert await archive.checksum(file) == md5(bytes(content))


async def test_a_chunk_that_comes_again_changes_nothing(archive: Archive) -> None:
    file = await archive.create()
    await archive.append(file, b"0123456789", 0)
    await archive.append(file, b"abc", 10)
    state, calls = archive.service.state, []
    before = dict(state.records)
    for offset, chunk in ((0, b"0123456789"), (10, b"abc"), (4, b"45")):
        await archive.append(file, chunk, offset)
        calls.append(state.records == before)
    assert calls == [True, True, True]
    assert await archive.checksum(file) == md5(b"0123456789abc")


async def test_a_chunk_by_length_takes_the_first_bytes(archive: Archive) -> None:
    file = await archive.create()
    for length, offset in ((4, 0), (10, 4), (0, 14)):
        rest = f"<bufferLength>{length}</bufferLength><offset>{offset}</offset>"
        await archive.ask("AppendChunkByLength", _chunk(file, f"<buffer>{SOME}</buffer>", rest))
    assert await archive.download(file, 0, 99) == b"01230123456789"


DOWNLOADS = [
    (0, 10, b"0123456789"),
    (0, 3, b"012"),
    (8, 3, b"89"),
    (9, 2**31 - 1, b"9"),
    (10, 5, b""),
    (2**62, 5, b""),
    (3, 0, b""),
]


@pytest.mark.parametrize(("offset", "length", "part"), DOWNLOADS)
async def test_parts_of_a_file(archive: Archive, offset: int, length: int, part: bytes) -> None:
    file = await archive.upload(b"0123456789")
    assert await archive.download(file, offset, length) == part


FORMS = [
    ("hex", "e80b5017098950fc58aad83c8c14978e"),
    ("upper_hex", "E80B5017098950FC58AAD83C8C14978E"),
    ("dashed_hex", "E8-0B-50-17-09-89-50-FC-58-AA-D8-3C-8C-14-97-8E"),
    ("base64", "6AtQFwmJUPxYqtg8jBSXjg=="),
]


@pytest.mark.parametrize(("form", "shown"), FORMS)
async def test_forms_of_a_checksum(archive: Archive, form: str, shown: str) -> None:
    file = await archive.upload(b"abcdef")
    assert await archive.with_settings(checksum_form=form).checksum(file) == shown


async def test_a_checksum_is_read_once_when_nothing_is_remembered(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another gateway got the chunks, or this one has begun anew."""
    file = await archive.create()
    await archive.append(file, CONTENT, 0)
    monkeypatch.setattr(CHECKSUMS, "_known", type(CHECKSUMS._known)())
    await archive.append(file, b"more", len(CONTENT))
    assert await archive.checksum(file) == md5(CONTENT + b"more")
    await archive.append(file, b"!", len(CONTENT) + 4)
    await archive.save(file)
    assert await archive.checksum(file) == md5(CONTENT + b"more!")


@pytest.mark.parametrize(
    ("given", "shown", "blind"),
    [("Png", "Png", False), ("PNG", "Png", True), ("pdf", "Pdf", True), ("", "Unknown", True)],
)
async def test_image_types(archive: Archive, given: str, shown: str, blind: bool) -> None:
    if blind:
        archive = archive.with_settings(image_type_case="blind")
    (result,) = await archive.ask("Create", f"<type>{given}</type>" if given else "")
    assert [child.text for child in result] == ["1", shown, "0"]


LONG = {"max_request_length_kb": 64}
WIDE = f"<MetaData><KeyValuePair><Key>{70000 * 'k'}</Key></KeyValuePair></MetaData>"
SAVE = "<location>Journal</location>"
REFUSED = [
    ("AppendChunk", _chunk(9, f"<buffer>{SOME}</buffer>"), {}, "File with Id 9 was not found."),
    ("AppendChunk", f"<buffer>{SOME}</buffer><offset>0</offset>", {}, "Object reference not set"),
    ("AppendChunk", _chunk(1, ""), {}, "Object reference not set"),
    ("AppendChunk", _chunk(1, f"<buffer>{SOME}</buffer>", "<offset>-1</offset>"), {}, "The offset -1 is negative."),
    (
        "AppendChunk",
        _chunk(1, f"<buffer>{SOME}</buffer>", "<offset>4</offset>"),
        {},
        "begins at offset 4, but the file ends at 3.",
    ),
    ("AppendChunk", _chunk(1, "<buffer/>", "<offset>4</offset>"), {}, "begins at offset 4, but the file ends at 3."),
    ("AppendChunk", _chunk(2, f"<buffer>{SOME}</buffer>"), {}, "File with Id 2 is saved."),
    ("AppendChunk", _chunk(1, f"<buffer>{'A' * 70000}</buffer>"), LONG, "A chunk may have 64 kB with its overhead."),
    (
        "AppendChunk",
        _chunk(1, f"<buffer>{'A' * 4000}</buffer>"),
        {"max_file_bytes": 1024},
        "exceeds the maximum size of 1024 bytes.",
    ),
    (
        "AppendChunk",
        _chunk(1, f"<buffer>{'A' * 4000}</buffer>"),
        {"attachment_quota_bytes": 1024},
        "exceed the maximum of 1024 bytes.",
    ),
    ("AppendChunk", _chunk(1, "<buffer>AAA</buffer>"), {}, "The input is not a valid Base-64 string"),
    (
        "AppendChunkByLength",
        _chunk(1, f"<buffer>{SOME}</buffer>", "<bufferLength>11</bufferLength><offset>0</offset>"),
        {},
        "The bufferLength 11 does not fit a buffer of 10 bytes.",
    ),
    (
        "AppendChunkByLength",
        _chunk(1, f"<buffer>{SOME}</buffer>", "<bufferLength>-1</bufferLength><offset>0</offset>"),
        {},
        "The bufferLength -1 does not fit",
    ),
    ("GetSize", named(9), {}, "File with Id 9 was not found."),
    ("GetSize", "", {}, "Object reference not set"),
    ("GetChecksum", named(-1), {}, "File with Id -1 was not found."),
    ("DownloadChunk", f"{named(2)}<offset>-1</offset><bufferSize>1</bufferSize>", {}, "The offset -1 is negative."),
    ("DownloadChunk", f"{named(2)}<offset>0</offset><bufferSize>-1</bufferSize>", {}, "The bufferSize -1 is negative."),
    ("Save", f"{named(9)}{SAVE}", {}, "File with Id 9 was not found."),
    ("Save", f"{named(1)}<location>Scanning</location>", {}, "The location Scanning is not implemented."),
    ("Save", f"{named(3)}{SAVE}", {}, "File with Id 3 has no content."),
    ("Save", SAVE, {}, "Object reference not set"),
    ("Save", f"<file><Id>1</Id><FrameInfo>{framed(1, number=2)}</FrameInfo></file>{SAVE}", {}, "its Id must be 1."),
    (
        "Save",
        f"<file><Id>1</Id><FrameInfo>{framed(1) * 2}</FrameInfo></file>{SAVE}",
        {},
        "must have one ImageFrameInfo",
    ),
    ("Save", f"<file><Id>1</Id><FrameInfo>{framed(-1)}</FrameInfo></file>{SAVE}", {}, "The StampNo -1 is not valid."),
    (
        "Save",
        f"<file><Id>2</Id><FrameInfo>{framed(8)}</FrameInfo></file>{SAVE}",
        {},
        "File with Id 2 already has StampNo 1.",
    ),
    (
        "Save",
        f"<file><Id>1</Id><FrameInfo>{framed(1, WIDE)}</FrameInfo></file>{SAVE}",
        {},
        "MetaData exceeds the maximum of 65536 bytes.",
    ),
    ("Create", "<type>PNG</type>", {}, "Instance validation error: 'PNG' is not a valid value for ImageType."),
    (
        "GetSeriesStampNo",
        "<SeriesId>00000000-0000-4000-8000-000000000001</SeriesId>",
        {},
        "-000000000001 was not found.",
    ),
    ("GetSeriesStampNo", "", {}, "Stamp series with Id 00000000-0000-0000-0000-000000000000 was not found."),
]


@pytest.mark.parametrize(("operation", "inner", "settings", "text"), REFUSED)
async def test_what_is_refused(
    archive: Archive, operation: str, inner: str, settings: dict[str, int], text: str
) -> None:
    """File 1 is a ghost of three bytes, file 2 is saved, file 3 is an empty ghost. A refused call changes nothing."""
    await archive.append(await archive.create(), b"abc", 0)
    await archive.upload(stamp=1)
    await archive.create()
    state = archive.service.state
    before = dict(state.records), dict(state.lines), list(state.issued)
    with pytest.raises(Fault) as fault:
        await archive.with_settings(**settings).ask(operation, inner)
    assert text in str(fault.value)
    assert (state.records, state.lines, state.issued) == before


async def test_a_chunk_that_no_parser_takes_is_a_fault_all_the_same(archive: Archive) -> None:
    file = await archive.create()
    with pytest.raises(Fault, match="A chunk may have 4096 kB with its overhead"):
        await archive.append(file, bytes(8_000_000), 0)
    await archive.append(file, bytes(3_000_000), 0)
    assert await archive.with_settings(max_request_length_kb=9765).append(file, bytes(7_400_000), 0) is None
    assert await archive.size(file) == 7_400_000


async def test_files_of_another_client_company_are_unknown(archive: Archive) -> None:
    file = await archive.upload(stamp=1)
    for operation, inner in (("GetSize", named(file)), ("Save", f"{named(file)}{SAVE}")):
        with pytest.raises(Fault, match="was not found"):
            await archive.ask(operation, inner, "second@example.com")
    assert await archive.find(user="second@example.com") == []


async def test_all_files_of_a_tenant_share_the_quota(archive: Archive) -> None:
    archive = archive.with_settings(attachment_quota_bytes=PIECE)
    file = await archive.upload(bytes(PIECE - 200))
    with pytest.raises(Fault, match="exceed the maximum"):
        await archive.upload(bytes(300), user="second@example.com")
    assert await archive.upload(bytes(100), user="second@example.com") > file


async def test_several_chunks_of_one_file_at_once(archive: Archive) -> None:
    """Each one is decided on the file as it is; those that overlap what others write are there, too."""
    file = await archive.create()
    await archive.append(file, bytes(1000), 0)
    await asyncio.gather(*(archive.append(file, bytes([number]) * 100, number * 100) for number in range(10)))
    assert await archive.download(file, 0, 2000) == b"".join(bytes([number]) * 100 for number in range(10))


async def test_a_saved_file_may_be_saved_again(archive: Archive) -> None:
    file = await archive.upload(location="Retrieval")
    await archive.save(file, 3, "Journal", meta=[("PageNo", "2")])
    await archive.save(file, 3, "Journal", meta=[("PageNo", "2")])
    assert await archive.next_stamp() == 7, "4 to 6 are those of a series"
    (info,) = await archive.find("<AttachmentStatus><FlagType>PostedInJournal</FlagType></AttachmentStatus>")
    assert (info.stamp, info.meta) == (3, (("PageNo", "2"),))


async def test_bodies_of_chunks_do_not_blow_the_journal(archive: Archive) -> None:
    """What the journal gets of a step names the size of a piece, not its bytes."""
    file = await archive.create()
    await archive.append(file, CONTENT, 0)
    trace = archive.calls[-1].trace
    assert trace is not None
    noted = str([plain(step.command) for step in trace.steps])
    assert f"{PIECE} bytes" in noted
    assert len(noted) < 10_000


async def test_who_may_approve(archive: Archive) -> None:
    (result,) = await archive.ask("GetApproverList")
    assert [[part.text for part in pair] for pair in result] == [["7", "Kari Nordmann"], ["3", "third@example.com"]]
    (result,) = await archive.ask("GetApproverList", user="second@example.com")
    assert [[part.text for part in pair] for pair in result] == [["2", "Ola Nordmann"]]


async def test_the_longest_request(archive: Archive) -> None:
    assert await archive.text("GetMaxRequestLength") == "4096"
    assert await archive.with_settings(max_request_length_kb=100).text("GetMaxRequestLength") == "100"


async def test_an_answer_that_was_lost(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sends each call again: nothing is there two times, and the checksum is right."""
    file, execute = await archive.create(), archive.service.execute

    async def lost(command: Any) -> Any:
        await execute(command)
        raise StoreUnavailableError("the connection broke", committed=None)

    for call in (
        lambda: archive.append(file, CONTENT[:PIECE], 0),
        lambda: archive.append(file, CONTENT[PIECE:], PIECE),
        lambda: archive.save(file, 1),
    ):
        monkeypatch.setattr(archive.service, "execute", lost)
        with pytest.raises(Fault, match="not available"):
            await call()
        monkeypatch.setattr(archive.service, "execute", execute)
        await call()
    assert await archive.download(file, 0, len(CONTENT) + 1) == CONTENT
    assert await archive.checksum(file) == md5(CONTENT)
    assert await archive.next_stamp() == 2
    assert [info.id for info in await archive.find("<StampNo><int>1</int></StampNo>")] == [file]


async def test_a_refused_store_keeps_nothing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    file, execute = await archive.create(), archive.service.execute

    async def down(command: Any) -> Any:
        raise StoreUnavailableError("no connection")

    monkeypatch.setattr(archive.service, "execute", down)
    with pytest.raises(Fault, match="not available"):
        await archive.append(file, b"page", 0)
    monkeypatch.setattr(archive.service, "execute", execute)
    assert await archive.size(file) == 0
    await archive.append(file, b"page", 0)
    assert await archive.checksum(file) == md5(b"page")
