"""The framework's order of steps as functions: route, verb, (authorization), body, action, answer.

An application calls them one after the other and turns `ApiFault` into an answer. It brings authorization and the action
itself. Unreadable content is no fault: the error goes to ModelState, and the action decides what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from gateway.wire.aspnet import httperror
from gateway.wire.aspnet.charset import Undecodable, encoded, json_text, xml_text
from gateway.wire.aspnet.contract import Contract, Value
from gateway.wire.aspnet.datacontract import read_xml, write_xml, write_xml_boolean, write_xml_list
from gateway.wire.aspnet.form import UnreadableForm, first_value, read_form, read_pairs
from gateway.wire.aspnet.httperror import HttpError
from gateway.wire.aspnet.json_binding import read_json
from gateway.wire.aspnet.json_reader import DEFAULT_PROFILE, Profile
from gateway.wire.aspnet.json_writer import write_json, write_message, write_messages
from gateway.wire.aspnet.modelstate import NOT_PRESENT, ModelState
from gateway.wire.aspnet.negotiation import Format, Formatter, read_media_type, reader_for, request_charset
from gateway.wire.aspnet.routes import Matched, RouteTable, without_dots
from gateway.wire.aspnet.xml_prolog import NotXml

A = TypeVar("A")

NO_CACHE: Final = (("Cache-Control", "no-cache"), ("Pragma", "no-cache"), ("Expires", "-1"))
"""What the web host adds to an answer whose action said nothing about caching."""


class ApiFault(Exception):
    """The framework answers by itself."""

    def __init__(self, status: int, error: HttpError, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(status)
        self.status = status
        self.error = error
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Options:
    """What differs between installations.

    profile: the version of the JSON library.
    line_end: what a line break in an XML answer becomes; CR LF on Windows.
    error_detail: explain 404 further, as the framework does for callers on the same machine.
    """

    profile: Profile = DEFAULT_PROFILE
    line_end: str = "\r\n"
    error_detail: bool = False


DEFAULT_OPTIONS: Final = Options()


@dataclass(frozen=True, slots=True)
class Entity:
    """A request body.

    body: the bytes.
    content_type: the Content-Type header; None without one.
    length_known: False when the body came in chunks, without a length announced.
    """

    body: bytes
    content_type: str | None
    length_known: bool = True


# --- in ---------------------------------------------------------------------------------------------------------------


def select(
    table: RouteTable[A], method: str, base_url: str, path: str, query: str, options: Options = DEFAULT_OPTIONS
) -> tuple[Matched[A], A]:
    """The route and action for a request; path and query as sent. Raises ApiFault 404, 405."""
    path = without_dots(path)
    matched = table.match(path)
    if matched is None:
        detail = "No route data was found for this request." if options.error_detail else ""
        raise ApiFault(404, httperror.not_found(f"{base_url}{path}{'?' if query else ''}{query}", detail))
    action = matched.action(method)
    if action is None:
        raise ApiFault(405, httperror.bad_verb(method), (("Allow", matched.route.allow),))
    return matched, action


def bind_text(name: str, values: Mapping[str, str], query: str, state: ModelState) -> str | None:
    """A string parameter of an action: the query string outranks the route; a blank value is null and an error."""
    value = first_value(read_pairs(query.encode("utf-8", "surrogateescape")), name) if query else None
    if value is None:
        value = values.get(name)
    if value is None or not value.strip():
        state.add(name, "String", NOT_PRESENT)
        return None
    return value


def bind_body(
    entity: Entity, contract: Contract, parameter: str, state: ModelState, options: Options = DEFAULT_OPTIONS
) -> dict[str, Any] | None:
    """The message in a request body; errors go to `state` under the parameter's name. Raises ApiFault 415.

    A body of length 0 is the null message, whatever its type. An empty body of unknown length is read by its formatter.
    """
    if not entity.body and entity.length_known:
        return None
    media_type = read_media_type(entity.content_type) if entity.content_type is not None else None
    formatter = reader_for(media_type)
    if formatter is None:
        raise ApiFault(415, httperror.unsupported(media_type.text if media_type else None))
    read = {Formatter.JSON: _read_json, Formatter.XML: _read_xml, Formatter.FORM: _read_form}[formatter]
    return read(entity.body, request_charset(media_type), contract, parameter, state, options)


def _read_json(
    body: bytes, charset: str, contract: Contract, parameter: str, state: ModelState, options: Options
) -> dict[str, Any] | None:
    try:
        text = json_text(body, charset)
    except Undecodable:
        state.add(parameter, "")
        return None
    read = read_json(text, contract, options.profile)
    for path in read.errors:
        state.add(parameter, path)
    return read.value


def _read_xml(
    body: bytes,
    charset: str,
    contract: Contract,
    parameter: str,
    state: ModelState,
    options: Options,
) -> dict[str, Any] | None:
    try:
        return read_xml(xml_text(body, charset), charset, contract)
    except (Undecodable, NotXml):
        state.add(parameter, "")
        return None


def _read_form(
    body: bytes,
    charset: str,
    contract: Contract,
    parameter: str,
    state: ModelState,
    options: Options,
) -> dict[str, Any] | None:
    try:
        read = read_form(body, contract)
    except UnreadableForm:
        state.add(parameter, "")
        return None
    for path, text in read.errors:
        state.add(parameter, path, text)
    return read.value


# --- out --------------------------------------------------------------------------------------------------------------


def message_body(contract: Contract, value: Value | None, chosen: Format, options: Options = DEFAULT_OPTIONS) -> bytes:
    """A message in the negotiated form."""
    if chosen.formatter is Formatter.JSON:
        text = write_message(contract, value)
    else:
        text = write_xml(contract, value, options.line_end)
    return encoded(text, chosen.charset)


def list_body(contract: Contract, values: Sequence[Value], chosen: Format, options: Options = DEFAULT_OPTIONS) -> bytes:
    """A list of messages in the negotiated form."""
    as_json = chosen.formatter is Formatter.JSON
    text = write_messages(contract, values) if as_json else write_xml_list(contract, values, options.line_end)
    return encoded(text, chosen.charset)


def boolean_body(value: bool, chosen: Format) -> bytes:
    """A bare truth value in the negotiated form."""
    text = write_json(value) if chosen.formatter is Formatter.JSON else write_xml_boolean(value)
    return encoded(text, chosen.charset)


def error_body(error: HttpError, chosen: Format, options: Options = DEFAULT_OPTIONS) -> bytes:
    """An error in the negotiated form."""
    as_json = chosen.formatter is Formatter.JSON
    text = httperror.error_json(error) if as_json else httperror.error_xml(error, options.line_end)
    return encoded(text, chosen.charset)
