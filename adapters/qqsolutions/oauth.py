"""The two endpoints of the login host.

`/oauth/token` gives tokens for passwords, codes, refresh tokens and applications; `/oauth/authorize` gives codes for
logins. Answers follow DotNetOpenAuth, which the vendor's login host seems to be built on. Source: R-10 to R-13, R-17 to
R-19.
"""

from __future__ import annotations

import base64
import html
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

from adapters.qqsolutions.auth import ACCESS, CODE, REFRESH, Application, Directory
from adapters.qqsolutions.codec import write_token
from adapters.qqsolutions.errors import TOKEN_FAILURES
from adapters.qqsolutions.settings import Binding, Settings
from gateway.spi.adapter import Call, Context, Failure, Reply
from gateway.spi.secrets import is_proven, proof_of
from gateway.wire.aspnet.form import read_pairs
from gateway.wire.aspnet.negotiation import Formatter, read_media_type, reader_for
from schemas.qqsolutions.messages import AccessToken, TokenError

TOKEN: Final = "token"  # noqa: S105 - the endpoint's name
AUTHORIZE: Final = "authorize"

_NO_STORE: Final = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
_JSON: Final = (("Content-Type", "application/json; charset=utf-8"), *_NO_STORE)
_HTML: Final = (("Content-Type", "text/html; charset=utf-8"), *_NO_STORE)
_BASIC: Final = ("WWW-Authenticate", "Basic")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class OAuthRefused(Exception):
    """The request is refused with an error value of OAuth 2.

    status: 401 for bad client credentials in the header, 400 for everything else. Source: R-13.
    guessed: whose secret or password was wrong; None when that is not the trouble.
    """

    def __init__(self, error: str, description: str, status: int = 400, guessed: str | None = None) -> None:
        super().__init__(error)
        self.guessed = guessed
        self.error = error
        self.description = description
        self.status = status


@dataclass(slots=True)
class _Form:
    """The parameters of a request, each at most once."""

    values: dict[str, str] = field(default_factory=dict)

    def required(self, name: str) -> str:
        """Return a parameter that must be there. Raises OAuthRefused."""
        value = self.values.get(name)
        if not value:
            raise OAuthRefused("invalid_request", f"Missing required parameter: {name}.")
        return value

    def get(self, name: str) -> str:
        """Return a parameter, or an empty text."""
        return self.values.get(name, "")


def _read_form(text: bytes) -> _Form:
    form = _Form()
    for name, value in read_pairs(text):
        if name in form.values:
            raise OAuthRefused("invalid_request", f"Repeated parameter: {name}.")
        form.values[name] = value
    return form


