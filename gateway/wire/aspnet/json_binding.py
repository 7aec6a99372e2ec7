"""From JSON text to a message: members by name, conversions, metadata properties, and which errors are logged where.

An error is logged under the path at which the reader stands. A bad member is skipped and the message is kept. An error
between members ends the reading, and there is no message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.wire.aspnet.contract import Contract, Member, Scalar
from gateway.wire.aspnet.json_characters import JsonError
from gateway.wire.aspnet.json_numbers import NotANumber, read_integer
from gateway.wire.aspnet.json_reader import DEFAULT_PROFILE, JsonReader, Profile, Token

_METADATA: Final = frozenset({"$ref", "$type", "$id", "$values"})


@dataclass(slots=True)
class JsonRead:
    """What was read.

    value: the message, or None.
    errors: the paths of the errors, in the order of reading.
    """

    value: dict[str, Any] | None = None
    errors: list[str] = field(default_factory=list)


def read_json(text: str, contract: Contract, profile: Profile = DEFAULT_PROFILE) -> JsonRead:
    """Read a message. Never raises for what a client can send."""
    return _Binder(JsonReader(text, profile)).read_root(contract)


class _Binder:
    def __init__(self, reader: JsonReader) -> None:
        self.reader = reader
        self.errors: list[str] = []

    def read_root(self, contract: Contract) -> JsonRead:
        try:
            value = self._object_or_null(contract) if self.reader.read_content() else None
        except JsonError:
            self.errors.append(self.reader.path)
            value = None
        return JsonRead(value, self.errors)

    def _object_or_null(self, contract: Contract) -> dict[str, Any] | None:
        """An object; null, undefined and the empty string are the null message. Anything else is an error."""
        token = self.reader.token
        if token is Token.START_OBJECT:
            return self._object(contract)
        if token in {Token.NULL, Token.UNDEFINED} or (token is Token.STRING and not self.reader.value):
            return None
        raise JsonError(f"{token.name} is not a message")

    def _object(self, contract: Contract) -> dict[str, Any] | None:
        self._require_token()
        if self._metadata():
            return None
        return self._populate(contract)

    def _require_token(self) -> None:
        if not self.reader.read():
            raise JsonError("unexpected end in an object")

    # --- $ref, $type, $id, $values: only as the first properties ------------------------------------------------------

    def _metadata(self) -> bool:
        """Go past metadata properties. True when the object was a reference: then it is null, since none can be known."""
        reader = self.reader
        while reader.token is Token.PROPERTY and reader.value in _METADATA:
            name = reader.value
            self._require_token()
            if name == "$ref":
                if self._reference():
                    return True
                continue
            if name == "$values" or (name == "$type" and reader.value is None):
                raise JsonError(f"{name} cannot be used here")
            self._require_token()
        return False

    def _reference(self) -> bool:
        reader = self.reader
        token, named = reader.token, reader.value is not None
        if token not in {Token.STRING, Token.NULL}:
            raise JsonError("a reference must be a string or null")
        self._require_token()
        if named and reader.token is Token.PROPERTY:
            raise JsonError("a reference must stand alone")
        return named

    # --- members ------------------------------------------------------------------------------------------------------

    def _populate(self, contract: Contract) -> dict[str, Any]:
        reader, values = self.reader, contract.defaults()
        depth = reader.depth
        while reader.token is not Token.END_OBJECT:
            if reader.token is Token.PROPERTY:
                self._member_or_error(contract.member(reader.value), values, depth)
            elif reader.token is not Token.COMMENT:
                raise JsonError(f"unexpected {reader.token.name} in an object")
            if not reader.read():
                self.errors.append(reader.path)
                break
        return values

    def _member_or_error(self, member: Member | None, values: dict[str, Any], depth: int) -> None:
        try:
            self._member(member, values)
        except JsonError:
            self.errors.append(self.reader.path)
            self._recover(depth)

    def _recover(self, depth: int) -> None:
        """Go past what is left of the bad value; an error on the way ends the reading."""
        reader = self.reader
        reader.skip()
        # Older versions stop one level deeper, and the reading goes on from there as if it stood in this object.
        deepest = depth if reader.profile.typed_reads else depth + 1
        while reader.depth > deepest and reader.read():
            pass

    def _member(self, member: Member | None, values: dict[str, Any]) -> None:
        reader = self.reader
        if member is None:
            if reader.read():
                reader.skip()
            return
        if isinstance(member.type, Contract):
            self._require_value(reader.read_content)
            values[member.name] = self._object_or_null(member.type)
            return
        reads = {Scalar.INT32: reader.read_int32, Scalar.STRING: reader.read_string}
        self._require_value(reads.get(member.type, reader.read_content))
        values[member.name] = _converted(reader.token, reader.value, member.type)

    def _require_value(self, read: Callable[[], bool]) -> None:
        if not read():
            raise JsonError("unexpected end before a value")


def _converted(token: Token, value: Any, scalar: Scalar) -> Any:
    """The value for a member, as Convert.ChangeType makes it. Raises JsonError."""
    if scalar is Scalar.STRING:
        return value
    if token in {Token.NULL, Token.UNDEFINED, Token.START_ARRAY, Token.START_OBJECT, Token.START_CONSTRUCTOR}:
        raise JsonError(f"{token.name} is no {scalar.value}")
    if scalar is Scalar.BOOLEAN:
        return _boolean(token, value)
    return _integer(token, value, scalar.bits)


def _boolean(token: Token, value: Any) -> bool:
    if token is not Token.STRING:
        return bool(value)
    if value.strip().lower() not in {"true", "false"}:
        raise JsonError("not a boolean")
    return bool(value.strip().lower() == "true")


def _integer(token: Token, value: Any, bits: int) -> int:
    """A whole number must fit the type. A fraction is rounded half to even, a string is read, and true is 1."""
    try:
        number = read_integer(value, bits) if token is Token.STRING else round(value)
    except (NotANumber, OverflowError, ValueError) as error:
        raise JsonError(str(error)) from None
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise JsonError(f"more than {bits} bits")
    return number
