"""The runner with an admin port: it makes customers for each case, compares their whole state, and leaves nothing behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.conformance.managed_customers import MadeCustomers, patch_between
from gateway.conformance.report import Outcome, Report
from gateway.conformance.runner import Options, conform
from gateway.testing.client import Admin, AdminError, Gateway, start_server
from gateway.testing.golden import CaseError
from gateway.testing.harness import Kit
from tests.conformance.test_conform import outcomes, told
from tests.processes import EXAMPLE, run

LEFT: Mapping[str, tuple[int, set[str]]] = {
    "resurs": (3, {"needs documents with numbers, and this vendor's operations make none", "in a form in which"}),
    "qqsolutions": (0, set()),
    "invoicexpress": (14, {"shows ids computed from that of the first series", "in a form in which"}),
    "twentyfoursevenoffice": (1, {"in a form in which"}),
}
"""How many cases cannot be run beside the demo tenant, and why."""


@pytest.fixture(scope="module")
def example() -> Iterator[Gateway]:
    """A gateway with the example configuration: the credentials of the cases are the demo tenant's."""
    with start_server(config=EXAMPLE) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def empty() -> Iterator[Gateway]:
    """A gateway on which no tenant has the credentials of the cases."""
    with start_server() as gateway:
        yield gateway


def standing(admin: Admin) -> Any:
    """Everything that a run must leave as it was."""
    settings = list(admin.pages("/v1/settings"))
    return list(admin.pages("/v1/tenants")), settings, list(admin.pages("/v1/tenants/demo/ledger"))


def with_admin(gateway: Gateway, **more: Any) -> Options:
    return Options(gateway=True, admin=gateway.admin, **more)


def reasons(report: Report) -> Counter[str]:
    return Counter(finding.reason for finding in report.findings if finding.outcome is Outcome.NOT_APPLICABLE)


@pytest.mark.parametrize("dialect", sorted(LEFT))
async def test_nearly_every_case_is_run_beside_other_tenants(example: Gateway, dialect: str) -> None:
    before = standing(example.admin)
    report = await conform(dialect, example.data_url, with_admin(example))
    assert told(report) == []
    left = reasons(report)
    count, known = LEFT[dialect]
    assert sum(left.values()) == count, left
    assert all(any(part in reason for part in known) for reason in left), left
    assert not any(finding.unobserved for finding in report.findings)
    assert standing(example.admin) == before


@pytest.mark.parametrize(
    ("dialect", "only"),
    [
        ("resurs", ["access/*", "setInvoiceSequence/*lower"]),
        ("qqsolutions", ["*/named-location", "oauth-*"]),
        ("invoicexpress", ["access/*", "sequences.update/default-1-moves"]),
        ("twentyfoursevenoffice", ["Login/*", "GetIdentities/*"]),
    ],
)
async def test_where_nobody_has_them_the_cases_own_credentials_are_used(
    empty: Gateway, dialect: str, only: list[str]
) -> None:
    report = await conform(dialect, empty.data_url, with_admin(empty, only=only))
    assert told(report) == []
    assert outcomes(report) == {Outcome.PASSED: len(report.findings)}
    assert list(empty.admin.pages("/v1/tenants")) == []


class Altered(Kit):
    """A kit whose cases expect another state than the gateway reaches."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.cases = [replace(case, state={"main": 999, "nowhere": 1}) for case in self.cases]


async def test_the_state_afterwards_is_compared(empty: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.conformance.runner.Kit", Altered)
    report = await conform("resurs", empty.data_url, with_admin(empty, only=["setInvoiceSequence/sample"]))
    (finding,) = report.findings
    assert finding.outcome is Outcome.DIFFERENT
    assert [text for text in finding.differences if text.startswith(("main", "no series"))] == [
        "main invoice: 445, expected 999",
        "no series nowhere; there are ['main']",
    ]


async def test_what_is_not_arranged_makes_a_difference(empty: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MadeCustomers, "_arrange", lambda *_: None)
    report = await conform("resurs", empty.data_url, with_admin(empty, only=["peekInvoiceSequence/sample"]))
    assert outcomes(report) == {Outcome.DIFFERENT: 1}


async def test_settings_that_production_tenants_need_stay(empty: Gateway) -> None:
    with empty.tenant(production=False):
        empty.admin.post("/v1/tenants", {"id": "p", "production": True})
        try:
            only = ["setInvoiceSequence/zero-*", "peekInvoiceSequence/sample"]
            report = await conform("resurs", empty.data_url, with_admin(empty, only=only))
        finally:
            with pytest.raises(AdminError):  # numbers of production tenants are never purged
                empty.admin.delete("/v1/tenants/p", {"force": True, "purge": True})
            empty.admin.delete("/v1/tenants/p", {"force": True})
    assert outcomes(report)[Outcome.PASSED] >= 1
    assert all("which the gateway refuses: production-tenant" in reason for reason in reasons(report))
    assert reasons(report)


async def test_an_admin_port_that_is_none() -> None:
    with pytest.raises(CaseError, match="--admin-url"):
        await conform("resurs", "http://127.0.0.1:1", Options(admin=Admin("http://127.0.0.1:1", "")))


@pytest.mark.parametrize(
    ("present", "wanted", "patch"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1, "b": 2}, {"a": 3}, {"b": None, "a": 3}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}, {"a": {"y": None}}),
        ({"a": {"x": 1}}, {"a": {"x": 1}}, {}),
        ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
    ],
)
def test_patches(present: dict[str, Any], wanted: dict[str, Any], patch: dict[str, Any]) -> None:
    assert patch_between(present, wanted) == patch


def test_the_command_takes_an_admin_port_and_hands_its_report_in(empty: Gateway, tmp_path: Path) -> None:
    words = ["conform", "--dialect", "resurs", "--url", empty.data_url, "--admin-url", empty.admin.url, "--json"]
    token = {"INVOICE_GATEWAY_ADMIN_TOKEN": empty.admin.token}
    done = run(*words, "--only", "setInvoiceSequence/sample", folder=tmp_path, **token)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["target"], report["counts"]["passed"]) == ("gateway", 1)
    (seen,) = empty.admin.pages("/v1/evidence/runs")
    assert (seen["url"], seen["sent"], seen["agree"]) == (empty.data_url, 1, 1)
    wrong = run(*words, "--credentials", "username=x", folder=tmp_path, **token)
    assert (wrong.returncode, "alternatives" in wrong.stderr) == (2, True)
