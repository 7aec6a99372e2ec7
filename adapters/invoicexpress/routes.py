"""The paths of the service, and the way of one request through the dialect.

The order is that of a Rails 2.3 application: the parameter parser (500), the route (404, 405), the key (401), the format
(406), the content type (422), the record (404), the validations (422), the write. Source: R-14.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from time import perf_counter
from typing import Any, Final, NamedTuple, cast
from urllib.parse import parse_qsl

from pydantic import BaseModel

from adapters.invoicexpress.auth import Accounts
from adapters.invoicexpress.codec import (
    MAX_BYTES,
    SequenceMessage,
    findings_in,
    read_form,
    read_parameters,
    sequences_writer,
    write_sequence,
)
from adapters.invoicexpress.documents.lifecycle import DIALECT, TYPES
from adapters.invoicexpress.documents.listing import NO_FILTERS
from adapters.invoicexpress.documents.routes import Documents
from adapters.invoicexpress.errors import Faults
from adapters.invoicexpress.locks import Locks
from adapters.invoicexpress.mapping import (
    KINDS,
    Checked,
    SequenceIds,
    check,
    create_command,
    policy_of,
    sequence_from_view,
    sequence_v1_from_view,
    taken_message,
    update_command,
)
from adapters.invoicexpress.operations import (
    CREATE,
    GET,
    LIST,
    OPERATIONS,
    SET_CURRENT,
    UPDATE,
    Handler,
    Target,
    claims,
    find_target,
    origin_of,
)
from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.commands import GetSeries, ListSeries, SetDefault
from gateway.core.refusals import Refusal, Refused, SeriesUnknown
from gateway.core.values import INVOICE, Caller, SeriesId, SeriesView, TenantId
from gateway.spi.adapter import Bound, Call, Context, Endpoint, Failure, Operation, Reply
from gateway.spi.findings import Finding
from gateway.spi.reading import HeadProblem
from gateway.spi.redaction import RedactionRules
from gateway.spi.secrets import made_up_secret
from gateway.wire.rails.parameters import Parameters, ParametersRefused
from gateway.wire.rails.paths import is_xml
from gateway.wire.rails.responses import Answer, RailsServer, Tagged
from gateway.wire.xml import XmlProblem, XmlRefused

NAME: Final = DIALECT
_HOSTS: Final = (".app.invoicexpress.com", ".invoicexpress.net", ".invoicexpress.com")
_REMEMBERED: Final = 1024
_RESOURCES: Final = ("sequences", *(kind.plural for kind in TYPES))


class _Shown(NamedTuple):
    """The last answer to GET about a sequence, and the state that it shows. It is sent again while that state stands."""

    view: SeriesView
    page: Tagged


class InvoiceXpress:
    """The sequences and documents of the API as its clients know them.

    redaction: the key, wherever it may stand. Source: R-02.
    content_codings: none; Rails inflates no request (R-18, inferred).
    """

    content_codings: Final = frozenset[str]()
    body_limit: Final = MAX_BYTES

    redaction: Final = RedactionRules(query=("api_key",), form=("api_key",), xml_elements=("api_key", "api-key"))

    def __init__(self, context: Context[Settings, Binding]) -> None:
        self._settings = context.settings
        self._bindings = context.bindings
        self._service = context.service
        self._accounts = Accounts(context.settings, context.bindings, context.hosts)
        self._server = RailsServer(context.settings.server_header)
        self._faults = Faults(context.settings, self._server)
        self._ids = SequenceIds(context.settings.id_base, context.settings.step)
        self._locks = Locks(context, policy_of(context.settings))
        self._shown: dict[SeriesId, _Shown] = {}
        self._write_list = sequences_writer(context.settings.list_type_array)
        self._shape: Callable[[SeriesView, SequenceIds], SequenceMessage] = (
            sequence_v1_from_view if context.settings.generation == "v1" else sequence_from_view
        )
        self._handlers: Mapping[str, Handler] = {
            LIST: self._list,
            GET: self._get,
            CREATE: self._create,
            UPDATE: self._update,
            SET_CURRENT: self._set_current,
            **Documents(context, self._server, self._faults, self._ids).handlers,
        }

    @property
    def operations(self) -> Sequence[Operation]:
        """Everything the vendor offers, declined operations included."""
        return OPERATIONS

    claims = staticmethod(claims)
    """True for the vendor's resources."""

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        started = perf_counter()
        return _reply(await self._answer(call), started)

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        """A refusal of the core in the vendor's words."""
        return _reply(self._faults.refused(refusal, call.operation), perf_counter())

    def fail(self, call: Call, failure: Failure) -> Reply:
        """A failure outside the core in the vendor's words."""
        return _reply(self._faults.failed(failure, as_json=call.path.endswith(".json")), perf_counter())

    async def check_head(self, call: Call) -> Reply | None:
        """Refuse a wrong key before the body is read. Source: R-02."""
        if self._accounts.authenticate(call) is not None:
            return None
        call.outcome, call.guessed = "unauthorized", self._accounts.guessed(call)
        return _reply(self._faults.unauthorized(as_json=call.path.endswith(".json")), perf_counter())

    def refuse_head(self, problem: HeadProblem) -> Reply:
        """The page of the web server in front. Source: R-18, inferred."""
        return _reply(self._server.refused_head(problem.status), perf_counter())

    async def _answer(self, call: Call) -> Answer:
        try:
            parameters = self._parameters(call)
        except (XmlRefused, ParametersRefused) as error:
            call.outcome = "unreadable"
            call.found(Finding.UNREADABLE_MESSAGE, str(error) if isinstance(error, ParametersRefused) else "")
            return self._faults.unreadable()
        target = find_target(call.method, call.path)
        if target is None:
            call.found(Finding.WRONG_PATH_CASE if find_target(call.method, call.path.lower()) else Finding.UNKNOWN_PATH)
            return self._faults.no_route()
        if not target.operation:
            call.found(Finding.WRONG_VERB, call.method)
            return self._faults.wrong_verb(target.allowed)
        call.operation = target.operation
        caller = self._accounts.authenticate(call)
        if caller is None:
            call.outcome, call.guessed = "unauthorized", self._accounts.guessed(call)
            return self._faults.unauthorized(as_json=target.format == "json")
        call.tenant, call.principal = caller.tenant, caller.principal
        if not target.is_spelt_well:
            return self._faults.wrong_format()
        handler = self._handlers.get(target.operation) if target.format == "xml" else None
        if handler is None:
            call.outcome = "not_implemented"
            return self._faults.declined(target.operation, as_json=target.format == "json")
        if call.trace is not None:
            _note_findings(call, parameters)
        return await handler(call, caller, target, parameters)

    def _parameters(self, call: Call) -> Parameters:
        """What the parameter parser reads: nothing, unless there is a body and its type has a parser."""
        if not call.body or not self._parses(call):
            return {}
        try:
            return read_parameters(call.body)
        except XmlRefused as error:
            if error.problem is XmlProblem.EMPTY:
                return {}
            raise

    def _parses(self, call: Call) -> bool:
        if is_xml(call.headers.get("Content-Type")):
            return True
        return not self._settings.require_xml_content_type and call.method in {"POST", "PUT"}

    async def _list(self, call: Call, caller: Caller, target: Target, parameters: Parameters) -> Answer:
        # The list has one page, whatever is asked for; another parameter might mean fewer sequences (D-13).
        if unknown := [name for name, _ in parse_qsl(call.query, keep_blank_values=True) if name not in NO_FILTERS]:
            return self._faults.errors(f"Filter {name} is not supported" for name in dict.fromkeys(unknown))
        listed = await self._service.read(ListSeries(caller.tenant, DIALECT))
        body = self._write_list(self._shape(view, self._ids) for view in listed.views)
        return self._server.fresh(body, call.headers.get("If-None-Match"))

    async def _get(self, call: Call, caller: Caller, target: Target, parameters: Parameters) -> Answer:
        read = await self._service.read(GetSeries(caller.tenant, self._series(target), DIALECT))
        view = read.view
        call.number = view.next_number(INVOICE)
        shown = self._shown.get(view.series.id)
        if shown is None or not shown.view.same_as(view):
            shown = self._show(view)
        return self._server.unless_known(shown.page, call.headers.get("If-None-Match"))

    def _show(self, view: SeriesView) -> _Shown:
        shown = _Shown(view, self._server.tagged(self._written(view)))
        if len(self._shown) >= _REMEMBERED:
            self._shown.clear()
        self._shown[view.series.id] = shown
        return shown

    async def _create(self, call: Call, caller: Caller, target: Target, parameters: Parameters) -> Answer:
        if self._faults.content_type_missing(call):
            return self._faults.wrong_content_type()
        checked = check(read_form(parameters), self._settings, creating=True)
        if checked.problems:
            return await self._invalid(caller, checked, None)
        created = await self._service.execute(create_command(caller, checked, origin_of(call, caller)))
        call.number = created.view.next_number(INVOICE)
        return self._server.rendered(self._settings.create_status, self._written(created.view))

    async def _update(self, call: Call, caller: Caller, target: Target, parameters: Parameters) -> Answer:
        if self._faults.content_type_missing(call):
            return self._faults.wrong_content_type()
        series = self._series(target)
        checked = check(read_form(parameters), self._settings, creating=False)
        if checked.problems:
            # A sequence that does not exist is a 404, whatever the form says.
            await self._service.read(GetSeries(caller.tenant, series, DIALECT))
            return await self._invalid(caller, checked, series)
        policy = await self._locks.policy(caller, series)
        command = update_command(caller, series, checked, policy, origin_of(call, caller))
        updated = await self._service.execute(command)
        call.number = updated.view.next_number(INVOICE)
        return self._done(updated.view, self._settings.update_body)

    async def _set_current(self, call: Call, caller: Caller, target: Target, parameters: Parameters) -> Answer:
        command = SetDefault(caller.tenant, self._series(target), origin_of(call, caller))
        done = await self._service.execute(command)
        return self._done(done.view, self._settings.set_current_body)

    async def _invalid(self, caller: Caller, checked: Checked, own: SeriesId | None) -> Answer:
        """The answer with all problems.

        A taken name stands first (R-10). Only a form with other problems needs this look-up: for any other form the core
        refuses a name that is taken.
        """
        views = (await self._service.read(ListSeries(caller.tenant, DIALECT))).views
        if any(view.series.name == checked.name and view.series.id != own for view in views):
            checked.problems.insert(0, taken_message(self._settings, creating=own is None))
        return self._faults.errors(checked.problems)

    def _series(self, target: Target) -> SeriesId:
        series = self._ids.to_series(target.id)
        if series is None:
            raise Refused(SeriesUnknown(None))
        return series

    def _written(self, view: SeriesView) -> bytes:
        return write_sequence(self._shape(view, self._ids))

    def _done(self, view: SeriesView, body: str) -> Answer:
        return self._server.fresh(self._written(view), None) if body == "sequence" else self._server.blank(200)

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        """For each account of the tenant, its sequences and its documents by type."""
        own = [bound for bound in self._bindings if bound.tenant == tenant]
        return [self._endpoint(base_url, bound, resource) for bound in own for resource in _RESOURCES]

    def _endpoint(self, base_url: str, bound: Bound[Binding], resource: str) -> Endpoint:
        account, key = bound.binding.account, bound.binding.api_key.get_secret_value()
        url = f"{base_url}/{resource}.xml"
        host = "" if bound.binding.default_host else f" -H 'Host: {account}{_HOSTS[0]}'"
        return Endpoint(
            title=f"InvoiceXpress {resource.replace('_', ' ')} of account {account}",
            url=url,
            credentials={"account": account, "api_key": key},
            example=f"curl{host} '{url}?api_key={key}'",
        )


