"""Bytes to messages and back: the models of `schemas.qqsolutions` in Web API's JSON, XML and form. Source: R-02 to R-05."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

from adapters.qqsolutions.settings import Settings
from gateway.wire.aspnet.contract import Contract, Member, Scalar
from gateway.wire.aspnet.httperror import HttpError
from gateway.wire.aspnet.json_reader import PROFILES
from gateway.wire.aspnet.modelstate import ModelState
from gateway.wire.aspnet.negotiation import Format
from gateway.wire.aspnet.pipeline import Entity, Options, bind_body, error_body, list_body, message_body
from gateway.wire.parse_cache import Readings, Writings
from schemas.qqsolutions.messages import (
    AccessToken,
    ActionResultOfSequenceNumberDTO,
    LocationDTO,
    Message,
    PageOfLocationDTO,
    SequenceNumberDTO,
    SequenceValueDTO,
    TokenError,
)

_SCALARS: Final[dict[Any, Scalar]] = {int: Scalar.INT32, str: Scalar.STRING, bool: Scalar.BOOLEAN}
_NUMBER: Final = "NextNumberShouldBe"


def contract_of(model: type[Message], number_type: Scalar = Scalar.INT32) -> Contract:
    """The wire form of a model: its own members as declared, then those of the base class.

    number_type: the type of NextNumberShouldBe.
    """
    own: list[Member] = []
    base: list[Member] = []
    for name, field in model.model_fields.items():
        inherited = name not in model.__annotations__
        kind = _type_of(str(field.alias), field.annotation, number_type)
        member = Member(str(field.alias), kind, inherited, many=get_origin(field.annotation) is list)
        (base if inherited else own).append(member)
    return Contract(model.xml_name, model.xml_namespace, (*own, *base))


def _type_of(alias: str, annotation: Any, number_type: Scalar) -> Scalar | Contract:
    candidates = [kind for kind in (get_args(annotation) or (annotation,)) if kind is not type(None)]
    kind = candidates[0]
    if isinstance(kind, type) and issubclass(kind, Message):
        return contract_of(kind, number_type)
    return number_type if alias == _NUMBER else _SCALARS[kind]


_LOCATION: Final = contract_of(LocationDTO)


class _Unsound(Exception):
    """A body has errors. The exception carries them and what could be read."""

    def __init__(self, value: SequenceValueDTO | None, state: ModelState) -> None:
        super().__init__()
        self.value = value
        self.state = state


def _renumbered(
    one: SequenceValueDTO | None, other: SequenceValueDTO | None
) -> Callable[[int], SequenceValueDTO | None] | None:
    """How to put another number into a message; None unless two messages differ in nothing else (ADR-33)."""
    if one is None or other is None or (one.prefix, one.suffix) != (other.prefix, other.suffix):
        return None
    if len(one.model_fields_set) < len(SequenceValueDTO.model_fields):  # a copy remembers what was absent
        return lambda number: one.model_copy(update={"next_number_should_be": number})
    return lambda number: SequenceValueDTO(next_number_should_be=number, suffix=one.suffix, prefix=one.prefix)


class Codec:
    """Reads and writes messages as the settings of this installation say."""

    def __init__(self, settings: Settings) -> None:
        number_type = Scalar.INT64 if settings.integers == "Int64" else Scalar.INT32
        self.largest_number = 2 ** (number_type.bits - 1) - 1
        self.value_contract = contract_of(SequenceValueDTO, number_type)
        self._contracts = {
            SequenceNumberDTO: contract_of(SequenceNumberDTO, number_type),
            ActionResultOfSequenceNumberDTO: contract_of(ActionResultOfSequenceNumberDTO, number_type),
        }
        profile = PROFILES[settings.newtonsoft]
        self.options = Options(
            profile=replace(profile, wraps=profile.wraps and settings.wrapping_integers),
            line_end="\r\n" if settings.line_end == "crlf" else "\n",
            error_detail=settings.error_detail,
        )
        self._parameter = settings.body_parameter
        self.write = lru_cache(maxsize=2048)(self._write)
        self._readings = Readings(self._read_sound, _renumbered)
        self._writings = Writings()

    def read_value(self, entity: Entity, state: ModelState) -> SequenceValueDTO | None:
        """Read the message of a POST; None is the null message. Errors go to `state`. Raises ApiFault 415."""
        if not entity.body:
            return self._read(entity, state)
        try:
            return self._readings.read(entity.body, (entity.content_type, entity.length_known))
        except _Unsound as unsound:
            state.absorb(unsound.state)
            return unsound.value

    def _read_sound(self, body: bytes, kind: tuple[str | None, bool]) -> SequenceValueDTO | None:
        """Read a body that can be remembered. Raises _Unsound for one with errors: its errors belong to one ModelState only."""
        state = ModelState()
        value = self._read(Entity(body, *kind), state)
        if not state.is_valid:
            raise _Unsound(value, state)
        return value

    def _read(self, entity: Entity, state: ModelState) -> SequenceValueDTO | None:
        read = bind_body(entity, self.value_contract, self._parameter, state, self.options)
        return None if read is None else SequenceValueDTO.model_validate(read)

    def write_saved(
        self, kind: Hashable, number: int, message: Callable[[int], ActionResultOfSequenceNumberDTO], chosen: Format
    ) -> bytes:
        """Write the answer that `message` makes of a number (ADR-33).

        kind: everything else that the message depends on.
        """
        return self._writings.write((kind, chosen), number, lambda any_number: self._write(message(any_number), chosen))

    def _write(self, message: SequenceNumberDTO | ActionResultOfSequenceNumberDTO, chosen: Format) -> bytes:
        return message_body(self._contracts[type(message)], message.model_dump(by_alias=True), chosen, self.options)

    def write_location(self, message: LocationDTO | PageOfLocationDTO | None, chosen: Format) -> bytes:
        """A location, a page of them, or the null message."""
        contract = _LOCATION if message is None else contract_of(type(message))
        value = None if message is None else message.model_dump(by_alias=True)
        return message_body(contract, value, chosen, self.options)

    def write_locations(self, messages: Sequence[LocationDTO], chosen: Format) -> bytes:
        """Locations as a bare list."""
        return list_body(_LOCATION, [one.model_dump(by_alias=True) for one in messages], chosen, self.options)

    def write_null(self, model: type[SequenceNumberDTO], chosen: Format) -> bytes:
        """The null message of a type."""
        return message_body(self._contracts[model], None, chosen, self.options)

    def write_error(self, error: HttpError, chosen: Format) -> bytes:
        """An error of the framework."""
        return error_body(error, chosen, self.options)


def write_token(answer: AccessToken | TokenError) -> bytes:
    """Write an answer of the token endpoint: always JSON, without members that are None. Source: R-12."""
    return _json(answer)


def _json(model: BaseModel) -> bytes:
    return json.dumps(model.model_dump(exclude_none=True), separators=(",", ":")).encode()
