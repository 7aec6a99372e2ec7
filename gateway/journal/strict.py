"""What each client would have met in the strict profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from gateway.journal.models import StrictClient
from gateway.spi.findings import OUTBOUND

_EXAMPLES: Final = 5


def clients_of(rows: Iterable[tuple[int, str, int, str]]) -> tuple[StrictClient, ...]:
    """A line for each client, the one with most failures first.

    rows: for each request its id, its client, whether the strict profile would refuse it, and its finding codes.
    """
    by_client: dict[str, list[tuple[int, int, str]]] = {}
    for entry_id, client, strict, findings in rows:
        if OUTBOUND in findings.split():  # the gateway's own
            continue
        by_client.setdefault(client, []).append((entry_id, strict, findings))
    clients = (_client(client, seen) for client, seen in by_client.items())
    return tuple(sorted(clients, key=lambda client: (-client.would_fail, client.user_agent)))


def _client(client: str, seen: list[tuple[int, int, str]]) -> StrictClient:
    failing = [(entry_id, findings) for entry_id, strict, findings in seen if strict]
    codes = Counter(code for _, findings in failing for code in set(findings.split()))
    return StrictClient(
        user_agent=client,
        requests=len(seen),
        would_fail=len(failing),
        findings=dict(codes.most_common()),
        examples=tuple(entry_id for entry_id, _ in failing[:_EXAMPLES]),
    )
