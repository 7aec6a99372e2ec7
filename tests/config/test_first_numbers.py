"""`numbers:` of the configuration begin a line, and never move one that stands: a start says so with both figures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.core.commands import ANYTHING, ListSeries, SetNext
from gateway.core.values import INVOICE, CounterKey, Origin, TenantId
from gateway.server.wiring import Gateway
from tests.conftest import example_config

DEMO = TenantId("demo")


async def started(folder: Path, *series: Mapping[str, Any], moved_to: int | None = None) -> list[tuple[Any, ...]]:
    """Start a gateway on the store of the folder. Returns series, line and both figures of each warning."""
    config, document = example_config(folder)
    tenant = config.tenants[0].model_validate({**config.tenants[0].model_dump(), "series": series})
    with capture_logs() as logged:
        async with Gateway(config.model_copy(update={"tenants": [tenant]}), document) as gateway:
            views = {view.series.key: view for view in (await gateway.store.read(ListSeries(DEMO))).views}
            if moved_to is not None:
                line = CounterKey(views["main"].series.id, INVOICE)
                await gateway.store.execute(SetNext(DEMO, line, moved_to, ANYTHING, Origin("test", "test", "")))
    return [
        (entry["series"], entry["line"], entry["configured"], entry["next_number"])
        for entry in logged
        if entry["event"].startswith("numbers of the configuration are not applied")
    ]


@pytest.fixture
def folder(tmp_path: Path, blank_store: Path) -> Path:
    shutil.copy(blank_store, tmp_path / "gateway.db")
    return tmp_path


def main(**numbers: int) -> dict[str, Any]:
    return {"key": "main", "default": True, "numbers": numbers}


async def test_a_number_that_was_changed_is_not_applied(folder: Path) -> None:
    assert await started(folder, main(invoice=444)) == []
    assert await started(folder, main(invoice=444), moved_to=460) == []
    assert await started(folder, main(invoice=444)) == []  # the line has moved on, the configuration is as it was
    assert await started(folder, main(invoice=500)) == [("main", "invoice", 500, 460)]
    assert await started(folder, main(invoice=444, credit_note=7)) == [("main", "credit_note", 7, None)]
    assert await started(folder, main(), {"key": "new", "numbers": {"invoice": 9}}) == []


async def test_a_number_that_is_given_later_is_not_applied(folder: Path) -> None:
    assert await started(folder, main(), moved_to=460) == []
    assert await started(folder, main(invoice=444)) == [("main", "invoice", 444, 460)]
