"""A small application on the framework layer, with the endpoints of the application whose answers were recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.wire.aspnet import httperror
from gateway.wire.aspnet.contract import Contract, Member, Scalar, generic_name
from gateway.wire.aspnet.json_reader import PROFILES
from gateway.wire.aspnet.modelstate import ModelState
from gateway.wire.aspnet.negotiation import Format, negotiate
from gateway.wire.aspnet.pipeline import (
    ApiFault,
    Entity,
    Options,
    bind_body,
    bind_text,
    error_body,
    message_body,
    select,
)
from gateway.wire.aspnet.routes import Route, RouteTable

HOST = "https://api.qqcatalyst.com"
DTO = "http://schemas.datacontract.org/2004/07/QQSolutions.NextGen.ModelLibrary.DataTransferObjects"

VALUE = Contract(
    "SequenceValueDTO",
    f"{DTO}.Locations",
    (Member("NextNumberShouldBe", Scalar.INT32), Member("Suffix", Scalar.STRING), Member("Prefix", Scalar.STRING)),
)
NUMBER = Contract(
    "SequenceNumberDTO",
    f"{DTO}.Locations",
    (
        Member("ID", Scalar.INT32),
        Member("LocationID", Scalar.INT32),
        Member("RelatedTo", Scalar.STRING),
        Member("SequenceValue", VALUE),
    ),
)
ENVELOPE = Contract(
    "ActionResultOfSequenceNumberDTO",
    DTO,
    (
        Member("Result", NUMBER),
        Member("CreatedBy", Scalar.STRING),
        Member("EntityID", Scalar.INT32),
        Member("RowSource", Scalar.STRING),
        Member("PolicyID", Scalar.INT32),
        Member("IsSuccess", Scalar.BOOLEAN, inherited=True),
        Member("ErrorCode", Scalar.STRING, inherited=True),
        Member("ErrorMessage", Scalar.STRING, inherited=True),
        Member("InfoMessage", Scalar.STRING, inherited=True),
    ),
)
PLAIN = Contract(generic_name("PlainResult", [NUMBER]), DTO, (Member("Result", NUMBER),))
PLAIN_INT = Contract(generic_name("PlainResult", ["int"]), DTO, (Member("Result", Scalar.INT32),))


@dataclass
class Request:
    """The request of a row."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Response:
    """The answer of a row.

    body: None for an answer without content.
    """

    status: int
    headers: dict[str, str]
    body: bytes | None


Outcome = tuple[Contract, Any] | None
Action = Callable[[Request, Mapping[str, str], Options], Outcome]


def answer(request: Request, profile: str = "6.0.8") -> Response:
    """Answer one request as the recorded application did, with LF in XML, because it ran on Mono."""
    options = Options(profile=PROFILES[profile], line_end="\n")
    chosen = _negotiated(request)
    try:
        matched, action = select(ROUTES, request.method, HOST, request.path, request.query, options)
        outcome = action(request, matched.values, options)
    except ApiFault as fault:
        headers = {"Content-Type": chosen.content_type, **dict(fault.headers)}
        return Response(fault.status, headers, error_body(fault.error, chosen, options))
    if outcome is None:
        return Response(204, {}, None)
    return Response(200, {"Content-Type": chosen.content_type}, message_body(*outcome, chosen, options))


def _negotiated(request: Request) -> Format:
    one = request.headers.get
    accept, charset = one("Accept"), one("Accept-Charset")
    return negotiate(
        () if accept is None else (accept,),
        () if charset is None else (charset,),
        one("Content-Type"),
        one("X-Requested-With"),
    )


def _bound(request: Request, state: ModelState, options: Options) -> dict[str, Any] | None:
    entity = Entity(request.body, request.headers.get("Content-Type"))
    return bind_body(entity, VALUE, "value", state, options)


def _echo(request: Request, values: Mapping[str, str], options: Options) -> Outcome:
    return VALUE, _bound(request, ModelState(), options)


def _checked(request: Request, values: Mapping[str, str], options: Options) -> Outcome:
    state = ModelState()
    bind_text("locationID", values, request.query, state)
    value = _bound(request, state, options)
    if not state.is_valid:
        raise ApiFault(400, httperror.invalid(state))
    return VALUE, value


def _update(request: Request, values: Mapping[str, str], options: Options) -> Outcome:
    value = _bound(request, ModelState(), options)
    number = {"ID": 1, "LocationID": 2, "RelatedTo": None, "SequenceValue": value}
    envelope = {**ENVELOPE.defaults(), "Result": number, "IsSuccess": value is not None}
    if value is None:
        envelope["ErrorMessage"] = "NULLBODY"
    return ENVELOPE, envelope


def _read(request: Request, values: Mapping[str, str], options: Options) -> Outcome:
    value = {"NextNumberShouldBe": 1001, "Suffix": "", "Prefix": "INV-"}
    return NUMBER, {"ID": 1, "LocationID": 2, "RelatedTo": "InvoiceNumber", "SequenceValue": value}


def _deny(request: Request, values: Mapping[str, str], options: Options) -> Outcome:
    raise ApiFault(401, httperror.denied())


def _boom(request: Request, values: Mapping[str, str], options: Options) -> Outcome:
    raise ApiFault(500, httperror.generic())


ROUTES: RouteTable[Action] = RouteTable(
    [
        Route("v1/Locations/{locationID}/Finance/InvoiceNumbers", {"GET": _read, "POST": _update}),
        Route("v1/Echo", {"POST": _echo}),
        Route("v1/Checked/{locationID}", {"POST": _checked}),
        Route("v1/Auth", {"POST": _deny}),
        Route("v1/Boom", {"POST": _boom}),
        Route("v1/Null", {"POST": lambda *_: (NUMBER, None)}),
        Route("v1/Void", {"POST": lambda *_: None}),
        Route("v1/Plain", {"POST": lambda *_: (PLAIN, PLAIN.defaults())}),
        Route("v1/Plain2", {"POST": lambda *_: (PLAIN_INT, PLAIN_INT.defaults())}),
    ]
)