class OAuth:
    """Issues and exchanges tokens."""

    def __init__(self, context: Context[Settings, Binding], directory: Directory) -> None:
        self._settings = context.settings
        self._vault = context.vault
        self._clock = context.clock
        self._directory = directory
        self._grants: Final[dict[str, Callable[[Application, _Form], Coroutine[Any, Any, AccessToken]]]] = {
            "password": self._password,
            "authorization_code": self._code,
            "refresh_token": self._refresh,
            "client_credentials": self._application_only,
        }
        if self._settings.accept_password_credentials:
            self._grants["password_credentials"] = self._password

    async def answer(self, call: Call, endpoint: str) -> Reply:
        """Answer a request for one of the two endpoints."""
        try:
            return await (self._token(call) if endpoint == TOKEN else self._authorize(call))
        except OAuthRefused as refused:
            call.outcome, call.guessed = refused.error, refused.guessed
            return _refusal(refused)

    # --- the token endpoint -------------------------------------------------------------------------------------------

    async def _token(self, call: Call) -> Reply:
        if call.method != "POST":
            call.outcome = "method_not_allowed"
            return Reply(405, (("Allow", "POST"), *_NO_STORE))
        if reader_for(read_media_type(call.headers.get("Content-Type", ""))) is not Formatter.FORM:
            raise OAuthRefused("invalid_request", "The request must be form-urlencoded.")
        form = _read_form(call.body)
        application = self._application(call, form)
        call.tenant, call.principal = application.tenant, application.client.id
        grant = self._grants.get(form.required("grant_type"))
        if grant is None:
            raise OAuthRefused("unsupported_grant_type", "The grant type is not supported.")
        return Reply(200, _JSON, write_token(await grant(application, form)))

    def _application(self, call: Call, form: _Form) -> Application:
        """The application by HTTP Basic, else by parameters. Source: R-11, R-13."""
        header = call.headers.get("Authorization")
        if header is not None and header[:6].lower() == "basic ":
            given, status = _basic(header[6:]), 401
        else:
            given, status = (form.get("client_id"), form.get("client_secret")), 400
        found = self._directory.authenticate(*given)
        if found is None:
            raise OAuthRefused("invalid_client", "The client credentials are invalid.", status, guessed=given[0])
        return found

    async def _password(self, application: Application, form: _Form) -> AccessToken:
        user, password = form.required("username"), form.get("password")
        if not self._directory.knows_password(application.tenant, user, password):
            guessed = _person(application, user)
            raise OAuthRefused("invalid_grant", "The user name or password is incorrect.", guessed=guessed)
        return await self._issued(application, user, refreshable=True)

    async def _application_only(self, application: Application, form: _Form) -> AccessToken:  # noqa: ARG002
        return await self._issued(application, "", refreshable=False)

    async def _refresh(self, application: Application, form: _Form) -> AccessToken:
        token = form.required("refresh_token")
        facts = await self._known(REFRESH, token, application)
        return await self._issued(application, str(facts["user"]), refreshable=False)

    async def _code(self, application: Application, form: _Form) -> AccessToken:
        """A token for a code. Source: R-19.

        A code is good once. Several requests may find it in the vault, here and in other processes; only the one that takes
        it out of the vault gets a token.
        """
        code = form.required("code")
        facts = await self._known(CODE, code, application)
        if not await self._vault.drop(CODE, code):
            raise OAuthRefused("invalid_grant", "The token is invalid.")
        if form.get("redirect_uri") != facts["redirect_uri"]:
            raise OAuthRefused("invalid_grant", "The redirect address differs from the one of the authorization.")
        return await self._issued(application, str(facts["user"]), refreshable=True)

    async def _known(self, kind: str, token: str, application: Application) -> dict[str, Any]:
        found = await self._vault.get(kind, token)
        facts = dict(found[1]) if found else {}
        valid = (
            found is not None
            and found[0] == application.tenant
            and facts["client"] == application.client.id
            and self._directory.has_person(application.tenant, facts["user"])
            and is_proven(token, self._credentials(application, facts["user"]), facts.get("proof"))
        )
        if not valid:
            raise OAuthRefused("invalid_grant", "The token is invalid.")
        return facts

    def _credentials(self, application: Application, user: str) -> bytes:
        return self._directory.credentials(application.tenant, application.client.id, user) or b""

    async def _issued(self, application: Application, user: str, refreshable: bool) -> AccessToken:
        facts = {"client": application.client.id, "user": user}
        lifetime = self._settings.token_lifetime_seconds
        refresh = None
        if refreshable:
            refresh = await self._kept(REFRESH, application, facts, self._settings.refresh_lifetime_seconds)
        access = await self._kept(ACCESS, application, facts, lifetime)
        return AccessToken(
            access_token=access, token_type=self._settings.token_type, expires_in=lifetime, refresh_token=refresh
        )

    async def _kept(self, kind: str, application: Application, facts: dict[str, str], lifetime_seconds: int) -> str:
        token = secrets.token_urlsafe(32)
        expires = self._clock.now(application.tenant) + timedelta(seconds=lifetime_seconds)
        proof = proof_of(token, self._credentials(application, facts["user"]))
        await self._vault.put(kind, token, application.tenant, {**facts, "proof": proof}, expires)
        return token

    # --- the authorization endpoint -----------------------------------------------------------------------------------

    async def _authorize(self, call: Call) -> Reply:
        """GET shows the login page, or redirects at once when `authorize_as` is set. POST is the page sent back. Source: R-18.

        Nothing redirects before the address is known to belong to the client, or anybody could send codes to an address
        of theirs (D-05).
        """
        if call.method not in {"GET", "POST"}:
            call.outcome = "method_not_allowed"
            return Reply(405, (("Allow", "GET, POST"), *_NO_STORE))
        form = _read_form(call.query.encode("utf-8", "surrogateescape"))
        application = self._directory.application(form.required("client_id"))
        if application is None:
            raise OAuthRefused("unauthorized_client", "The client is unknown.")
        redirect = form.required("redirect_uri")
        if not _may_redirect(application, redirect):
            raise OAuthRefused("invalid_request", "The redirect address is not registered.")
        call.tenant, call.principal = application.tenant, application.client.id
        if form.get("response_type") != "code":
            return _redirect(redirect, {"error": "unsupported_response_type"}, form)
        user = self._settings.authorize_as or self._logged_in(call, application)
        if not user or not self._directory.has_person(application.tenant, user):
            return _login_page(call)
        facts = {"client": application.client.id, "user": user, "redirect_uri": redirect}
        code = await self._kept(CODE, application, facts, self._settings.code_lifetime_seconds)
        return _redirect(redirect, {"code": code}, form)

    def _logged_in(self, call: Call, application: Application) -> str:
        if call.method != "POST":
            return ""
        form = _read_form(call.body)
        user = form.get("username")
        if self._directory.knows_password(application.tenant, user, form.get("password")):
            return user
        call.guessed = _person(application, user)
        return ""


