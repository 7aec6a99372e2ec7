"""The README's commands, as a newcomer pastes them: a fresh clone, `make run`, then every curl line."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import READY, clean_environment
from tests.skips import require_or_skip

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [block for block in BLOCKS if "curl" in block]


def test_the_readme_names_the_two_commands() -> None:
    assert BLOCKS[0].strip() == "make run"
    assert "make test" in [block.strip() for block in BLOCKS]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a newcomer has: the committed tree with the changes of the working tree, without the files that git ignores."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        require_or_skip("git", "this is not a git checkout")
    folder = tmp_path_factory.mktemp("newcomer") / "invoice-gateway"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def addresses(clone: Path) -> Iterator[tuple[str, str]]:
    """`make run` in the fresh tree; the addresses of the data and the admin port."""
    environment = clean_environment(INVOICE_GATEWAY_PORT="0", INVOICE_GATEWAY_ADMIN_PORT="0")
    for name in ("VIRTUAL_ENV", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "STRICT"):
        environment.pop(name, None)
    with (clone / "stderr.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert process.stdout is not None
    match = None
    while line := process.stdout.readline():
        match = READY.fullmatch(line)
        if match:
            break
    try:
        assert match, (clone / "stderr.log").read_text(encoding="utf-8")
        yield match[1], match[2]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


@pytest.mark.timeout(400)
def test_every_command_works_as_pasted(addresses: tuple[str, str], tmp_path: Path) -> None:
    address, admin = addresses
    if not shutil.which("curl"):
        require_or_skip("curl", "curl is not installed")
    answers = []
    for block in COMMANDS:
        script = block.replace("curl -s", "curl -s --fail-with-body")
        script = script.replace("http://127.0.0.1:7070", address).replace("http://127.0.0.1:7071", admin)
        done = subprocess.run(
            ["bash", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        answers.append(done.stdout)
    shop, office = answers
    _check_shop(shop)
    _check_office(office)
    assert (tmp_path / "invoice.pdf").read_bytes().startswith(b"%PDF-")


def _check_shop(said: str) -> None:
    assert "setInvoiceSequenceResponse" in said
    assert "<bookPaymentStatus>BOOKED<" in said
    assert '"NextNumberShouldBe":446' in said
    assert "creditPaymentResponse" in said
    ledger = json.loads(said[said.index('{"items"') :])
    moves = [(entry["operation"], entry["dialect"], entry["number"]) for entry in ledger["items"] if entry["number"]]
    assert moves == [("issue", "resurs", 445), ("issue", "resurs", 446)]


def _check_office(said: str) -> None:
    assert "<GetCompaniesResult />" in said
    assert "<InvoiceId>447</InvoiceId><Date>2024-03-20T00:00:00</Date><Amount>3125.00</Amount></" in said
    assert "<Paid>2024-03-20T00:00:00</Paid>" in said
    assert "<OrderTotalIncVat>3125.00</OrderTotalIncVat>" in said
    assert "<SaveBundleListResult><Type>Ok</Type></SaveBundleListResult>" in said
    series = json.loads(said[said.index('{"items"') :])["items"]
    lines = {each["key"]: {line["line"]: line["next_number"] for line in each["counters"]} for each in series}
    assert lines["main"]["invoice"] == 448
    assert lines["voucher-3-2024"] == {"voucher": 2}
    assert lines["stamp"] == {"stamp": 3}


@pytest.mark.timeout(400)
def test_make_run_prints_endpoints_to_try(addresses: tuple[str, str], clone: Path) -> None:
    talk = (clone / "stderr.log").read_text(encoding="utf-8")
    assert talk.count("curl ") >= 3
    assert addresses[0] in talk
