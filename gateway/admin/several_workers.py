"""How several workers behind one admin port answer each operation (ADR-27). A test holds that no operation is left out."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote


class Way(enum.Enum):
    """How an operation is answered.

    ANY: any worker answers. What the answer is about is in the store, or each worker has the same.
    COMMON: the first worker carries it out. All others take over what it has then, before the answer goes out.
    WRITTEN: every worker writes the journal entries that it has in memory. Then any worker answers from the files of all.
    WAIT: as WRITTEN, again after each match in any worker, until there are enough matches or the time is up.
    EACH: every worker drops its own journal entries. The counts are added up.
    HEALTH: every worker answers. What each has of its own is added up.
    """

    ANY = "any"
    COMMON = "common"
    WRITTEN = "written"
    WAIT = "wait"
    EACH = "each"
    HEALTH = "health"


_TENANT: Final = "/v1/tenants/{tenant}"
_SERIES: Final = _TENANT + "/series/{series}"
_SNAPSHOTS: Final = _TENANT + "/snapshots"
_REQUESTS: Final = "/v1/requests"

WAYS: Final[Mapping[tuple[str, str], Way]] = {
    ("GET", "/v1/health"): Way.HEALTH,
    ("GET", "/v1/tenants"): Way.ANY,
    ("POST", "/v1/tenants"): Way.ANY,
    ("GET", _TENANT): Way.ANY,
    ("PATCH", _TENANT): Way.COMMON,
    ("DELETE", _TENANT): Way.COMMON,
    ("GET", _TENANT + "/series"): Way.ANY,
    ("POST", _TENANT + "/series"): Way.ANY,
    ("GET", _SERIES): Way.ANY,
    ("PATCH", _SERIES): Way.ANY,
    ("GET", _SERIES + "/counters"): Way.ANY,
    ("GET", _SERIES + "/counters/{line}"): Way.ANY,
    ("PUT", _SERIES + "/counters/{line}"): Way.ANY,
    ("PUT", _SERIES + "/counters/{line}/bounds"): Way.ANY,
    ("GET", _TENANT + "/documents"): Way.ANY,
    ("GET", _TENANT + "/documents/{document}"): Way.ANY,
    ("GET", _TENANT + "/catalogue"): Way.ANY,
    ("PUT", _TENANT + "/catalogue"): Way.ANY,
    ("GET", _TENANT + "/due-work"): Way.ANY,
    ("GET", _TENANT + "/due-work/{work}"): Way.ANY,
    ("POST", _TENANT + "/due-work/{work}/retry"): Way.ANY,
    ("POST", _TENANT + "/due-work/{work}/drop"): Way.ANY,
    ("GET", _TENANT + "/ledger"): Way.ANY,
    ("GET", _TENANT + "/ledger/verification"): Way.ANY,
    ("GET", _TENANT + "/ledger/export"): Way.ANY,
    ("GET", _TENANT + "/gaps"): Way.ANY,
    ("GET", _REQUESTS): Way.WRITTEN,
    ("DELETE", _REQUESTS): Way.EACH,
    ("GET", _REQUESTS + "/count"): Way.WRITTEN,
    ("GET", _REQUESTS + "/near-misses"): Way.WRITTEN,
    ("GET", _REQUESTS + "/wait"): Way.WAIT,
    ("GET", _REQUESTS + "/strict-report"): Way.WRITTEN,
    ("GET", _REQUESTS + "/{request}"): Way.WRITTEN,
    ("GET", _REQUESTS + "/{request}/raw"): Way.WRITTEN,
    ("GET", "/v1/journal"): Way.WRITTEN,
    ("GET", "/v1/faults"): Way.ANY,
    ("POST", "/v1/faults"): Way.COMMON,
    ("DELETE", "/v1/faults"): Way.COMMON,
    ("GET", "/v1/faults/{fault}"): Way.ANY,
    ("DELETE", "/v1/faults/{fault}"): Way.COMMON,
    ("GET", _TENANT + "/clock"): Way.ANY,
    ("POST", _TENANT + "/clock/freeze"): Way.ANY,
    ("POST", _TENANT + "/clock/travel"): Way.ANY,
    ("POST", _TENANT + "/clock/resume"): Way.ANY,
    ("GET", _SNAPSHOTS): Way.ANY,
    ("POST", _SNAPSHOTS): Way.ANY,
    ("GET", _SNAPSHOTS + "/{snapshot}"): Way.ANY,
    ("DELETE", _SNAPSHOTS + "/{snapshot}"): Way.ANY,
    ("POST", _SNAPSHOTS + "/{snapshot}/restore"): Way.COMMON,
    ("POST", _TENANT + "/reset"): Way.COMMON,
    ("POST", _TENANT + "/seed"): Way.COMMON,
    ("GET", _TENANT + "/{kind}"): Way.ANY,
    ("POST", _TENANT + "/{kind}"): Way.ANY,
    ("GET", _TENANT + "/{kind}/{item}"): Way.ANY,
    ("GET", "/v1/adapters"): Way.ANY,
    ("GET", "/v1/adapters/{adapter}"): Way.ANY,
    ("GET", "/v1/settings"): Way.ANY,
    ("GET", "/v1/settings/{dialect}"): Way.ANY,
    ("PATCH", "/v1/settings/{dialect}"): Way.COMMON,
    ("GET", "/v1/evidence"): Way.ANY,
    ("GET", "/v1/adapters/{adapter}/evidence"): Way.ANY,
    ("GET", "/v1/evidence/runs"): Way.ANY,
    ("POST", "/v1/evidence/runs"): Way.COMMON,
    ("DELETE", "/v1/evidence/runs"): Way.COMMON,
}

FORGETTING: Final = {
    ("DELETE", _TENANT),
    ("POST", _SNAPSHOTS + "/{snapshot}/restore"),
    ("POST", _TENANT + "/reset"),
    ("POST", _TENANT + "/seed"),
}
"""Operations after which no worker may give an earlier answer to the tenant again."""

_FEWEST_VARIABLES_FIRST: Final = sorted(WAYS, key=lambda row: row[1].count("{"))
_PATTERNS: Final = [
    (row, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", row[1]))) for row in _FEWEST_VARIABLES_FIRST
]


def way_of(method: str, raw_path: str) -> tuple[Way, str]:
    """How a request is answered, and the tenant whose answers are to be forgotten ("" for none).

    Any worker answers a request for a path that is not in the table, because each of them answers it with the same problem.
    """
    for row, pattern in _PATTERNS:
        match = pattern.fullmatch(raw_path)
        if match and row[0] == ("GET" if method == "HEAD" else method):
            return WAYS[row], unquote(match["tenant"]) if row in FORGETTING else ""
    return Way.ANY, ""
