"""Reports as people, programs and CI read them; the file of known differences; evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.conformance.evidence import NOT_VERIFIED, EvidenceRow, evidence
from gateway.conformance.known_differences import read_known
from gateway.conformance.report import AXES, Finding, Outcome, Report
from gateway.conformance.reporters import as_json, as_junit, as_text
from gateway.spi.adapter import Evidence
from gateway.spi.registry import installed_adapters
from gateway.testing.golden import CaseError, GoldenCase
from gateway.testing.harness import Kit
from gateway.testing.profile import WireRequest
from gateway.wire.xml import parse
from tests.processes import run, serving


def case(name: str, verified: Evidence = Evidence.DOCUMENTED) -> GoldenCase:
    return replace(WireRequest("GET", "/").as_case(Path("cases") / name), title=f"About {name}", verified=verified)


def report(*findings: Finding) -> Report:
    return Report("resurs", "http://vendor.example", "service", "2024-02-29T12:00:00+00:00", "0.0", findings)


FINDINGS = (
    Finding(case("peek/sample"), "peek", Outcome.PASSED, schema=True, client="zeep", unobserved=["main prefix"]),
    Finding(
        case("peek/odd", Evidence.INFERRED), "peek", Outcome.DIFFERENT, differences=["status 500, <expected> 200\x07"]
    ),
    Finding(case("peek/known", Evidence.INFERRED), "peek", Outcome.KNOWN, reason="their test system", negative=True),
    Finding(case("set/fixed"), "set", Outcome.FIXED, reason="known as different, but it is not"),
    Finding(case("set/other"), "set", Outcome.NOT_APPLICABLE, reason='needs "another" series'),
)


def test_axes_are_counted_apart_and_never_summed() -> None:
    rows = {row.operation: row for row in report(*FINDINGS).rows()}
    counted = {name: str(count) for name, count in rows["peek"].axes.items()}
    assert counted == {
        "documented": "1/1",
        "recorded": "–",
        "client-derived": "–",
        "inferred": "0/2",
        "schema": "1/1",
        "real client": "1/1",
        "negative": "0/1",
    }
    assert (rows["peek"].known, rows["set"].not_applicable) == (1, 1)
    assert set(rows["set"].facts()) == {"operation", "axes", "known_differences", "not_applicable"}


@pytest.mark.parametrize(
    ("outcome", "differs"),
    [
        (Outcome.PASSED, False),
        (Outcome.KNOWN, False),
        (Outcome.DIFFERENT, True),
        (Outcome.FIXED, True),
        (Outcome.NOT_APPLICABLE, True),
    ],
)
def test_what_makes_a_run_fail(outcome: Outcome, differs: bool) -> None:
    assert report(Finding(case("a/b"), "a", outcome)).differs is differs
    assert replace(report(Finding(case("a/b"), "a", outcome)), stale=["x/y"]).differs


def test_text_names_what_differs_and_what_was_left_out() -> None:
    text = as_text(report(*FINDINGS))
    assert all(axis in text for axis in AXES)
    assert "different: peek/odd (inferred" in text
    assert "known difference: peek/known: their test system" in text
    assert '1 × needs "another" series' in text
    assert "1 of the passed cases also state something" in text
    assert text.endswith("1 passed, 1 different, 1 known difference, 1 no longer different, 1 not applicable\n")


def test_json_holds_everything() -> None:
    facts = json.loads(as_json(report(*FINDINGS)))
    assert facts["counts"]["different"] == 1
    assert [entry["case"] for entry in facts["cases"]] == [finding.case.name for finding in FINDINGS]
    assert facts["cases"][0]["state_not_observed"] == ["main prefix"]


def test_junit_is_xml_that_ci_understands() -> None:
    root = parse(as_junit(report(*FINDINGS)).encode())
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) for suite in root] == [
        ("resurs.peek", "3", "1", "1"),
        ("resurs.set", "2", "1", "1"),
    ]
    results = [[str(child.tag) for child in entry if child.tag != "properties"] for suite in root for entry in suite]
    assert results == [[], ["failure"], ["skipped"], ["failure"], ["skipped"]]


@pytest.mark.parametrize(
    "text",
    [
        "[[difference]]\ncase = 'a/b'\n",
        "other = 1\n",
        "difference = 1\n",
        "[[difference]\n",
        "[[difference]]\ncase=''\nreason=''\n",
    ],
)
def test_a_file_of_known_differences_is_read_strictly(tmp_path: Path, text: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=r"known\.toml"):
        read_known(path)


@pytest.fixture(scope="module")
def rows() -> list[EvidenceRow]:
    return evidence(sorted(installed_adapters()))


def test_there_is_a_row_for_every_operation(rows: list[EvidenceRow]) -> None:
    for name in installed_adapters():
        listed = [operation.name for operation in Kit(name).bench().dialect.operations]
        assert [row.operation for row in rows if row.dialect == name and row.operation != "*"] == listed


def test_every_case_is_counted_in_one_row(rows: list[EvidenceRow]) -> None:
    for name in installed_adapters():
        counted = sum(sum(row.cases.values()) for row in rows if row.dialect == name)
        assert counted == len(Kit(name).cases)


def test_nobody_has_looked_at_the_real_services(rows: list[EvidenceRow]) -> None:
    assert {row.on_service for row in rows} == {NOT_VERIFIED}
    assert not {"total", "score"} & set(rows[0].facts())


def test_reports_of_runs_show_in_their_own_column() -> None:
    finding = Finding(case("peekInvoiceSequence/sample"), "peekInvoiceSequence", Outcome.PASSED)
    found = {row.operation: row for row in evidence(["resurs"], [report(finding).facts()])}
    assert found["peekInvoiceSequence"].on_service == "1 of 1 cases agree (http://vendor.example, 2024-02-29)"
    assert found["peekInvoiceSequence"].on_gateway == "no run at hand"
    assert found["setInvoiceSequence"].on_service == NOT_VERIFIED


def test_on_the_command_line(tmp_path: Path) -> None:
    # A run with a wrong password sends it again and again, which a gateway slows down.
    with serving(tmp_path, INVOICE_GATEWAY_GUESSING__FAILURES_PER_MINUTE="0") as running:
        words = ["conform", "--dialect", "resurs", "--url", running.data_url, "--gateway", "--allow-mutations"]
        good = run(*words, "--json", "-o", "report.json", folder=tmp_path)
        assert (good.returncode, good.stdout) == (0, ""), good.stdout + good.stderr
        assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["counts"]["passed"] > 100
        assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o600
        bad = run(*words, "--credentials", "username=demo-se", "--credentials", "password=wrong", folder=tmp_path)
        assert bad.returncode == 1
        assert "different: " in bad.stdout
        assert "Traceback" not in bad.stderr
        usage = run(*words, "--credentials", "colour=red", folder=tmp_path)
        assert (usage.returncode, "unknown credentials: colour" in usage.stderr) == (2, True)
    shown = run("evidence", "--dialect", "resurs", "--report", "report.json", "--json", folder=tmp_path)
    facts = json.loads(shown.stdout)
    assert {row["real_service"] for row in facts} == {NOT_VERIFIED}
    assert any("cases agree" in row["gateway"] for row in facts)
    assert "not verified on the real" in run("evidence", "--dialect", "resurs", folder=tmp_path).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "No such file"), ("no JSON", "Expecting value"), ("{}", "is no report"), ("[1]", "is no report")],
)
def test_what_is_no_report_is_said_so(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "r.json").write_text(text, encoding="utf-8")
    done = run("evidence", "--report", "r.json", folder=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr


def test_a_report_that_cannot_be_written_is_shown(tmp_path: Path) -> None:
    words = [
        "--dialect",
        "resurs",
        "--url",
        "http://127.0.0.1:1",
        "--only",
        "access/wsdl-known",
        "-o",
        "no/such/folder",
    ]
    done = run("conform", *words, folder=tmp_path)
    assert (done.returncode, "1 different" in done.stdout) == (2, True)
