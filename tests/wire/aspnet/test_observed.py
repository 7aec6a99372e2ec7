"""Every recorded pair, answered by the framework layer. Pairs that differ are listed with a reason; no other may differ."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.wire.aspnet.echo import Request, Response, answer

HERE = Path(__file__).parent
ROWS: list[dict[str, Any]] = [
    row
    for line in (HERE / "observed.jsonl").read_text(encoding="utf-8").split("\n")
    if line and "about" not in (row := json.loads(line))
]
KNOWN: dict[str, str] = tomllib.loads((HERE / "observed_differences.toml").read_text())["differences"]
DEFAULT_PATH = "/v1/Locations/2/Finance/InvoiceNumbers"
HEADERS = {"a": "Accept", "ac": "Accept-Charset", "ct": "Content-Type", "xhr": "X-Requested-With"}


def request_of(row: dict[str, Any]) -> Request:
    """The request of a row; the file's first line describes the keys."""
    fields = row["request"]
    path, _, query = fields.get("u", DEFAULT_PATH).partition("?")
    body = fields.get("b", "").encode(fields.get("enc", "utf-8"))
    return Request(
        fields.get("m", "POST"),
        path,
        query,
        {name: fields[key] for key, name in HEADERS.items() if key in fields},
        (b"\xef\xbb\xbf" if fields.get("bom") else b"") + body,
    )


def shown(response: Response) -> tuple[int, dict[str, str], str | None]:
    """Status, headers and the body as text; a byte order mark shows as U+FEFF."""
    if response.body is None:
        return response.status, response.headers, None
    charset = response.headers["Content-Type"].partition("charset=")[2]
    codec = "utf-16-le" if charset == "utf-16" else "utf-8"
    return response.status, response.headers, response.body.decode(codec)


def expectations() -> list[Any]:
    """(row number, version, expected status, headers, body); the default version comes once more under its own name."""
    cases: list[Any] = []
    for number, row in enumerate(ROWS):
        cases.append(pytest.param(number, "6.0.8", row["status"], row["body"], id=f"{number}"))
        for version, other in row.get("body_by_newtonsoft", {}).items():
            cases.append(pytest.param(number, version, other["status"], other["body"], id=f"{number}-{version}"))
    return cases


@pytest.mark.parametrize(("number", "version", "status", "body"), expectations())
def test_recorded_pair(number: int, version: str, status: int, body: str | None) -> None:
    row = ROWS[number]
    given = shown(answer(request_of(row), version))
    agrees = given == (status, row["headers"], body)
    if (reason := KNOWN.get(f"{number}-{version}")) is not None:
        assert not agrees, f"row {number} agrees now, take it off the list: {reason}"
        pytest.skip(reason)
    assert given == (status, row["headers"], body), row["request"]


def test_the_file_is_complete() -> None:
    assert len(ROWS) == 433


def test_listed_differences_name_rows() -> None:
    ids = {f"{case.values[0]}-{case.values[1]}" for case in expectations()}
    assert set(KNOWN) <= ids
