"""What may be odd about a request, as small fixed words. A dialect notes them with `Call.found`.

There are two kinds (ADR-18). Some things the vendor tolerates in silence; the strict profile refuses them. The others say why
a request was refused though something like it would have been accepted (`NEAR_MISSES`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final


class Finding(enum.StrEnum):
    """One kind of finding. Its value stands in journals and reports."""

    # The vendor tolerates it: it goes on as if nothing were wrong, or as if less had been sent.
    MISPLACED_MEMBER = "misplaced-member"
    UNKNOWN_MEMBER = "unknown-member"
    UNKNOWN_ELEMENT = "unknown-element"
    UNKNOWN_ATTRIBUTE = "unknown-attribute"
    REPEATED_MEMBER = "repeated-member"
    NAME_CASE = "name-case"
    CLAMPED_NUMBER = "clamped-number"
    CONVERTED_VALUE = "converted-value"
    IGNORED_BODY = "ignored-body"
    IGNORED_PARAMETER = "ignored-parameter"
    LENIENT_SYNTAX = "lenient-syntax"
    TRAILING_CONTENT = "trailing-content"
    UNDECLARED_TYPE = "undeclared-content-type"
    ACTION_MISMATCH = "soap-action-mismatch"
    FOREIGN_NAMESPACE = "foreign-namespace"

    # The vendor refuses it, though something like it would have been right.
    WRONG_NAMESPACE = "wrong-namespace"
    WRONG_CREDENTIAL = "wrong-credential"
    SESSION_EXPIRED = "session-expired"
    WRONG_PATH_CASE = "wrong-path-case"
    UNKNOWN_PATH = "unknown-path"
    UNKNOWN_OPERATION = "unknown-operation"
    WRONG_VERB = "wrong-verb"
    WRONG_CONTENT_TYPE = "wrong-content-type"
    UNREADABLE_MESSAGE = "unreadable-message"


NEAR_MISSES: Final = frozenset(
    {
        Finding.WRONG_NAMESPACE,
        Finding.WRONG_CREDENTIAL,
        Finding.SESSION_EXPIRED,
        Finding.WRONG_PATH_CASE,
        Finding.UNKNOWN_PATH,
        Finding.UNKNOWN_OPERATION,
        Finding.WRONG_VERB,
        Finding.WRONG_CONTENT_TYPE,
        Finding.UNREADABLE_MESSAGE,
    }
)
"""What is never tolerated, but shows that a request almost matched."""


OUTBOUND: Final = "outbound"
"""Marks a request of the gateway's own in the journal: it says nothing about a client."""
_NEVER_TOLERATED: Final = NEAR_MISSES | {OUTBOUND}


def code_of(finding: str) -> str:
    """The code of a noted finding, without its detail: `unknown-member` of `unknown-member: Sufix`."""
    return finding.partition(":")[0]


def tolerated(findings: Iterable[str]) -> bool:
    """True when one of the noted findings is something that the vendor tolerates."""
    return any(code_of(finding) not in _NEVER_TOLERATED for finding in findings)
