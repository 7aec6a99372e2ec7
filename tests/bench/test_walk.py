"""A request's way through the code is the same each time, and not longer than the limits below."""

from __future__ import annotations

import pytest

from tests.bench import walk
from tests.bench.walk import Walk, first_walk

AT_MOST = {
    "Resurs set 445": (195, 80, 40),
    "24SevenOffice SaveInvoices": (750, 270, 79),
    "24SevenOffice SaveCompanies": (690, 245, 61),
    "24SevenOffice GetEntryId": (520, 202, 55),
}
"""Calls, stays and files. A change that makes a way longer on purpose raises its limit here.

The first SaveInvoices reads the customer and the product, which are records, from the store: about 60 calls, 60 stays and 13
files. Later ones have them in memory. The first GetEntryId makes the series of its line, and reads what kinds of vouchers there
are. Walks are those of a first request.
"""


@pytest.fixture(scope="module", params=walk.WALKS)
def walked(request: pytest.FixtureRequest) -> Walk:
    return first_walk(request.param)


def test_no_way_is_longer_than_it_has_to_be(walked: Walk) -> None:
    calls, stays, files = AT_MOST[walked.name]
    assert walked.calls <= calls
    assert len(walked.stays) <= stays
    assert walked.files <= files


def test_a_way_leads_from_the_data_port_through_the_store_and_back(walked: Walk) -> None:
    files = [stay.file for stay in walked.stays]
    assert files[0] == "gateway/web/connection.py"
    assert "gateway/web/app.py" in files
    assert "gateway/stores/sqlite/file.py" in files  # in the writer's thread
    assert files[-1] == "gateway/web/response.py"
    assert walked.stays[-1].functions[-1] == "write_eof"
    assert b"Response" in walked.answer


def test_two_walks_are_the_same(walked: Walk) -> None:
    again = first_walk(walked.name)
    assert again.stays == walked.stays


def test_the_way_can_be_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    short = Walk("short", (walk.Stay("a.py", ("f", "g")), walk.Stay("b.py", ("h",)), walk.Stay("a.py", ("f",))), b"")
    monkeypatch.setattr(walk, "WALKS", {"short": None})
    monkeypatch.setattr(walk, "first_walk", {"short": short}.__getitem__)
    walk.main(["--path"])
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "short: 4 calls, 3 stays in 2 files"
    assert [line.split() for line in shown[1:]] == [["1", "a.py:", "f,", "g"], ["2", "b.py:", "h"], ["3", "a.py:", "f"]]
