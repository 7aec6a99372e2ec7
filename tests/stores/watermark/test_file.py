"""The watermark's file: rows never go back, its mode, and what is said of a file that is damaged or another program's."""

from __future__ import annotations

import os
import random
import sqlite3
from pathlib import Path

import pytest

from gateway.core.values import TenantId
from gateway.stores.engine.chain_ends import ChainEnd, Standing
from gateway.stores.watermark.file import WatermarkError, WatermarkFile

A, B = TenantId("a"), TenantId("b")


def end(position: int, begun: int = 0, tenant: TenantId = A, series: int = 1) -> ChainEnd:
    return ChainEnd(tenant, series, "main", "invoice", position, f"hash {position}", 10000 + position, begun)


@pytest.fixture
def file(tmp_path: Path) -> WatermarkFile:
    return WatermarkFile(tmp_path / "marks" / "x.watermark.db")


def test_nothing_is_made_before_there_is_something_to_write(file: WatermarkFile) -> None:
    assert file.known("default") == Standing()
    assert file.stores() == []
    assert not file.path.parent.exists()
    file.write("default", {}, [end(1)])
    for path in file.path.parent.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    assert file.path.is_file()


def test_a_row_never_goes_back(file: WatermarkFile) -> None:
    other = WatermarkFile(file.path)  # of another process
    file.write("default", {}, [end(5), end(1, tenant=B, series=2)])
    other.write("default", {}, [end(4)])
    assert file.known("default").ends[1, "invoice"] == end(5)
    # begun anew, which makes the chain shorter
    file.write("default", {A: 7}, [end(1, begun=7)])
    other.write("default", {}, [end(6), end(9, series=3)])
    assert dict(file.known("default").ends) == {(1, "invoice"): end(1, 7), (2, "invoice"): end(1, tenant=B, series=2)}
    # an older beginning than the one that is known changes nothing
    other.write("default", {A: 6}, [end(8, begun=6)])
    assert file.known("default").begun == {A: 7}
    assert file.known("default").ends[1, "invoice"] == end(1, 7)
    # the tenant is gone: only the beginning stays
    file.write("default", {A: 8}, [])
    assert dict(other.known("default").ends) == {(2, "invoice"): end(1, tenant=B, series=2)}
    assert other.known("default").begun == {A: 8}
    assert file.stores() == ["default"]


def test_a_chain_whose_series_is_known_has_its_key(file: WatermarkFile) -> None:
    file.write("default", {}, [end(1)])
    file.write("default", {}, [end(2)._replace(key=""), end(1)._replace(line="order", key="")])
    assert {one.key for one in file.known("default").ends.values()} == {"main"}


def test_a_store_or_a_tenant_is_forgotten(file: WatermarkFile) -> None:
    file.write("default", {A: 3}, [end(5, 3), end(1, tenant=B, series=2)])
    file.write("second", {}, [end(2)])
    file.forget("default", A)
    assert list(file.known("default").ends) == [(2, "invoice")]
    assert file.known("default").begun == {}
    file.forget("default")
    assert file.stores() == ["second"]


def test_a_file_that_was_moved_away_is_made_anew(file: WatermarkFile) -> None:
    file.write("default", {}, [end(5)])
    for path in list(file.path.parent.iterdir()):
        path.unlink()
    file.write("default", {}, [end(6)])
    assert WatermarkFile(file.path).known("default").ends[1, "invoice"].position == 6


@pytest.mark.parametrize("kind", ["rubbish", "half", "other program", "a folder", "bytes"])
def test_a_file_that_cannot_be_used_is_named(file: WatermarkFile, kind: str) -> None:
    file.write("default", {}, [end(n, series=n) for n in range(1, 500)])
    file.close()
    data = file.path.read_bytes()
    if kind == "half":
        file.path.write_bytes(data[: len(data) // 2])
    elif kind == "rubbish":
        file.path.write_bytes(random.Random(1).randbytes(len(data)))
    elif kind == "bytes":
        file.path.write_bytes(data[:100] + os.urandom(4000) + data[4100:])
    else:
        file.path.unlink()
        if kind == "a folder":
            file.path.mkdir()
        else:
            with sqlite3.connect(file.path) as db:
                db.execute("CREATE TABLE t (x)")
            db.close()
    for use in (lambda: file.known("default"), lambda: file.write("default", {}, [end(501)])):
        with pytest.raises(WatermarkError, match=str(file.path)) as caught:
            use()
    if kind in {"half", "rubbish", "bytes"}:
        assert "damaged" in str(caught.value)
