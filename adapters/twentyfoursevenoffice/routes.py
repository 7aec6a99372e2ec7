"""The paths of all services, and the way of one request through the dialect.

`services.py` names the services, and each service's folder the handlers of its operations; `work.py` says what a handler gets.
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
from adapters.twentyfoursevenoffice.codec import write_page
from adapters.twentyfoursevenoffice.coverage import coverage
from adapters.twentyfoursevenoffice.due_work import TASKS
from adapters.twentyfoursevenoffice.endpoints import Mounted, endpoints_of, mount, mount_login, read, version_of
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
from adapters.twentyfoursevenoffice.limits import HourlyLimit, Pairs, Throttle
from adapters.twentyfoursevenoffice.service import Service
from adapters.twentyfoursevenoffice.services import SERVICES, operation_name
from adapters.twentyfoursevenoffice.sessions import Sessions
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Catalogue
from gateway.core.refusals import Refusal
from gateway.core.values import INVOICE, STAMP, VOUCHER, TenantId
from gateway.spi.adapter import Call, Context, Endpoint, Failure, Operation, Reply
from gateway.spi.findings import Finding
from gateway.spi.outbound import Outbound
from gateway.spi.reading import HeadProblem
from gateway.spi.redaction import RedactionRules
from gateway.spi.secrets import made_up_secret
from gateway.spi.work import Outcome, WorkKind
from gateway.spi.work import Work as DueWork
from gateway.wire.aspnet import httpsys
from gateway.wire.soap.asmx import AsmxCall, AsmxEndpoint, AsmxReply
from gateway.wire.soap.envelope import SoapVersion
from schemas.twentyfoursevenoffice.messages import HasSessionResponse
from schemas.twentyfoursevenoffice.operations import SERVICES as CONTRACTS

_FOLDERS: Final = (
    "/authenticate/",
    "/economy/",
    "/crm/",
    "/client/v001/",
    "/logistics/",
    "/project/v001/",
    "/timesheet/v001/",
    "/file/v001/",
    "/invitation/",
    "/salesopp/v001/",
)


class TwentyFourSevenOffice:
    """The services as their clients know them.

    redaction: credentials, tokens, session ids. Source: R-13, R-16, R-21.
    content_codings: none; ASP.NET inflates no request (R-30, inferred).
    """

    content_codings: Final = frozenset[str]()

    redaction: Final = RedactionRules(xml_elements=("Password", "token", "LoginResult", "SessionId"))
    addresses: Final = tuple(each.path for each in CONTRACTS)

    def __init__(self, context: Context[Settings, Binding]) -> None:
        check_names(context.settings)
        self._context = context
        self._settings = context.settings
        self.body_limit = context.settings.max_request_bytes
        self._mounted = tuple(mount(service, context.settings) for service in SERVICES)
        self._login = mount_login(context.settings)
        directory = Directory(context.bindings, context.settings)
        self._authenticate = Authenticate(directory, Sessions(context, directory))
        self._hourly = HourlyLimit(context.settings.hourly_limit)
        self._throttle = Throttle(context.settings.calls_per_second)
        self._alive: dict[tuple[SoapVersion, bool], Reply] = {}
        self._lists: dict[tuple[TenantId, str, str, SoapVersion], tuple[Catalogue, Reply]] = {}
        self._at = lru_cache(maxsize=256)(self._find)

    def _find(self, path: str) -> Mounted | None:
        for mounted in (*self._mounted, self._login):
            if mounted.endpoint.claims(path):
                return mounted
        return None

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations of all services in the order of the contracts, then the services that are not served."""
        return list(coverage())

    def claims(self, path: str) -> bool:
        """True for the services, and for every other path that can only be this vendor's.

        Such a path gets the 404 of its host.
        """
        if self._at(path) is not None:
            return True
        plain = unquote(path).lower()
        return plain.startswith(_FOLDERS) or ".asmx" in plain

    async def answer(self, call: Call) -> Reply:
        """Answer a request: ASMX reads the message before it looks for the session. Source: R-06 to R-12."""
        mounted = self._at(call.path)
        if mounted is None:
            call.found(Finding.UNKNOWN_PATH)
            return self.fail(call, Failure.NOT_FOUND)
        longest = mounted.service.longest if mounted.service is not None else None
        if longest is not None and len(call.body) > longest(self._settings) * 1024:
            fault = OperationFault("request_too_long", limit=longest(self._settings))
            return self._operation_fault(call, version_of(call), fault)
        if len(call.body) > _READ_AT_ONCE:
            received = await asyncio.to_thread(read, mounted, call)
        else:
            received = read(mounted, call)
        if isinstance(received, AsmxReply):
            return _not_a_call(call, received)
        call.operation = operation_name(mounted.endpoint.service.name, received.operation.name)
        if mounted.service is None:
            return await self._authentication_answer(call, received)
        return await self._service_answer(call, received, mounted, mounted.service)

    async def check_head(self, call: Call) -> Reply | None:
        """Refuse a call without a session before its message is read.

        A login has its credentials in the message. So its message may not be as large as those that this is asked for (D-20).
        """
        mounted = self._at(call.path)
        if mounted is self._login:
            return self.fail(call, Failure.BODY_TOO_LARGE)
        if mounted is None or call.method != "POST":
            return None
        try:
            await self._authenticate.member(call)
        except OperationFault as fault:
            return self._operation_fault(call, version_of(call), fault)
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
                self._alive[key] = _reply(self._login.endpoint.respond(received, response))
            return self._alive[key]
        return _reply(self._login.endpoint.respond(received, response, headers))

    async def _service_answer(self, call: Call, received: AsmxCall, mounted: Mounted, service: Service) -> Reply:
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
            method = mounted.methods.get(received.operation.name, "")
            work = Work(self._context, self._settings, member, call, method)
            if received.operation.name in service.lists and not headers:
                return await self._listed(work, received, mounted.endpoint, service)
            response = await self._handled(work, received, service)
        except OperationFault as fault:
            instead = service.without_session.get(received.operation.name) if fault.name == "no_session" else None
            answer = None if instead is None else instead(self._settings)
            if answer is None:
                return self._operation_fault(call, received.version, fault, headers)
            call.outcome, response = fault.name, answer
        if _is_large(response):
            return _reply(await asyncio.to_thread(mounted.endpoint.respond, received, response, headers))
        return _reply(mounted.endpoint.respond(received, response, headers))

    async def _listed(self, work: Work, received: AsmxCall, endpoint: AsmxEndpoint, service: Service) -> Reply:
        """Answer with a list of the catalogue. The bytes are kept until the catalogue is another one."""
        catalogue = work.catalogue
        key = (work.identity.tenant, service.contract.name, received.operation.name, received.version)
        known = self._lists.get(key)
        if known is None or known[0] is not catalogue:
            response = await self._handled(work, received, service)
            known = self._lists[key] = (catalogue, _reply(endpoint.respond(received, response)))
        return known[1]

    async def _handled(self, work: Work, received: AsmxCall, service: Service) -> BaseModel:
        handler = service.handlers.get(received.operation.name)
        if handler is None:
            raise OperationFault("not_supported", operation=received.operation.name)
        return await handler(work, received.message)

    # --- errors ---

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core that concerns the whole call."""
        return self._fault(call, version_of(call), server_fault(business_of(refusal).name), business_of(refusal).facts)

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure outside the core."""
        call.outcome = call.outcome or failure.name.lower()
        row = FAILURES[failure]
        if isinstance(row, HostPage):
            return write_page(row)
        return self._fault(call, version_of(call), row)

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
        return _reply(self._login.endpoint.fault(version, fault.code, *parts, headers=headers))

    # --- work that is due ---

    @property
    def work(self) -> Mapping[str, WorkKind]:
        """The kinds of due work."""
        return {name: task.kind for name, task in TASKS.items()}

    async def perform(self, work: DueWork, _: Outbound, /) -> Outcome:
        """One attempt at an item."""
        return await TASKS[work.kind].perform(self._context.service, self._settings, work)

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """The services for each user of the tenant."""
        return endpoints_of(self._context.bindings, base_url, tenant)


_READ_AT_ONCE: Final = 64 * 1024
"""A request of more bytes is read in a thread: reading it takes so long that other requests would wait."""
_WRITTEN_AT_ONCE: Final = 20
"""An answer with more items is written in a thread, for the same reason."""


def _is_large(response: BaseModel) -> bool:
    result = getattr(response, "result", None)
    listed = getattr(result, "items", result)  # of a page
    return isinstance(listed, list) and len(listed) > _WRITTEN_AT_ONCE


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


_HOSTS: Final = ("api.24sevenoffice.com", "webservices.24sevenoffice.com")


class TwentyFourSevenOfficeAdapter:
    """What the entry point names."""

    name = "twentyfoursevenoffice"
    title = "24SevenOffice SOAP (InvoiceService and the services around it)"
    kinds = frozenset({INVOICE})
    lines = frozenset({VOUCHER, STAMP})
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
