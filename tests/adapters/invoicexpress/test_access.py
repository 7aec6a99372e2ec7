"""Which request belongs to which account."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from adapters.invoicexpress.auth import Accounts, key_in_query
from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.values import Caller, TenantId
from tests.adapters.invoicexpress.dialect import HOSTS, bound, call, make_dialect


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("", ""),
        ("api_key=abc", "abc"),
        ("page=1&api_key=abc&per_page=2", "abc"),
        ("api_key=first&api_key=last", "last"),
        ("api_key=a%2Bb+c%C3%A9", "a+b cé"),
        ("api%5Fkey=abc", "abc"),
        ("api_key", ""),
        ("xapi_key=abc", ""),
        ("api_key=%FF", "\ufffd"),
    ],
)
def test_key_in_query(query: str, key: str) -> None:
    assert key_in_query(query) == key


ALPHA = bound("one", "alpha", "key-a", default_host=False)
BETA = bound("two", "beta", "key-b")
BETA_SECOND = bound("two", "beta", "key-b2")


@pytest.mark.parametrize(
    ("host", "key", "tenant"),
    [
        ("alpha.app.invoicexpress.com", "key-a", "one"),
        ("alpha.invoicexpress.net:8080", "key-a", "one"),
        ("ALPHA.InvoiceXpress.net.", "key-a", "one"),
        ("alpha.invoicexpress.net", "key-b", None),
        ("beta.invoicexpress.net", "key-b", "two"),
        ("beta.invoicexpress.net", "key-b2", "two"),
        ("127.0.0.1:7070", "key-b", "two"),
        ("127.0.0.1:7070", "key-a", None),
        ("[::1]:7070", "key-b2", "two"),
        ("", "key-b", "two"),
        ("gamma.invoicexpress.net", "key-b", None),
        (".invoicexpress.net", "key-b", None),
        ("a.b.invoicexpress.net", "key-b", None),
        ("localhost", "", None),
        ("localhost", "clé", None),
    ],
)
def test_accounts(host: str, key: str, tenant: str | None) -> None:
    accounts = Accounts(Settings(), [ALPHA, BETA, BETA_SECOND], HOSTS)
    caller = accounts.authenticate(call(query=f"api_key={key}", headers={"Host": host}))
    assert (caller.tenant if caller else None) == tenant


def test_a_trusted_proxys_host_counts_when_the_own_host_names_no_account() -> None:
    accounts = Accounts(Settings(), [ALPHA], HOSTS)
    proxied = call(query="api_key=key-a", base_url="https://alpha.app.invoicexpress.com")
    assert accounts.authenticate(proxied) == Caller(TenantId("one"), "alpha")


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ("Basic " + base64.b64encode(b"key-b:X").decode(), True),
        ("basic " + base64.b64encode(b"key-b").decode(), True),
        ("Basic " + base64.b64encode(b"X:key-b").decode(), False),
        ("Basic !!!", False),
        ("Basic " + base64.b64encode(b"\xff\xfe").decode(), False),
        ("Bearer key-b", False),
        ("", False),
    ],
)
def test_basic(header: str, known: bool) -> None:
    accounts = Accounts(Settings(), [BETA], HOSTS)
    assert (accounts.authenticate(call(query="", headers={"Authorization": header})) is not None) is known


def test_one_account_of_two_tenants_is_refused() -> None:
    with pytest.raises(ValueError, match="'alpha' belongs to more than one tenant"):
        make_dialect(bindings=[ALPHA, bound("two", "Alpha", "key-x")])


def test_one_key_of_two_tenants_on_any_host_is_refused() -> None:
    with pytest.raises(ValueError, match="same api_key"):
        make_dialect(bindings=[BETA, bound("one", "alpha", "key-b")])
    make_dialect(bindings=[BETA, bound("one", "alpha", "key-b", default_host=False)])


@pytest.mark.parametrize(
    "values",
    [
        {"account": "demo", "api_key": ""},
        {"account": "", "api_key": "k"},
        {"account": "a.b", "api_key": "k"},
        {"account": "demo"},
        {"account": "demo", "api_key": "k", "sequence": 1},
    ],
)
def test_bindings_that_make_no_sense(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Binding.model_validate(values)


@pytest.mark.parametrize(
    "values",
    [
        {"generation": "v3"},
        {"generation": "v1", "id_step": 16},
        {"server_header": "a\r\nX: y"},
        {"unknown": 1},
    ],
)
def test_settings_that_make_no_sense(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(values)


def test_endpoints_give_a_line_to_paste() -> None:
    dialect = make_dialect(bindings=[ALPHA, BETA])
    beta, *documents = dialect.endpoints("http://127.0.0.1:7070", TenantId("two"))
    assert beta.url == "http://127.0.0.1:7070/sequences.xml"
    assert beta.credentials == {"account": "beta", "api_key": "key-b"}
    assert beta.example == "curl 'http://127.0.0.1:7070/sequences.xml?api_key=key-b'"
    assert [(own.title, own.url.rpartition("/")[2]) for own in documents] == [
        ("InvoiceXpress invoices of account beta", "invoices.xml"),
        ("InvoiceXpress credit notes of account beta", "credit_notes.xml"),
        ("InvoiceXpress debit notes of account beta", "debit_notes.xml"),
    ]
    for alpha in dialect.endpoints("http://127.0.0.1:7070", TenantId("one")):
        assert "-H 'Host: alpha.app.invoicexpress.com'" in alpha.example
