"""What may be odd about a request, as small fixed words; a dialect notes them on `Call.findings`.

Two kinds. What the vendor tolerates in silence: the strict profile refuses it. And why a request was not accepted though
something like it would have been (`NEAR_MISSES`), which some vendors say with HTTP 200.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final


class Finding(enum.StrEnum):
    """One kind of finding. The value is what stands in journals and reports."""

    # The vendor goes on as if nothing were wrong, or as if less had been sent.
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

    # The vendor refuses; something like it would have been right.
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
"""What is never tolerated, but tells that a request almost matched."""


def code_of(finding: str) -> str:
    """The code of a noted finding, which may go on with a colon and a detail: `unknown-member: Sufix`."""
    return finding.partition(":")[0]


def tolerated(findings: Iterable[str]) -> bool:
    """True when one of the noted findings is something that the vendor goes on in spite of."""
    return any(code_of(finding) not in NEAR_MISSES for finding in findings)
