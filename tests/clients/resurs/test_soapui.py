"""The vendor's SoapUI suite Events, as wire forms: its cases, their steps, and its two assertions on every answer.

Source: the suite's project file (SUI). The assertions: the answer is a SOAP answer, and it is valid against the schemas.
"""

from __future__ import annotations

import base64
from http.client import HTTPConnection
from typing import Final
from urllib.parse import urlsplit

import pytest

from gateway.testing.client.discovery import connect
from gateway.wire.soap.envelope import open_envelope
from tests.clients.resurs.conftest import Shop
from tests.processes import Running
from tests.schemas.resurs.test_contract import SCHEMAS

CONFIGURATION: Final = ("ConfigurationService", "http://ecommerce.resurs.com/v4/msg/configuration")
DEVELOPER: Final = ("DeveloperWebService", "http://ecommerce.resurs.com/v4/msg/developer")
ILLEGAL, MISSING = ("1", "ILLEGAL_ARGUMENT"), ("8", "REFERENCED_DATA_DONT_EXISTS")
Step = tuple[tuple[str, str], str, str, tuple[str, ...]]


def register(event: str, first: str = "paymentId", expected: tuple[str, ...] = ()) -> Step:
    children = (
        f"<eventType>{event}</eventType>"
        f"<uriTemplate>http://127.0.0.1:9/?{first}={{{first}}}&amp;digest={{digest}}</uriTemplate>"
        "<basicAuthUserName>user</basicAuthUserName><basicAuthPassword>password</basicAuthPassword>"
        f"<digestConfiguration><digestAlgorithm>MD5</digestAlgorithm><digestParameters>{first}</digestParameters>"
        "<digestSalt>iCanHasCheezeburger</digestSalt></digestConfiguration>"
    )
    return CONFIGURATION, "registerEventCallback", children, expected


def unregister(event: str, *expected: str) -> Step:
    return CONFIGURATION, "unregisterEventCallback", f"<eventType>{event}</eventType>", expected


def trigger(event: str, *values: str, expected: tuple[str, ...] = ()) -> Step:
    params = "".join(f"<param>{value}</param>" for value in values)
    return DEVELOPER, "triggerEvent", f"<eventType>{event}</eventType>{params}", expected


SUITE: Final[dict[str, list[Step]]] = {
    "FRAUD": [register("FRAUD"), trigger("FRAUD", "lePayment"), unregister("FRAUD")],
    "ANNULMENT": [register("ANNULMENT"), trigger("ANNULMENT", "lePayment"), unregister("ANNULMENT")],
    "TEST": [
        register("TEST", "param1"),
        trigger("TEST", "Alfa", "Bravo", "Charlie", "Delta", "Echo"),
        unregister("TEST"),
    ],
    "AUTOMATIC_FRAUD_CONTROL": [
        step
        for values in (("lePayment", "THAWED"), ("lePayment",))
        for step in (
            register("AUTOMATIC_FRAUD_CONTROL"),
            trigger("AUTOMATIC_FRAUD_CONTROL", *values),
            unregister("AUTOMATIC_FRAUD_CONTROL"),
        )
    ],
    "UNFREEZE": [register("UNFREEZE"), trigger("UNFREEZE", "lePayment"), unregister("UNFREEZE")],
    "PASSWORD_EXPIRATION": [
        register("PASSWORD_EXPIRATION", "identifier"),
        trigger("PASSWORD_EXPIRATION", "someone"),
        unregister("PASSWORD_EXPIRATION"),
    ],
    "errors": [
        register("INVALID", expected=ILLEGAL),
        register("TEST", "param1"),
        unregister("TEST"),
        unregister("TEST", *MISSING, "Callback of type TEST does not exist!"),
        trigger("TEST", "Alfa", expected=ILLEGAL),
    ],
}


ENVELOPE: Final = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:con="{namespace}">
   <soapenv:Header/>
   <soapenv:Body>
      <con:{operation}>{children}</con:{operation}>
   </soapenv:Body>
</soapenv:Envelope>"""


def posted(shop: Shop, service: str, namespace: str, operation: str, children: str) -> tuple[int, bytes]:
    """Status and body of the answer to a request as SoapUI sends it."""
    url = urlsplit(f"{shop.base}{service}")
    login = base64.b64encode(f"{shop.user}:{shop.password}".encode()).decode()
    headers = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '""', "Authorization": f"Basic {login}"}
    body = ENVELOPE.format(namespace=namespace, operation=operation, children=children)
    connection = HTTPConnection(str(url.hostname), url.port, timeout=30)
    try:
        connection.request("POST", url.path, body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def run(shop: Shop, steps: list[Step]) -> None:
    for (service, namespace), operation, children, expected in steps:
        status, answer = posted(shop, service, namespace, operation, children)
        payload = open_envelope(answer).payload
        assert payload is not None
        error = payload.find("detail/*")
        assert SCHEMAS[service].findings(payload if error is None else error) == []
        if expected:
            assert status == 500
            assert [text for text in expected if text not in answer.decode()] == []
        else:
            assert (status, payload.tag) == (200, f"{{{namespace}}}{operation}Response"), answer


@pytest.mark.parametrize("case", SUITE)
def test_case(shop: Shop, case: str) -> None:
    run(shop, SUITE[case])


def test_the_second_registration_of_2014(served: Running, shop: Shop) -> None:
    gateway = connect(served.admin_url, url=served.data_url)
    with gateway.settings("resurs", register_twice="refuse"):
        again = register("TEST", "param1", (*ILLEGAL, "Callback of type TEST already exists!"))
        run(shop, [register("TEST", "param1"), again])
