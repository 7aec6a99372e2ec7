"""The paths of the services, and the way of one request through the dialect. Source: R-01, R-02, R-08, P-01."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import unquote

from pydantic import BaseModel

from adapters.resurs.auth import Accounts, Representative, guessed_name
from adapters.resurs.codec import MAX_BYTES, Codec, MessageInvalid, Received
from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.due_work import TASKS
from adapters.resurs.errors import ILLEGAL_MESSAGE, NOT_IMPLEMENTED, Business, Fault, business_of, facts_of
from adapters.resurs.operation import DIALECT, Actor, OperationCall, Service
from adapters.resurs.pages import PAGES
from adapters.resurs.passwords.login import Passwords
from adapters.resurs.payments.seed import PaymentSeed
from adapters.resurs.protocol import FAILURES, UNREADABLE, Protocol, invalid_text, near_miss, protocol_of
from adapters.resurs.seeding import Seeding
from adapters.resurs.services import BASES, LIVE, SERVICES, services_by_path
from adapters.resurs.settings import Account, Binding, Settings
from adapters.resurs.texts import USER_TEXTS, filled
from gateway.core.refusals import Refusal
from gateway.core.values import CREDIT_NOTE, INVOICE, Origin, TenantId
from gateway.spi.adapter import Call, Context, Endpoint, Failure, Operation, Reply
from gateway.spi.findings import Finding
from gateway.spi.outbound import Outbound
from gateway.spi.pages import PageHandler
from gateway.spi.redaction import RedactionRules
from gateway.spi.secrets import made_up_secret
from gateway.spi.seeding import Seeded, SeededPage
from gateway.spi.work import GiveUp, Outcome, Work, WorkKind
from gateway.wire.soap.envelope import read_content_type
from gateway.wire.soap.faults import FaultCode
from gateway.wire.soap.multipart import RELATED
from schemas.resurs.messages import ECommerceError

_XML: Final = (("Content-Type", "text/xml;charset=UTF-8"),)
_HTML: Final = ("Content-Type", "text/html;charset=UTF-8")
_CHALLENGE: Final = ("WWW-Authenticate", 'Basic realm="Spring Security Application"')
_NO_SERVICE: Final = Reply(404, (_HTML,), b"<html><body>No service was found.</body></html>")  # R-30, inferred
_WRONG_TYPE: Final = Reply(415)

_TYPES: Final = frozenset({"text/xml", RELATED})
_RELATED: Final = len(RELATED)
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


_NO_FACTS: Final[Mapping[str, str]] = {}


class Resurs:
    """The vendor's services as their clients know them. Source: R-08.

    redaction: secrets that messages hold.
    content_codings: those that CXF looks for; it reads a body with any other one as it is (R-28, inferred).
    """

    redaction: Final = RedactionRules(xml_elements=("newPassword", "basicAuthPassword", "digestSalt", "cardNumber"))
    content_codings: Final = frozenset({"gzip", "x-gzip"})
    body_limit: Final = MAX_BYTES

    def __init__(self, context: Context[Settings, Binding]) -> None:
        self._context = context
        self._settings = context.settings
        self._bindings = context.bindings
        passwords = Passwords(context.service) if context.settings.passwords == "apply" else None
        self._accounts = Accounts(context.bindings, passwords)
        self._seeding = Seeding(context, self._accounts)
        indent = 3 if context.settings.layout == "indented" else 0
        extended, lenient = context.settings.serve_store_id, context.settings.lenient_namespaces
        codecs = {service.name: Codec(service, indent, extended=extended, lenient=lenient) for service in SERVICES}
        self._services = {path: codecs[own.name] for path, own in services_by_path(context.settings).items()}
        self._any_service = codecs[CONFIGURATION.name]
        self.addresses = frozenset(self._services)
        page = context.settings.unauthorized_body.encode()
        self._unauthorized = Reply(401, (_CHALLENGE, _HTML) if page else (_CHALLENGE,), page)

    @property
    def operations(self) -> Sequence[Operation]:
        """All operations of all services. The name of a service stands before a name that one before it has, too."""
        found: dict[str, Operation] = {}
        for service in SERVICES:
            for row in service.operations:
                name = f"{service.name}.{row.name}" if row.name in found else row.name
                served = row.handler is not None
                note = row.note if served else f"{row.note or 'declined'}; {_DECLINED_BECAUSE}"
                found[name] = Operation(name, served, row.evidence, note)
        return list(found.values())

    def claims(self, path: str) -> bool:
        """True for everything below the vendor's two bases. Sibling services are claimed, too, and get the vendor's 404."""
        return path.startswith(BASES)

    async def answer(self, call: Call) -> Reply:
        """Answer a request. Source: R-31 to R-35.

        Wrong credentials are refused before anything else. Without credentials the WSDL and its schemas are served (R-35).
        """
        header = call.headers.get("Authorization")
        who = await self._accounts.admit(header)
        if who is not None:
            call.tenant, call.principal = who.caller.tenant, who.caller.principal
        elif header is not None:
            return self._refuse_login(call)
        codec = self._services.get(call.path)
        if codec is None:
            return self.fail(call, Failure.NOT_FOUND)
        if call.method == "POST":
            return await self._post(call, codec, who) if who is not None else self._refuse_login(call)
        return self._document(call, codec) or (self._not_post(call) if who is not None else self._refuse_login(call))

    async def check_head(self, call: Call) -> Reply | None:
        """Refuse wrong credentials, and missing ones of a POST, before the message is read. Source: R-31, R-35."""
        header = call.headers.get("Authorization")
        admits = (header is None and call.method != "POST") or await self._accounts.admit(header) is not None
        return None if admits else self._refuse_login(call)

    def _refuse_login(self, call: Call) -> Reply:
        call.outcome = "unauthorized"
        if call.tenant is None:  # else a fault rule refuses somebody who is who he says
            call.guessed = guessed_name(call.headers.get("Authorization"))
        return self._unauthorized

    def _document(self, call: Call, codec: Codec) -> Reply | None:
        """The WSDL or a schema, for GET and HEAD. None when the query asks for neither."""
        if call.method not in {"GET", "HEAD"} or not call.query:
            return None
        query = _document_query(call.query)
        document = codec.contract.serve(query, call.base_url + call.path) if query else None
        if document is None:
            return None
        call.operation = query
        return Reply(200, _XML, document)

    def _not_post(self, call: Call) -> Reply:
        """Any other verb, and GET for no document, get the fault of a service that finds no operation. Source: R-29."""
        call.outcome = "method_not_allowed"
        text = f"No such operation:  (HTTP {call.method} PATH_INFO: {call.path})"
        return self._protocol(call, Protocol(500, FaultCode.SERVER, text))

    async def _post(self, call: Call, codec: Codec, who: Representative) -> Reply:
        content_type = call.headers.get("Content-Type")
        if self._settings.check_content_type and read_content_type(content_type).media_type not in _TYPES:
            call.outcome = "content_type"
            return _WRONG_TYPE
        try:
            if content_type is not None and content_type[:_RELATED].lower() == RELATED:
                received = codec.read_packaged(call.body, content_type)
            else:
                received = codec.read_request(call.body, content_type)
        except UNREADABLE as error:
            return self._unreadable(call, who, error)
        if call.trace is not None:
            self._note_findings(call, codec)
        return await self._run(call, codec, who, received)

    async def _run(self, call: Call, codec: Codec, who: Representative, received: Received) -> Reply:
        row = received.operation
        call.operation = row.name
        if row.handler is None:
            call.outcome = "not_implemented"
            return self._business(call, NOT_IMPLEMENTED, who)
        by = Origin(DIALECT, who.caller.principal, call.request_id)
        try:
            answer = await row.handler(
                OperationCall(self._context, who, by, call=call, passwords=self._accounts.passwords), received.message
            )
        except Fault as fault:
            call.outcome = fault.business.name.lower()
            return self._business(call, fault.business, who, facts=fault.facts)
        return Reply(200, _XML, codec.write(row, answer))

    def _note_findings(self, call: Call, codec: Codec) -> None:
        """Note what the service tolerates: a SOAPAction (the contract has none), content after the document, a wrong type."""
        if call.headers.get("SOAPAction", "").strip() not in {"", '""'}:
            call.found(Finding.ACTION_MISMATCH)
        if codec.is_pasted(call.body):
            call.found(Finding.TRAILING_CONTENT)
        if read_content_type(call.headers.get("Content-Type")).media_type not in _TYPES:
            call.found(Finding.UNDECLARED_TYPE)

    def _unreadable(self, call: Call, who: Representative, error: Exception) -> Reply:
        call.outcome = "unreadable"
        call.found(*near_miss(error))
        if isinstance(error, MessageInvalid):
            call.operation = error.operation
            if self._settings.invalid_message == "illegal_argument":
                return self._business(call, ILLEGAL_MESSAGE, who, invalid_text(error).strip())
        return self._protocol(call, protocol_of(error))

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core as an ECommerceError, in the language of the account's country. Source: R-18, R-27."""
        return self._business(call, business_of(refusal), self._accounts.named(call.principal), facts=facts_of(refusal))

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
            return self._protocol(call, row)
        return self._business(call, row, self._accounts.named(call.principal))

    def _protocol(self, call: Call, fault: Protocol) -> Reply:
        return Reply(fault.status, _XML, self._codec_of(call).write_fault(fault.code, fault.text))

    def _codec_of(self, call: Call) -> Codec:
        return self._services.get(call.path, self._any_service)

    def _business(
        self,
        call: Call,
        business: Business,
        who: Representative | None,
        text: str = "",
        facts: Mapping[str, str] = _NO_FACTS,
    ) -> Reply:
        # Before anybody is logged in it is Swedish, the language of the vendor's home market.
        language = "sv" if who is None else who.language
        own = self._settings.user_error_messages.get(language, {})
        error = ECommerceError(
            error_type_description=business.name,
            error_type_id=business.id,
            fixable_by_you=business.fixable,
            user_error_message=filled(own.get(business.user_text) or USER_TEXTS[language][business.user_text], facts),
        )
        return Reply(500, _XML, self._codec_of(call).write_error(text or filled(business.text, facts), error))

    # Work that is due, and pages

    @property
    def work(self) -> Mapping[str, WorkKind]:
        """The kinds of due work."""
        return {name: task.kind(self._settings) for name, task in TASKS.items()}

    async def perform(self, work: Work, outbound: Outbound) -> Outcome:
        """One attempt at an item. Its account may be gone from the configuration."""
        who = self._accounts.named(work.facts["account"])
        if who is None or who.caller.tenant != work.tenant:
            return GiveUp("the account is not in the configuration any more")
        return await TASKS[work.kind].perform(Actor(self._context, who, work.origin()), work, outbound)

    def find_page(self, segments: Sequence[str], /) -> Mapping[str, PageHandler] | None:
        """Who answers a page of the dialect."""
        made = PAGES.get(segments[0]) if len(segments) == 1 else None
        return made(self._context) if made is not None else None

    # Payments without a booking

    async def begin(self, tenant: TenantId, by: Origin) -> None:
        """Make the payments of the tenant's section that are not there."""
        await self._seeding.begin(tenant, by)

    async def seed(self, tenant: TenantId, _: str, items: Sequence[Any], by: Origin) -> Sequence[Seeded]:
        """Make payments."""
        return await self._seeding.seed(tenant, items, by)

    async def seeded(self, tenant: TenantId, _: str, after: str, limit: int) -> SeededPage:
        """A page of the tenant's payments."""
        return await self._seeding.seeded(tenant, after, limit)

    async def find_seeded(self, tenant: TenantId, _: str, key: str) -> Seeded | None:
        """One payment."""
        return await self._seeding.find(tenant, key)

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """Both systems, for each account of the tenant."""
        accounts = [account for bound in self._bindings if bound.tenant == tenant for account in bound.binding.accounts]
        return [
            self._endpoint(base_url, path, codec.service, account)
            for account in accounts
            for path, codec in self._services.items()
        ]

    @staticmethod
    def _endpoint(base_url: str, path: str, service: Service, account: Account) -> Endpoint:
        url, password = base_url + path, account.password.get_secret_value()
        system = "live" if path.startswith(LIVE) else "test"
        example = f"curl -u '{account.username}:{password}' -H 'Content-Type: text/xml' -d '{_PEEK}' {url}"
        return Endpoint(
            title=f"{service.name}, path of the {system} system, {account.country}",
            url=url,
            wsdl_url=f"{url}?wsdl",
            credentials={"username": account.username, "password": password},
            example=example if service is CONFIGURATION else f"curl '{url}?wsdl'",
        )


_PEEK: Final = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<c:peekInvoiceSequence xmlns:c="http://ecommerce.resurs.com/v4/msg/configuration"/></e:Body></e:Envelope>'
)


_HOSTS: Final = ("ecommerce.resurs.com", "test.resurs.com")


class ResursAdapter:
    """What the entry point names."""

    name = "resurs"
    title = "Resurs Bank eCommerce SOAP V4"
    kinds = frozenset({INVOICE, CREDIT_NOTE})
    lines = frozenset({INVOICE})
    seeds: Mapping[str, type[BaseModel]] = MappingProxyType({"payments": PaymentSeed})
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
