"""Secrets in every spelling and place that a client may choose: none is on disk, in logs, in metrics or in explanations."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestServer

from gateway.cli.explanation import explain
from gateway.spi.adapter import Reply
from gateway.spi.redaction import RedactionRules, redact
from gateway.testing.golden import CaseError
from tests.conftest import MakeGateway
from tests.simulation.raw import Rig, exchange
from tests.spi.test_redaction import call

PATHS = {
    "resurs": "/ecommerce-test/ws/V4/ConfigurationService",
    "qqsolutions": "/v1/Locations/37/Finance/InvoiceNumbers",
    "oauth": "/oauth/token",
    "invoicexpress": "/sequences.xml",
    "twentyfoursevenoffice": "/authenticate/v001/authenticate.asmx",
    "nobody": "/somewhere/else",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
XML = {"Content-Type": "text/xml; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
PARTS = {"Content-Type": "multipart/form-data; boundary=XyZ"}


@dataclass(frozen=True)
class Planted:
    """A request; `§` stands for the secret."""

    name: str
    after: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    charset: str = "utf-8"

    def raw(self, path: str, secret: str) -> bytes:
        body = self.body.replace("§", secret).encode(self.charset)
        lines = [f"POST {path}{self.after} HTTP/1.1", "Host: gateway", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).replace("§", secret).encode() + body


def query(text: str) -> Planted:
    return Planted(f"query {text}", text)


def header(name: str, value: str = "§") -> Planted:
    return Planted(f"header {name}: {value}", headers={name: value})


def form(text: str) -> Planted:
    return Planted(f"form {text}", headers=FORM, body=text)


def xml(text: str, charset: str = "utf-8") -> Planted:
    return Planted(f"xml {text} {charset}", headers=XML if charset == "utf-8" else {}, body=text, charset=charset)


def told(text: str, charset: str = "utf-8") -> Planted:
    return Planted(f"json {text} {charset}", headers=JSON, body=text, charset=charset)


def part(head: str, text: str = "§", start: str = "") -> Planted:
    body = f"{start}--XyZ\r\n{head}\r\n\r\n{text}\r\n--XyZ--\r\n"
    return Planted(f"part {head} {text}", headers=PARTS, body=body)


def encoded(text: str) -> str:
    """Percent-encoded, but for the place of the secret."""
    return "§".join(quote(piece, safe="") for piece in text.split("§"))


PLANTED = [
    query("?api_key=§"),
    query("?a=1&API_KEY=§&b=2"),
    query("?user[api_key]=§"),
    query("?user%5Bapi_key%5D=§"),
    query("?client[password][]=§"),
    query("?user.api_key=§"),
    query("?INVOICEXPRESS_API_KEY=§"),
    query("?api%5Fkey=§"),
    query("?API%20KEY=§"),
    query("?api%255Fkey=§"),
    query("?%61pi_key=§"),
    query("?apiKey=§"),
    query("?api-key=§"),
    query("?a=1;api_key=§"),
    query("?a=1#api_key=§"),
    query(f"?next={encoded('http://h/p?api_key=§')}"),
    query(f"?next={encoded(encoded('http://h/p?api_key=§').replace('%C2%A7', '§'))}"),
    query("?next=http://user:§@h/p"),
    query("?code=§"),
    query("?access%5ftoken=§&x=1"),
    query(";api_key=§"),
    query(";API-KEY=§;v=1/more"),
    query("/x;jsession=1;client_secret=§?wsdl"),
    query("%3Bapi_key%3D§"),
    query("%3Fapi_key=§"),
    query("#access_token=§"),
    header("Authorization", "Bearer §"),
    header("Authorization", "§"),
    header("Authorization", "abcdef §"),
    header("Authorization", "Basic §, Bearer §"),
    header("Proxy-Authorization", "Basic §"),
    header("X-Forwarded-Authorization", "Bearer §"),
    header("X-Api-Key"),
    header("Api_Key"),
    header("ApiKey"),
    header("X-Client-Secret"),
    header("X-Amz-Security-Token"),
    header("X-Auth-Token"),
    header("Password"),
    header("Cookie", "ASP.NET_SessionId=§; a=§"),
    header("Cookie", "§"),
    header("Referer", "http://h/p?a=1&api_key=§#x"),
    header("Referer", "http://user:§@h/p"),
    header("Referer", f"http://h/?u={encoded('/p?user[api_key]=§')}"),
    header("User-Agent", "app/1 (api_key=§)"),
    header("X-Note", "password=§"),
    form("grant_type=password&password=§&username=demo"),
    form("client_secret=§&grant_type=client_credentials"),
    form("password=a §;c#d,e"),
    form("user[password]=§"),
    form("credential.Password=§"),
    form("ctl00$Main$Password=§"),
    form("userPassword=§"),
    form("'password'=§"),
    form("user%5Bpassword%5D=§"),
    form("refresh%255Ftoken=§"),
    form(f"data={encoded(json.dumps({'password': '§'}, ensure_ascii=False))}"),
    form(f"xml={encoded('<a><Password>§</Password></a>')}"),
    form("a=1\r\npassword = §"),
    form('note="api_key=§"'),
    xml("<a><Password>§</Password></a>"),
    xml("<a><Password><Password>x</Password>§</Password></a>"),
    xml("<a><Password><b/><![CDATA[</Password>]]>§</Password></a>"),
    xml("<a><Password><!-- </Password> -->§</Password></a>"),
    xml("<a><Password x='>'>§</Password></a>"),
    xml("<a><Password x='<b>'>§</Password></a>"),
    xml('<a><Password x=">§</Password></a>'),
    xml("<a><WebPassword>§</WebPassword></a>"),
    xml("<a><x:api-key xmlns:x='u'>§</x:api-key></a>"),
    xml("<a><Pass&#119;ord>§</Pass&#119;ord></a>"),
    xml("<a b='1' ApiKey = '§'/>"),
    xml("<a><param name='api_key'>§</param></a>"),
    xml("<a><add value='§' key='client_secret'/></a>"),
    xml("<a>&lt;Password&gt;§&lt;/Password&gt;</a>"),
    xml("<a><!-- <Password>§</Password> --></a>"),
    xml("<a><![CDATA[<Password>§</Password>]]></a>"),
    xml("<a><Password>§"),
    xml("<a><api_key>§</api_key", "utf-16"),
    xml("<a><Password>§</Password></a>", "utf-16-le"),
    xml(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header><w:Security xmlns:w='u'><w:UsernameToken>"
        "<w:Username>u</w:Username><w:Password Type='t'>§</w:Password></w:UsernameToken>"
        "<w:BinarySecurityToken>§</w:BinarySecurityToken></w:Security></s:Header><s:Body/></s:Envelope>"
    ),
    told('{"password":"§"}'),
    told('{"api\\u005fkey":"§"}'),
    told('{"user.password":"§","identificationToken":"§"}'),
    told('{"a":[{"user":{"accessToken":"§"}}]}'),
    told('{"data":"{\\"password\\":\\"§\\",\\"a\\":1}"}'),
    told('{"data":"{\\"data\\":\\"{\\\\\\"password\\\\\\":\\\\\\"§\\\\\\"}\\"}"}'),
    told("{'password' : /* c */ '§'}"),
    told("{password: new String('§'), a: 1}"),
    told('{"token":["§",{"a":"§"}]}'),
    told('{"password":"a\\"§'),
    told('{"password":"§"}', "utf-16"),
    part('Content-Disposition: form-data; name="password"'),
    part("Content-Disposition: form-data; name=api_key"),
    part('Content-Disposition: form-data; name="user[password]"\r\nContent-Type: text/plain'),
    part("content-type: text/plain\r\ncontent-disposition: form-data; name*=UTF-8''api%5Fkey", "a\r\n\r\n§\r\n-- b"),
    part('Content-Disposition: form-data; name="xml"', "<a><Password>§</Password></a>"),
    part("Content-Type: text/xml\r\nContent-Transfer-Encoding: base64", "§"),
    part('Content-Disposition: form-data; name="secret"', "§", start="preamble\r\n"),
    Planted("no type", body="password=§&a=1"),
    Planted("text", headers={"Content-Type": "text/plain"}, body="login failed: password: §, user: u"),
]


REPEATS = (b"No HTTP resource was found that matches the request URI", b"URL unexpectedly ending in")


def test_there_are_enough() -> None:
    assert len({planted.name for planted in PLANTED}) == len(PLANTED) >= 60


def secret_of(number: int, dialect: int) -> str:
    """A value of its own, which no escape or encoding changes, also good as a token and as Base64."""
    return base64.b64encode(f"u:zq{number:03}{dialect}planted!".encode()).decode().rstrip("=")


async def test_none_is_kept_or_logged(make_gateway: MakeGateway, capsys: pytest.CaptureFixture[str]) -> None:
    client = await make_gateway({"guessing": {"failures_per_minute": 0}, "journal": {"max_per_second": 100_000}})
    rig, secrets = Rig(client), {}
    for number, planted in enumerate(PLANTED):
        for place, (dialect, path) in enumerate(PATHS.items()):
            secret = secret_of(number, place)
            secrets[secret] = f"{dialect}: {planted.name}"
            answer = (await rig.send(planted.raw(path, secret))).data
            assert answer
            if secret.encode() in answer:  # ASP.NET says to the sender which address it has not found
                assert any(words in answer for words in REPEATS), planted.name
    journal = rig.gateway.journal
    assert journal is not None
    assert (await journal.count()).count == len(secrets)
    kept = b"".join(file.read_bytes() for file in journal.path.parent.glob("*.journal.db*"))
    text, logged = kept.decode("latin-1"), "".join(capsys.readouterr())
    metrics = rig.gateway.metrics.exposition()[0].decode()
    leaks = [found for secret, found in secrets.items() if secret in text]
    assert not leaks
    assert [found for secret, found in secrets.items() if secret in logged or secret in metrics] == []
    assert "grant_type=password" in text  # the control: the messages are there


async def test_none_is_answered_by_the_admin_port(
    make_gateway: MakeGateway, aiohttp_client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"admin_token": "the-right-token", "guessing": {"failures_per_minute": 0}}
    gateway = Rig(await make_gateway(options)).gateway
    web = await aiohttp_client(TestServer(gateway.admin_application()))
    headers = [planted for planted in PLANTED if planted.name.startswith("header")]
    for number, planted in enumerate(headers):
        for token in ("", "Authorization: Bearer the-right-token\r\n"):
            if token and "Authorization" in planted.headers:
                continue
            secret = secret_of(number, 0)
            for path in ("/v1/tenants", "/v1/nothing", "/metrics", "/v1/requests?limit=many"):
                raw = planted.raw(path, secret).replace(b"POST", b"GET").replace(b"Host:", token.encode() + b"Host:", 1)
                seen = await exchange(web.server.port, raw)
                assert seen.data
                assert secret.encode() not in seen.data, planted.name
    for token in ("demo-secret", "demo-key", "the-right-token"):
        for path in ("/v1/tenants", "/v1/tenants/demo", "/v1/dialects", "/v1/health", "/v1/openapi", "/metrics"):
            async with web.get(path, headers={"Authorization": "Bearer the-right-token"}) as answer:
                assert token not in await answer.text(), path
    assert "the-right-token" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("number", range(0, len(PLANTED), 24))
def test_none_is_explained(number: int) -> None:
    secret = secret_of(number, 9)
    try:
        text = json.dumps(explain(PLANTED[number].raw(PATHS["resurs"], secret)).facts())
    except CaseError as error:
        text = str(error)
    assert secret not in text


def test_what_is_no_secret_stays() -> None:
    body = "<a><Name>Basic maintenance, bearer bonds</Name><Tokens>1</Tokens><PostalCode>1</PostalCode></a>"
    done = redact(call(body.encode(), query="page=2&keys=1&state=%2Fp"), Reply(200), RedactionRules())
    assert (done.request_body.text, done.query) == (body, "page=2&keys=1&state=%2Fp")
