"""The way of one request through the dialect. Source: R-06."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote

from pydantic import BaseModel

from adapters.qqsolutions.auth import BearerTokens, Directory, Office
from adapters.qqsolutions.codec import Codec
from adapters.qqsolutions.errors import (
    FAILURES,
    LOCATION_UNKNOWN,
    NO_BODY,
    NOT_SHOWABLE,
    NULL_BODY,
    USER_UNKNOWN,
    Business,
    Fault,
    Page,
    business_of,
    fault_of_get,
)
from adapters.qqsolutions.findings import note_findings
from adapters.qqsolutions.lookups import Lookups
from adapters.qqsolutions.mapping import (
    KINDS,
    command_from_post,
    envelope_from_view,
    failed_envelope,
    number_from_view,
    number_shown,
    query_from_get,
)
from adapters.qqsolutions.oauth import OAuth, failure_reply
from adapters.qqsolutions.operations import OAUTH, OPERATIONS, ROUTES, Action, Lookup, selected
from adapters.qqsolutions.settings import Binding, Line, Settings
from gateway.core.refusals import Refusal
from gateway.core.values import Caller, SeriesView, TenantId
from gateway.spi.adapter import Call, Context, Endpoint, Failure, Operation, Reply
from gateway.spi.findings import Finding
from gateway.spi.reading import HeadProblem
from gateway.spi.redaction import RedactionRules
from gateway.spi.secrets import made_up_secret
from gateway.wire.aspnet import httperror, httpsys
from gateway.wire.aspnet.modelstate import ModelState
from gateway.wire.aspnet.negotiation import Format, negotiate
from gateway.wire.aspnet.pipeline import NO_CACHE, ApiFault, Entity, bind_text
from gateway.wire.aspnet.routes import Matched
from schemas.qqsolutions.messages import ActionResultOfSequenceNumberDTO, SequenceNumberDTO

_HTML: Final = ("Content-Type", "text/html")
_REMEMBERED_ANSWERS: Final = 1024


class _Shown(NamedTuple):
    """An answer to GET, and the state that it shows. It is sent again while that state stands."""

    view: SeriesView
    number: int | None
    reply: Reply


class QQSolutions:
    """The finance numbering endpoints as their clients know them.

    redaction: the secrets of OAuth. Source: R-10 to R-14.
    content_codings: none; ASP.NET inflates no request (R-36, inferred).
    """

    content_codings: Final = frozenset[str]()

    redaction: Final = RedactionRules(
        query=("access_token", "code"),
        form=("client_secret", "password", "refresh_token", "access_token", "code"),
        json_members=("access_token", "refresh_token"),
    )

    def __init__(self, context: Context[Settings, Binding]) -> None:
        self._settings = context.settings
        self.body_limit = context.settings.max_message_bytes
        self._bindings = context.bindings
        self._service = context.service
        self._directory = Directory(context.bindings)
        self._tokens = BearerTokens(context, self._directory)
        self._oauth = OAuth(context, self._directory)
        self._codec = Codec(context.settings)
        self._lookups = Lookups(context.settings, self._directory, self._codec)
        self._extra = tuple(context.settings.extra_headers.items())
        challenge = context.settings.www_authenticate
        self._denied = Fault(401, httperror.denied(), (("WWW-Authenticate", challenge),) if challenge else ())
        self._headers = functools.lru_cache(maxsize=64)(self._headers_of)
        self._shown: dict[tuple[object, ...], _Shown] = {}

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations that are served, and sibling endpoints that are not."""
        return OPERATIONS

    def claims(self, path: str) -> bool:
        """True for everything below `/v1/`, for the two OAuth endpoints, and for the services of 2013 (`/Lookups.svc/…`)."""
        folded = path[:17].lower()
        if folded.startswith("/v1/") or folded.rstrip("/") in OAUTH:
            return True
        return path[1:].partition("/")[0].lower().endswith(".svc")

    async def answer(self, call: Call) -> Reply:
        """Answer a request in the framework's order: route, verb, authorization, body, action. Source: R-06."""
        endpoint = OAUTH.get(call.path.rstrip("/").lower())
        if endpoint is not None:
            call.operation = f"oauth/{endpoint}"
            return self._with_extra(await self._oauth.answer(call, endpoint))
        try:
            matched, action = selected(call.method, call.base_url, call.path, call.query, self._codec.options)
        except ApiFault as fault:
            return await self._not_routed(call, fault)
        call.operation = action.name
        bearer = await self._tokens.read(call)
        if bearer is None:
            call.outcome = "unauthorized"
            call.found(Finding.WRONG_CREDENTIAL)
            return self._fault(call, self._denied)
        call.tenant, call.principal = bearer.caller.tenant, bearer.caller.principal
        if not bearer.has_user:
            call.outcome = "no_user"
            return self._fault(call, USER_UNKNOWN if self._settings.without_user == "user_error" else self._denied)
        if action.lookup:
            return self._looked_up(call, matched, action.lookup, bearer.caller)
        if action.sets:
            return await self._post(call, matched, action, bearer.caller)
        return await self._get(call, matched, action, bearer.caller)

    async def check_head(self, call: Call) -> Reply | None:
        """Refuse a token that is not good before the body is read. Source: R-06, R-14."""
        if ROUTES.match(call.path) is None or self._tokens.may_stand_in_body(call) or await self._tokens.read(call):
            return None
        call.outcome = "unauthorized"
        call.found(Finding.WRONG_CREDENTIAL)
        return self._fault(call, self._denied)

    def refuse_head(self, problem: HeadProblem) -> Reply:
        """The page of HTTP.sys. Source: R-36, inferred."""
        return Reply(*httpsys.refused_head(problem.name))

    async def _not_routed(self, call: Call, fault: ApiFault) -> Reply:
        """No route or no such verb. Outside `v1/` a good token changes the answer. Source: R-30, R-31, R-43."""
        missing = fault.status == 404
        call.outcome = "not_found" if missing else "method_not_allowed"
        call.found(Finding.UNKNOWN_PATH if missing else Finding.WRONG_VERB, "" if missing else call.method)
        if missing and self._settings.outside_v1 == "user_error" and not call.path[:4].lower().startswith("/v1/"):
            bearer = await self._tokens.read(call)
            if bearer is not None:
                call.tenant, call.principal = bearer.caller.tenant, bearer.caller.principal
                return self._fault(call, USER_UNKNOWN)
        return self._fault(call, Fault(fault.status, fault.error, fault.headers))

    def _looked_up(self, call: Call, matched: Matched[Action], lookup: Lookup, caller: Caller) -> Reply:
        state = ModelState()
        location = bind_text("id", matched.values, call.query, state) if lookup == "location" else ""
        if not state.is_valid and self._settings.invalid_model == "reject":
            return self._invalid(call, state)
        chosen = _negotiated(call)
        body = self._lookups.answer(lookup, caller.tenant, location or "", chosen)
        return self._location_unknown(call) if body is None else Reply(200, self._headers(chosen), body)

    async def _get(self, call: Call, matched: Matched[Action], action: Action, caller: Caller) -> Reply:
        location = None if call.query else matched.values["locationID"]
        if not location or not location.strip():
            state = ModelState()
            location = bind_text("locationID", matched.values, call.query, state)
            if not state.is_valid and self._settings.invalid_model == "reject":
                return self._invalid(call, state)
        office = self._directory.office(caller.tenant, location or "")
        if office is None:
            return self._location_unknown(call)
        view = (await self._service.read(query_from_get(caller, office))).view
        chosen = _negotiated(call)
        place = (view.series.id, office.number, action.line, chosen.media_type, chosen.charset)
        shown = self._shown.get(place)
        if shown is not None and shown.view.same_as(view):
            call.number = shown.number
            return shown.reply
        message = number_from_view(view, office, action.line, self._settings)
        if message.sequence_value and message.sequence_value.next_number_should_be > self._codec.largest_number:
            call.outcome = "not_showable"
            return self._fault(call, NOT_SHOWABLE)
        call.number = message.sequence_value.next_number_should_be if message.sequence_value else None
        reply = self._message(call, message)
        if len(self._shown) >= _REMEMBERED_ANSWERS:
            self._shown.clear()
        self._shown[place] = _Shown(view, call.number, reply)
        return reply

    async def _post(self, call: Call, matched: Matched[Action], action: Action, caller: Caller) -> Reply:
        state = ModelState()
        location = bind_text("locationID", matched.values, call.query, state)
        try:
            entity = Entity(call.body, call.headers.get("Content-Type"), length_known=not call.chunked)
            value = self._codec.read_value(entity, state)
        except ApiFault as fault:
            call.outcome = "unsupported_media_type"
            call.found(Finding.WRONG_CONTENT_TYPE)
            return self._fault(call, Fault(fault.status, fault.error))
        if not state.is_valid and self._settings.invalid_model == "reject":
            return self._invalid(call, state)
        if value is None:
            call.outcome = "no_body"
            refused = self._settings.null_body == "reject"
            return self._fault(call, NO_BODY) if refused else self._business(call, NULL_BODY)
        office = self._directory.office(caller.tenant, location or "")
        if office is None:
            return self._location_unknown(call)
        call.number = value.next_number_should_be
        if call.trace is not None:
            note_findings(call, self._codec.value_contract)
        command = command_from_post(value, caller, office, action.line, self._settings, call.request_id)
        view = (await self._service.execute(command)).view
        return self._saved(call, view, office, action.line)

    def _saved(self, call: Call, view: SeriesView, office: Office, line: Line) -> Reply:
        chosen, series = _negotiated(call), view.series
        body = self._codec.write_saved(
            (office.number, line, series.id, series.prefix, series.suffix),
            number_shown(view, line, self._settings),
            lambda number: envelope_from_view(view, office, line, self._settings, number),
            chosen,
        )
        return Reply(200, self._headers(chosen), body)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _invalid(self, call: Call, state: ModelState) -> Reply:
        call.outcome = "invalid_model"
        call.found(Finding.UNREADABLE_MESSAGE)
        return self._fault(call, Fault(400, httperror.invalid(state)))

    def _location_unknown(self, call: Call) -> Reply:
        call.outcome = "location_unknown"
        return self._business(call, LOCATION_UNKNOWN)

    def _business(self, call: Call, business: Business) -> Reply:
        """An error inside the envelope. GET has no envelope, so it gets an error of the framework. Source: R-22, R-24."""
        if call.operation.startswith("POST"):
            code = business.shown_code(self._settings)
            return self._message(call, failed_envelope(code, business.text, self._settings))
        if business is LOCATION_UNKNOWN and self._settings.location_unknown_on_get == "null":
            chosen = _negotiated(call)
            return Reply(200, self._headers(chosen), self._codec.write_null(SequenceNumberDTO, chosen))
        return self._fault(call, fault_of_get(business))

    def _message(self, call: Call, message: SequenceNumberDTO | ActionResultOfSequenceNumberDTO) -> Reply:
        chosen = _negotiated(call)
        return Reply(200, self._headers(chosen), self._codec.write(message, chosen))

    def _fault(self, call: Call, fault: Fault) -> Reply:
        chosen = _negotiated(call)
        return Reply(
            fault.status, (*self._headers(chosen), *fault.headers), self._codec.write_error(fault.error, chosen)
        )

    def _headers_of(self, chosen: Format) -> tuple[tuple[str, str], ...]:
        return (*NO_CACHE, ("Content-Type", chosen.content_type), *self._extra)

    def _with_extra(self, reply: Reply) -> Reply:
        if not self._extra:
            return reply
        return Reply(reply.status, (*reply.headers, *self._extra), reply.body, reply.reason)

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core: in the envelope for POST, as the framework's error for GET. Source: R-22 to R-24."""
        return self._business(call, business_of(refusal))

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure outside the core. Source: R-30, R-31, R-35, R-36."""
        if call.path.rstrip("/").lower() in OAUTH:
            return self._with_extra(failure_reply(failure))
        if failure is Failure.UNAUTHORIZED:
            return self._fault(call, self._denied)
        if failure in {Failure.NOT_FOUND, Failure.METHOD_NOT_ALLOWED}:
            return self._fault(call, _unrouted(call, failure))
        row = FAILURES[failure]
        if isinstance(row, Page):
            return self._with_extra(Reply(row.status, (_HTML,), row.html.encode()))
        return self._fault(call, row)

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """The token endpoint, and both lines of each location of the tenant."""
        found = []
        for bound in self._bindings:
            if bound.tenant != tenant:
                continue
            found.append(_token_endpoint(base_url, bound.binding))
            found.extend(
                _line_endpoint(base_url, location.id, collection)
                for location in bound.binding.locations
                for collection in ("InvoiceNumbers", "ReceiptNumbers")
            )
        return found


def _negotiated(call: Call) -> Format:
    headers = call.headers
    requested_with = headers.getall("X-Requested-With", ())
    return negotiate(
        tuple(headers.getall("Accept", ())),
        tuple(headers.getall("Accept-Charset", ())),
        headers.get("Content-Type"),
        ", ".join(requested_with) if requested_with else None,
    )


def _unrouted(call: Call, failure: Failure) -> Fault:
    if failure is Failure.NOT_FOUND:
        query = f"?{call.query}" if call.query else ""
        return Fault(404, httperror.not_found(f"{call.base_url}{call.path}{query}"))
    matched = ROUTES.match(call.path)
    allow = (("Allow", matched.route.allow),) if matched else ()
    return Fault(405, httperror.bad_verb(call.method), allow)


def _token_endpoint(base_url: str, binding: Binding) -> Endpoint:
    client = binding.clients[0]
    credentials = {"client_id": client.id, "client_secret": client.secret.get_secret_value()}
    if binding.users:
        user = binding.users[0]
        credentials |= {"username": user.name, "password": user.password.get_secret_value()}
    grant = "password" if binding.users else "client_credentials"
    fields = "".join(f" --data-urlencode '{name}={value}'" for name, value in credentials.items())
    url = f"{base_url}/oauth/token"
    return Endpoint("Access token", url, None, credentials, f"curl {url} -d grant_type={grant}{fields}")


def _line_endpoint(base_url: str, location: str, collection: str) -> Endpoint:
    url = f"{base_url}/v1/Locations/{quote(location, safe='')}/Finance/{collection}"
    return Endpoint(f"{collection} of location {location}", url, example=f"curl -H 'Authorization: Bearer TOKEN' {url}")


_HOSTS: Final = ("api.qqcatalyst.com", "login.qqcatalyst.com", "apidev.qqcatalyst.com", "logindev.qqcatalyst.com")


class QQSolutionsAdapter:
    """What the entry point names."""

    name = "qqsolutions"
    title = "QQSolutions / QQCatalyst web API v1 (invoice and receipt numbers)"
    kinds = frozenset(KINDS.values())
    Settings: type[BaseModel] = Settings
    Binding: type[BaseModel] = Binding

    def hosts(self, _: BaseModel, /) -> Sequence[str]:
        """The hosts of the API and of the login, of both systems. Source: R-01."""
        return _HOSTS

    def build(self, context: Context[BaseModel, BaseModel]) -> QQSolutions:
        """Make the dialect. Raises ValueError when bindings contradict one another."""
        return QQSolutions(cast("Context[Settings, Binding]", context))

    def generate_binding(self, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any]:
        """One application, one person, one office."""
        client = {"id": f"{tenant}-{random.randrange(16**6):06x}", "secret": made_up_secret(random)}
        user = {"name": str(tenant), "password": made_up_secret(random)}
        return {"clients": [client], "users": [user], "locations": [{"id": "37", "series": series}]}


adapter: Final = QQSolutionsAdapter()
