"""zeep in its strict mode sends every request of the four contracts and reads every answer, without a server."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import pytest
from requests import Response
from zeep import Client, Settings, Transport
from zeep.helpers import serialize_object

from gateway.wire.soap.envelope import open_envelope
from gateway.wire.soap.faults import write_envelope
from tests.schemas.resurs.samples import sample
from tests.schemas.resurs.structure import SERVICES
from tests.schemas.resurs.test_contract import (
    ADDRESS,
    SCHEMAS,
    contract,
    model_of,
    namespace_of,
    operations_of,
    write,
)

OPERATIONS: Final = [(service, *names) for service in SERVICES for names in operations_of(service)]


class Played(Transport):
    """Serves the files of one service; keeps the request, and answers what was put into `answer`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._contract = contract(service)
        self.request = b""
        self.answer = ""

    def load(self, url: str) -> bytes:
        address, _, query = url.partition("?")
        document = self._contract.serve(query, address)
        assert document is not None, url
        return document

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Response:
        assert (address, headers["SOAPAction"]) == (ADDRESS, '""')
        self.request = message
        response = Response()
        response.status_code = 200
        response.headers["Content-Type"] = "text/xml;charset=UTF-8"
        response._content = write_envelope(self.answer).encode()
        return response


@pytest.fixture(scope="module")
def clients() -> dict[str, tuple[Played, Client]]:
    found = {}
    for service in SERVICES:
        transport = Played(service)
        found[service] = (transport, Client(f"{ADDRESS}?wsdl", transport=transport, settings=Settings(strict=True)))
    return found


@pytest.mark.parametrize("full", [True, False], ids=["full", "least"])
@pytest.mark.parametrize(
    ("service", "operation", "given", "answer"), OPERATIONS, ids=[f"{row[0]}-{row[1]}" for row in OPERATIONS]
)
def test_every_operation(
    clients: dict[str, tuple[Played, Client]], service: str, operation: str, given: str, answer: str, full: bool
) -> None:
    transport, client = clients[service]
    response_model = model_of(service, answer)
    expected = None if response_model is None else sample(response_model, full)
    transport.answer = (
        f'<m:{answer} xmlns:m="{namespace_of(service)}"/>' if expected is None else write(service, answer, expected)
    )
    request_model = model_of(service, given)
    assert request_model is not None
    # zeep asks for the members of an optional sequence as if it were there
    request = sample(request_model, full or operation == "invalidateCustomerIdentificationToken")
    got = client.service[operation](**request.model_dump(by_alias=True, exclude_unset=True))
    assert plain(serialize_object(got, dict)) == plain(unwrapped(expected))
    payload = open_envelope(transport.request).payload
    assert payload is not None
    assert SCHEMAS[service].findings(payload) == []


def unwrapped(message: Any) -> Any:
    """What zeep makes of an answer: nothing for an empty one, and a child that is alone instead of its parent."""
    value = None if message is None else message.model_dump(by_alias=True)
    while isinstance(value, dict) and len(value) == 1:
        [value] = value.values()
    return value


def plain(value: Any) -> Any:
    """A value without what clients show differently: elements that are absent, and zones of equal moments."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.timestamp() if isinstance(value, datetime) else value
