"""The characters of a JSON text and a position in them: strings, names, words and comments as Newtonsoft.Json takes them.

Every method leaves the position where the original leaves it, also when it refuses, because the next read starts there.
"""

from __future__ import annotations

import re
from typing import Final

WHITE: Final = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What .NET counts as white space, as the inside of a character class."""
_SPACE = re.compile(f"[{WHITE}\0]*")
_IS_SPACE = re.compile(f"[{WHITE}]")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_STRING_RUN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_ESCAPES: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/"}
# Four characters of an escape pass through .NET's number parser, which allows white space around and NUL behind the digits.
_HEX4 = re.compile(r"[\t-\r ]*([0-9a-fA-F]+)[\t-\r ]*\0*\Z")


class JsonError(Exception):
    """The text cannot be read on. The path at which it happened is the reader's."""


class Characters:
    """A text and a position in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0

    def peek(self) -> str:
        """The character at the position; empty at the end."""
        return self.text[self.at : self.at + 1]

    def next_sign(self) -> str:
        """Go past white space and NUL; the character found there, empty at the end."""
        self.at = match_end(_SPACE, self.text, self.at)
        return self.text[self.at : self.at + 1]

    # --- words, names, comments ---------------------------------------------------------------------------------------

    def take_word(self, word: str, in_constructor: bool) -> bool:
        """Take the word if it stands here. False when something else follows it directly; the word is taken even then."""
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        following = self.peek()
        if not following or following in "}],\0" or is_space(following):
            return True
        if following == "/":
            return self.text[self.at + 1 : self.at + 2] in {"*", "/"}
        return following == ")" and in_constructor

    def take_constructor(self) -> str:
        """Take `new Name(` and return the name. Raises JsonError."""
        if not self.take_word("new", in_constructor=False):
            raise JsonError("not new")
        self.next_sign()
        start = self.at
        while _is_letter_or_digit(self.peek()):
            self.at += 1
        name = self.text[start : self.at]
        if self.next_sign() != "(":
            raise JsonError("unexpected character in a constructor")
        self.at += 1
        return name

    def take_name(self, sign: str) -> str:
        """Take a property name, quoted or bare, and the colon behind it. Raises JsonError."""
        if sign in "\"'":
            name = self.take_quoted()
        elif _is_name_character(sign):
            name = self._bare_name()
        else:
            raise JsonError(f"unexpected {sign} for a property name")
        if self.next_sign() != ":":
            raise JsonError("no colon after a property name")
        self.at += 1
        return name

    def _bare_name(self) -> str:
        start = self.at
        while sign := self.peek():
            if not _is_name_character(sign):
                if sign in ":\0" or is_space(sign):
                    return self.text[start : self.at]
                raise JsonError(f"unexpected {sign} in a property name")
            self.at += 1
        raise JsonError("unexpected end in a property name")

    def take_comment(self) -> None:
        """Take a comment of either kind. Raises JsonError."""
        self.at += 1
        kind = self.peek()
        if self.at + 1 >= self.end:
            raise JsonError("unexpected end in a comment")
        if kind == "*":
            close = self.text.find("*/", self.at + 1)
            self.at = self.end if close < 0 else close + 2
            if close < 0:
                raise JsonError("unterminated comment")
        elif kind == "/":
            self.at = match_end(_REST_OF_LINE, self.text, self.at)
        else:
            raise JsonError("not a comment")

    # --- strings ------------------------------------------------------------------------------------------------------

    def take_quoted(self) -> str:
        """Take a string in either kind of quotes; raw line breaks are part of it. Raises JsonError."""
        quote = self.peek()
        self.at += 1
        run, parts = _STRING_RUN[quote], []
        while True:
            stop = match_end(run, self.text, self.at)
            parts.append(self.text[self.at : stop])
            self.at = stop
            if stop >= self.end:
                raise JsonError("unterminated string")
            self.at += 1
            if self.text[stop] == quote:
                return "".join(parts)
            parts.append(self._escape())

    def _escape(self) -> str:
        letter = self.peek()
        if not letter:
            raise JsonError("unterminated string")
        self.at += 1
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter != "u":
            raise JsonError(f"bad escape \\{letter}")
        return self._unicode_escape()

    def _unicode_escape(self) -> str:
        """A code unit, or a pair of them; what is half a pair becomes U+FFFD."""
        unit = self._code_unit()
        replaced = ""
        # A high half may be followed by another high half: each becomes U+FFFD until a low half or something else comes.
        while 0xD800 <= unit < 0xDC00:
            if not (self.text.startswith("\\u", self.at) and self.at + 2 < self.end):
                return replaced + "\ufffd"
            self.at += 2
            second = self._code_unit()
            if 0xDC00 <= second < 0xE000:
                return replaced + chr(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
            replaced += "\ufffd"
            unit = second
        return replaced + ("\ufffd" if 0xDC00 <= unit < 0xE000 else chr(unit))

    def _code_unit(self) -> int:
        match = _HEX4.match(self.text[self.at : self.at + 4])
        # `>=` and not `>`: a text that ends with the escape lacks its closing quote, and the original notices that here.
        if self.at + 4 >= self.end or match is None:
            raise JsonError("bad unicode escape")
        self.at += 4
        return int(match[1], 16)


def match_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a match that starts here ends; here when there is none."""
    match = pattern.match(text, at)
    return match.end() if match else at


def is_space(sign: str) -> bool:
    """White space as .NET counts it; NUL is none."""
    return _IS_SPACE.match(sign) is not None


def _is_letter_or_digit(sign: str) -> bool:
    # .NET sees a character above U+FFFF as two halves, and neither half is a letter.
    return "" < sign <= "\uffff" and (sign.isalpha() or sign.isdecimal())


def _is_name_character(sign: str) -> bool:
    return sign in "_$" or _is_letter_or_digit(sign)
