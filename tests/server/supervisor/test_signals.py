"""Signals to a supervisor, in any order: no request is lost, what is in force stays in force, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.config.loading import load_config
from gateway.server.errors import WorkersNotStartedError
from gateway.server.supervisor import supervisor, workers
from tests import pg
from tests.conftest import example_config
from tests.long_form import short_or_long
from tests.processes import EXAMPLE, clean_environment, command, serving
from tests.server.supervisor.pair import Lane, Pair, pair
from tests.server.supervisor.test_admin_port import ANY, FAILING
from tests.server.supervisor.test_workers import children
from tests.until import until

DONE = "rolling restart done"


pytestmark = pytest.mark.long_form


@pytest.fixture(scope="module")
def two(cluster: pg.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(cluster, tmp_path_factory.mktemp("signals")) as made:
        yield made


def new_call(two: Pair, agent: str) -> bool:
    """Call on a new connection. Whether a fault rule made the call fail."""
    lane = Lane(two.running.data_url, agent)
    try:
        return lane.is_struck()
    finally:
        lane.close()


async def hang_up(two: Pair, times: int) -> None:
    """Send SIGHUP, and wait until as many rolling restarts are done."""
    log = Path(f"/proc/{two.running.process.pid}/cwd").resolve() / "stderr.log"
    earlier = log.read_text(encoding="utf-8").count(DONE)
    for _ in range(times):
        two.running.process.send_signal(signal.SIGHUP)
        two.admin.done("GET", "/livez")  # a signal that comes while the same one waits is lost
    await until(lambda: log.read_text(encoding="utf-8").count(DONE) == earlier + times)


async def test_a_wait_goes_on_over_a_rolling_restart(two: Pair) -> None:
    position = two.begun()
    with ThreadPoolExecutor() as threads:
        path = f"/v1/requests/wait?after={position}&user_agent=waited/&n=3&timeout_seconds=240"
        waiting = threads.submit(two.admin.done, "GET", path)
        new_call(two, "waited/1")
        await hang_up(two, 1)
        assert not waiting.done()
        for number in (2, 3):
            new_call(two, f"waited/{number}")
        waited = waiting.result(240)
    assert (waited["matched"], waited["entry"]["user_agent"]) == (True, "waited/3")
    assert waited["completeness"]["complete"]


async def test_two_signals_in_quick_succession_leave_two_workers(two: Pair) -> None:
    before = children(two.running.process.pid)
    await hang_up(two, 2)
    await until(lambda: len(children(two.running.process.pid)) == 2)
    assert not {*children(two.running.process.pid)} & {*before}
    assert not new_call(two, "")


@pytest.mark.parametrize("name", [signal.SIGHUP, signal.SIGKILL])
async def test_a_worker_that_starts_later_has_what_is_in_force(two: Pair, name: signal.Signals) -> None:
    rule = two.admin.done("POST", "/v1/faults", {**FAILING, "every": 1})
    two.admin.done("PATCH", "/v1/settings/resurs", {"layout": "compact"}, **ANY)
    two.admin.done("PATCH", "/v1/tenants/demo", {"profile": "strict"})
    before = children(two.running.process.pid)
    for pid in [two.running.process.pid] if name is signal.SIGHUP else before:
        os.kill(pid, name)
    calls = 0

    def all_new() -> bool:
        nonlocal calls
        try:
            assert new_call(two, f"late-{name}/{calls}")
            calls += 1
        except OSError:
            assert name is signal.SIGKILL  # a killed worker takes its connections with it
        ready = two.admin.ask("GET", "/readyz")
        both = ready.status == 200 and ready.body["ready"] == 2
        return both and not {*children(two.running.process.pid)} & {*before}

    await until(all_new)
    assert two.everywhere(f"/v1/faults/{rule['id']}")["hits"] >= calls
    assert two.everywhere("/v1/settings/resurs")["settings"]["layout"] == "compact"
    assert two.everywhere("/v1/tenants/demo")["profile"] == "strict"
    counted = two.everywhere(f"/v1/requests/count?user_agent=late-{name}/")
    gaps = {gap["reason"] for gap in counted["completeness"]["gaps"]}
    assert gaps == (set() if name is signal.SIGHUP else {"crash"})
    assert counted["count"] == calls
    two.admin.done("DELETE", f"/v1/faults/{rule['id']}")
    assert not any(new_call(two, "late") for _ in range(8))


async def test_a_stop_during_a_rolling_restart_leaves_no_process(
    cluster: pg.Cluster, database: str, tmp_path: Path
) -> None:
    with serving(tmp_path, more=["--workers", "2", "--store", cluster.url(database)]) as running:
        before = children(running.process.pid)
        running.process.send_signal(signal.SIGHUP)
        await until(lambda: len(children(running.process.pid)) > 2)
        started = {*before, *children(running.process.pid)}
        assert running.stop() == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in started)


@pytest.mark.parametrize("name", short_or_long([signal.SIGTERM], [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]))
async def test_a_signal_while_the_first_worker_starts(
    cluster: pg.Cluster, database: str, tmp_path: Path, name: signal.Signals
) -> None:
    words = command("serve", "--config", str(EXAMPLE), "--port", "0", "--admin-port", "0", "--workers", "2")
    process = subprocess.Popen(
        [*words, "--store", cluster.url(database)],
        cwd=tmp_path,
        env=clean_environment(INVOICE_GATEWAY_WATERMARK__PATH="gateway.watermark.db"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    await until(lambda: children(process.pid) != [])
    started = children(process.pid)
    process.send_signal(name)
    if name is signal.SIGHUP:
        assert process.stdout.readline().startswith("invoice-gateway ready")
        process.terminate()
    said, errors = process.communicate(timeout=240)
    assert said == ""  # nobody waits until a start that is not wanted any more is done
    assert process.returncode == (-signal.SIGKILL if name is signal.SIGKILL else 0), errors
    assert "Traceback" not in errors
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))


async def test_a_first_worker_that_is_too_slow_ends_the_start(
    cluster: pg.Cluster, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example_config(tmp_path, {"workers": 2})
    options = {"store": cluster.url(database), "port": 0, "admin_port": 0}
    config, document = load_config(tmp_path / "config.yaml", options)

    def hasty(*parts: object) -> workers.Recipe:
        return workers.Recipe(*parts, start_seconds=0.05)  # type: ignore[arg-type]

    monkeypatch.setattr(supervisor, "Recipe", hasty)
    monkeypatch.setattr(supervisor, "configure_logs", lambda _: None)
    before = children(os.getpid())
    words = ["serve", "--config", str(tmp_path / "config.yaml")]
    with pytest.raises(WorkersNotStartedError, match=r"no gateway is running: a worker was not ready after 0.05 s"):
        await supervisor.supervise(config, document, words)
    assert children(os.getpid()) == before


def test_a_start_that_is_too_slow_has_a_line_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise WorkersNotStartedError("no gateway is running: a worker was not ready after 120 s")

    monkeypatch.setattr("gateway.__main__.app", fail)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 4
    assert capsys.readouterr().err == "invoice-gateway: no gateway is running: a worker was not ready after 120 s\n"
