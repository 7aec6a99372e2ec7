"""Values that are kept as text and decoded when somebody asks for something in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, overload

V = TypeVar("V")


class KeptSequence(Sequence[V]):
    """A sequence as it is kept. It equals a tuple of the same values.

    text: from which `decode` makes the values.
    """

    __slots__ = ("_decode", "_values", "text")

    def __init__(self, text: str, decode: Callable[[str], tuple[V, ...]]) -> None:
        self.text: Final = text
        self._decode = decode
        self._values: tuple[V, ...] | None = None

    def decoded(self) -> tuple[V, ...]:
        """The values, decoded at the first call."""
        if self._values is None:
            self._values = self._decode(self.text)
        return self._values

    @overload
    def __getitem__(self, place: int) -> V: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[V, ...]: ...
    def __getitem__(self, place: int | slice) -> V | tuple[V, ...]:
        return self.decoded()[place]

    def __len__(self) -> int:
        return len(self.decoded())

    def __iter__(self) -> Iterator[V]:
        return iter(self.decoded())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptSequence):
            return self.decoded() == other
        return self.text == other.text or self.decoded() == other.decoded()

    def __hash__(self) -> int:
        return hash(self.decoded())

    def __repr__(self) -> str:
        return repr(self.decoded())


class KeptMapping(Mapping[str, Any]):
    """A mapping as it is kept. It equals a dictionary of the same values.

    text: from which `decode` makes the values.
    """

    __slots__ = ("_decode", "_values", "text")

    def __init__(self, text: str, decode: Callable[[str], dict[str, Any]]) -> None:
        self.text: Final = text
        self._decode = decode
        self._values: dict[str, Any] | None = None

    def decoded(self) -> dict[str, Any]:
        """The values, decoded at the first call."""
        if self._values is None:
            self._values = self._decode(self.text)
        return self._values

    def __getitem__(self, name: str) -> Any:
        return self.decoded()[name]

    def __contains__(self, name: object) -> bool:
        return name in self.decoded()

    def __len__(self) -> int:
        return len(self.decoded())

    def __iter__(self) -> Iterator[str]:
        return iter(self.decoded())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptMapping):
            return self.decoded() == other
        return self.text == other.text or self.decoded() == other.decoded()

    def __hash__(self) -> int:
        raise TypeError("unhashable, as a dictionary is")

    def __repr__(self) -> str:
        return repr(self.decoded())
