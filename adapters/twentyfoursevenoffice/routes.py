"""The paths of both services, the table of operations, and the way of one request through the dialect.

`OPERATIONS` names the handler of each operation of InvoiceService; `work.py` says what a handler gets and gives. An
operation without a handler is declined in the vendor's words, and the coverage table shows it as declined.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import unquote
from uuid import UUID

from pydantic import BaseModel

from adapters.twentyfoursevenoffice.auth import Directory
from adapters.twentyfoursevenoffice.authenticate import Authenticate
from adapters.twentyfoursevenoffice.codec import REMEMBERED, make_endpoints, write_page
from adapters.twentyfoursevenoffice.errors import (
    FAILURES,
    HostPage,
    OperationFault,
    WholeFault,
    business_of,
    check_names,
    fault_text,
    server_fault,
)
from adapters.twentyfoursevenoffice.findings import note_findings
from adapters.twentyfoursevenoffice.limits import HourlyLimit, Pairs, Throttle
from adapters.twentyfoursevenoffice.mapping.get import get_invoices
from adapters.twentyfoursevenoffice.mapping.lists import (
    get_delivery_methods,
    get_invoice_templates,
    get_payment_methods,
)
from adapters.twentyfoursevenoffice.mapping.pdf import get_invoice_document
from adapters.twentyfoursevenoffice.mapping.save import save_invoices
from adapters.twentyfoursevenoffice.mapping.sync import get_order_sync_list
from adapters.twentyfoursevenoffice.mapping.update import update_invoices
from adapters.twentyfoursevenoffice.sessions import Sessions
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from adapters.twentyfoursevenoffice.work import Handler, Work
from gateway.core.catalogue import Catalogue
from gateway.core.refusals import Refusal
from gateway.core.values import INVOICE, TenantId
from gateway.spi.adapter import Call, Context, Endpoint, Evidence, Failure, Operation, Reply
from gateway.spi.findings import Finding
from gateway.spi.reading import HeadProblem
from gateway.spi.redaction import RedactionRules
from gateway.spi.secrets import made_up_secret
from gateway.wire.aspnet import httpsys
from gateway.wire.soap.asmx import AsmxCall, AsmxEndpoint, AsmxReply
from gateway.wire.soap.envelope import ENVELOPE_11, ENVELOPE_12, SoapVersion
from schemas.twentyfoursevenoffice.messages import HasSessionResponse
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE

OPERATIONS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "GetOrderSyncList": get_order_sync_list,
        "GetInvoices": get_invoices,
        "UpdateInvoices": update_invoices,
        "SaveInvoices": save_invoices,
        "GetInvoiceDocument": get_invoice_document,
        "GetDeliveryMethods": get_delivery_methods,
        "GetInvoiceTemplates": get_invoice_templates,
        "GetPaymentMethods": get_payment_methods,
    }
)
"""The handler of each operation of InvoiceService."""

LISTS: Final = frozenset({"GetDeliveryMethods", "GetInvoiceTemplates", "GetPaymentMethods"})
"""Operations whose answer depends on the catalogue alone."""

SIBLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PaymentService": "/Economy/InvoiceOrder/V001/PaymentService.asmx",
        "CompanyService": "/CRM/Company/V001/CompanyService.asmx",
        "ClientService": "/Client/V001/ClientService.asmx",
        "ProductService": "/Logistics/Product/V001/ProductService.asmx",
        "AccountService": "/Economy/Account/V004/Accountservice.asmx",
        "the older InvoiceService": "/Economy/Invoice/InvoiceService.asmx",
    }
)
"""Services of the vendor that are not served, with their paths. Source: R-01, R-05."""

_FOLDERS: Final = ("/authenticate/", "/economy/", "/crm/", "/client/v001/", "/logistics/")
_DECLINED: Final = "answers a fault"
_NO_PATH: Final = "answers 404"


class TwentyFourSevenOffice:
    """Both services as their clients know them.

    redaction: credentials, tokens, session ids. Source: R-13, R-16, R-21.
    content_codings: none; ASP.NET inflates no request (R-30, inferred).
    """

    content_codings: Final = frozenset[str]()

    redaction: Final = RedactionRules(xml_elements=("Password", "token", "LoginResult", "SessionId"))
    addresses: Final = (INVOICE_SERVICE.path, AUTHENTICATE.path)

    def __init__(self, context: Context[Settings, Binding]) -> None:
        check_names(context.settings)
        self._context = context
        self._settings = context.settings
        self.body_limit = context.settings.max_request_bytes
        self._invoices, self._authentication = make_endpoints(context.settings)
        directory = Directory(context.bindings, context.settings)
        self._authenticate = Authenticate(directory, Sessions(context, directory))
        self._hourly = HourlyLimit(context.settings.hourly_limit)
        self._throttle = Throttle(context.settings.calls_per_second)
        self._alive: dict[tuple[SoapVersion, bool], Reply] = {}
        self._lists: dict[tuple[TenantId, str, SoapVersion], tuple[Catalogue, Reply]] = {}
        self._endpoint_at = lru_cache(maxsize=256)(self._find_endpoint)

    def _find_endpoint(self, path: str) -> AsmxEndpoint | None:
        for endpoint in (self._invoices, self._authentication):
            if endpoint.claims(path):
                return endpoint
        return None

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations of both services in the order of the contracts, then the services that are not served."""
        known = Evidence.DOCUMENTED
        return [
            *(Operation(each.name, True, known) for each in AUTHENTICATE.operations),
            *(
                Operation(each.name, each.name in OPERATIONS, known, "" if each.name in OPERATIONS else _DECLINED)
                for each in INVOICE_SERVICE.operations
            ),
            *(Operation(name, False, known, _NO_PATH) for name in SIBLINGS),
        ]

    def claims(self, path: str) -> bool:
        """True for both services, and for every other path that can only be this vendor's.

        Such a path gets the 404 of its host.
        """
        if self._endpoint_at(path) is not None:
            return True
        plain = unquote(path).lower()
        return plain.startswith(_FOLDERS) or ".asmx" in plain

    async def answer(self, call: Call) -> Reply:
        """Answer a request: ASMX reads the message before it looks for the session. Source: R-06 to R-12."""
        endpoint = self._endpoint_at(call.path)
        if endpoint is None:
            call.found(Finding.UNKNOWN_PATH)
            return self.fail(call, Failure.NOT_FOUND)
        if len(call.body) > _READ_AT_ONCE:
            received = await asyncio.to_thread(_read, endpoint, call)
        else:
            received = _read(endpoint, call)
        if isinstance(received, AsmxReply):
            return _not_a_call(call, received)
        call.operation = received.operation.name
        if endpoint is self._authentication:
            return await self._authentication_answer(call, received)
        return await self._invoice_answer(call, received)

    async def check_head(self, call: Call) -> Reply | None:
        """Refuse a call without a session before its message is read.

        A login has its credentials in the message. So its message may not be as large as those that this is asked for (D-20).
        """
        if self._endpoint_at(call.path) is self._authentication:
            return self.fail(call, Failure.BODY_TOO_LARGE)
        if self._endpoint_at(call.path) is not self._invoices or call.method != "POST":
            return None
        try:
            await self._authenticate.member(call)
        except OperationFault as fault:
            return self._operation_fault(call, _version_of(call), fault)
        return None

    def refuse_head(self, problem: HeadProblem) -> Reply:
        """The page of HTTP.sys. Source: R-30, inferred."""
        return Reply(*httpsys.refused_head(problem.name))

    async def _authentication_answer(self, call: Call, received: AsmxCall) -> Reply:
        try:
            response, headers = await self._authenticate.answer(call, received.operation.name, received.message)
        except OperationFault as fault:
            return self._operation_fault(call, received.version, fault)
        if isinstance(
            response, HasSessionResponse
        ):  # clients send HasSession before every call, so both answers are kept
            key = (received.version, response.result)
            if key not in self._alive:
                self._alive[key] = _reply(self._authentication.respond(received, response))
            return self._alive[key]
        return _reply(self._authentication.respond(received, response, headers))

    async def _invoice_answer(self, call: Call, received: AsmxCall) -> Reply:
        headers: Pairs = ()
        try:
            session, member = await self._authenticate.member(call)
            now = self._context.clock.now(member.tenant)
            if self._throttle.exceeded(session.id, now):
                call.outcome = "throttled"
                return Reply(429)
            allowance = self._hourly.take(member, now)
            if allowance is not None:
                headers = allowance.headers()
                if allowance.excess and self._settings.hourly_limit_answer == "status":
                    call.outcome = "limit_exceeded"
                    return Reply(429, headers)
                if allowance.excess:
                    raise OperationFault("limit_exceeded", excess=allowance.excess, until=allowance.until_text)
            work = Work(self._context, self._settings, member, call)
            if received.operation.name in LISTS and not headers:
                return await self._listed(work, received)
            response = await self._handled(work, received)
        except OperationFault as fault:
            return self._operation_fault(call, received.version, fault, headers)
        if _is_large(response):
            return _reply(await asyncio.to_thread(self._invoices.respond, received, response, headers))
        return _reply(self._invoices.respond(received, response, headers))

    async def _listed(self, work: Work, received: AsmxCall) -> Reply:
        """Answer with a list of the catalogue. The bytes are kept until the catalogue is another one."""
        catalogue = work.catalogue
        key = (work.identity.tenant, received.operation.name, received.version)
        known = self._lists.get(key)
        if known is None or known[0] is not catalogue:
            response = await self._handled(work, received)
            known = self._lists[key] = (catalogue, _reply(self._invoices.respond(received, response)))
        return known[1]

    async def _handled(self, work: Work, received: AsmxCall) -> BaseModel:
        handler = OPERATIONS.get(received.operation.name)
        if handler is None:
            raise OperationFault("not_supported", operation=received.operation.name)
        return await handler(work, received.message)

    # --- errors ---

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core that concerns the whole call."""
        return self._fault(call, _version_of(call), server_fault(business_of(refusal).name), business_of(refusal).facts)

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure outside the core."""
        call.outcome = call.outcome or failure.name.lower()
        row = FAILURES[failure]
        if isinstance(row, HostPage):
            return write_page(row)
        return self._fault(call, _version_of(call), row)

    def _operation_fault(self, call: Call, version: SoapVersion, fault: OperationFault, headers: Pairs = ()) -> Reply:
        return self._fault(call, version, server_fault(fault.name), fault.facts, headers)

    def _fault(
        self,
        call: Call,
        version: SoapVersion,
        fault: WholeFault,
        facts: Mapping[str, Any] = MappingProxyType({}),
        headers: Pairs = (),
    ) -> Reply:
        call.outcome = call.outcome or fault.name
        parts = (*fault.parts, fault_text(self._settings, fault.name, facts)) if fault.name else fault.parts
        return _reply(self._invoices.fault(version, fault.code, *parts, headers=headers))

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """Both services for each user of the tenant."""
        found = []
        for bound in self._context.bindings:
            if bound.tenant != tenant:
                continue
            application = str(bound.binding.applications[0])
            for user in bound.binding.users:
                credentials = {
                    "application_id": application,
                    "username": user.username,
                    "password": user.password.get_secret_value(),
                }
                for service in (AUTHENTICATE, INVOICE_SERVICE):
                    url = base_url + service.path
                    found.append(
                        Endpoint(
                            title=f"{service.name}, {user.username}",
                            url=url,
                            wsdl_url=f"{url}?WSDL",
                            credentials=credentials,
                            example=_example(url, credentials) if service is AUTHENTICATE else "",
                        )
                    )
        return found


