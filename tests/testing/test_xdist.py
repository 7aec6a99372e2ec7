"""The pytest plug-in in several processes at once: a gateway for each, or one for all; tests never share a tenant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.testing.client import Gateway, start_server
from tests.testing.test_plugin import processes_below
from tests.testing.users import run_pytest, site_with_plugin

TESTS = 12
SUITE = """
import json, os, pathlib, urllib.request
import pytest

TESTS = int(os.environ["TESTS"])
HERE = pathlib.Path(__file__).parent / "seen"
BODY = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<c:setInvoiceSequence xmlns:c="http://ecommerce.resurs.com/v4/msg/configuration">'
    '<nextInvoiceNumber>{}</nextInvoiceNumber></c:setInvoiceSequence></e:Body></e:Envelope>'
)


def send(tenant, number):
    access = tenant.resurs
    given = access.credentials
    manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
    manager.add_password(None, access.url, given["username"], given["password"], is_authenticated=True)
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
    request = urllib.request.Request(access.url, BODY.format(number).encode(), {"Content-Type": "text/xml"})
    opener.open(request, timeout=60).close()


@pytest.fixture(scope="session", autouse=True)
def together(invoice_gateway, worker_id):
    '''Where there is one gateway for all, begin when both processes are there.'''
    if "MEETING" in os.environ:
        with invoice_gateway.tenant() as tenant:
            url = f"{tenant.invoicexpress.url}?api_key={tenant.invoicexpress.credentials['api_key']}"
            urllib.request.urlopen(urllib.request.Request(url, headers={"User-Agent": "meeting"}), timeout=60).close()
            invoice_gateway.requests.wait(2, timeout_seconds=60, user_agent="meeting")


@pytest.mark.parametrize("number", range(1000, 1000 + TESTS))
def test_a_line_of_ones_own(invoice_gateway, invoice_tenant, worker_id, number):
    assert invoice_tenant.next_number() is None
    send(invoice_tenant, number)
    invoice_tenant.snapshot("here")
    send(invoice_tenant, number + 500)
    invoice_tenant.restore("here")
    invoice_tenant.assert_next(number)
    assert [entry.number for entry in invoice_tenant.requests] == [number, number + 500]
    fault = invoice_tenant.fault("lost_reply", operation="setInvoiceSequence", nth=1)
    with pytest.raises(Exception):
        send(invoice_tenant, number + 1)
    invoice_tenant.assert_next(number + 1)
    assert fault.hits == 1
    facts = {
        "worker": worker_id,
        "gateway": invoice_gateway.admin.url,
        "tenant": invoice_tenant.id,
        "credentials": [access.credentials for access in invoice_tenant.dialects.values()],
    }
    (HERE / f"{number}.json").write_text(json.dumps(facts), encoding="utf-8")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "seen").mkdir(parents=True)
    (folder / "test_it.py").write_text(SUITE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def shared() -> Iterator[Gateway]:
    """One gateway that runs already, for all processes."""
    with start_server() as gateway:
        yield gateway


def run_in_two(project: Path, folder: Path, *words: str, **extra: str) -> list[dict[str, Any]]:
    """Run the project's tests in two processes; returns what each test has seen."""
    done = run_pytest(project, site_with_plugin(folder), "-p", "xdist", "-n", "2", *words, TESTS=str(TESTS), **extra)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{TESTS} passed" in done.stdout
    return [json.loads(path.read_text(encoding="utf-8")) for path in (project / "seen").iterdir()]


def check_apart(seen: list[dict[str, Any]]) -> None:
    """Both processes had tests, and no two tests had a tenant or credentials in common."""
    assert len(seen) == TESTS
    assert {own["worker"] for own in seen} == {"gw0", "gw1"}
    assert len({own["tenant"] for own in seen}) == TESTS
    for given in zip(*(own["credentials"] for own in seen), strict=True):
        assert len({json.dumps(one, sort_keys=True) for one in given}) == TESTS


def test_each_process_has_a_gateway_of_its_own(project: Path, tmp_path: Path) -> None:
    here = tmp_path / "tmp"
    here.mkdir()
    seen = run_in_two(project, tmp_path, TMPDIR=str(here))
    check_apart(seen)
    gateways = {(own["worker"], own["gateway"]) for own in seen}
    assert len(gateways) == len({url for _, url in gateways}) == 2
    assert [path.name for path in here.iterdir() if path.name.startswith("invoice-gateway")] == []
    assert processes_below(here) == []


def test_all_processes_share_a_gateway_that_runs(project: Path, tmp_path: Path, shared: Gateway) -> None:
    words = ["--invoice-gateway-admin-url", shared.admin.url, "--invoice-gateway-url", shared.data_url]
    seen = run_in_two(project, tmp_path, *words, INVOICE_GATEWAY_ADMIN_TOKEN=shared.admin.token, MEETING="yes")
    check_apart(seen)
    assert {own["gateway"] for own in seen} == {shared.admin.url}
    assert list(shared.admin.pages("/v1/tenants")) == []
    assert list(shared.admin.pages("/v1/faults")) == []
