"""Every refusal and failure has an answer in the dialect, for GET and POST, in JSON and XML."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, get_args

import pytest

from adapters.qqsolutions.errors import FAILURES, REFUSALS, TOKEN_FAILURES
from adapters.qqsolutions.settings import ErrorCodeName
from gateway.core import refusals
from gateway.core.refusals import Refusal
from gateway.core.values import INVOICE, CounterKey, SeriesId
from gateway.spi.adapter import Failure
from gateway.wire.xml import parse
from tests.adapters.qqsolutions.dialect import Bench, header, make_call

KEY = CounterKey(SeriesId(1), INVOICE)
VALUES: dict[str, Any] = {
    "counter": KEY,
    "requested": 1,
    "next_number": 2,
    "minimum": 1,
    "maximum": 9,
    "number": 1,
    "series": SeriesId(1),
    "issued": 1,
    "name": "n",
    "key": "k",
    "date": dt.date(2024, 1, 1),
}


def members(union: Any) -> list[type[Any]]:
    """The classes of a union, nested unions included."""
    return [leaf for kind in get_args(union) for leaf in (members(kind) or [kind])]


def example(kind: type[Any]) -> Any:
    """A refusal with some value for each field; the answer of the dialect does not depend on the values."""
    return kind(**{name: VALUES.get(name) for name in kind.__dataclass_fields__})


@pytest.mark.parametrize("kind", members(Refusal), ids=lambda kind: kind.__name__)
def test_every_refusal_of_a_post_is_an_envelope(kind: type[Any]) -> None:
    bench = Bench()
    reply = bench.dialect.refuse(make_call("POST", operation="POST x"), example(kind))
    envelope = json.loads(reply.body)
    assert (reply.status, envelope["IsSuccess"], envelope["Result"]) == (200, False, None)
    assert envelope["ErrorCode"] in get_args(ErrorCodeName)
    assert envelope["ErrorMessage"]
    xml = bench.dialect.refuse(make_call("POST", operation="POST x", Accept="text/xml"), example(kind))
    assert parse(xml.body)[1].text == envelope["ErrorMessage"]


@pytest.mark.parametrize("kind", members(Refusal), ids=lambda kind: kind.__name__)
def test_every_refusal_of_a_get_is_an_error_of_the_framework(kind: type[Any]) -> None:
    reply = Bench().dialect.refuse(make_call(operation="GET x"), example(kind))
    assert reply.status == (404 if kind is refusals.SeriesUnknown else 400)
    assert list(json.loads(reply.body)) == ["Message"]


def test_a_number_above_the_maximum_is_called_too_large() -> None:
    refusal = refusals.NumberOutOfRange(KEY, 10, 1, 9)
    reply = Bench().dialect.refuse(make_call("POST", operation="POST x"), refusal)
    assert json.loads(reply.body)["ErrorMessage"] == "The next number is too large."


def test_the_tables_hold_what_they_must() -> None:
    assert set(REFUSALS) >= {
        kind for kind in members(Refusal) if not kind.__name__.startswith(("Document", "Record"))
    } - {
        refusals.TransitionNotAllowed,
        refusals.DateBehind,
    }
    answered_by_routes = {Failure.NOT_FOUND, Failure.METHOD_NOT_ALLOWED, Failure.UNAUTHORIZED}
    assert set(FAILURES) == set(Failure) - answered_by_routes
    assert set(TOKEN_FAILURES) == set(Failure)


STATUS = {
    Failure.NOT_FOUND: 404,
    Failure.METHOD_NOT_ALLOWED: 405,
    Failure.BODY_TOO_LARGE: 413,
    Failure.BODY_UNREADABLE: 400,
    Failure.BODY_TIMEOUT: 408,
    Failure.OVERLOADED: 503,
    Failure.RATE_LIMITED: 429,
    Failure.STORE_UNAVAILABLE: 503,
    Failure.DEADLINE: 500,
    Failure.INTERNAL: 500,
    Failure.UNAUTHORIZED: 401,
    Failure.STRICT: 400,
}


@pytest.mark.parametrize("failure", Failure)
@pytest.mark.parametrize("path", ["/v1/Locations/37/Finance/InvoiceNumbers", "/v1/Nope"])
def test_every_failure_has_an_answer(failure: Failure, path: str) -> None:
    bench = Bench(extra_headers={"X-Powered-By": "ASP.NET"})
    reply = bench.dialect.fail(make_call("PATCH", path, Accept="application/xml"), failure)
    assert reply.status == STATUS[failure]
    assert header(reply, "X-Powered-By") == "ASP.NET"
    if failure in {Failure.BODY_TOO_LARGE, Failure.BODY_TIMEOUT}:
        assert header(reply, "Content-Type") == "text/html"
    else:
        assert header(reply, "Content-Type") == "application/xml; charset=utf-8"
        assert parse(reply.body).tag == "Error"
    known = failure is Failure.METHOD_NOT_ALLOWED and "Invoice" in path
    assert header(reply, "Allow") == ("GET, POST" if known else None)


@pytest.mark.parametrize("failure", Failure)
@pytest.mark.parametrize("path", ["/oauth/token", "/OAuth/Authorize/"])
def test_every_failure_at_the_login_host_is_an_oauth_error(failure: Failure, path: str) -> None:
    reply = Bench().dialect.fail(make_call("POST", path), failure)
    assert (reply.status, json.loads(reply.body)["error"]) == TOKEN_FAILURES[failure]
    assert header(reply, "Cache-Control") == "no-store"
