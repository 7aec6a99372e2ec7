"""Every refusal and failure has an answer in the dialect, valid against the served schema, in every language and layout."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from adapters.resurs import errors
from adapters.resurs.codec import FOLDER, Codec
from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.errors import REFUSALS, Business, business_of, facts_of
from adapters.resurs.protocol import FAILURES, protocol_of
from adapters.resurs.settings import UserText
from adapters.resurs.shop import Language
from adapters.resurs.texts import USER_TEXTS, filled
from gateway.core import refusals
from gateway.core.values import INVOICE, CounterKey, SeriesId
from gateway.spi.adapter import Failure
from gateway.wire.soap.envelope import EnvelopeProblem, EnvelopeRefused, open_envelope
from gateway.wire.soap.wsdl import Schemas
from gateway.wire.xml import XmlProblem, XmlRefused
from tests.adapters.resurs.dialect import make_call, make_dialect

KEY = CounterKey(SeriesId(1), INVOICE)
SCHEMAS = Schemas(FOLDER, ["schemas/messages/Exceptions.xsd"])
EXAMPLES: dict[type[Any], Any] = {
    refusals.NumberBehind: refusals.NumberBehind(KEY, 443, 444),
    refusals.NumberOutOfRange: refusals.NumberOutOfRange(KEY, -1, 1, 9),
    refusals.NumberTaken: refusals.NumberTaken(KEY, 1),
    refusals.NumberUnknown: refusals.NumberUnknown(KEY, 1),
    refusals.CounterUnset: refusals.CounterUnset(KEY),
    refusals.CounterExhausted: refusals.CounterExhausted(KEY),
    refusals.ClearNotAllowed: refusals.ClearNotAllowed(KEY),
    refusals.SeriesUnknown: refusals.SeriesUnknown(None),
    refusals.SeriesInUse: refusals.SeriesInUse(SeriesId(1), 3),
    refusals.SeriesOwned: refusals.SeriesOwned(SeriesId(1), "elsewhere"),
    refusals.NameTaken: refusals.NameTaken("a"),
    refusals.KeyReused: refusals.KeyReused("a", KEY),
    refusals.AlreadyVoid: refusals.AlreadyVoid(KEY, 1),
}
VENDOR_ERRORS = {
    1: "ILLEGAL_ARGUMENT",
    3: "INTERNAL_ERROR",
    4: "NOT_ALLOWED",
    8: "REFERENCED_DATA_DONT_EXISTS",
    10: "CREDITAPPLICATION_FAILED",
    11: "NOT_IMPLEMENTED",
    15: "SIGNING_REQUIRED",
    17: "AUTHORIZATION_FAILED",
    19: "OBJECT_WITH_ID_ALREADY_EXIST",
    20: "NOT_ALLOWED_IN_PAYMENT_STATE",
    22: "SERVICE_CONFIGURATION_EXCEPTION",
    23: "INVALID_CREDITING",
    25: "NOT_ALLOWED_IN_CURRENT_STATE",
    26: "INVALID_FINALIZATION",
    28: "NOT_ALLOWED_INVOICE_ID",
    29: "ALREADY_EXISTS_INVOICE_ID",
    36: "ANNUL_FAILED",
    502: "WEAK_PASSWORD",
    503: "NOT_AUTHORIZED",
}
"""Ids and names from the vendor's list. Source: R-25."""


def error_of(body: bytes) -> dict[str, str]:
    """The ECommerceError of a fault, which is checked against the schema first."""
    payload = open_envelope(body).payload
    assert payload is not None
    assert [child.tag for child in payload] == ["faultcode", "faultstring", "detail"]
    error = payload[2][0]
    assert SCHEMAS.findings(error) == []
    return {child.tag: child.text or "" for child in error}


def test_the_tables_are_total() -> None:
    assert set(EXAMPLES) <= set(REFUSALS) <= set(get_args(refusals.Refusal))
    assert set(USER_TEXTS) == set(get_args(Language))
    for texts in USER_TEXTS.values():
        assert set(texts) == set(get_args(UserText))


@pytest.mark.parametrize("kind", get_args(refusals.Refusal))
def test_no_refusal_is_without_an_answer(kind: type[Any]) -> None:
    refusal = EXAMPLES.get(kind, object.__new__(kind))
    reply = make_dialect().refuse(make_call(), refusal)
    assert (reply.status, error_of(reply.body)["errorTypeId"]) == (500, str(business_of(refusal).id))