def _note_findings(call: Call, parameters: Parameters) -> None:
    """Note what the vendor ignores in silence. Source: R-05, R-22."""
    if call.operation in {CREATE, UPDATE}:
        for finding, name in findings_in(parameters):
            call.found(finding, name)
    elif call.body and (call.operation == SET_CURRENT or call.method in {"GET", "HEAD"}):
        call.found(Finding.IGNORED_BODY)


def _reply(answer: Answer, started: float) -> Reply:
    """The answer of an action says how many milliseconds it took. Source: R-19."""
    if not answer.from_action:
        return Reply(answer.status, answer.headers, answer.body)
    runtime = ("X-Runtime", str(int((perf_counter() - started) * 1000)))
    return Reply(answer.status, (*answer.headers, runtime), answer.body)


class InvoiceXpressAdapter:
    """What the entry point names."""

    name = NAME
    title = "InvoiceXpress (legacy XML API)"
    kinds = KINDS
    former_hosts_setting = "host_suffixes"
    Settings: type[BaseModel] = Settings
    Binding: type[BaseModel] = Binding

    def hosts(self, _: BaseModel, /) -> Sequence[str]:
        """The host of every account, known or not. Source: R-01."""
        return _HOSTS

    def build(self, context: Context[BaseModel, BaseModel]) -> InvoiceXpress:
        """Make the dialect. Raises ValueError when accounts contradict one another."""
        return InvoiceXpress(cast("Context[Settings, Binding]", context))

    def generate_binding(self, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any]:
        """One account with all series of the tenant. It also answers on host names that name no account."""
        return {"account": f"t{random.randrange(16**12):012x}", "api_key": made_up_secret(random), "default_host": True}


adapter = InvoiceXpressAdapter()
