"""The runner against gateways in this process: as the demo customer, as another customer, and where answers differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.conformance.known_differences import KnownDifference
from gateway.conformance.preconditions import REACH
from gateway.conformance.report import Outcome, Report
from gateway.conformance.runner import Options, conform
from gateway.core.commands import ANYTHING, SetNext
from gateway.core.values import INVOICE, CounterKey, TenantId
from gateway.testing.golden import CaseError
from gateway.testing.line_state import BY, views_of
from tests.conftest import MakeGateway, base_url, only

SOMEBODY = TenantId("somebody")
RESURS = {"username": "shop-17", "password": "s3cret & more"}
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "resurs": RESURS,
    "qqsolutions": {
        "username": "agent",
        "password": "agent-s3cret",
        "client_id": "app-9",
        "client_secret": "app-s3cret",
        "location": "4711",
    },
    "invoicexpress": {"account": "acme", "api_key": "k3y-of-acme"},
    "twentyfoursevenoffice": {
        "application_id": "6f1c1f0e-6c1f-4c55-9a3e-00000000acae",
        "username": "kari@acme.example",
        "password": "acme s3cret <&>",
        "identity_id": "6f1c1f0e-6c1f-4c55-9a3e-00000000acaf",
    },
}
OFFICE = CREDENTIALS["twentyfoursevenoffice"]
OTHERS = [{"id": f"filler-{index}", "series": [{"key": "a"}, {"key": "b"}, {"key": "c"}]} for index in range(3)]
"""Tenants that come first, so that the series have other ids than in the cases."""
TENANTS: list[dict[str, Any]] = [
    *OTHERS,
    {
        "id": SOMEBODY,
        "series": [{"key": "line", "name": "main", "default": True}],
        "resurs": {"accounts": [{**RESURS, "country": "SE", "series": "line"}]},
        "qqsolutions": {
            "clients": [{"id": "app-9", "secret": "app-s3cret"}],
            "users": [{"name": "agent", "password": "agent-s3cret"}],
            "locations": [{"id": "4711", "series": "line"}],
        },
        "invoicexpress": {**CREDENTIALS["invoicexpress"], "default_host": True},
        "twentyfoursevenoffice": {
            "applications": [OFFICE["application_id"]],
            "clients": [{"id": 99, "name": "Acme AS", "series": "line"}],
            "users": [
                {
                    "username": OFFICE["username"],
                    "password": OFFICE["password"],
                    "identities": [{"id": OFFICE["identity_id"], "client": 99, "default": True}],
                }
            ],
        },
    },
]
DIALECTS = sorted(CREDENTIALS)
PASSED = {"resurs": 105, "qqsolutions": 53, "invoicexpress": 235, "twentyfoursevenoffice": 92}
"""How many cases can be run at least over each vendor's wire alone, for a customer who has nothing that the cases define."""


async def somebody(make_gateway: MakeGateway, dialect: str, at: int | None = None, **settings: Any) -> TestClient:
    """A gateway with another customer, whose line stands at another number."""
    changes = only(dialect)
    changes["dialects"][dialect] = {"settings": settings}
    client = await make_gateway({**changes, "tenants": TENANTS})
    store = client.server.gateway.store
    view = (await views_of(store, SOMEBODY))["line"]
    if at is not None:
        await store.execute(SetNext(SOMEBODY, CounterKey(view.series.id, INVOICE), at, ANYTHING, BY))
    return client


async def entries(client: TestClient) -> int:
    return len([entry async for entry in client.server.gateway.store.ledger()])


def outcomes(report: Report) -> Counter[Outcome]:
    return Counter(finding.outcome for finding in report.findings)