_READ_AT_ONCE: Final = 64 * 1024
"""A request of more bytes is read in a thread: reading it takes so long that other requests would wait."""
_WRITTEN_AT_ONCE: Final = 20
"""An answer with more items is written in a thread, for the same reason."""


def _read(endpoint: AsmxEndpoint, call: Call) -> AsmxCall | AsmxReply:
    received = endpoint.receive(call)
    if call.trace is not None and isinstance(received, AsmxCall):
        operation = received.operation
        harmless = operation.name in REMEMBERED or not operation.request.model_fields
        note_findings(call, received, endpoint.options.limits, harmless)
    return received


def _is_large(response: BaseModel) -> bool:
    result = getattr(response, "result", None)
    return isinstance(result, list) and len(result) > _WRITTEN_AT_ONCE


def _reply(reply: AsmxReply) -> Reply:
    return Reply(reply.status, reply.headers, reply.body)


def _not_a_call(call: Call, reply: AsmxReply) -> Reply:
    """The answer to a request for a document or page, or to one that is no call."""
    if reply.status == 200:
        call.operation = "document"
    else:
        call.outcome = "unreadable"
        call.found(_ALMOST.get(reply.status, Finding.UNREADABLE_MESSAGE))
    return _reply(reply)


_ALMOST: Final = MappingProxyType({405: Finding.WRONG_VERB, 415: Finding.WRONG_CONTENT_TYPE})


