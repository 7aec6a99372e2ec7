"""One service at its address: requests in, calls or answers out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from pydantic import BaseModel

from gateway.wire.soap.asmx import contract, faults, pages
from gateway.wire.soap.asmx.records import AsmxCall, AsmxOptions, AsmxReply, HttpRequest, Operation, Service
from gateway.wire.soap.asmx.routing import FaultError, Routed, Router, StatusError
from gateway.wire.soap.binding import Binder, BindingOptions, ReadProblem, ReadRefusedError
from gateway.wire.soap.envelope import SoapVersion, read_content_type
from gateway.wire.soap.faults import FaultCode

_LARGEST_REMEMBERED: Final = 4096
"""Bytes of the largest request that is remembered."""
_CACHE_ANSWER: Final = ("Cache-Control", "private, max-age=0")
"""ASMX sets this on its answers."""
_CACHE_ERROR: Final = ("Cache-Control", "private")
"""A fault clears the headers of ASMX, and the host adds its own again (inferred)."""


@cache
def _binder(namespace: str, options: BindingOptions) -> Binder:
    """Shared by endpoints: what it compiles for a message is the same in each, and dialects are built anew for each tenant."""
    return Binder(namespace, options)


class AsmxEndpoint:
    """One service. Tasks may share it: its only state are answers and calls that it remembers."""

    def __init__(self, service: Service, options: AsmxOptions | None = None) -> None:
        self.service = service
        self.options = options or AsmxOptions()
        self._router = Router(service.namespace, service.operations, self.options.limits)
        binding = BindingOptions(
            merge_repeated_arrays=self.options.merge_repeated_arrays, blind_enums=self.options.blind_enums
        )
        binder = _binder(service.namespace, binding)
        self._readers = {each.name: binder.reader(each.request) for each in service.operations}
        self._writers = {each.name: binder.writer(each.response) for each in service.operations}
        self._path = service.path.lower()
        self._remembered = frozenset(
            each.name
            for each in service.operations
            if each.header is None and (not each.request.model_fields or each.name in self.options.remembered)
        )
        self._calls: dict[tuple[str | None, str | None, bytes], AsmxCall] = {}
        self._answer_headers = {version: self._headers(version, _CACHE_ANSWER) for version in SoapVersion}
        self._fault_headers = {version: self._headers(version, _CACHE_ERROR) for version in SoapVersion}
        self._frames = {
            (version, each.name): _frame(version, each.name, service.namespace)
            for version in SoapVersion
            for each in service.operations
        }
        self._documents = lru_cache(maxsize=64)(self._document)

    def _headers(self, version: SoapVersion, cache: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        return (cache, ("Content-Type", f"{version.media_type}; charset=utf-8"), *self.options.extra_headers)

    def claims(self, path: str) -> bool:
        """True when a path, as sent, is the service's. Letter case does not count, and more may follow `.asmx/`."""
        plain = unquote(path).lower()
        return plain == self._path or plain.startswith(self._path + "/")

    # --- requests ---

    def receive(self, request: HttpRequest) -> AsmxCall | AsmxReply:
        """Read a request that the endpoint claims: a call to be answered, or the answer itself. Never raises."""
        below = unquote(request.path)[len(self._path) :]
        if below:
            return self._page(500, pages.unrecognized_path(below))
        if request.method == "POST":
            return self._posted(request)
        if request.method == "GET":
            return self._got(request)
        return self._page(405, "" if request.method == "HEAD" else pages.wrong_verb())

    def _posted(self, request: HttpRequest) -> AsmxCall | AsmxReply:
        headers = request.headers
        key = (headers.get("Content-Type"), headers.get("SOAPAction"), request.body)
        known = self._calls.get(key) if len(request.body) <= _LARGEST_REMEMBERED else None
        if known is not None:
            return known
        try:
            call = self._decoded(self._router.route(request))
        except FaultError as error:
            return self.fault(error.version, error.code, str(error))
        except StatusError as error:
            return AsmxReply(error.status, (_CACHE_ERROR, *self.options.extra_headers))
        if call.operation.name in self._remembered and len(request.body) <= _LARGEST_REMEMBERED:
            if len(self._calls) >= self.options.remembered_requests:
                del self._calls[next(iter(self._calls))]
            self._calls[key] = call
        return call

    def _decoded(self, routed: Routed) -> AsmxCall:
        """Read the arguments. An element that is not the operation's gives none. Of several, later ones overrule."""
        operation = routed.operation
        tag = f"{{{self.service.namespace}}}{operation.name}"
        read = self._readers[operation.name]
        message: BaseModel | None = None
        try:
            for payload in routed.payloads:
                if payload.tag == tag:
                    message = _overruled(message, read(payload, routed.source))
        except ReadRefusedError as refused:
            raise _unreadable(refused, routed) from None
        return AsmxCall(operation, operation.request.model_construct() if message is None else message, routed.version)

    # --- answers ---

    def respond(self, call: AsmxCall, response: BaseModel, headers: tuple[tuple[str, str], ...] = ()) -> AsmxReply:
        """The answer to a call; `headers` are further ones. Raises ValueError for a value that its type cannot hold."""
        children = self._writers[call.operation.name](response)
        start, end, empty = self._frames[call.version, call.operation.name]
        text = f"{start}{children}{end}" if children else empty
        return AsmxReply(200, (*self._answer_headers[call.version], *headers), text.encode())

    def fault(
        self, version: SoapVersion, code: FaultCode, *texts: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> AsmxReply:
        """A fault whose text is the chain of `texts`, as .NET joins nested exceptions; `headers` are further ones."""
        message = faults.write_fault_message(version, code, faults.CHAIN.join(texts))
        return AsmxReply(500, (*self._fault_headers[version], *headers), message.encode())

    def version_for(self, request: HttpRequest) -> SoapVersion:
        """The version in which to answer a request that nobody parsed: as its media type says."""
        version = read_content_type(request.headers.get("Content-Type")).version
        return version or SoapVersion.SOAP_11

    # --- contract and help ---

    def address(self, base_url: str) -> str:
        """The service's URL below a base."""
        return base_url + self.service.path

    def _got(self, request: HttpRequest) -> AsmxReply:
        pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=None)
        plain = {name.lower() for name, value in pairs if not value}
        for kind in ("wsdl", "disco"):
            if kind in plain:
                return self._documents(kind, request.base_url)
        asked = next((value for name, value in pairs if name.lower() == "op"), None)
        if asked is None:
            return self._page(200, pages.service_page(self.service))
        operation = next((each for each in self.service.operations if each.name == asked), None)
        if operation is None:
            return self._page(200, pages.unknown_operation(self.service, asked))
        return self._page(200, self._sample_page(operation, request.base_url))

    def _sample_page(self, operation: Operation, base_url: str) -> str:
        return pages.operation_page(self.service, operation, self.address(base_url))

    def _document(self, kind: str, base_url: str) -> AsmxReply:
        make: Callable[[Service, str], Any] = contract.wsdl if kind == "wsdl" else contract.discovery
        headers = self._answer_headers[SoapVersion.SOAP_11]
        return AsmxReply(200, headers, str(make(self.service, self.address(base_url))).encode())

    def _page(self, status: int, text: str) -> AsmxReply:
        cache = _CACHE_ANSWER if status == 200 else _CACHE_ERROR
        content_type = ("Content-Type", "text/html; charset=utf-8")
        return AsmxReply(status, (cache, content_type, *self.options.extra_headers), text.encode())


def _overruled(earlier: BaseModel | None, later: BaseModel) -> BaseModel:
    if earlier is None:
        return later
    given = {name: getattr(later, name) for name in later.model_fields_set}
    return earlier.model_copy(update=given)


def _unreadable(refused: ReadRefusedError, routed: Routed) -> FaultError | StatusError:
    """An element inside a text is an XmlException in .NET, hence a bare 400; anything else is a fault."""
    element = refused.element
    if refused.problem is ReadProblem.CONTENT or element is None:
        return StatusError(400)
    after = refused.problem is ReadProblem.VALUE
    position = routed.source.position_after(element) if after else routed.source.position_of(element)
    where = faults.error_in_document(position.line, position.column)
    return FaultError(routed.version, FaultCode.CLIENT, faults.UNABLE_TO_READ, where, refused.text)


def _frame(version: SoapVersion, operation: str, namespace: str) -> tuple[str, str, str]:
    """What stands before and after a response's children, and the whole message when there are none."""
    before = f'{faults.envelope_start(version)}<soap:Body><{operation}Response xmlns="{namespace}"'
    return f"{before}>", f"</{operation}Response>{faults.ENVELOPE_END}", f"{before} />{faults.ENVELOPE_END}"