def test_ids_and_names_are_the_vendors() -> None:
    declared = [value for value in vars(errors).values() if isinstance(value, Business)]
    for business in [*REFUSALS.values(), *declared]:
        assert VENDOR_ERRORS[business.id] == business.name


@pytest.mark.parametrize("layout", ["indented", "compact"])
@pytest.mark.parametrize("refusal", EXAMPLES.values(), ids=lambda refusal: type(refusal).__name__)
@pytest.mark.parametrize(("user", "language"), [("se", "sv"), ("no", "no"), ("dk", "da"), ("fi", "fi")])
def test_every_refusal_renders(refusal: Any, layout: str, user: str, language: str) -> None:
    dialect = make_dialect(layout=layout)
    reply = dialect.refuse(make_call(principal=f"demo-{user}"), refusal)
    business = business_of(refusal)
    assert reply.status == 500
    assert error_of(reply.body) == {
        "errorTypeDescription": business.name,
        "errorTypeId": str(business.id),
        "fixableByYou": "true" if business.fixable else "false",
        "userErrorMessage": filled(USER_TEXTS[language][business.user_text], facts_of(refusal)),  # type: ignore[index]
    }


def test_configured_texts_replace_the_built_in_ones() -> None:
    dialect = make_dialect(user_error_messages={"no": {"too_low": "For <lavt>"}})
    low = EXAMPLES[refusals.NumberBehind]
    assert error_of(dialect.refuse(make_call(principal="demo-no"), low).body)["userErrorMessage"] == "For <lavt>"
    kept = error_of(dialect.refuse(make_call(principal="demo-se"), low).body)["userErrorMessage"]
    assert kept == "Startnummer för faktura får inte vara lägre än tidigare nummer"


BEFORE_SOAP = {
    "NOT_FOUND": (404, {"Content-Type": "text/html;charset=UTF-8"}),
    "UNAUTHORIZED": (401, {"WWW-Authenticate": 'Basic realm="Spring Security Application"'}),
}


@pytest.mark.parametrize("failure", Failure)
@pytest.mark.parametrize("principal", ["", "demo-fi"])
def test_every_failure_renders(failure: Failure, principal: str) -> None:
    reply = make_dialect().fail(make_call(principal=principal), failure)
    if failure.name in BEFORE_SOAP:
        assert (reply.status, dict(reply.headers)) == BEFORE_SOAP[failure.name]
        return
    assert reply.status == (413 if failure is Failure.BODY_TOO_LARGE else 500)
    assert dict(reply.headers) == {"Content-Type": "text/xml;charset=UTF-8"}
    business = FAILURES.get(failure)
    if isinstance(business, Business):
        error = error_of(reply.body)
        language: Language = "fi" if principal else "sv"
        assert (error["errorTypeId"], error["fixableByYou"]) == (str(business.id), str(business.fixable).lower())
        assert error["userErrorMessage"] == USER_TEXTS[language][business.user_text]
    else:
        payload = open_envelope(reply.body).payload
        assert payload is not None
        assert [child.tag for child in payload] == ["faultcode", "faultstring"]


@pytest.mark.parametrize(
    "failure", [Failure.OVERLOADED, Failure.RATE_LIMITED, Failure.STORE_UNAVAILABLE, Failure.DEADLINE, Failure.INTERNAL]
)
def test_the_services_own_trouble_is_not_the_clients_to_fix(failure: Failure) -> None:
    error = error_of(make_dialect().fail(make_call(), failure).body)
    assert (error["errorTypeDescription"], error["errorTypeId"], error["fixableByYou"]) == (
        "INTERNAL_ERROR",
        "3",
        "false",
    )


@pytest.mark.parametrize("problem", [*XmlProblem, *EnvelopeProblem])
def test_every_reading_problem_renders(problem: XmlProblem | EnvelopeProblem) -> None:
    error = XmlRefused(problem) if isinstance(problem, XmlProblem) else EnvelopeRefused(problem, "{urn:x}a")
    fault = protocol_of(error)
    assert fault.status in {413, 500}
    assert open_envelope(Codec(CONFIGURATION, 0).write_fault(fault.code, fault.text)).payload is not None


def test_an_answer_does_not_grow_with_the_question() -> None:
    fault = protocol_of(EnvelopeRefused(EnvelopeProblem.NOT_UNDERSTOOD, "{urn:x}" + "a" * 100_000))
    assert len(fault.text) < 1000


def test_a_bug_is_not_taken_for_a_clients_mistake() -> None:
    with pytest.raises(TypeError):
        protocol_of(KeyError("a bug"))