def _version_of(call: Call) -> SoapVersion:
    """The SOAP version of an answer to a request that was not read: that of its envelope, else that of its media type."""
    start = call.body[:2000]
    for version, namespace in ((SoapVersion.SOAP_11, ENVELOPE_11), (SoapVersion.SOAP_12, ENVELOPE_12)):
        if namespace.encode() in start:
            return version
    media_type = call.headers.get("Content-Type", "").lower()
    return SoapVersion.SOAP_12 if "application/soap+xml" in media_type else SoapVersion.SOAP_11


def _example(url: str, credentials: Mapping[str, str]) -> str:
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<Login xmlns="{AUTHENTICATE.namespace}"><credential>'
        f"<ApplicationId>{credentials['application_id']}</ApplicationId><Password>{credentials['password']}</Password>"
        f"<Username>{credentials['username']}</Username></credential></Login></e:Body></e:Envelope>"
    )
    action = f"SOAPAction: {AUTHENTICATE.namespace}/Login"
    return f"curl -H 'Content-Type: text/xml' -H '{action}' -d '{envelope}' {url}"


_HOSTS: Final = ("api.24sevenoffice.com", "webservices.24sevenoffice.com")


class TwentyFourSevenOfficeAdapter:
    """What the entry point names."""

    name = "twentyfoursevenoffice"
    title = "24SevenOffice SOAP (InvoiceService, Authenticate)"
    kinds = frozenset({INVOICE})
    Settings: type[BaseModel] = Settings
    Binding: type[BaseModel] = Binding

    def hosts(self, _: BaseModel, /) -> Sequence[str]:
        """The host of the newer services and that of the older ones; each path is answered on both. Source: R-01."""
        return _HOSTS

    def build(self, context: Context[BaseModel, BaseModel]) -> TwentyFourSevenOffice:
        """Make the dialect. Raises ValueError when tenants contradict one another."""
        return TwentyFourSevenOffice(cast("Context[Settings, Binding]", context))

    def generate_binding(self, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any]:
        """One application, one company, one person with one identity in it."""

        def guid() -> str:
            return str(UUID(int=random.getrandbits(128), version=4))

        client = random.randrange(1, 2**31)
        person = {
            "username": f"{tenant}@{random.randrange(16**6):06x}.example",
            "password": made_up_secret(random),
            "name": str(tenant),
            "identities": [{"id": guid(), "client": client, "default": True}],
            "tokens": [{"id": guid()}],
        }
        company = {"id": client, "name": str(tenant), "series": series}
        return {"applications": [guid()], "clients": [company], "users": [person]}


adapter: Final = TwentyFourSevenOfficeAdapter()
