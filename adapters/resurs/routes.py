"""The paths of the service, its operations, and the way of one request through the dialect. Source: R-01, R-02, R-08."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final, cast
from urllib.parse import unquote

from pydantic import BaseModel

from adapters.resurs.auth import Accounts, Representative, guessed_name
from adapters.resurs.codec import MAX_BYTES, OPERATIONS, Codec, MessageInvalid
from adapters.resurs.errors import (
    FAILURES,
    ILLEGAL_MESSAGE,
    NOT_IMPLEMENTED,
    UNREADABLE,
    USER_TEXTS,
    Business,
    Protocol,
    business_of,
    invalid_text,
    near_miss,
    protocol_of,
)
from adapters.resurs.mapping import command_from_set, peek_from_result, query_from_peek
from adapters.resurs.settings import Binding, Settings
from gateway.core.refusals import Refusal
from gateway.core.values import INVOICE, TenantId
from gateway.spi.adapter import Call, Context, Endpoint, Evidence, Failure, Operation, Reply
from gateway.spi.findings import Finding
from gateway.spi.redaction import RedactionRules
from gateway.spi.secrets import made_up_secret
from gateway.wire.soap.envelope import read_content_type
from gateway.wire.soap.faults import FaultCode
from gateway.wire.soap.multipart import RELATED
from schemas.resurs.messages import DeclinedRequest, ECommerceError, PeekInvoiceSequence, Request, SetInvoiceSequence

_SERVICE: Final = "ConfigurationService"
_BASES: Final = ("/ws/V4/", "/ecommerce-test/ws/V4/")
"""The live and the test system. Source: R-01."""
_PATHS: Final = frozenset(base + _SERVICE for base in _BASES)

_XML: Final = (("Content-Type", "text/xml;charset=UTF-8"),)
_HTML: Final = ("Content-Type", "text/html;charset=UTF-8")
_CHALLENGE: Final = ("WWW-Authenticate", 'Basic realm="Spring Security Application"')
_NO_SERVICE: Final = Reply(404, (_HTML,), b"<html><body>No service was found.</body></html>")  # R-30, inferred
_WRONG_TYPE: Final = Reply(415)

_TYPES: Final = frozenset({"text/xml", RELATED})
_RELATED: Final = len(RELATED)

_SERVED: Final = frozenset({"peekInvoiceSequence", "setInvoiceSequence"})
_DECLINED_BECAUSE: Final = "answers NOT_IMPLEMENTED after schema validation"


def _document_query(query: str) -> str:
    """What a query asks for: "wsdl", or "xsd=" and a file; "" when it asks for neither. Source: R-02.

    CXF looks for the parameters `wsdl` and `xsd` in any case, whatever else the query holds, and `xsd` counts first.
    """
    pairs = (pair.partition("=") for pair in query.split("&"))
    found = {unquote(name).lower(): unquote(value) for name, _, value in pairs}
    if "xsd" in found:
        return f"xsd={found['xsd']}"
    return "wsdl" if "wsdl" in found else ""


class Resurs:
    """ConfigurationService as its clients know it. Source: R-08.

    redaction: the passwords that messages of declined operations hold.
    content_codings: those that CXF looks for; it reads a body with any other one as it is (R-28, inferred).
    """

    redaction: Final = RedactionRules(xml_elements=("newPassword", "basicAuthPassword", "digestSalt"))
    addresses: Final = _PATHS
    content_codings: Final = frozenset({"gzip", "x-gzip"})
    body_limit: Final = MAX_BYTES

    def __init__(self, context: Context[Settings, Binding]) -> None:
        self._settings = context.settings
        self._service = context.service
        self._bindings = context.bindings
        self._accounts = Accounts(context.bindings)
        self._codec = Codec(indent=3 if context.settings.layout == "indented" else 0)
        self._set_reply = Reply(200, _XML, self._codec.write_set())
        page = context.settings.unauthorized_body.encode()
        self._unauthorized = Reply(401, (_CHALLENGE, _HTML) if page else (_CHALLENGE,), page)

    @property
    def operations(self) -> Sequence[Operation]:
        """All ten operations of the contract."""
        return [
            Operation(name, name in _SERVED, Evidence.DOCUMENTED, "" if name in _SERVED else _DECLINED_BECAUSE)
            for name in OPERATIONS
        ]

    def claims(self, path: str) -> bool:
        """True for everything below the vendor's two bases. Sibling services are claimed too and get the vendor's 404."""
        return path.startswith(_BASES)

    async def answer(self, call: Call) -> Reply:
        """Answer a request. Source: R-31 to R-35.

        Wrong credentials are refused before anything else. Without credentials the WSDL and its schemas are served (R-35).
        """
        header = call.headers.get("Authorization")
        who = self._accounts.authenticate(header)
        if who is not None:
            call.tenant, call.principal = who.caller.tenant, who.caller.principal
        elif header is not None:
            return self._refuse_login(call)
        if call.path not in _PATHS:
            return self.fail(call, Failure.NOT_FOUND)
        if call.method == "POST":
            return await self._post(call, who) if who is not None else self._refuse_login(call)
        return self._document(call) or (self._not_post(call) if who is not None else self._refuse_login(call))

    async def check_head(self, call: Call) -> Reply | None:
        """Refuse wrong credentials, and missing ones of a POST, before the message is read. Source: R-31, R-35."""
        header = call.headers.get("Authorization")
        admits = self._accounts.authenticate(header) is not None or (header is None and call.method != "POST")
        return None if admits else self._refuse_login(call)

    def _refuse_login(self, call: Call) -> Reply:
        call.outcome = "unauthorized"
        if call.tenant is None:  # else a fault rule refuses somebody who is who he says
            call.guessed = guessed_name(call.headers.get("Authorization"))
        return self._unauthorized

    def _document(self, call: Call) -> Reply | None:
        """The WSDL or a schema, for GET and HEAD. None when the query asks for neither."""
        if call.method not in {"GET", "HEAD"} or not call.query:
            return None
        query = _document_query(call.query)
        document = self._codec.contract.serve(query, call.base_url + call.path) if query else None
        if document is None:
            return None
        call.operation = query
        return Reply(200, _XML, document)

    def _not_post(self, call: Call) -> Reply:
        """Any other verb, and GET for no document, get the fault of a service that finds no operation. Source: R-29."""
        call.outcome = "method_not_allowed"
        text = f"No such operation:  (HTTP {call.method} PATH_INFO: {call.path})"
        return self._protocol(Protocol(500, FaultCode.SERVER, text))

    async def _post(self, call: Call, who: Representative) -> Reply:
        content_type = call.headers.get("Content-Type")
        if self._settings.check_content_type and read_content_type(content_type).media_type not in _TYPES:
            call.outcome = "content_type"
            return _WRONG_TYPE
        try:
            if content_type is not None and content_type[:_RELATED].lower() == RELATED:
                request = self._codec.read_packaged(call.body, content_type)
            else:
                request = self._codec.read_request(call.body, content_type)
        except UNREADABLE as error:
            return self._unreadable(call, who, error)
        return await self._run(call, who, request)

    async def _run(self, call: Call, who: Representative, request: Request) -> Reply:
        if call.trace is not None:
            self._note_findings(call)
        if isinstance(request, PeekInvoiceSequence):
            call.operation = "peekInvoiceSequence"
            answer = peek_from_result(await self._service.read(query_from_peek(who)))
            call.number = answer.next_invoice_number
            return Reply(200, _XML, self._codec.write_peeked(answer.next_invoice_number))
        if isinstance(request, SetInvoiceSequence):
            call.operation, call.number = "setInvoiceSequence", request.next_invoice_number
            await self._service.execute(command_from_set(request, who, call.request_id, self._settings))
            return self._set_reply
        return self._declined(call, who, request)

    def _note_findings(self, call: Call) -> None:
        """Note what the service tolerates: a SOAPAction (the contract has none), content after the document, a wrong type."""
        if call.headers.get("SOAPAction", "").strip() not in {"", '""'}:
            call.found(Finding.ACTION_MISMATCH)
        if self._codec.is_pasted(call.body):
            call.found(Finding.TRAILING_CONTENT)
        if read_content_type(call.headers.get("Content-Type")).media_type not in _TYPES:
            call.found(Finding.UNDECLARED_TYPE)

    def _declined(self, call: Call, who: Representative, request: DeclinedRequest) -> Reply:
        call.operation, call.outcome = request.operation, "not_implemented"
        return self._business(NOT_IMPLEMENTED, who)

    def _unreadable(self, call: Call, who: Representative, error: Exception) -> Reply:
        call.outcome = "unreadable"
        call.found(*near_miss(error))
        if isinstance(error, MessageInvalid):
            call.operation = error.operation
            if self._settings.invalid_message == "illegal_argument":
                return self._business(ILLEGAL_MESSAGE, who, invalid_text(error).strip())
        return self._protocol(protocol_of(error))

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core as an ECommerceError, in the language of the account's country. Source: R-18, R-27."""
        return self._business(business_of(refusal), self._accounts.named(call.principal))

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure outside the core, worded by the layer that meets it: the servlet, the SOAP layer, or the service."""
        if failure is Failure.NOT_FOUND:
            call.outcome = "not_found"
            return _NO_SERVICE
        if failure is Failure.METHOD_NOT_ALLOWED:
            return self._not_post(call)
        if failure is Failure.UNAUTHORIZED:
            return self._refuse_login(call)
        row = FAILURES[failure]
        if isinstance(row, Protocol):
            return self._protocol(row)
        return self._business(row, self._accounts.named(call.principal))

    def _protocol(self, fault: Protocol) -> Reply:
        return Reply(fault.status, _XML, self._codec.write_fault(fault.code, fault.text))

    def _business(self, business: Business, who: Representative | None, text: str = "") -> Reply:
        # Before anybody is logged in it is Swedish, the language of the vendor's home market.
        language = "sv" if who is None else who.language
        own = self._settings.user_error_messages.get(language, {})
        error = ECommerceError(
            error_type_description=business.name,
            error_type_id=business.id,
            fixable_by_you=business.fixable,
            user_error_message=own.get(business.user_text) or USER_TEXTS[language][business.user_text],
        )
        return Reply(500, _XML, self._codec.write_error(text or business.text, error))

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """Both systems, for each account of the tenant."""
        accounts = [account for bound in self._bindings if bound.tenant == tenant for account in bound.binding.accounts]
        found = []
        for account in accounts:
            for base in reversed(_BASES):
                url, password = base_url + base + _SERVICE, account.password.get_secret_value()
                system = "live" if base == _BASES[0] else "test"
                found.append(
                    Endpoint(
                        title=f"{_SERVICE}, path of the {system} system, {account.country}",
                        url=url,
                        wsdl_url=f"{url}?wsdl",
                        credentials={"username": account.username, "password": password},
                        example=f"curl -u '{account.username}:{password}' -H 'Content-Type: text/xml' -d '{_PEEK}' {url}",
                    )
                )
        return found


_PEEK: Final = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<c:peekInvoiceSequence xmlns:c="http://ecommerce.resurs.com/v4/msg/configuration"/></e:Body></e:Envelope>'
)


_HOSTS: Final = ("ecommerce.resurs.com", "test.resurs.com")


class ResursAdapter:
    """What the entry point names."""

    name = "resurs"
    title = "Resurs Bank eCommerce SOAP V4 (ConfigurationService)"
    kinds = frozenset({INVOICE})
    Settings: type[BaseModel] = Settings
    Binding: type[BaseModel] = Binding

    def hosts(self, _: BaseModel, /) -> Sequence[str]:
        """Both systems of the vendor. Source: R-01."""
        return _HOSTS

    def build(self, context: Context[BaseModel, BaseModel]) -> Resurs:
        """Make the dialect. Raises ValueError when accounts contradict one another."""
        return Resurs(cast("Context[Settings, Binding]", context))

    def generate_binding(self, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any]:
        """One account, of a Swedish shop."""
        account = {
            "username": f"{tenant}-{random.randrange(16**6):06x}",
            "password": made_up_secret(random),
            "country": "SE",
            "series": series,
        }
        return {"accounts": [account]}


adapter: Final = ResursAdapter()
