"""A case in the terms of another customer: credentials in every place, ids only where they are meant, numbers by offset."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from uuid import UUID

import pytest

from gateway.conformance.substitution import CannotReplace, Replacement, Replacements, like
from gateway.testing.golden import GoldenCase
from gateway.testing.profile import Created, Reference, WireRequest

PASSWORD = Replacement("password", Reference("demo-secret"), "s3&<cret>")
USER = Replacement("username", Reference("demo-se"), "shop é")
PLACE = Replacement("location", Reference("37", ("/Locations/37/", '"LocationID":37,')), "4711")


def case(path: str = "/", body: str | None = None, answer: str | None = None, **headers: str) -> GoldenCase:
    """A request, and the body that is expected."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    made = WireRequest("POST", path, named, body).as_case()
    return replace(made, expected_body=None if answer is None else answer.encode())


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (case("/a?key=demo-secret"), case("/a?key=s3%26%3Ccret%3E")),
        (case("/a?key=demo-secret2"), case("/a?key=demo-secret2")),
        (case(Authorization=basic("demo-se:demo-secret")), case(Authorization=basic("shop é:s3&<cret>"))),
        (case(Authorization="Basic ???"), case(Authorization="Basic ???")),
        (
            case(body="u=demo-se&p=demo-secret", Content_Type="application/x-www-form-urlencoded"),
            case(body="u=shop+%C3%A9&p=s3%26%3Ccret%3E", Content_Type="application/x-www-form-urlencoded"),
        ),
        (
            case(body="<p>demo-secret</p>", Content_Type="text/xml; charset=utf-8"),
            case(body="<p>s3&amp;&lt;cret&gt;</p>", Content_Type="text/xml; charset=utf-8"),
        ),
        (
            case(body='{"p":"demo-se"}', Content_Type="application/json"),
            case(body='{"p":"shop \\u00e9"}', Content_Type="application/json"),
        ),
        (case("/v1/Locations/37/Finance"), case("/v1/Locations/4711/Finance")),
        (
            case("/x/37", answer='{"ID":37,"LocationID":37,"N":137}'),
            case("/x/37", answer='{"ID":37,"LocationID":4711,"N":137}'),
        ),
    ],
)
def test_values_are_replaced_where_they_are_meant(before: GoldenCase, after: GoldenCase) -> None:
    done = Replacements((PASSWORD, USER, PLACE)).apply(before)
    assert (done.path, done.headers, done.body, done.expected_body) == (
        after.path,
        after.headers,
        after.body,
        after.expected_body,
    )


def test_one_value_in_two_roles() -> None:
    password = Replacement("password", Reference("demo-secret", ("&password=demo-secret",)), "one")
    secret = Replacement(
        "client_secret", Reference("demo-secret", ("client_secret=demo-secret", "app:demo-secret")), "two"
    )
    both = Replacements((password, secret))
    assert both.apply(case(body="a=1&password=demo-secret&client_secret=demo-secret")).body == (
        b"a=1&password=one&client_secret=two"
    )
    assert both.apply(case(Authorization=basic("app:demo-secret"))).headers["Authorization"] == basic("app:two")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("<n>444</n>", "<n>10444</n>"),
        ('{"a":444,"b":445}', '{"a":10444,"b":10445}'),
        ("<n>443</n>", "<n>443</n>"),
        ("4440 a444 444.5 4.444 44-444", "4440 a444 10444.5 4.444 44-444"),
    ],
)
def test_numbers_are_replaced_as_whole_numbers(text: str, after: str) -> None:
    shifted = Replacements().with_numbers({444: 10444, 445: 10445})
    assert shifted.apply(case(body=text)).body == after.encode()


def test_numbers_that_cannot_be_replaced_are_said_so() -> None:
    with pytest.raises(CannotReplace, match="too small"):
        Replacements().with_numbers({5: 1005}).apply(case(body="5"))
    utf_16 = replace(case(), body="<n>444</n>".encode("utf-16-be"))
    with pytest.raises(CannotReplace, match="encoding"):
        Replacements().with_numbers({444: 1444}).apply(utf_16)
    assert Replacements().with_numbers({5: 5}).apply(case(body="5")).body == b"5"


def test_a_credential_in_an_odd_form_is_not_sent_as_it_is() -> None:
    with pytest.raises(CannotReplace, match="form"):
        Replacements((PASSWORD,)).apply(case("/?key=%64emo-secret"))


def test_utf_16_with_its_mark_is_text() -> None:
    marked = replace(case(), body="<n>444</n>".encode("utf-16"))
    done = Replacements().with_numbers({444: 1444}).apply(marked)
    assert (done.body or b"").decode("utf-16") == "<n>1444</n>"


def test_ids_of_what_a_case_creates() -> None:
    created = Created(find=re.compile("<id>(?P<value>\\d+)</id>"), where=("/invoices/{}.xml", "<id>{}</id>"))
    values = Replacements().with_created(created, {"1": "812", "2": "813"})
    done = values.apply(case("/invoices/2.xml", answer="<id>1</id><id>2</id><id>3</id>"))
    assert done.path == "/invoices/813.xml"
    assert done.expected_body == b"<id>812</id><id>813</id><id>3</id>"


def test_ids_in_lists_are_replaced_there_alone() -> None:
    created = Created(re.compile("x"), ("<Id>{}</Id>",), within={"<Orders>.*?</Orders>": "<int>{}</int>"})
    values = Replacements().with_created(created, {"1": "2", "2": "7"}).far_away(created, {"9": "2000000009"})
    text = "<Orders><int>1</int><int>2</int><int>9</int></Orders><Other><int>1</int></Other><Id>1</Id>"
    assert values.apply(case(body=text)).body == (
        b"<Orders><int>2</int><int>7</int><int>2000000009</int></Orders><Other><int>1</int></Other><Id>2</Id>"
    )


@pytest.mark.parametrize(
    ("value", "form"), [("37", r"\d{9}"), ("demo", "c[0-9a-f]{8}-demo"), (str(UUID(int=1)), "[0-9a-f-]{36}")]
)
def test_another_value_has_the_same_form(value: str, form: str) -> None:
    assert re.fullmatch(form, like(value))
    assert like(value) != like(value)


def test_reports_hide_what_was_put_in() -> None:
    hidden = Replacements((PASSWORD,)).hidden("key=s3%26%3Ccret%3E, <p>s3&amp;&lt;cret&gt;</p>, s3&<cret>")
    assert "cret" not in hidden
