"""Government ids, phone numbers and card numbers: pure functions over texts. Source: P-133, P-143."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adapters.resurs.shop import Country, CustomerKind

_NATURAL: Final[Mapping[Country, re.Pattern[str]]] = {
    "SE": re.compile(r"(18\d{2}|19\d{2}|20\d{2}|\d{2})(0[1-9]|1[0-2])(0[1-9]|[1-2][0-9]|3[0-1])([-+])?(\d{4})", re.A),
    "NO": re.compile(r"(0[1-9]|[1-2][0-9]|3[0-1])(0[1-9]|1[0-2])(\d{2})(-)?(\d{5})", re.A),
    "FI": re.compile(r"(\d{6})[+A-](\d{3})([0123456789ABCDEFHJKLMNPRSTUVWXY])", re.A),
    "DK": re.compile(r"((3[0-1])|([1-2][0-9])|(0[1-9]))((1[0-2])|(0[1-9]))(\d{2})(-)?(\d{4})", re.A),
}
_LEGAL: Final[Mapping[Country, re.Pattern[str]]] = {
    "SE": re.compile(r"(16\d{2}|18\d{2}|19\d{2}|20\d{2}|\d{2})(\d{2})(\d{2})([-+])?(\d{4})", re.A),
    "NO": re.compile(r"[89]([ |-]?[0-9]){8}"),
    "FI": re.compile(r"(\d{7})(-)?\d", re.A),
}
_CARD: Final = re.compile(r"[1-9][0-9]{3} ?[0-9]{4} ?[0-9]{4} ?[0-9]{4}")
_SEPARATORS: Final = re.compile(r"[ |+-]")
_NOT_DIALLED: Final = re.compile(r"[\s()/.-]")
_PREFIXES: Final[Mapping[Country, str]] = {"SE": "46", "NO": "47", "DK": "45", "FI": "358"}
_HAS_TRUNK_ZERO: Final = frozenset({"SE", "FI"})
_WITH_CENTURY: Final = re.compile(r"(16|18|19|20)\d{10}", re.A)


def is_government_id(text: str, country: Country, kind: CustomerKind) -> bool:
    """Whether a text has the form of an id. Check digits are not tested; Danish organisations have no form."""
    pattern = (_NATURAL if kind == "NATURAL" else _LEGAL).get(country)
    return text != "" if pattern is None else pattern.fullmatch(text) is not None


def plain_id(text: str, country: Country) -> str:
    """An id without what people write between its digits. A Finnish person's separator says the century, so it stays."""
    if country == "FI" and _NATURAL["FI"].fullmatch(text):
        return text
    return _SEPARATORS.sub("", text)


def without_century(text: str, country: Country) -> str:
    """An id as payments hold it: 198305147715 is 8305147715. Source: P-133."""
    plain = plain_id(text, country)
    return plain[2:] if country == "SE" and _WITH_CENTURY.fullmatch(plain) else plain


def international_phone(text: str, country: Country) -> str:
    """A number with the country's prefix: 070112233 is +4670112233 in Sweden. What is no number stays. Source: P-133."""
    dialled = _NOT_DIALLED.sub("", text)
    if dialled.startswith("00"):
        dialled = "+" + dialled[2:]
    if not (dialled.isascii() and dialled.removeprefix("+").isdigit()):
        return text
    if dialled.startswith("+"):
        return dialled
    if country in _HAS_TRUNK_ZERO and dialled.startswith("0"):
        dialled = dialled[1:]
    return f"+{_PREFIXES[country]}{dialled}"


def is_card_number(text: str) -> bool:
    """Whether a text has the form of a card number."""
    return _CARD.fullmatch(text) is not None


def plain_card(text: str) -> str:
    """A card number without blanks."""
    return text.replace(" ", "")
