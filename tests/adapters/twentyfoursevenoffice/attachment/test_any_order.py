"""Any order of what clients do to files and stamp numbers: a plain model gives the same answers."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.twentyfoursevenoffice.attachment.content import PIECE
from gateway.core.gaps import GapReason, find_gaps
from gateway.stores import open_store
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.attachment.archive import BERGEN, OSLO, TENANT, claimed, opened
from tests.adapters.twentyfoursevenoffice.attachment.model import Act, Model, done
from tests.long_form import short_or_long

pytestmark = pytest.mark.long_form

FILES = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
CHUNKS = st.one_of(
    st.binary(max_size=20),
    st.builds(
        lambda byte, size: bytes([byte]) * size, st.integers(0, 255), st.sampled_from([PIECE - 1, PIECE, 2 * PIECE + 9])
    ),
)
OFFSETS = st.sampled_from([0, 0, 0, 0, 0, -1, -7, -PIECE, -PIECE - 3, -999_999, 1])
NUMBERS = st.sampled_from([0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 99, 100, 101, 104, 105, 2**31 - 1])
APPENDS = st.builds(lambda file, offset, chunk: Act("append", file, offset, chunk), FILES, OFFSETS, CHUNKS)
ACTS = st.one_of(
    st.just(Act("create")),
    APPENDS,
    APPENDS,
    st.builds(lambda file, number: Act("save", file, number=number), FILES, NUMBERS),
    st.builds(
        lambda file, offset, number: Act("download", file, offset, number=number),
        FILES,
        st.sampled_from([0, 1, PIECE - 1, PIECE, 2 * PIECE, 10**9]),
        st.sampled_from([0, 5, PIECE, 10**9]),
    ),
    FILES.map(lambda file: Act("checksum", file)),
    st.sampled_from([Act("next"), Act(BERGEN), Act(OSLO)]),
)
BEGIN = [Act("create"), Act("append", 0, 0, b"page"), Act("create"), Act("append", 1, 0, b"page")]


async def check(service: Any, acts: Sequence[Act]) -> None:
    model, archive = Model(), await opened(service, HandClock())
    for act in [*BEGIN, *acts]:
        size = len(model.files[act.file].content) if act.file < len(model.files) else 0
        expected = model.act(act) if model.upcoming() < 2**31 or act.what != "next" else "refused"
        assert await done(archive, act, size) == expected, act
    assert await claimed(service) == sorted(model.held)


@example([Act("append", 0, -4, b"PAGES"), Act("checksum", 0), Act("save", 0, number=104), Act(BERGEN)])
@given(st.lists(ACTS, max_size=16))
@settings(max_examples=short_or_long(60, 3000))
def test_in_memory(acts: list[Act]) -> None:
    asyncio.run(check(MemoryStore(MemoryState(HandClock())), acts))


@given(st.lists(ACTS, max_size=12))
@settings(max_examples=short_or_long(15, 500))
def test_on_sqlite(blank_store: Path, acts: list[Act]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "files.db"
            shutil.copy(blank_store, path)
            store = open_store(f"sqlite:///{path}")
            await store.start()
            try:
                await check(store, acts)
                found = [gap.reason for report in await find_gaps(store.ledger(TENANT)) for gap in report.gaps]
                assert GapReason.UNKNOWN not in found
            finally:
                await store.close()

    asyncio.run(run())