def _person(application: Application, user: str) -> str:
    """A user's name for counting guesses: several tenants may have a user of one name."""
    return f"{application.tenant}/{user}"


def _basic(encoded: str) -> tuple[str, str]:
    """Client id and secret of HTTP Basic, which may be form-encoded. Two empty texts when the header cannot be read."""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:  # not ASCII, not Base64, not UTF-8
        return "", ""
    name, _, secret = text.partition(":")
    return (unquote_plus(name), unquote_plus(secret)) if "%" in text else (name, secret)


def _may_redirect(application: Application, uri: str) -> bool:
    if uri in application.client.redirect_uris:
        return True
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and host in _LOOPBACK and not parts.fragment and uri.isprintable()


def _redirect(uri: str, answer: dict[str, str], form: _Form) -> Reply:
    if form.get("state"):
        answer["state"] = form.get("state")
    location = f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}"
    return Reply(302, (("Location", quote(location, safe="%/:=&?~#+!$,;'@()*[]")), *_NO_STORE))


def failure_reply(failure: Failure) -> Reply:
    """A failure outside the core at these endpoints. Source: R-36."""
    status, error = TOKEN_FAILURES[failure]
    return Reply(status, _JSON, write_token(TokenError(error=error)))


def _refusal(refused: OAuthRefused) -> Reply:
    body = write_token(TokenError(error=refused.error, error_description=refused.description))
    return Reply(refused.status, (*_JSON, _BASIC) if refused.status == 401 else _JSON, body)


_PAGE: Final = """<!DOCTYPE html>
<html><head><title>Log in</title></head><body>
<form method="post" action="{action}">
<p><label>User name <input name="username"></label></p>
<p><label>Password <input name="password" type="password"></label></p>
<p>{problem}</p>
<p><button>Log in</button></p>
</form></body></html>
"""


def _login_page(call: Call) -> Reply:
    problem = "The user name or password is incorrect." if call.method == "POST" else ""
    action = html.escape(f"?{call.query}", quote=True)
    return Reply(200, _HTML, _PAGE.format(action=action, problem=problem).encode())
