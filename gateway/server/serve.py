"""Runs a gateway until it gets a signal to stop: the ready line, signals, and a clean drain."""

from __future__ import annotations

import asyncio
import gc
import shutil
import signal
import sys
from typing import Final

import structlog

from gateway.admin.worker_port import WorkerPort
from gateway.config.model import Config
from gateway.config.yaml_file import Document
from gateway.core.values import TenantId
from gateway.server.logs import configure_logs
from gateway.server.supervisor.charge import Charge, charge
from gateway.server.supervisor.workers import PREPARED, supervisor_gone
from gateway.server.wiring import Gateway
from gateway.web.descriptors import prepare_descriptors

_COLLECT_AFTER: Final = 20_000
"""So many more young objects let the collector look for cycles. Of Python's own 700 one group of writes makes a multiple."""

log = structlog.get_logger("serve")


async def serve_until_stopped(
    config: Config, document: Document, *, examples: bool = False, accept_store: bool = False
) -> int:
    """Serve until SIGTERM or SIGINT, then answer what is in flight. Returns the exit code."""
    configure_logs(config.log)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    prepare_descriptors(loop)
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    given = charge()
    watch = None if given is None else asyncio.create_task(_stop_with_supervisor(given, stop))
    async with Gateway(config, document, accept_store=accept_store) as gateway:
        await gateway.listen_admin()
        if gateway.worker is not None:
            await _join(gateway.admin_url, gateway.worker, stop)
            if stop.is_set():
                return 0
        await gateway.listen_data()
        if examples:
            sys.stderr.write(examples_text(gateway))
            sys.stderr.flush()
        sys.stdout.write(f"invoice-gateway ready data={gateway.data_url} admin={gateway.admin_url}\n")
        sys.stdout.flush()
        gc.freeze()  # objects from the start stay; the collector can skip them
        gc.set_threshold(_COLLECT_AFTER, 20, 20)
        gc.enable()
        await stop.wait()
        log.info("stopping", in_flight=sum(mount.exchange.in_flight for mount in gateway.mounts))
    if watch is not None:
        watch.cancel()
    log.info("stopped")
    return 0


async def _stop_with_supervisor(given: Charge, stop: asyncio.Event) -> None:
    await supervisor_gone()
    shutil.rmtree(given.counters, ignore_errors=True)
    stop.set()


async def _join(admin_url: str, worker: WorkerPort, stop: asyncio.Event) -> None:
    """Wait until the supervisor has handed over what all workers have in common, or until the process is asked to stop."""
    sys.stdout.write(f"{PREPARED}{admin_url}\n")
    sys.stdout.flush()
    waiting = [asyncio.create_task(event.wait()) for event in (worker.taken, stop)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


def examples_text(gateway: Gateway) -> str:
    """List each endpoint of the first tenant with a command to try."""
    if not gateway.config.tenants:
        return ""
    tenant = TenantId(gateway.config.tenants[0].id)
    lines = [f"endpoints of tenant {tenant} (stop with Ctrl-C):"]
    for mount in gateway.mounts:
        base = mount.public_url or gateway.data_url + mount.prefix
        for endpoint in mount.exchange.dialect.endpoints(base, tenant):
            lines += ["", f"{endpoint.title}: {endpoint.url}"]
            lines += [f"  {endpoint.example}"] if endpoint.example else []
    return "\n".join([*lines, "", ""])
