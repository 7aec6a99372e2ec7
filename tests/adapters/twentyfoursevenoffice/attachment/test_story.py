"""Two receipts go up with stamp numbers, one voucher is booked on them, and everything is found by the numbers again."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from gateway.core.gaps import GapReason, find_gaps
from gateway.core.values import STAMP
from gateway.stores import open_store
from tests.adapters.twentyfoursevenoffice.account.office import DEMO, V002, V004, Office, bundle, bundle_list, opened
from tests.adapters.twentyfoursevenoffice.attachment.archive import SERVICE

CHUNK = 2000 * 1024
RECEIPTS = {"taxi.png": bytes(range(256)) * 12_000, "hotel.jpg": b"\xff\xd8 a small one"}
TRANSACTIONS = "/Economy/Accounting/V001/TransactionService.asmx"


async def ask(office: Office, operation: str, inner: str = "") -> str:
    """A call to AttachmentService; the answer's text."""
    answer = await office.ask(operation, inner, SERVICE)
    assert answer.status == 200, answer.body
    return answer.body


def result(text: str, name: str) -> str:
    (found,) = re.findall(f"<{name}>(.*?)</{name}>", text)
    return str(found)


async def upload(office: Office, kind: str, content: bytes) -> int:
    """As a client in Python does it: it goes on while the offset has not passed the end. The number is drawn at the end."""
    file = result(await ask(office, "Create", f"<type>{kind}</type>"), "Id")
    shown = f"<Id>{file}</Id><Type>{kind}</Type><StampNo>0</StampNo>"
    offset = 0
    while offset <= len(content):
        part = base64.b64encode(content[offset : offset + CHUNK]).decode()
        await ask(office, "AppendChunk", f"<file>{shown}</file><buffer>{part}</buffer><offset>{offset}</offset>")
        offset += CHUNK
    stamp = int(result(await ask(office, "GetStampNo"), "GetStampNoResult"))
    frame = f"<ImageFrameInfo><Id>1</Id><StampNo>{stamp}</StampNo><Status>0</Status></ImageFrameInfo>"
    await ask(office, "Save", f"<file>{shown}<FrameInfo>{frame}</FrameInfo></file><location>Journal</location>")
    return stamp


async def download(office: Office, stamp: int) -> bytes:
    """As the same client does it: it takes the length of GetMaxRequestLength for bytes."""
    found = await ask(office, "GetFileInfo", f"<parameters><StampNo><int>{stamp}</int></StampNo></parameters>")
    file = f"<file>{result(found, 'ImageFile')}</file>"
    size = int(result(await ask(office, "GetSize", file), "GetSizeResult"))
    step = int(result(await ask(office, "GetMaxRequestLength"), "GetMaxRequestLengthResult")) * 100
    content = b""
    for offset in range(0, size, step):
        inner = f"{file}<offset>{offset}</offset><bufferSize>{step}</bufferSize>"
        content += base64.b64decode(result(await ask(office, "DownloadChunk", inner), "DownloadChunkResult"))
    return content


def booked(number: int, stamps: list[int], account: str) -> str:
    """One voucher with a line for each receipt, and the bank against them."""
    lines = [(f"{100 * place}.00", 7140, stamp) for place, stamp in enumerate(stamps, 1)]
    lines.append((f"-{sum(100 * place for place in range(1, len(stamps) + 1))}.00", 1920, 0))
    entries = "".join(
        f"<Entry><{account}>{own}</{account}><Date>2024-05-02T00:00:00</Date><Amount>{amount}</Amount>"
        f"{f'<StampNo>{stamp}</StampNo>' if stamp else ''}</Entry>"
        for amount, own, stamp in lines
    )
    return f"<Voucher><TransactionNo>{number}</TransactionNo><Entries>{entries}</Entries><Sort>1</Sort></Voucher>"


async def test_receipts_are_booked(tmp_path: Path, blank_store: Path) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(blank_store.read_bytes())
    store = open_store(f"sqlite:///{path}")
    await store.start()
    try:
        office = await opened(store)
        stamps = [
            await upload(office, kind, content)
            for kind, content in zip(("Png", "Jpeg"), RECEIPTS.values(), strict=True)
        ]
        assert stamps == [1, 2]
        assert "<GetStampNoResult>3<" in await ask(office, "GetStampNo")

        number = await office.number("2024-01-01T00:00:00", series=3)
        saved = await office.ask("SaveBundleList", bundle_list(bundle(booked(number, stamps, "AccountId"))), V002)
        assert saved.outcome == "Ok", saved.body

        filters = "<searchParams><DateStart>2024-05-01</DateStart><DateEnd>2024-05-31</DateEnd></searchParams>"
        shown = await office.ask("GetTransactions", filters, TRANSACTIONS)
        lines = re.findall(r"<Transaction>.*?</Transaction>", shown.body)
        assert [int(own) for line in lines for own in re.findall(r"<StampNo>(\d+)<", line)] == stamps
        assert {f"<TransactionNo>{number}</TransactionNo>" in line for line in lines} == {True}

        for stamp, content in zip(stamps, RECEIPTS.values(), strict=True):
            assert await download(office, stamp) == content
        again = await office.ask("SaveBundleList", bundle_list(bundle(booked(number, stamps, "AccountNo"))), V004)
        assert again.outcome != "Ok", "the voucher's number is used"
        views = await office.views()
        assert (views["stamp"].next_number(STAMP), views["stamp"].issued(STAMP)) == (3, 2)
        reasons = [gap.reason for report in await find_gaps(store.ledger(DEMO)) for gap in report.gaps]
        assert GapReason.UNKNOWN not in reasons
    finally:
        await store.close()
