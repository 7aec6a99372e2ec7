"""What the one admin port of two workers answers and changes concerns both: real processes on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.admin.api import ROUTES
from gateway.admin.several_workers import FORGETTING, WAYS, Way, way_of
from tests import pg
from tests.admin.paths import RUN, path_of
from tests.server.supervisor.pair import READ_TOKEN, Admin, Pair, pair

ANY = {"If-Match": "*"}
FAILING = {"action": {"kind": "failure", "failure": "internal"}, "dialect": "resurs"}


@pytest.fixture(scope="module")
def shared(cluster: pg.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(cluster, tmp_path_factory.mktemp("pair")) as made:
        yield made


@pytest.fixture
def both(shared: Pair) -> Iterator[Pair]:
    """The two workers as at their start, but for the store."""
    yield shared
    shared.admin.done("DELETE", "/v1/faults")
    shared.admin.done("DELETE", "/v1/evidence/runs")
    shared.admin.done("PATCH", "/v1/tenants/demo", {"profile": "vendor", "replay_window_seconds": 0})
    shared.admin.done("PATCH", "/v1/settings/resurs", {"layout": None}, **ANY)
    shared.admin.done("DELETE", "/v1/requests")


# The table


def test_every_operation_has_its_way() -> None:
    assert set(WAYS) == {(route.method, route.path) for route in ROUTES}
    assert {row for row in FORGETTING if WAYS[row] is not Way.COMMON} == set()
    for route in ROUTES:
        way, forget = way_of(route.method, path_of(route, tenant="a%20b").partition("?")[0])
        assert way is WAYS[route.method, route.path], route.name
        assert forget == ("a b" if (route.method, route.path) in FORGETTING else ""), route.name


def test_every_change_that_is_in_no_store_is_common() -> None:
    stored = {route.name for route in ROUTES if route.changes and WAYS[route.method, route.path] is Way.ANY}
    assert all(route.asks_store for route in ROUTES if route.name in stored)


# Any worker


@pytest.mark.parametrize(
    "path",
    [
        "/v1/tenants",
        "/v1/tenants/demo/series",
        "/v1/tenants/demo/series/main/counters",
        "/v1/tenants/demo/series/main/counters/invoice",
        "/v1/tenants/demo/documents",
        "/v1/tenants/demo/catalogue",
        "/v1/tenants/demo/ledger",
        "/v1/tenants/demo/ledger/verification",
        "/v1/tenants/demo/gaps",
        "/v1/tenants/demo/snapshots",
        "/v1/adapters",
        "/v1/settings",
        "/v1/evidence",
    ],
)
def test_what_any_worker_answers_is_the_same_in_both(both: Pair, path: str) -> None:
    for lane in both.lanes:
        number = next(both.numbers)
        assert lane.set(number)
        assert [other.next() for other in both.lanes] == [number] * 2
    assert both.everywhere(path)


def test_a_tenant_made_in_one_is_known_in_both(both: Pair) -> None:
    made = both.admin.done("POST", "/v1/tenants", {"id": "made"})
    assert both.everywhere("/v1/tenants/made")["id"] == made["id"] == "made"
    both.admin.done("PATCH", "/v1/tenants/made", {"profile": "strict"})
    both.admin.done("PATCH", "/v1/tenants/made", {"replay_window_seconds": 5})
    shown = both.everywhere("/v1/tenants/made")
    assert (shown["profile"], shown["replay_window_seconds"]) == ("strict", 5)
    both.admin.done("POST", "/v1/faults", {**FAILING, "tenant": "made"})
    both.admin.done("DELETE", "/v1/tenants/made?purge=true")
    assert both.everywhere("/v1/faults")["items"] == []
    assert [both.admin.ask("GET", "/v1/tenants/made").status for _ in range(4)] == [404] * 4


def test_a_clock_is_the_same_in_both(both: Pair) -> None:
    clock = "/v1/tenants/demo/clock"

    def shown(name: str) -> set[str]:
        return {both.admin.done("GET", clock)[name] for _ in range(4)}

    frozen = both.admin.done("POST", f"{clock}/freeze", {"at": "2030-01-02T03:04:05Z"})
    assert shown("now") == {frozen["now"]}
    travelled = both.admin.done("POST", f"{clock}/travel", {"by_seconds": 60})
    assert shown("now") == {travelled["now"]}
    both.admin.done("POST", f"{clock}/resume")
    assert shown("mode") == {"running"}


# Fault rules


def test_a_rule_strikes_in_both_and_is_one_rule(both: Pair) -> None:
    made = both.admin.done("POST", "/v1/faults", FAILING)
    assert [lane.is_struck() for lane in both.lanes * 2] == [True] * 4
    shown = both.everywhere(f"/v1/faults/{made['id']}")
    assert (shown["calls"], shown["hits"], shown["rule"], shown["added_at"]) == (4, 4, made["rule"], made["added_at"])
    assert both.everywhere("/v1/faults")["items"] == [shown]
    assert both.admin.done("DELETE", f"/v1/faults/{made['id']}") == shown
    assert [lane.is_struck() for lane in both.lanes] == [False] * 2
    again = both.admin.done("POST", "/v1/faults", FAILING)
    assert again["id"] != made["id"]
    assert both.admin.done("DELETE", "/v1/faults") == {"rules": 1}
    assert [lane.is_struck() for lane in both.lanes] == [False] * 2


@pytest.mark.parametrize(
    ("how", "struck"),
    [({"first": 3}, [1, 1, 1, 0, 0, 0]), ({"nth": 4}, [0, 0, 0, 1, 0, 0]), ({"every": 3}, [0, 0, 1, 0, 0, 1])],
)
def test_a_rule_counts_the_calls_of_both(both: Pair, how: dict[str, int], struck: list[int]) -> None:
    both.admin.done("POST", "/v1/faults", {**FAILING, **how})
    assert [int(lane.is_struck()) for lane in both.lanes * 3] == struck
    (shown,) = both.everywhere("/v1/faults")["items"]
    assert (shown["calls"], shown["hits"]) == (6, sum(struck))


def test_a_share_strikes_the_same_calls_whichever_worker_gets_them(both: Pair) -> None:
    def struck(lanes: list[Any]) -> list[bool]:
        rule = both.admin.done("POST", "/v1/faults", {**FAILING, "rate": 0.5, "seed": 4})
        found = [lane.is_struck() for lane in lanes]
        both.admin.done("DELETE", f"/v1/faults/{rule['id']}")
        return found

    one, other = both.lanes
    found = struck([one, other] * 5)
    assert struck([other] * 10) == found
    assert len(set(found)) == 2


# Settings, tenants, evidence


def test_settings_hold_in_both(both: Pair) -> None:
    before = both.everywhere("/v1/settings/resurs")
    assert before["settings"]["layout"] == "indented"
    assert all("\n" in lane.call()[1] for lane in both.lanes)
    changed = both.admin.done("PATCH", "/v1/settings/resurs", {"layout": "compact"}, **ANY)
    assert both.everywhere("/v1/settings/resurs") == changed
    assert not any("\n" in lane.call()[1].strip() for lane in both.lanes)
    stale = both.admin.ask("PATCH", "/v1/settings/resurs", {"layout": "indented"}, **{"If-Match": '"stale"'})
    assert stale.problem == "settings-changed"


def test_changes_of_a_configured_tenant_hold_in_both(both: Pair) -> None:
    both.admin.done("PATCH", "/v1/tenants/demo", {"replay_window_seconds": 3600})
    both.admin.done("PATCH", "/v1/tenants/demo", {"profile": "strict"})
    shown = both.everywhere("/v1/tenants/demo")
    assert (shown["profile"], shown["replay_window_seconds"]) == ("strict", 3600)
    both.admin.done("PATCH", "/v1/tenants/demo", {"profile": "vendor"})
    for lane in both.lanes:
        number = next(both.numbers)
        assert [replayed(both, lane, number) for _ in range(2)] == [False, True]


@pytest.mark.parametrize("change", ["reset", "seed", "snapshots/s/restore"])
def test_what_replaces_a_state_is_noticed_by_both(both: Pair, change: str) -> None:
    both.admin.ask("POST", "/v1/tenants/demo/snapshots", {"name": "s", "replace": True})
    both.admin.done("PATCH", "/v1/tenants/demo", {"replay_window_seconds": 3600})
    both.admin.done("POST", "/v1/faults", {**FAILING, "tenant": "demo", "nth": 1000})
    numbers = [next(both.numbers) for _ in both.lanes]
    for lane, number in zip(both.lanes, numbers, strict=True):
        assert [replayed(both, lane, number) for _ in range(2)] == [False, True]
    both.admin.done("POST", f"/v1/tenants/demo/{change}", {})
    for lane, number in zip(both.lanes, numbers, strict=True):
        assert not replayed(both, lane, number)
    assert len(both.everywhere("/v1/faults")["items"]) == (1 if change == "seed" else 0)


def replayed(both: Pair, lane: Any, number: int) -> bool:
    """Whether a worker gives an earlier answer again."""
    position = both.begun()
    lane.set(number)
    (entry,) = both.admin.done("GET", f"/v1/requests?after={position}")["entries"]
    return entry["replay_of"] != ""


def test_runs_are_known_to_both(both: Pair) -> None:
    case = {"operation": "peekInvoiceSequence", "outcome": "passed"}
    both.admin.done("POST", "/v1/evidence/runs", {**RUN, "cases": [case]})
    (run,) = both.everywhere("/v1/evidence/runs")["items"]
    assert (run["sent"], run["agree"]) == (1, 1)
    assert "2026-01-02" in str(both.everywhere("/v1/adapters/resurs/evidence"))
    both.admin.done("DELETE", "/v1/evidence/runs")
    assert both.everywhere("/v1/evidence/runs")["items"] == []


# The journal


def test_the_journal_is_one(both: Pair) -> None:
    position = both.begun()
    for lane in both.lanes * 3:
        lane.call(agent=f"journal/{lane.name}")
    shown = both.everywhere(f"/v1/requests?after={position}")
    entries = shown["entries"]
    assert [entry["user_agent"] for entry in entries] == [f"journal/{lane.name}" for lane in both.lanes * 3]
    assert [entry["id"] for entry in entries] == sorted(entry["id"] for entry in entries)
    assert shown["completeness"]["complete"]
    assert both.everywhere(f"/v1/requests/count?after={position}")["count"] == 6
    for entry in entries:
        assert both.everywhere(f"/v1/requests/{entry['id']}") == entry
        assert both.everywhere(f"/v1/requests/{entry['request_id']}") == entry
    assert both.admin.ask("GET", f"/v1/requests/{entries[0]['id']}/raw").text.startswith("POST ")
    clients = both.everywhere(f"/v1/requests/strict-report?after={position}")["clients"]
    assert [client["requests"] for client in clients] == [3, 3]


def test_pages_go_over_both(both: Pair) -> None:
    position = both.begun()
    for lane in both.lanes * 3:
        lane.call()
    for order in ("true", "false"):
        found: list[int] = []
        cursor = ""
        while cursor is not None:
            page = both.admin.done("GET", f"/v1/requests?after={position}&limit=2&newest_first={order}{cursor}")
            found += [entry["id"] for entry in page["entries"]]
            cursor = f"&cursor={page['next']}" if page["next"] else None
        assert len(found) == 6
        assert found == sorted(found, reverse=order == "true")


def test_near_misses_of_both_are_found(both: Pair) -> None:
    position = both.begun()
    for lane in both.lanes:
        assert lane.call("<c:peekinvoicesequence/>")[0] != 200
    found = both.everywhere(f"/v1/requests/near-misses?after={position}")["entries"]
    assert [entry["user_agent"] for entry in found] == [lane.name for lane in both.lanes[::-1]]


def test_a_wait_is_for_matches_in_both(both: Pair) -> None:
    position = both.begun()
    both.lanes[0].call(agent="waited/1")
    asked = f"/v1/requests/wait?after={position}&user_agent=waited/"
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(both.admin.done, "GET", f"{asked}&n=4&timeout_seconds=120")
        for number, lane in enumerate(both.lanes[::-1] + both.lanes[1:], 2):
            lane.call(agent=f"waited/{number}")
        waited = waiting.result(240)
    assert (waited["matched"], waited["count"], waited["entry"]["user_agent"]) == (True, 4, "waited/4")
    waited = both.admin.done("GET", f"{asked}&n=5&timeout_seconds=0")
    assert (waited["matched"], waited["count"], waited["entry"]) == (False, 4, None)
    assert both.admin.ask("GET", f"{asked}&timeout_seconds=301").problem == "invalid-request"
    assert both.admin.ask("GET", f"{asked}&timeout_seconds=soon").problem == "invalid-request"


def test_entries_of_both_are_dropped(both: Pair) -> None:
    both.admin.done("DELETE", "/v1/requests")
    for lane in both.lanes * 2:
        lane.call()
    assert both.admin.done("DELETE", "/v1/requests?tenant=demo") == {"entries": 4}
    shown = both.everywhere("/v1/requests")
    assert shown["entries"] == []
    assert {gap["reason"] for gap in shown["completeness"]["gaps"]} == {"cleared"}
    assert [both.admin.done("GET", "/v1/journal")["held"] for _ in range(2)] == [[], []]


# Access


@pytest.mark.parametrize("token", ["", "wrong", READ_TOKEN])
def test_nothing_changes_without_the_token(both: Pair, token: str) -> None:
    both.lanes[0].call()
    kept = both.everywhere("/v1/requests/count")["count"]
    for method, path, body in (
        ("POST", "/v1/faults", FAILING),
        ("PATCH", "/v1/settings/resurs", {"layout": "compact"}),
        ("PATCH", "/v1/tenants/demo", {"profile": "strict"}),
        ("POST", "/v1/tenants/demo/reset", {}),
        ("POST", "/v1/evidence/runs", RUN),
        ("DELETE", "/v1/requests", None),
    ):
        answered = both.admin.ask(method, path, body, token, **ANY)
        assert answered.problem == ("read-only-token" if token == READ_TOKEN else "unauthorized")
    assert both.everywhere("/v1/faults")["items"] == both.everywhere("/v1/evidence/runs")["items"] == []
    assert both.everywhere("/v1/settings/resurs")["settings"]["layout"] == "indented"
    assert both.everywhere("/v1/requests/count")["count"] == kept


@pytest.mark.parametrize("path", ["/v1/health", "/v1/requests", "/v1/requests/wait", "/v1/journal", "/metrics"])
def test_nothing_is_shown_without_a_token(both: Pair, path: str) -> None:
    assert both.admin.ask("GET", path, token="wrong").problem == "unauthorized"
    assert both.admin.ask("GET", path + "?timeout_seconds=0" * path.endswith("wait"), token=READ_TOKEN).status == 200


def test_paths_for_the_supervisor_are_closed_to_callers(both: Pair) -> None:
    for path in ("/worker/state", "/%77orker/state", "//worker/state"):
        assert both.admin.ask("GET", path).status == 404


def test_health_is_of_both(both: Pair) -> None:
    health = both.admin.done("GET", "/v1/health")
    assert (health["status"], health["faults"]) == ("ready", 0)
    assert [dialect["in_flight"] for dialect in health["dialects"]] == [0] * len(health["dialects"])
    assert both.admin.done("GET", "/readyz") == {"status": "ready", "workers": 2, "ready": 2}
    assert Admin(both.running.admin_url).ask("HEAD", "/v1/health").status == 200
