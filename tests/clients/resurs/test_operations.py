"""zeep in its strict mode calls every operation of the four services: each answers in its contract, or with its fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth
from zeep import Client, Settings, Transport
from zeep.exceptions import Fault

from tests.clients.resurs.conftest import Shop
from tests.schemas.resurs.samples import sample
from tests.schemas.resurs.structure import SERVICES
from tests.schemas.resurs.test_contract import SCHEMAS, model_of, operations_of


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation(shop: Shop, service: str) -> None:
    with requests.Session() as session:
        session.auth = HTTPBasicAuth(shop.user, shop.password)
        client = Client(
            f"{shop.base}{service}?wsdl", transport=Transport(session=session), settings=Settings(strict=True)
        )
        assert sorted(client.service._operations) == sorted(name for name, _, _ in operations_of(service))
        for name, given, _ in operations_of(service):
            model = model_of(service, given)
            assert model is not None
            request = sample(model, True).model_dump(by_alias=True, exclude_unset=True)
            fault = fault_of(client.service[name], request)
            if fault is not None:
                [error] = fault.detail
                assert SCHEMAS[service].findings(error) == []
                assert fault.code.endswith(":Server")
                assert client.wsdl.types.deserialize(error).errorTypeId != 3, name  # the gateway's own trouble


def fault_of(operation: Callable[..., Any], request: dict[str, Any]) -> Fault | None:
    """The fault that an operation answers; None for an answer that zeep can read."""
    try:
        operation(**request)
    except Fault as fault:
        return fault
    return None
