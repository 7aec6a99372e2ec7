"""Basic credentials: how they are read, and which accounts contradict one another."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from adapters.resurs.auth import Accounts
from adapters.resurs.settings import Account, Binding, Settings
from tests.adapters.resurs.dialect import bound, make_call, make_dialect

ACCOUNT = {"username": "demo", "password": "hemligt-å", "country": "SE", "series": "main"}


def basic(text: str, encoding: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(text.encode(encoding)).decode()


HEADERS = [
    (basic("demo:hemligt-å"), True),
    (basic("demo:hemligt-å", "iso-8859-1"), True),
    (basic("demo:hemligt-å").replace("Basic", "BASIC"), True),
    ("  " + basic("demo:hemligt-å") + " ", True),
    (basic("demo:hemligt-a"), False),
    (basic("demo:hemligt-å "), False),
    (basic("Demo:hemligt-å"), False),
    (basic("demo:"), False),
    (basic("demo"), False),
    (basic(":"), False),
    (basic("nobody:no account has this password"), False),
    ("Basic", False),
    ("Basic åäö", False),
    ("Digest " + basic("demo:hemligt-å")[6:], False),
    ("", False),
    (None, False),
]


@pytest.mark.parametrize(("header", "accepted"), HEADERS)
def test_credentials(header: str | None, accepted: bool) -> None:
    accounts = Accounts([bound("demo", ACCOUNT)])
    found = accounts.authenticate(header)
    assert (found is not None) == accepted
    assert found is None or (found.caller.tenant, found.caller.principal) == ("demo", "demo")


def test_a_password_may_hold_colons() -> None:
    accounts = Accounts([bound("demo", {**ACCOUNT, "password": "a:b:c"})])
    assert accounts.authenticate(basic("demo:a:b:c"))
    assert not accounts.authenticate(basic("demo:a:b"))


def test_only_another_spelling_of_good_credentials_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    accounts = Accounts([bound("demo", ACCOUNT)])
    true_check = accounts._checked
    monkeypatch.setattr(accounts, "_checked", lambda header: decoded.append(header) or true_check(header))
    others = [basic("demo:hemligt-å", "iso-8859-1"), basic("demo:wrong")]
    for header in (basic("demo:hemligt-å"), *others):
        accounts.authenticate(header)
    assert decoded == others


def test_contradictions_are_refused_at_start() -> None:
    with pytest.raises(ValueError, match="'demo' is given twice"):
        make_dialect(bound("one", ACCOUNT), bound("two", ACCOUNT))
    with pytest.raises(ValueError, match="no series 'other'"):
        make_dialect(bound("one", {**ACCOUNT, "series": "other"}))


BAD_ACCOUNTS = [
    {**ACCOUNT, "username": ""},
    {**ACCOUNT, "username": "a:b"},
    {**ACCOUNT, "country": "DE"},
    {**ACCOUNT, "pasword": "a"},
    {key: value for key, value in ACCOUNT.items() if key != "password"},
    {key: value for key, value in ACCOUNT.items() if key != "series"},
]


@pytest.mark.parametrize("account", BAD_ACCOUNTS)
def test_bad_accounts_are_refused(account: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Binding.model_validate({"accounts": [account]})


def test_bad_settings_are_refused() -> None:
    bad = [{"zero": "maybe"}, {"maximum_number": 0}, {"maximum_number": 2**63 - 1}, {"layout": "x"}, {"zeros": "clear"}]
    bad += [{"user_error_messages": {"en": {}}}, {"user_error_messages": {"sv": {"too_low": ""}}}]
    for values in bad:
        with pytest.raises(ValidationError):
            Settings.model_validate(values)


def test_a_password_is_not_shown(tmp_path: object) -> None:
    account = Account.model_validate(ACCOUNT)
    assert "hemligt" not in repr(account)
    assert "hemligt" not in repr(Accounts([bound("demo", ACCOUNT)]).named("demo"))


async def test_credentials_come_before_everything_else() -> None:
    dialect = make_dialect()
    reply = await dialect.answer(make_call(body=b"<broken", Authorization=basic("demo-se:wrong")))
    assert (reply.status, reply.body) == (401, b"")
    assert reply.headers == (("WWW-Authenticate", 'Basic realm="Spring Security Application"'),)


def test_endpoints_name_both_systems() -> None:
    found = make_dialect().endpoints("https://gateway.example/resurs", bound("demo", ACCOUNT).tenant)
    assert [endpoint.url for endpoint in found[:2]] == [
        "https://gateway.example/resurs/ecommerce-test/ws/V4/ConfigurationService",
        "https://gateway.example/resurs/ws/V4/ConfigurationService",
    ]
    assert found[0].wsdl_url == found[0].url + "?wsdl"
    assert dict(found[0].credentials) == {"username": "demo-se", "password": "demo-secret"}
    assert not make_dialect().endpoints("https://gateway.example", bound("other", ACCOUNT).tenant)
