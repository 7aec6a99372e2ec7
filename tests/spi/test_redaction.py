"""No secret survives redaction, in any form and in any broken message; the rest of the message stays as it was."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.spi.adapter import Call, Reply
from gateway.spi.redaction import REDACTED, Redacted, RedactionRules, Text, redact, redactor_for

SECRET = "s3cr3t-value"
RULES = RedactionRules(
    headers=("X-Session",), query=("key",), form=("pin",), json_members=("cookie",), xml_elements=("LoginResult",)
)


def call(body: bytes = b"", query: str = "", **headers: str) -> Call:
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Call("POST", "/p", query, CIMultiDictProxy(named), body, "http://h", "r-1")


def body_of(body: str | bytes, limit: int | None = None, **headers: str) -> Text:
    raw = body if isinstance(body, bytes) else body.encode()
    return redact(call(raw, **headers), Reply(200), RULES, limit).request_body


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Authorization", f"Basic {base64.b64encode(SECRET.encode()).decode()}", f"Basic {REDACTED}"),
        ("Authorization", f"Bearer {SECRET}", f"Bearer {REDACTED}"),
        ("Authorization", SECRET, REDACTED),
        ("Cookie", f"ASP.NET_SessionId={SECRET}; other={SECRET}", f"ASP.NET_SessionId={REDACTED}; other={REDACTED}"),
        ("Cookie", SECRET, REDACTED),
        ("X-Api-Key", SECRET, REDACTED),
        ("X-Session", SECRET, REDACTED),
        ("Referer", f"http://h/p?api_key={SECRET}&a=1", f"http://h/p?api_key={REDACTED}&a=1"),
        ("Accept", "text/xml; q=0.5", "text/xml; q=0.5"),
    ],
)
def test_headers(name: str, value: str, kept: str) -> None:
    done = redact(call(**{name.replace("-", "_"): value}), Reply(200, ((name, value),)), RULES)
    assert dict(done.request_headers) == {name: kept}
    assert dict(done.reply_headers) == {name: kept}


def test_a_cookie_that_is_set_keeps_its_attributes() -> None:
    done = redact(call(), Reply(200, (("Set-Cookie", f"sid={SECRET}; path=/; HttpOnly"),)), RULES)
    assert done.reply_headers == (("Set-Cookie", f"sid={REDACTED}; path=/; HttpOnly"),)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (f"api_key={SECRET}", f"api_key={REDACTED}"),
        (f"a=1&API_KEY={SECRET}&b=2", f"a=1&API_KEY={REDACTED}&b=2"),
        (f"api%5Fkey={SECRET}", f"api%5Fkey={REDACTED}"),
        (f"key={SECRET}'&code={SECRET} {SECRET}", f"key={REDACTED}&code={REDACTED}"),
        ("wsdl", "wsdl"),
        ("keys=1&page=2", "keys=1&page=2"),
        ("api_key=", "api_key="),
    ],
)
def test_queries(query: str, kept: str) -> None:
    assert redact(call(query=query), Reply(200), RULES).query == kept


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (f"grant_type=password&password={SECRET}&username=u", f"grant_type=password&password={REDACTED}&username=u"),
        (f"pin={SECRET} {SECRET}'\"<&a=1", f"pin={REDACTED}&a=1"),
        (f"a=1\nclient_secret={SECRET}\n", f"a=1\nclient_secret={REDACTED}\n"),
        (f"<a><Password>{SECRET}</Password><b>1</b></a>", f"<a><Password>{REDACTED}</Password><b>1</b></a>"),
        (f"<s:password x='1'>{SECRET}</s:password>", f"<s:password x='1'>{REDACTED}</s:password>"),
        (f"<Password><![CDATA[{SECRET}]]></Password>", f"<Password>{REDACTED}</Password>"),
        (f"<Password><!--x-->{SECRET}</Password>", f"<Password>{REDACTED}</Password>"),
        (f"<Token><Id>{SECRET}</Id></Token><c/>", f"<Token>{REDACTED}</Token><c/>"),
        (f"<LoginResult>{SECRET}", f"<LoginResult>{REDACTED}"),
        ("<Password/><b>1</b>", "<Password/><b>1</b>"),
        ("<Passwords>1</Passwords>", "<Passwords>1</Passwords>"),
        (f"<a Password='{SECRET}' b='1'/>", f"<a Password=\"{REDACTED}\" b='1'/>"),
        (f'<a token="{SECRET}', f'<a token="{REDACTED}"'),
        (f'{{"access_token":"{SECRET}","n":1}}', f'{{"access_token":"{REDACTED}","n":1}}'),
        (f'{{"user":{{"password":"{SECRET}"}}}}', f'{{"user":{{"password":"{REDACTED}"}}}}'),
        (f'{{"pass\\u0077ord" : "{SECRET}"}}', f'{{"pass\\u0077ord" : "{REDACTED}"}}'),
        (f'{{"password":"a\\"{SECRET}"}}', f'{{"password":"{REDACTED}"}}'),
        (f"{{'password':'{SECRET}'}}", f"{{'password':\"{REDACTED}\"}}"),
        (f"{{password: '{SECRET}', a: 1}}", f'{{password: "{REDACTED}", a: 1}}'),
        (f'{{"cookie":["{SECRET}",{{"a":"{SECRET}"}}],"b":2}}', f'{{"cookie":"{REDACTED}","b":2}}'),
        ('{"token":12345}', f'{{"token":"{REDACTED}"}}'),
        (f'{{"password":"{SECRET}', f'{{"password":"{REDACTED}"'),
        ('{"token_type":"bearer","keys":[1]}', '{"token_type":"bearer","keys":[1]}'),
    ],
)
def test_bodies(body: str, kept: str) -> None:
    assert body_of(body) == Text("text", kept, "utf-8")
    assert SECRET not in body_of(body, Content_Type="application/octet-stream").text


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "iso-8859-1"])
def test_other_encodings_are_searched(charset: str) -> None:
    text = body_of(f"<a><Password>{SECRET}</Password><b>\xe9</b></a>".encode(charset))
    assert (text.form, text.text.lstrip("\ufeff")) == ("text", f"<a><Password>{REDACTED}</Password><b>\xe9</b></a>")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f"<?xml version='1.0' encoding='UTF-7'?><a>{SECRET}</a>".encode(), ""),
        (SECRET.encode("cp037"), "text/xml; charset=cp037"),
        (b"\0\1\2" + SECRET.encode(), ""),
        (SECRET.encode("utf-32"), ""),
    ],
)
def test_what_cannot_be_searched_is_withheld(body: bytes, content_type: str) -> None:
    assert body_of(body, Content_Type=content_type) == Text("withheld")


def test_no_body_is_said() -> None:
    assert body_of(b"") == Text("none")


CUT = [
    "<a>é</a><Password>{}</Password>",
    "<a>é</a><Password><Password>x</Password>{}</Password>",
    "<a>é&lt;Password&gt;{}&lt;/Password&gt;</a>",
    '{{"é":1,"password":"{}"}}',
    '{{"é":"{{\\"password\\":\\"{}\\"}}"}}',
    "é=1&password={}",
    "é=1&user%255Bpassword%255D={}",
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{}\r\n--b--',
]


@pytest.mark.parametrize("form", CUT)
def test_a_cut_leaves_no_piece_of_a_secret(form: str) -> None:
    body = form.format(SECRET).encode()
    for limit in range(len(body)):
        text = body_of(body, limit)
        assert text.cut
        assert SECRET[:2] not in text.text, limit


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="<>&\"'\\"), min_size=1), st.binary(max_size=20)
)
def test_any_value_of_a_secret_field_goes_and_any_bytes_are_survived(value: str, noise: bytes) -> None:
    marked = f"zQ{value}Qz"
    assert "zQ" not in body_of(f"<x><Password>{marked}</Password></x>").text
    assert "zQ" not in body_of(f'{{"password":"{marked}"}}').text
    assert "zQ" not in body_of(f"a=1&password={marked}").text
    body_of(noise + b"<Password>" + noise)


class Own:
    """A dialect that redacts by itself."""

    def redact(self, call: Call, reply: Reply) -> Redacted:
        return Redacted("own", (), Text("none"), (), Text("none"))


class Listed:
    redaction = RULES


@pytest.mark.parametrize(("dialect", "query"), [(Own(), "own"), (Listed(), f"key={REDACTED}"), (None, "key=1")])
def test_a_dialect_says_how(dialect: Any, query: str) -> None:
    assert redactor_for(dialect)(call(query="key=1"), Reply(200)).query == query