def told(report: Report) -> list[str]:
    """The differences, in words."""
    return [
        f"{finding.case.name}: {'; '.join(finding.differences)}"
        for finding in report.findings
        if finding.outcome is Outcome.DIFFERENT
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_another_customer_without_mutations(make_gateway: MakeGateway, dialect: str) -> None:
    client = await somebody(make_gateway, dialect, at=7001)
    before = await entries(client)
    report = await conform(dialect, base_url(client), Options(CREDENTIALS[dialect]))
    assert told(report) == []
    assert outcomes(report)[Outcome.PASSED] >= 15
    assert await entries(client) == before


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_another_customer_with_mutations(make_gateway: MakeGateway, dialect: str) -> None:
    client = await somebody(make_gateway, dialect, at=7001)
    before = await entries(client)
    report = await conform(dialect, base_url(client), Options(CREDENTIALS[dialect], allow_mutations=True))
    assert told(report) == []
    assert outcomes(report)[Outcome.PASSED] >= PASSED[dialect]
    assert await entries(client) > before or dialect == "twentyfoursevenoffice"  # its cases move no line
    line = (await views_of(client.server.gateway.store, SOMEBODY))["line"]
    assert (line.next_number(INVOICE) or 0) <= 7001 + 2 * REACH


async def test_the_gateways_own_answers_are_only_compared_with_a_gateway(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "resurs", at=7001)
    everything = Options(RESURS, allow_mutations=True, only=["insertBonusPoints/*"])
    vendor = await conform("resurs", base_url(client), everything)
    assert outcomes(vendor) == {Outcome.NOT_APPLICABLE: 2}
    assert vendor.differs, "a run that compared nothing must not look like a success"
    own = await conform("resurs", base_url(client), Options(RESURS, True, True, only=["insertBonusPoints/*"]))
    assert outcomes(own) == {Outcome.PASSED: 2}


async def test_what_cannot_be_arranged_is_never_passed(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "resurs", at=7001)
    report = await conform("resurs", base_url(client), Options(RESURS, allow_mutations=True))
    for finding in report.findings:
        if finding.case.settings or "issued" in str(finding.case.given):
            assert finding.outcome is Outcome.NOT_APPLICABLE
            assert finding.reason


async def test_a_line_is_not_moved_further_than_its_reach(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "resurs", at=7001)
    options = Options(RESURS, allow_mutations=True, only=["*/largest", "setInvoiceSequence/sample"], reach=0)
    report = await conform("resurs", base_url(client), options)
    reasons = [finding.reason for finding in report.findings]
    assert outcomes(report)[Outcome.PASSED] == 0
    assert all("--reach" in reason for reason in reasons), reasons


async def test_an_endpoint_that_differs(make_gateway: MakeGateway) -> None:
    words = {"sv": {"too_low": "Numret är för lågt"}}
    client = await somebody(make_gateway, "resurs", at=7001, user_error_messages=words)
    options = Options(RESURS, allow_mutations=True, only=["setInvoiceSequence/*lower", "peekInvoiceSequence/sample"])
    report = await conform("resurs", base_url(client), options)
    assert report.differs
    assert {finding.case.name: finding.outcome for finding in report.findings} == {
        "peekInvoiceSequence/sample": Outcome.PASSED,
        "setInvoiceSequence/lower": Outcome.DIFFERENT,
        "setInvoiceSequence/much-lower": Outcome.DIFFERENT,
    }
    assert any("Numret" in text for text in told(report))


async def test_an_answer_that_breaks_the_contract(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "resurs", at=7001)
    report = await conform("resurs", base_url(client), Options(RESURS, only=["peekInvoiceSequence/sample"]))
    assert [finding.schema for finding in report.findings] == [True]
    codec = client.server.gateway.dialects.current["resurs"]._services["/ecommerce-test/ws/V4/ConfigurationService"]
    good = codec.write

    def wrong(*answer: Any) -> bytes:
        return good(*answer).replace(b"nextInvoiceNumber>", b"nextNumber>")

    codec.write = wrong
    report = await conform("resurs", base_url(client), Options(RESURS, only=["peekInvoiceSequence/sample"]))
    assert report.differs


async def test_known_differences_are_strict(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "resurs", at=7001)
    known = [KnownDifference("setInvoiceSequence/much-lower", "words"), KnownDifference("no/such", "gone")]
    names = ["setInvoiceSequence/*lower", "peekInvoiceSequence/sample"]
    options = Options(RESURS, allow_mutations=True, only=names, known=known)
    report = await conform("resurs", base_url(client), options)
    assert report.differs
    assert report.stale == ["no/such"]
    assert outcomes(report) == {Outcome.PASSED: 2, Outcome.FIXED: 1}

    words = {"sv": {"too_low": "Numret är för lågt"}}
    client = await somebody(make_gateway, "resurs", at=7001, user_error_messages=words)
    known = [KnownDifference("setInvoiceSequence/*lower", "words")]
    report = await conform("resurs", base_url(client), Options(RESURS, allow_mutations=True, only=names, known=known))
    assert not report.differs
    assert outcomes(report) == {Outcome.PASSED: 1, Outcome.KNOWN: 2}


async def test_nobody_answers(unused_tcp_port: int) -> None:
    report = await conform("resurs", f"http://127.0.0.1:{unused_tcp_port}", Options(only=["access/wsdl-known"]))
    assert outcomes(report) == {Outcome.DIFFERENT: 1}
    assert "no answer" in report.findings[0].differences[0]


async def test_reports_hold_no_credentials(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "invoicexpress", at=7001)
    client.server.gateway.dialects.current["invoicexpress"]._accounts = None  # so that every case fails
    given = CREDENTIALS["invoicexpress"]
    report = await conform("invoicexpress", base_url(client), Options(given, only=["access/basic*"]))
    assert report.differs
    assert given["api_key"] not in str(report.facts())


async def test_unusable_runs() -> None:
    with pytest.raises(CaseError, match="unknown credentials: colour"):
        await conform("resurs", "http://127.0.0.1:1", Options({"colour": "red"}))
    with pytest.raises(CaseError, match="no case"):
        await conform("resurs", "http://127.0.0.1:1", Options(only=["nothing/*"]))
    with pytest.raises(CaseError, match="no dialect 'nobody'"):
        await conform("nobody", "http://127.0.0.1:1", Options())


async def demo(make_gateway: MakeGateway, dialect: str) -> TestClient:
    """A gateway with the customer of the example configuration."""
    return await make_gateway(only(dialect))


async def test_documents_and_numbers_are_made_over_the_wire(make_gateway: MakeGateway) -> None:
    client = await demo(make_gateway, "twentyfoursevenoffice")
    options = Options(allow_mutations=True, gateway=True)
    report = await conform("twentyfoursevenoffice", base_url(client), options)
    assert told(report) == []
    assert outcomes(report)[Outcome.PASSED] >= 230
    saved = [finding for finding in report.findings if finding.case.name.startswith("SaveInvoices/")]
    assert sum(finding.outcome is Outcome.PASSED for finding in saved) >= 55


async def test_what_a_customer_does_not_have_is_said(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "twentyfoursevenoffice")
    only = ["SaveInvoices/invoiced", "GetPaymentMethods/all"]
    for change in (False, True):
        options = Options(OFFICE, allow_mutations=change, only=only)
        report = await conform("twentyfoursevenoffice", base_url(client), options)
        lacking = "which this customer does not have" if change else "cannot be seen without --allow-mutations"
        assert {finding.case.name: finding.outcome for finding in report.findings} == dict.fromkeys(
            ["GetPaymentMethods/all", "SaveInvoices/invoiced"], Outcome.NOT_APPLICABLE
        )
        assert lacking in report.findings[1].reason
        assert "the payment methods of the cases" in report.findings[0].reason


async def test_a_line_is_made_where_the_customers_own_will_not_do_and_left_again(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "invoicexpress", at=7001)
    only = ["invoices.change_state/draft-finalized", "sequences.update/locked", "sequences.get/unset"]
    report = await conform(
        "invoicexpress", base_url(client), Options(CREDENTIALS["invoicexpress"], allow_mutations=True, only=only)
    )
    assert told(report) == []
    assert outcomes(report) == {Outcome.PASSED: 3}
    views = await views_of(client.server.gateway.store, SOMEBODY)
    made = {name for name, view in views.items() if name == view.series.name and name.startswith("conform-")}
    assert report.notes == [f"{len(made)} number lines were made at the endpoint, named conform-…"]
    own = views["line"]
    assert (own.series.is_default, own.next_number(INVOICE)) == (True, 7001)


async def test_cases_that_need_a_line_never_set_come_first(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "qqsolutions")
    options = Options(CREDENTIALS["qqsolutions"], allow_mutations=True)
    report = await conform("qqsolutions", base_url(client), options)
    passed = {finding.case.name for finding in report.findings if finding.outcome is Outcome.PASSED}
    assert {"get-invoicenumbers/unset", "get-invoicenumbers/json", "post-invoicenumbers/raised"} <= passed
    names = [finding.case.name for finding in report.findings]
    assert names == sorted(names), "reported in the order of their names, whatever the order of their running"


async def test_no_more_lines_are_made_than_may_be(make_gateway: MakeGateway) -> None:
    client = await somebody(make_gateway, "invoicexpress", at=7001)
    given = CREDENTIALS["invoicexpress"]
    only = ["invoices.change_state/draft-finalized", "sequences.update/locked"]
    options = Options(given, allow_mutations=True, only=only, lines=0)
    report = await conform("invoicexpress", base_url(client), options)
    assert {finding.reason for finding in report.findings} == {
        "needs another number line, and no more may be made; see --lines"
    }
    views = await views_of(client.server.gateway.store, SOMEBODY)
    assert not any(name.startswith("conform-") for name in views)
