"""The address of a callback: the registered template with what the event says. Pure. Source: P-152 to P-155."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from adapters.resurs.representative import Registration

_SAFE: Final = "$-_.+!*'(),"
"""What stands for itself in a value, beside letters and digits. Source: P-152."""
_NAME: Final = re.compile(r"\{(\w+)\}")
_SCHEME: Final = re.compile(r"[^:/?#]+://")
_END: Final = re.compile(r"[/?#]")
_SENDABLE: Final = string.punctuation
"""A template may hold blanks and letters that an address cannot have. Everything else is the client's own."""


def filled(registration: Registration, facts: Mapping[str, str]) -> str:
    """The address with its placeholders replaced. Names that are not known stay (inferred).

    facts: what the event says, by placeholder.
    """
    values = {**facts, "digest": digest_of(registration, facts)}

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        return match[0] if found is None else _encoded(found)

    return quote(_NAME.sub(value, registration.uri_template.strip()), safe=_SENDABLE)


def _encoded(value: str) -> str:
    return quote(value, safe=_SAFE).replace("~", "%7E")


def digest_of(registration: Registration, facts: Mapping[str, str]) -> str:
    """What proves that a callback is genuine: upper-case hexadecimal digits; empty when none is configured (P-155).

    The hash of the values of the registered parameters in their order, and the salt behind them (P-153). A parameter that the
    event does not know has no value (inferred).
    """
    if registration.algorithm is None:
        return ""
    text = "".join(facts.get(name, "") for name in registration.parameters) + (registration.salt or "")
    return hashlib.new(registration.algorithm, text.encode(), usedforsecurity=False).hexdigest().upper()


def _parts(url: str) -> tuple[str, str]:
    """Scheme, host and port, without a user and a password; and what follows."""
    scheme = _SCHEME.match(url)
    begin = scheme.end() if scheme is not None else 0
    end = _END.search(url, begin)
    stop = len(url) if end is None else end.start()
    return url[:begin] + url[begin:stop].rpartition("@")[2], url[stop:]


def destination_of(template: str) -> str:
    """Scheme, host and port of a template as they stand there."""
    return _parts(template)[0]


def without_user(url: str) -> str:
    """An address without its user and password."""
    return "".join(_parts(url))
