"""Numbers of a line looked up in a file."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from gateway.core.commands import Issue
from gateway.core.line_commands import Claim
from gateway.core.values import OnHeld
from gateway.stores.sqlite import file
from tests.stores.commands import BY, LINE, TENANT, peek, provide_main
from tests.stores.conftest import MakeStore


async def test_a_long_run_of_held_numbers_is_one_question(
    make_store: MakeStore, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await make_store()
    await provide_main(first)
    await first.execute(Claim(TENANT, LINE, 2, "first", "", BY))
    await first.close()
    with contextlib.closing(sqlite3.connect(store_path)) as connection:
        connection.executemany(
            "INSERT INTO issued (series, line, number, tenant, key, document, voided) VALUES (1, 'invoice', ?1, ?2, ?1, '', 0)",
            ((number, TENANT) for number in range(3, 100_001)),
        )
        connection.execute("UPDATE counters SET highest_issued = 100000")
        connection.commit()
    asked: list[str] = []
    for name in ("number_of", "first_free"):
        true = getattr(file, name)
        monkeypatch.setattr(file, name, lambda *given, true=true, name=name: (asked.append(name), true(*given))[1])
    store = await make_store()
    await store.execute(Issue(TENANT, LINE, "a", "", BY, 1))
    passing = Issue(TENANT, LINE, "b", "", BY, on_held=OnHeld.PASS_OVER)
    assert (await store.execute(passing)).issued.number == 100_001
    assert asked == ["number_of", "first_free"]
    assert await peek(store) == 100_002
