"""A JSON tokenizer that is as lenient, and as strict, as Newtonsoft.Json's, and has the same states.

A client sees these states through ModelState. After a bad value the reader goes on from where it stopped, and the place
decides whether there is a next error and which. Places and effects differ between versions of the library (`Profile`).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any, Final

from gateway.wire.aspnet.json_characters import Characters, JsonError, is_space, match_end
from gateway.wire.aspnet.json_numbers import NotANumber, read_integer, read_literal, text_of


class Token(enum.Enum):
    """What the reader stands on."""

    NONE = 0
    START_OBJECT = 1
    START_ARRAY = 2
    START_CONSTRUCTOR = 3
    PROPERTY = 4
    COMMENT = 5
    INTEGER = 6
    FLOAT = 7
    STRING = 8
    BOOLEAN = 9
    NULL = 10
    UNDEFINED = 11
    END_OBJECT = 12
    END_ARRAY = 13
    END_CONSTRUCTOR = 14


class Expect(enum.Enum):
    """What the caller wants to read; it changes how numbers are taken."""

    ANY = 0
    INT32 = 1
    STRING = 2


class _State(enum.Enum):
    VALUE = 0  # at the start of the text, after a colon, or inside an array or constructor
    OBJECT = 1
    POST_VALUE = 2
    FINISHED = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """What one version of the library does.

    version: the version of Newtonsoft.Json.
    number_ends_value: a bad number counts as a value that was read (6.0 and later).
    typed_reads: members are read by their type from the characters, without a token in between (9.0 and later).
    bad_number_is_undefined: a bad number leaves an undefined value behind (10.0).
    wraps: an integer literal far beyond its type may come out as another number instead of an error (before 7.0.2).
    brackets: a name with special characters is written `['a b']` in paths.
    """

    version: str
    number_ends_value: bool = True
    typed_reads: bool = False
    bad_number_is_undefined: bool = False
    wraps: bool = False
    brackets: bool = True


PROFILES: Final = {
    "5.0.8": Profile("5.0.8", number_ends_value=False, wraps=True, brackets=False),
    "6.0.8": Profile("6.0.8", wraps=True),
    "9.0.1": Profile("9.0.1", typed_reads=True),
    "10.0.3": Profile("10.0.3", typed_reads=True, bad_number_is_undefined=True),
}
DEFAULT_PROFILE: Final = PROFILES["6.0.8"]
MAX_DEPTH: Final = 256
"""Nesting at which Web API stops reading."""


@dataclass(slots=True)
class _Frame:
    """An open container.

    kind: the character that opened it: `{`, `[` or `(`.
    name: the property that is being read, in an object.
    index: the index of the last value, in an array or a constructor.
    """

    kind: str
    name: str = ""
    index: int = -1


_STARTS: Final = frozenset({Token.START_OBJECT, Token.START_ARRAY, Token.START_CONSTRUCTOR})
_OPENING: Final = {"{": Token.START_OBJECT, "[": Token.START_ARRAY}
_CLOSING: Final = {"}": Token.END_OBJECT, "]": Token.END_ARRAY, ")": Token.END_CONSTRUCTOR}
_CLOSES: Final = {Token.END_OBJECT: "{", Token.END_ARRAY: "[", Token.END_CONSTRUCTOR: "("}
_Word = tuple[str, Token, Any]
_WORDS: Final[dict[str, _Word]] = {
    "t": ("true", Token.BOOLEAN, True),
    "f": ("false", Token.BOOLEAN, False),
    "u": ("undefined", Token.UNDEFINED, None),
    "N": ("NaN", Token.FLOAT, float("nan")),
    "I": ("Infinity", Token.FLOAT, float("inf")),
}
_NULL: Final[_Word] = ("null", Token.NULL, None)
_MINUS_INFINITY: Final[_Word] = ("-Infinity", Token.FLOAT, float("-inf"))
# Newtonsoft.Json first collects everything that could be part of some number, hexadecimal ones included, and judges the
# literal afterwards. So `1-2` or `0xZ` fail at the places where the original fails.
_NUMBER_CHARACTERS = re.compile(r"[-+.0-9a-fA-FxX]*")
_SPECIAL_IN_PATH = re.compile(r"[. \[\]()]")


class JsonReader:
    """Reads one text, token by token. `token` and `value` describe where it stands."""

    def __init__(self, text: str, profile: Profile = DEFAULT_PROFILE) -> None:
        self.profile = profile
        self.token = Token.NONE
        self.value: Any = None
        self._characters = Characters(text)
        self._state = _State.VALUE
        self._fresh = False  # the innermost container was opened and nothing was read in it yet
        self._frames: list[_Frame] = []
        self._too_deep = False

    @property
    def path(self) -> str:
        """The place in the document as `Name`, `Name[0].Other`; empty at the root."""
        parts: list[str] = []
        # A container in which nothing was read yet has no place of its own: `{"a": [` stands at `a`, not at `a[-1]`.
        for frame in self._frames[:-1] if self._fresh else self._frames:
            if frame.kind != "{":
                parts.append(f"[{frame.index}]")
            elif self.profile.brackets and _SPECIAL_IN_PATH.search(frame.name):
                parts.append(f"['{frame.name}']")
            else:
                parts.append(f".{frame.name}" if parts else frame.name)
        return "".join(parts)

    @property
    def depth(self) -> int:
        """How many containers are open around the token."""
        return len(self._frames) - (1 if self._frames and self.token in _STARTS else 0)

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self) -> bool:
        """Go to the next token, comments included. False at the end of the text. Raises JsonError."""
        if self._advance(Expect.ANY):
            return True
        self.token, self.value = Token.NONE, None
        return False

    def read_content(self) -> bool:
        """Go to the next token that is not a comment. False at the end. Raises JsonError."""
        return self._next(Expect.ANY)

    def skip(self) -> None:
        """Go past the value of the current property, or to the end of the current container. Raises JsonError."""
        if self.token is Token.PROPERTY:
            self.read()
        if self.token in _STARTS:
            depth = self.depth
            while self.read() and depth < self.depth:
                pass

    def read_int32(self) -> bool:
        """Go to the next value and take it as a 32-bit integer or null. False at the end. Raises JsonError."""
        if self.profile.typed_reads:
            return self._typed_read(Expect.INT32)
        if not self._next(Expect.INT32):
            return False
        if self.token is Token.STRING:
            self._int32_from_string()
        elif self.token not in {Token.INTEGER, Token.NULL}:
            raise JsonError(f"unexpected {self.token.name} for an integer")
        return True

    def read_string(self) -> bool:
        """Go to the next value and take it as text or null. False at the end. Raises JsonError."""
        if self.profile.typed_reads:
            return self._typed_read(Expect.STRING)
        if not self._next(Expect.STRING):
            return False
        if self.token in {Token.INTEGER, Token.FLOAT, Token.BOOLEAN}:
            self.token, self.value = Token.STRING, text_of(self.value)
        elif self.token not in {Token.STRING, Token.NULL}:
            raise JsonError(f"unexpected {self.token.name} for a string")
        return True

    def _next(self, expect: Expect) -> bool:
        while self._advance(expect):
            if self.token is not Token.COMMENT:
                return True
        self.token, self.value = Token.NONE, None
        return False

    def _int32_from_string(self) -> None:
        if not self.value:
            self.token, self.value = Token.NULL, None
            return
        try:
            self.value = read_integer(self.value, 32)
        except NotANumber as error:
            raise JsonError(str(error)) from None
        self.token = Token.INTEGER

    # --- reading by type, as newer versions do ------------------------------------------------------------------------

    def _typed_read(self, expect: Expect) -> bool:
        """Read a value by its first character. Where no such value can begin, only that one character is skipped."""
        while sign := self._characters.next_sign():
            if sign != "/":
                self._typed_value(sign, expect)
                return True
            self._characters.take_comment()
        self.token, self.value = Token.NONE, None
        return False

    def _typed_value(self, sign: str, expect: Expect) -> None:
        if sign in "\"'":
            self._set(Token.STRING, self._characters.take_quoted())
            if expect is Expect.INT32:
                self._int32_from_string()
        elif sign in "NI" or self._at_minus_infinity(sign):
            self._typed_word(_MINUS_INFINITY if sign == "-" else _WORDS[sign], expect is Expect.STRING)
        elif sign in "-.0123456789":
            self._number(expect)
        elif sign == "n":
            self._typed_null()
        elif sign in "tf" and expect is Expect.STRING:
            self._typed_word(_WORDS[sign], accepted=True)
        elif sign == ",":
            # The comma stays where it is: it ends the missing value, which counts as undefined, and the next read needs it.
            self._set(Token.UNDEFINED)
            raise JsonError("unexpected ,")
        else:
            self._characters.at += 1
            raise JsonError(f"unexpected {sign}")

    def _typed_word(self, word: _Word, accepted: bool) -> None:
        if not self._characters.take_word(word[0], self._in_constructor) or not accepted:
            raise JsonError(f"{word[0]} is not accepted")
        self._set(Token.STRING, word[0])

    def _typed_null(self) -> None:
        if self._characters.text.startswith("nu", self._characters.at):
            self._word(_NULL)
            return
        # The original steps past both characters before it refuses the second one.
        self._characters.at = min(self._characters.at + 2, self._characters.end)
        raise JsonError("unexpected n")

    # --- states -------------------------------------------------------------------------------------------------------

    def _advance(self, expect: Expect) -> bool:
        characters = self._characters
        while sign := characters.next_sign():
            if sign == "/":
                characters.take_comment()
                self.token, self.value = Token.COMMENT, None
            elif self._state is _State.VALUE:
                self._value(sign, expect)
            elif self._state is _State.OBJECT:
                self._property_or_end(sign)
            elif self._state is _State.FINISHED:
                raise JsonError(f"additional text: {sign}")
            elif sign in _CLOSING:
                characters.at += 1
                self._close(_CLOSING[sign])
            elif sign == ",":
                characters.at += 1
                self._state = _State.OBJECT if self._frames[-1].kind == "{" else _State.VALUE
                continue
            else:
                raise JsonError(f"unexpected {sign} after a value")
            return True
        if self._state is _State.POST_VALUE:
            self._state = _State.FINISHED
        return False

    def _property_or_end(self, sign: str) -> None:
        if sign == "}":
            self._characters.at += 1
            self._close(Token.END_OBJECT)
            return
        name = self._characters.take_name(sign)
        self.token, self.value = Token.PROPERTY, name
        self._fresh = False
        self._state = _State.VALUE
        self._frames[-1].name = name

    def _set(self, token: Token, value: Any = None) -> None:
        self.token, self.value = token, value
        self._value_done()

    def _value_done(self) -> None:
        self._fresh = False
        self._state = _State.POST_VALUE if self._frames else _State.FINISHED
        self._count()

    def _count(self) -> None:
        if self._frames and self._frames[-1].kind != "{":
            self._frames[-1].index += 1

    def _open(self, token: Token, kind: str, value: Any = None) -> None:
        self.token, self.value = token, value
        self._fresh = True
        self._state = _State.OBJECT if kind == "{" else _State.VALUE
        self._count()
        self._frames.append(_Frame(kind))
        # Said once per descent: the reader must be able to skip the rest of the deep value after the error.
        if len(self._frames) > MAX_DEPTH and not self._too_deep:
            self._too_deep = True
            raise JsonError(f"nested deeper than {MAX_DEPTH}")

    def _close(self, token: Token) -> None:
        self.token, self.value = token, None
        kind = self._frames.pop().kind if self._frames else ""
        self._too_deep = self._too_deep and self.depth > MAX_DEPTH
        if kind != _CLOSES[token]:
            raise JsonError(f"{token.name} does not close {kind or 'anything'}")
        self._fresh = False
        self._state = _State.POST_VALUE if self._frames else _State.FINISHED

    # --- values -------------------------------------------------------------------------------------------------------

    def _value(self, sign: str, expect: Expect) -> None:
        if sign in "\"'":
            self._set(Token.STRING, self._characters.take_quoted())
        elif sign in _OPENING:
            self._characters.at += 1
            self._open(_OPENING[sign], sign)
        elif sign == "n":
            self._null_or_constructor()
        elif sign in _WORDS:
            self._word(_WORDS[sign])
        elif self._at_minus_infinity(sign):
            self._word(_MINUS_INFINITY)
        elif sign in "-.0123456789":
            self._number(expect)
        elif sign == ",":
            self._set(Token.UNDEFINED)  # the comma stays: several empty values in a row are several tokens
        elif sign in "])":
            self._characters.at += 1
            self._close(_CLOSING[sign])
        else:
            raise JsonError(f"unexpected {sign}")

    def _null_or_constructor(self) -> None:
        if self._characters.text.startswith("nu", self._characters.at):
            self._word(_NULL)
        elif self._characters.text.startswith("ne", self._characters.at):
            self._open(Token.START_CONSTRUCTOR, "(", self._characters.take_constructor())
        else:
            raise JsonError("unexpected n")

    def _word(self, word: _Word) -> None:
        if not self._characters.take_word(word[0], self._in_constructor):
            raise JsonError(f"not {word[0]}")
        self._set(word[1], word[2])

    @property
    def _in_constructor(self) -> bool:
        return self._state is _State.VALUE and bool(self._frames) and self._frames[-1].kind == "("

    def _at_minus_infinity(self, sign: str) -> bool:
        return sign == "-" and self._characters.text.startswith("-I", self._characters.at)

    def _number(self, expect: Expect) -> None:
        characters = self._characters
        start = characters.at
        characters.at = match_end(_NUMBER_CHARACTERS, characters.text, start)
        following = characters.peek()
        if following and following not in ",}])/\0" and not is_space(following):
            raise JsonError(f"unexpected {following} in a number")
        literal = characters.text[start : characters.at]
        # The order decides what a bad number leaves behind: a value that was read, or a reader that still waits for one.
        if self.profile.number_ends_value:
            self._value_done()
        value = self._number_value(literal, expect)
        if not self.profile.number_ends_value:
            self._value_done()
        if self.profile.typed_reads and expect is Expect.STRING:
            self.token, self.value = Token.STRING, literal
        else:
            self.token, self.value = (Token.FLOAT if isinstance(value, float) else Token.INTEGER), value

    def _number_value(self, literal: str, expect: Expect) -> int | float:
        try:
            return read_literal(literal, expect is Expect.INT32, self.profile.wraps)
        except NotANumber as error:
            if self.profile.bad_number_is_undefined:
                self.token, self.value = Token.UNDEFINED, None
            raise JsonError(str(error)) from None
