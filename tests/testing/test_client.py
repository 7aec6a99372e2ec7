"""The client library against a gateway: numbers that the gateway gives to documents, and what may go wrong on the way."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.testing.client import (
    Admin,
    AdminError,
    Gateway,
    JournalIncompleteError,
    NoGatewayError,
    Tenant,
    start_server,
)

BODIES = Path(__file__).parent.parent / "adapters" / "invoicexpress" / "cases" / "bodies"
EXAMPLE = Path(__file__).parent.parent.parent / "config.example.yaml"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with start_server(settings={"resurs": {"zero": "accept"}}) as gateway:
        yield gateway


@pytest.fixture
def tenant(gateway: Gateway) -> Iterator[Tenant]:
    with gateway.tenant() as tenant:
        yield tenant


def invoicexpress(tenant: Tenant, method: str, path: str, body: str) -> str:
    """One call of an InvoiceXpress client.

    body: the body itself, or the name of its file.
    """
    access = tenant.invoicexpress
    url = access.url.replace("/sequences.xml", path) + f"?api_key={access.credentials['api_key']}"
    headers = {"Content-Type": "application/xml; charset=utf-8"}
    data = body.encode() if body.startswith("<") else (BODIES / body).read_bytes()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def issue(tenant: Tenant) -> None:
    """Create an invoice and finalize it."""
    made = invoicexpress(tenant, "POST", "/invoices.xml", "invoice-draft.xml")
    number = made.partition("<id>")[2].partition("<")[0]
    invoicexpress(tenant, "PUT", f"/invoices/{number}/change-state.xml", "state-finalized.xml")


def test_numbers_given_by_the_gateway(tenant: Tenant) -> None:
    tenant.set_next(445)
    issue(tenant)
    issue(tenant)
    tenant.assert_issued(445, 446)
    tenant.assert_gapless()
    assert tenant.issued() == [445, 446]
    assert [document["number"] for document in tenant.documents(kind="invoice")] == [445, 446]
    with pytest.raises(AssertionError, match="447 was never issued"):
        tenant.assert_issued(446, 447)


def test_a_hole_is_noticed_and_may_be_allowed(tenant: Tenant) -> None:
    tenant.set_next(445)
    issue(tenant)
    tenant.set_next(450)
    with pytest.raises(
        AssertionError, match=r"numbers 446 to 449 are missing \(invoice: set\)\nmoves of invoice of main:\n"
    ):
        tenant.assert_gapless()
    tenant.assert_gapless(allow=["set"])
    with pytest.raises(AssertionError, match="nobody used 447, 449"):
        tenant.assert_gapless(used=[446, 448])
    tenant.assert_gapless(used=[446, 447, 448, 449])


@pytest.mark.parametrize(
    ("used", "said"),
    [
        ([445, 445, 446], "445 was used 2 times"),
        ([445, 447], "nobody used 446; 447 was used, but the line never went past it"),
        ([444, 445, 446], "444 was used, but the line never went past it"),
        ([], "nobody used 445, 446"),
    ],
)
def test_numbers_that_clients_use_themselves(tenant: Tenant, used: list[int], said: str) -> None:
    tenant.set_next(445)
    tenant.set_next(447)
    with pytest.raises(AssertionError, match=said):
        tenant.assert_gapless(used=used)


def test_a_line_that_was_never_touched(tenant: Tenant) -> None:
    tenant.assert_next(None)
    tenant.assert_gapless()
    tenant.assert_gapless(used=[])
    with pytest.raises(AssertionError, match="1 was used, but"):
        tenant.assert_gapless(used=[1])
    with pytest.raises(AssertionError, match="the next invoice of main is None, expected 5"):
        tenant.assert_next(5)


def test_settings_for_the_time_of_a_block(gateway: Gateway) -> None:
    def zero() -> str:
        return str(gateway.admin.get("/v1/settings/resurs")["settings"]["zero"])

    assert zero() == "accept"
    with gateway.settings("resurs", zero="clear"):
        assert zero() == "clear"
    assert zero() == "accept"


def test_profile_and_faults_and_waiting(tenant: Tenant) -> None:
    tenant.strict()
    tenant.strict(on=False)
    with tenant.fault("latency", seconds=0.01, every=2) as fault:
        assert fault.hits == 0
    with pytest.raises(AdminError, match="fault-unknown"):
        fault.remove()
    tenant.fault("lost_reply", nth=1)
    tenant.clear_faults()
    with pytest.raises(TimeoutError, match=r"0 of 1 within 0\.01 s; the last requests:\n\(none\)"):
        tenant.requests.wait(timeout_seconds=0.01, operation="nothing")


@pytest.mark.parametrize(
    ("dialect", "status", "body"),
    [
        ("resurs", 500, b"INTERNAL_ERROR"),
        ("qqsolutions", 429, b"temporarily_unavailable"),
        ("invoicexpress", 429, b"Retry later\n"),
        ("twentyfoursevenoffice", 429, b""),
    ],
)
def test_clients_that_ask_too_often(gateway: Gateway, tenant: Tenant, dialect: str, status: int, body: bytes) -> None:
    action = {"kind": "failure", "failure": "rate_limited"}
    rule = {"dialect": dialect, "at": "arrival", "first": 1, "action": action}
    gateway.admin.post("/v1/faults", rule)
    url = tenant.dialects[dialect].url
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, b"", {"Content-Type": "text/xml"}), timeout=60)
    assert (refused.value.code, body in refused.value.read()) == (status, True)
    gateway.admin.delete("/v1/faults")


def test_a_question_about_what_was_let_go_is_not_answered_with_no(tenant: Tenant) -> None:
    issue(tenant)
    assert tenant.requests.count(operation="sequences.list") == 0
    tenant.admin.delete("/v1/requests", {"tenant": tenant.id})
    with pytest.raises(JournalIncompleteError, match="cleared"):
        tenant.requests.count(operation="sequences.list")
    with pytest.raises(JournalIncompleteError):
        list(tenant.requests)


def test_an_entry_tells_the_refusal(tenant: Tenant) -> None:
    issue(tenant)
    tenant.admin.post(f"/v1/tenants/{tenant.id}/series", {"key": "web", "name": "2009"})
    with pytest.raises(urllib.error.HTTPError, match="422"):
        invoicexpress(tenant, "POST", "/sequences.xml", "<sequence><serie>2009</serie></sequence>")
    issued, refused = tenant.requests.find(operation="invoices.change_state")[0], tenant.requests.last(1)[0]
    assert issued.refusal is None
    assert refused.refusal == {"name": "NameTaken", "facts": {"name": "2009"}}
    assert refused.outcome == "NameTaken"


def test_names_that_are_not_there(tenant: Tenant) -> None:
    with pytest.raises(AttributeError, match="no dialect nobody is served; served: invoicexpress"):
        tenant.nobody
    with pytest.raises(LookupError, match="there are: InvoiceXpress"):
        tenant.invoicexpress.service("receipts")
    assert "InvoiceNumbers" in tenant.qqsolutions.service("InvoiceNumbers")["url"]
    assert tenant.invoicexpress.url.endswith("/sequences.xml")
    for title, path in (("invoices", "/invoices.xml"), ("credit notes", "/credit_notes.xml")):
        service = tenant.invoicexpress.service(title)
        address = f"{service['url']}?api_key={service['credentials']['api_key']}"
        assert service["url"].endswith(path)
        assert urllib.request.urlopen(address, timeout=60).status == 200


def test_tenants_end_with_their_block(gateway: Gateway) -> None:
    with gateway.tenant(series=[{"key": "main", "numbers": {"invoice": 7}}]) as tenant:
        tenant.assert_next(7)
    with pytest.raises(AdminError) as caught:
        gateway.admin.get(f"/v1/tenants/{tenant.id}")
    assert (caught.value.status, caught.value.name) == (404, "tenant-unknown")


def test_a_configuration_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('path: ""', "path: elsewhere/mark.db", 1)
    own.write_text(text.replace('path: ""', "path: elsewhere/journal.db", 1), encoding="utf-8")
    with start_server(config=own, folder=tmp_path) as gateway:
        assert [tenant["id"] for tenant in gateway.admin.pages("/v1/tenants")] == ["demo"]
        assert gateway.log == tmp_path / "gateway.log"
    assert (tmp_path / "gateway.db").is_file()
    assert not (tmp_path / "elsewhere").exists(), "the next store would be older than this one's watermark"
    with pytest.raises(NoGatewayError):
        gateway.admin.get("/v1/tenants")


def test_a_token_does_not_show() -> None:
    assert "hidden-token" not in repr(Admin("http://127.0.0.1:1", "hidden-token"))


def test_what_a_server_does_not_need_is_not_loaded() -> None:
    code = (
        "import pathlib, sys\n"
        "from gateway.config.loading import load_config\n"
        "from gateway.config.validated import plan\n"
        "import gateway.server.serve\n"
        "plan(*load_config(pathlib.Path(sys.argv[1])))\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "tools = {'asyncpg', 'reportlab', 'pytest'}\n"
        "assert not loaded & tools, loaded & tools\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_many_tests_in_one_session(gateway: Gateway) -> None:
    """The journal merges its gaps for deleted tenants into one; that must not concern a new tenant."""
    for _ in range(205):
        with gateway.tenant(dialects={"invoicexpress": None}) as tenant:
            invoicexpress(tenant, "POST", "/invoices.xml", "invoice-draft.xml")
    reasons = {gap["reason"] for gap in gateway.admin.get("/v1/journal")["gaps"]}
    assert "several" in reasons, "the test has made too few"
    with gateway.tenant() as tenant:
        assert tenant.requests.count() == 0
        invoicexpress(tenant, "POST", "/invoices.xml", "invoice-draft.xml")
        assert [entry.operation for entry in tenant.requests] == ["invoices.create"]
        assert tenant.requests.wait(timeout_seconds=0).status == 201
    with pytest.raises(JournalIncompleteError):
        gateway.requests.count()
