"""SOAP clients of four languages load the served WSDL and run one story: peek, set, refuse, clear, wrong password."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.services import BASES
from gateway.testing.golden import load_case
from gateway.wire.xml import canonical
from tests.clients.programs import curl_program, node_session, php_session, python_session
from tests.clients.resurs.conftest import Shop

HERE = Path(__file__).parent
CASES = HERE.parent.parent / "adapters" / "resurs" / "cases"

TOO_LOW = {
    "fault": "Setting a invoice number lower than last number is not allowed",
    "code": "soap:Server",
    "id": 1,
    "name": "ILLEGAL_ARGUMENT",
    "fixable": True,
    "text": "Startnummer för faktura får inte vara lägre än tidigare nummer",
}
STORY = {
    "operations": sorted(row.name for row in CONFIGURATION.operations),
    "peek unset": None,
    "set": None,
    "peek set": 445,
    "set lower": TOO_LOW,
    "peek after lower": 445,
    "set equal": None,
    "clear": None,
    "peek cleared": None,
    "set again": None,
    "clear nil": None,
    "peek cleared again": None,
}
CLIENTS: dict[str, Callable[..., dict[str, Any]]] = {
    "zeep": lambda *words: python_session(HERE / "zeep_session.py", *words),
    "suds": lambda *words: python_session(HERE / "suds_session.py", *words),
    "node-soap": lambda *words: node_session(HERE / "session.js", *words),
    "PHP SoapClient": lambda *words: php_session(HERE / "session.php", *words),
}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_client(shop: Shop, client: Callable[..., dict[str, Any]]) -> None:
    seen = client(f"{shop.base}ConfigurationService", shop.user, shop.password)
    assert {name: seen[name] for name in STORY} == STORY
    denied = {name: value["status"] for name, value in seen.items() if "password" in name}
    assert set(denied.values()) == {401}
    assert len(denied) == 2, denied  # once for the WSDL, once for a call


def curl(*words: str) -> tuple[int, bytes]:
    """Status and body of a call by curl."""
    command = [curl_program(), "--silent", "--show-error", "--noproxy", "*", "--write-out", "\n%{http_code}", *words]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    body, _, status = done.stdout.rpartition(b"\n")
    return int(status), body


@pytest.mark.parametrize("base", BASES)
def test_curl_replays_the_vendors_samples(shop: Shop, base: str) -> None:
    """The requests of the vendor's pages, unchanged, get the answers of the pages: 444, then 445, then the example error."""

    def replay(name: str) -> None:
        case = load_case(CASES / name)
        sample = f"@{CASES / name / 'request.xml'}"
        status, body = curl("--user", login, "--header", "Content-Type: text/xml", "--data-binary", sample, address)
        assert status == case.status, body
        assert body == case.expected_body
        assert canonical(body)

    login, address = f"{shop.user}:{shop.password}", f"{shop.url}{base}ConfigurationService"
    first = (CASES / "setInvoiceSequence/sample/request.xml").read_bytes().replace(b">445<", b">444<")
    status, _body = curl("-u", login, "--data-binary", first.decode(), address)
    assert status == 200
    replay("peekInvoiceSequence/sample")
    replay("setInvoiceSequence/sample")
    replay("setInvoiceSequence/lower")


@pytest.mark.parametrize("name", ["ConfigurationService", "AfterShopFlowService"])
def test_the_printed_commands_work(shop: Shop, name: str) -> None:
    """Every URL of the served contract is loopback, and fetching all of it takes no credentials."""
    address = f"{shop.base}{name}"
    status, wsdl = curl(f"{address}?wsdl")
    assert status == 200
    links = set(re.findall(rb'(?:schemaLocation|location)="([^"]+)"', wsdl))
    assert links == {
        address.encode(),
        f"{address}?xsd=schemas/messages/{name}Messages.xsd".encode(),
        f"{address}?xsd=schemas/messages/Exceptions.xsd".encode(),
    }
    for link in links - {address.encode()}:
        assert curl(link.decode())[0] == 200
