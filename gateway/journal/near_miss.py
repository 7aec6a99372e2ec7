"""Why a refused request almost matched: by the dialect's findings, else by the outcome or the status that it chose."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Final

from gateway.spi.adapter import Call
from gateway.spi.findings import NEAR_MISSES, OUTBOUND, Finding, code_of

_BY_OUTCOME: Final[Mapping[str, Finding]] = MappingProxyType(
    {
        "unauthorized": Finding.WRONG_CREDENTIAL,
        "forbidden": Finding.WRONG_CREDENTIAL,
        "invalid_client": Finding.WRONG_CREDENTIAL,
        "invalid_grant": Finding.WRONG_CREDENTIAL,
        "unauthorized_client": Finding.WRONG_CREDENTIAL,
        "method_not_allowed": Finding.WRONG_VERB,
        "content_type": Finding.WRONG_CONTENT_TYPE,
        "unreadable": Finding.UNREADABLE_MESSAGE,
        "body_unreadable": Finding.UNREADABLE_MESSAGE,
        "not_found": Finding.UNKNOWN_PATH,
    }
)
_BY_STATUS: Final[Mapping[int, Finding]] = MappingProxyType(
    {
        401: Finding.WRONG_CREDENTIAL,
        403: Finding.WRONG_CREDENTIAL,
        405: Finding.WRONG_VERB,
        406: Finding.WRONG_CONTENT_TYPE,
        415: Finding.WRONG_CONTENT_TYPE,
    }
)


class NearMisses:
    """Judges answered calls.

    known_paths: the paths of the dialects, in lower case. They separate a path in wrong case from a wrong path.
    """

    def __init__(self, known_paths: Container[str] = ()) -> None:
        self._known = known_paths

    def of(self, call: Call, outcome: str, status: int) -> str:
        """The code of a near miss; "" for a request that was carried out, or failed for another reason."""
        noted = [code for code in map(code_of, call.findings) if code in NEAR_MISSES]
        if noted:
            return noted[0]
        if (status and status < 400) or OUTBOUND in call.findings:
            return ""
        found = _BY_OUTCOME.get(outcome) or _BY_STATUS.get(status)
        if found is None and status == 404 and not call.operation:
            found = Finding.UNKNOWN_PATH
        if found is Finding.UNKNOWN_PATH and call.path.lower() in self._known:
            found = Finding.WRONG_PATH_CASE
        return found.value if found else ""
