"""Settles where .NET's XML reader and the one hardened parser disagree about a document.

The text is brought to a form on which both agree, or it is refused:

* The declaration is checked and removed.
* What follows the root is judged and removed.
* Processing instructions are refused.
* A reference to a character that XML cannot hold is replaced by a stand-in. `Normal.restore` turns it back after parsing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_S: Final = r"[ \t\r\n]"
_DECLARATION = re.compile(
    rf"""<\?xml{_S}+version{_S}*={_S}*(?:"1\.0"|'1\.0')"""
    rf"""(?:{_S}+encoding{_S}*={_S}*(?:"([^"<]*)"|'([^'<]*)'))?"""
    rf"""(?:{_S}+standalone{_S}*={_S}*(?:"(?:yes|no)"|'(?:yes|no)'))?{_S}*\?>"""
)
_DECLARED: Final = {"utf-8": ("utf-8",), "utf-16": ("utf-16", "utf-16le")}
_TEXT = re.compile(r"[^<]*")
_TAG = re.compile(r"""</?(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>""")  # possessive: an unfinished tag fails in linear time
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]*)|([0-9]*));")
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_STAND_INS: Final = (0xF0000, 0xF1000, 0x100000, 0x101000)
"""Where stand-ins may begin: ranges for private use. The first range that the document does not use itself is taken."""
_STAND_IN_COUNT: Final = 0x22


class NotXml(Exception):
    """.NET's reader would not accept the text."""


@dataclass(frozen=True, slots=True)
class Normal:
    """A document for the hardened parser, and where its stand-ins begin (0 = it has none)."""

    text: str
    stand_ins: int = 0

    def restore(self, text: str) -> str:
        """Element text with the characters that the stand-ins stand for."""
        if not self.stand_ins:
            return text
        table = {self.stand_ins + place: code for place, code in enumerate(_PLACES)}
        return text.translate(table)


_PLACES: Final = (*range(0x20), 0xFFFE, 0xFFFF)
_PLACE_OF: Final = {code: place for place, code in enumerate(_PLACES)}


def normalise(text: str, charset: str) -> Normal:
    """Bring a decoded document to the form the hardened parser reads. Raises NotXml."""
    body = text[_declaration_end(text, charset) :]
    end = _root_end(body)
    _judge_rest(body, end)
    body = body[:end]
    if "&#" not in body and "<![CDATA[" not in body:
        return Normal(body)
    return _with_stand_ins(body)


def _declaration_end(text: str, charset: str) -> int:
    if not re.match(rf"<\?xml{_S}", text):
        return 0
    match = _DECLARATION.match(text)
    if match is None:
        raise NotXml("malformed declaration")
    declared = match[1] if match[1] is not None else match[2]
    if declared is not None and declared.lower() not in _DECLARED[charset]:
        raise NotXml(f"declared as {declared}, read as {charset}")
    return match.end()


def _root_end(body: str) -> int:
    """The position behind the root element. Whatever is malformed on the way is left to the parser."""
    at = depth = 0
    while True:
        match = _TEXT.match(body, at)
        at = match.end() if match else at
        if at >= len(body):
            return at
        after = _special_end(body, at, depth)
        if after is not None:
            at = after
            continue
        tag = _TAG.match(body, at)
        if tag is None:
            return len(body)
        at = tag.end()
        depth += _depth_change(tag[0])
        if depth <= 0:
            return at


def _depth_change(tag: str) -> int:
    if tag.startswith("</"):
        return -1
    return 0 if tag.endswith("/>") else 1


def _special_end(body: str, at: int, depth: int) -> int | None:
    """The end of a comment or CDATA section that begins here; None for a tag."""
    if body.startswith("<?", at):
        raise NotXml("processing instructions are not supported")
    if body.startswith("<!--", at):
        return _after(body, "-->", at + 4)
    if body.startswith("<![CDATA[", at):
        # Between the members .NET allows no text, and a CDATA section is text even when it is blank. The parser merges
        # sections into the text around them, so only here it can still be seen.
        if depth == 1:
            raise NotXml("text between members")
        return _after(body, "]]>", at + 9)
    return None


def _after(body: str, close: str, at: int) -> int:
    found = body.find(close, at)
    return len(body) if found < 0 else found + len(close)


def _judge_rest(body: str, at: int) -> None:
    """.NET's reader takes one more step behind the root. White space or a comment there is accepted and hides the rest."""
    rest = body[at:]
    if not rest or rest[0] in " \t\r\n":
        return
    if rest.startswith("<!--") and "--" in rest[4:] and rest[4:].find("--") == rest[4:].find("-->"):
        return
    raise NotXml("something stands behind the root")


def _with_stand_ins(body: str) -> Normal:
    base = next((base for base in _STAND_INS if not _uses(body, base)), 0)
    if not base:
        raise NotXml("every range for private use is in use")

    def stand_in(code: int) -> str:
        return chr(base + _PLACE_OF[code])

    def reference(match: re.Match[str]) -> str:
        digits = match[1] if match[1] is not None else match[2]
        # Sixteen digits are far beyond any character: the parser refuses them, and no huge integer is made on the way.
        code = int(digits or "0", 16 if match[1] is not None else 10) if len(digits) < 16 else -1
        # Tab and line breaks are the control characters that XML can hold: the parser reads them itself.
        return stand_in(code) if code in _PLACE_OF and code not in {9, 10, 13} else match[0]

    def section(match: re.Match[str]) -> str:
        if not match[0].startswith("<![CDATA["):
            return _REFERENCE.sub(reference, match[0])
        return _UNHOLDABLE.sub(lambda sign: stand_in(ord(sign[0])), match[0])

    return Normal(_SECTIONS.sub(section, body), base)


_SECTIONS = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|[^<]+|<", re.DOTALL)


def _uses(body: str, base: int) -> bool:
    return re.search(f"[{chr(base)}-{chr(base + _STAND_IN_COUNT)}]", body) is not None
