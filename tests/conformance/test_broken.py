"""A case that cannot be used is reported as broken: it counts nowhere, and all other cases run and count as usual."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.evidence import app
from gateway.conformance.evidence import evidence
from gateway.conformance.known_differences import KnownDifference
from gateway.conformance.report import Outcome, Report
from gateway.conformance.reporters import as_json, as_junit, as_text
from gateway.conformance.runner import Options, conform
from gateway.testing.golden import CaseError
from gateway.testing.harness import Kit
from gateway.wire.xml import parse
from tests.conftest import MakeGateway, base_url, only

BROKEN = "peekInvoiceSequence/sample"
LACK = "case.toml lacks the key 'title'"


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installed cases of resurs, one of them broken."""
    found = Kit("resurs").profile.folder
    folder = Path(shutil.copytree(found, tmp_path / "cases"))
    (folder / BROKEN / "case.toml").write_text('source = "R-01"\n', encoding="utf-8")

    def here(_: EntryPoint) -> Path:
        return folder

    monkeypatch.setattr("gateway.testing.harness.cases_folder", here)
    return folder


async def conformed(make_gateway: MakeGateway, names: list[str], known: Sequence[KnownDifference] = ()) -> Report:
    client = await make_gateway(only("resurs"))
    return await conform("resurs", base_url(client), Options(gateway=True, only=names, known=known))


async def test_the_others_are_run(make_gateway: MakeGateway, cases: Path) -> None:
    report = await conformed(make_gateway, ["peekInvoiceSequence/unset", "access/wsdl*", BROKEN])
    assert report.count(Outcome.PASSED) == len(report.findings) > 1
    assert BROKEN not in {finding.case.name for finding in report.findings}
    assert [case.name for case in report.broken] == [BROKEN]
    assert report.differs


async def test_it_is_in_every_form_of_the_report(make_gateway: MakeGateway, cases: Path) -> None:
    report = await conformed(make_gateway, ["access/wsdl*", BROKEN])
    text = as_text(report)
    assert f"broken case: {BROKEN}: {cases / BROKEN}: {LACK}" in text
    assert text.endswith(f"{report.count(Outcome.PASSED)} passed, 1 broken\n")
    facts = json.loads(as_json(report))
    assert facts["broken_cases"] == [{"case": BROKEN, "reason": f"{cases / BROKEN}: {LACK}"}]
    suite = parse(as_junit(report).encode())[-1]
    assert dict(suite.attrib).items() >= {"name": "resurs.broken", "tests": "1", "errors": "1", "failures": "0"}.items()
    assert suite[0].get("name") == BROKEN
    assert LACK in str(suite[0][0].text)


async def test_a_run_of_nothing_else_is_no_success(make_gateway: MakeGateway, cases: Path) -> None:
    report = await conformed(make_gateway, [BROKEN])
    assert (report.findings, report.differs) == ([], True)
    assert as_text(report).endswith("\n1 broken\n")


async def test_a_broken_case_that_was_not_chosen_is_nobodys_business(make_gateway: MakeGateway, cases: Path) -> None:
    report = await conformed(make_gateway, ["access/wsdl*"], known=[KnownDifference(BROKEN, "words")])
    assert (report.broken, report.stale) == ([], [])


def test_evidence_counts_the_others_and_names_it(cases: Path) -> None:
    rows = {row.operation: row for row in evidence(["resurs"])}
    facts = rows["peekInvoiceSequence"].facts()
    assert facts["broken_cases"] == [BROKEN]
    assert sum(facts["cases"].values()) == len(list((cases / "peekInvoiceSequence").iterdir())) - 1
    assert [row.operation for row in rows.values() if row.broken] == ["peekInvoiceSequence"]


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_the_command_shows_the_evidence_and_fails(cases: Path, words: list[str]) -> None:
    done = CliRunner().invoke(app, ["evidence", "--dialect", "resurs", *words])
    assert done.exit_code == 2
    assert "setInvoiceSequence" in done.stdout
    assert f"broken case, not counted: {cases / BROKEN}: {LACK}" in done.stderr


def test_defaults_that_cannot_be_used_break_all(cases: Path) -> None:
    with (cases / "profile.toml").open("a", encoding="utf-8") as file:
        file.write("[[defaults]]\ncase = []\n")
    with pytest.raises(CaseError, match=r"profile\.toml: has unknown keys \['case'\]"):
        Kit("resurs")


async def test_an_answer_that_does_not_show_what_follows_needs_is_a_difference(
    make_gateway: MakeGateway, cases: Path
) -> None:
    profile = cases / "profile.toml"
    text = profile.read_text(encoding="utf-8").replace("(?P<document>INVOICE_", "(?P<document>RECEIPT_")
    profile.write_text(text, encoding="utf-8")
    client = await make_gateway(only("resurs"))
    wanted = Options(gateway=True, allow_mutations=True, only=["getPaymentDocument/invoice"])
    report = await conform("resurs", base_url(client), wanted)
    (finding,) = report.findings
    assert finding.outcome is Outcome.DIFFERENT
    assert "does not show" in finding.differences[0]
