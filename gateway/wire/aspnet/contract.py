"""What a message looks like: its members in declared order, their types, and its XML name.

A message is a plain mapping from member name to `int`, `str`, `bool`, another mapping, or None. None in place of a mapping
is the null message. JSON writes members as declared; the DataContract serializer has its own order
(`Contract.xml_members`).
"""

from __future__ import annotations

import base64
import enum
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Value: TypeAlias = Mapping[str, Any]

DATA_CONTRACT_NAMESPACE: Final = "http://schemas.datacontract.org/2004/07/"


class Scalar(enum.Enum):
    """A simple member type, by its CLR name."""

    STRING = "String"
    INT32 = "Int32"
    INT64 = "Int64"
    BOOLEAN = "Boolean"

    @property
    def default(self) -> int | bool | None:
        """What a member has that the message does not mention: null, 0 or false."""
        return _DEFAULTS[self]

    @property
    def bits(self) -> int:
        """Width of an integer type."""
        return 64 if self is Scalar.INT64 else 32


_DEFAULTS: Final[dict[Scalar, int | bool | None]] = {
    Scalar.STRING: None,
    Scalar.INT32: 0,
    Scalar.INT64: 0,
    Scalar.BOOLEAN: False,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One property.

    name: its name in JSON and XML.
    type: a simple type, or the contract of a nested message.
    inherited: it belongs to the base class. JSON writes those members last, XML writes them first.
    many: it holds a list of messages. Such a member can be written and not read.
    """

    name: str
    type: Scalar | Contract
    inherited: bool = False
    many: bool = False


@dataclass(frozen=True)
class Contract:
    """A message type.

    name: the local name of the XML element.
    namespace: the namespace of the XML element.
    members: in declared order.
    xml_members: in the order of the DataContract serializer.
    by_name: each member by its name.
    by_folded_name: each member by its name in capitals; of two that differ only in case, the one declared first.
    """

    name: str
    namespace: str
    members: tuple[Member, ...]
    xml_members: tuple[Member, ...] = field(init=False, repr=False, compare=False)
    by_name: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    by_folded_name: Mapping[str, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Base members first, then the class's own, each by ordinal name. Source: .NET "Data Member Order"."""
        ordered = sorted(self.members, key=lambda m: (not m.inherited, m.name))
        object.__setattr__(self, "xml_members", tuple(ordered))
        object.__setattr__(self, "by_name", {m.name: m for m in self.members})
        object.__setattr__(self, "by_folded_name", {m.name.upper(): m for m in reversed(self.members)})

    def defaults(self) -> dict[str, Any]:
        """A message in which nothing was mentioned."""
        return {m.name: m.type.default if isinstance(m.type, Scalar) else None for m in self.members}

    def member(self, name: str) -> Member | None:
        """The member a client's spelling means: exact match first, else without regard to case."""
        return self.by_name.get(name) or self.by_folded_name.get(name.upper())


def generic_name(base: str, arguments: Iterable[Contract | str]) -> str:
    """The default XML name of a generic contract: `<base>Of<arguments>` and a digest of the arguments' namespaces.

    A string is the XML name of a primitive (`int`); when all arguments are primitive there is no digest.
    """
    listed = list(arguments)
    names = "".join(a if isinstance(a, str) else a.name for a in listed)
    contracts = [a for a in listed if isinstance(a, Contract)]
    if not contracts:
        return f"{base}Of{names}"
    text = f" {len(listed)}" + "".join(f" {a.namespace}" for a in contracts)
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()[:6]
    letters = base64.b64encode(digest).decode().rstrip("=").replace("/", "_S").replace("+", "_P")
    return f"{base}Of{names}{letters}"
