"""Starts a gateway in its own process, on free ports, with its own store, and ends it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .admin import Admin
from .requests import Requests
from .tenant import Tenant

READY = re.compile(r"invoice-gateway ready data=(http://\S+) admin=(http://\S+)")
START_SECONDS = 30.0


class ServerError(Exception):
    """The gateway did not start. The text holds what the gateway said."""


class Gateway:
    """A gateway that runs.

    admin: its admin port.
    requests: everybody's requests, also those without a tenant.
    data_url: the address of its dialects from here; "" for the one that the gateway itself names.
    log: its log file; None when somebody else has started it.
    """

    def __init__(self, admin: Admin, data_url: str = "", log: Path | None = None) -> None:
        self.admin = admin
        self.requests = Requests(admin, None)
        self.data_url = data_url
        self.log = log

    def new_tenant(self, **wanted: Any) -> Tenant:
        """Make a tenant, with made-up credentials for every dialect.

        wanted: id, profile, series, catalogue, dialects …, in the configuration's form.
        """
        return Tenant(self.admin, self.admin.post("/v1/tenants", wanted), self.data_url)

    @contextlib.contextmanager
    def tenant(self, **wanted: Any) -> Iterator[Tenant]:
        """The same for a block. At its end, the tenant is deleted with everything it has."""
        made = self.new_tenant(**wanted)
        try:
            yield made
        finally:
            made.delete()

    @contextlib.contextmanager
    def settings(self, dialect: str, **changes: Any) -> Iterator[None]:
        """Other settings of a dialect, for all its tenants, until the end of the block."""
        path = f"/v1/settings/{dialect}"
        before = self.admin.get(path)["settings"]
        self.admin.patch(path, changes)
        try:
            yield
        finally:
            self.admin.patch(path, {name: before.get(name) for name in changes})


def find_command(given: str = "") -> list[str]:
    """The command to start: the given one, else the one beside this Python, else the one on the path. Raises ServerError."""
    if given:
        return shlex.split(given)
    name = "invoice-gateway.exe" if os.name == "nt" else "invoice-gateway"
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which("invoice-gateway")
    if found is None:
        raise ServerError(
            "there is no command invoice-gateway; install the application (pipx install invoice-gateway), or name "
            "a running one (--invoice-gateway-admin-url)"
        )
    return [found]


@contextlib.contextmanager
def start_server(
    *,
    command: str | Sequence[str] = "",
    config: str | Path | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    folder: str | Path | None = None,
    start_seconds: float = START_SECONDS,
) -> Iterator[Gateway]:
    """A gateway for the time of a block. Raises ServerError.

    command: how to start it; found by itself when not given.
    config: a configuration file; its ports, token, store, and the store's watermark and journal are not used.
    settings: settings of dialects, when there is no file.
    folder: where store and log are; a temporary folder that is deleted at the end when not given.
    start_seconds: how long the start may take.
    """
    words = find_command(command) if isinstance(command, str) else list(command)
    with contextlib.ExitStack() as stack:
        place = Path(folder) if folder is not None else Path(stack.enter_context(_temporary_folder()))
        file = Path(config) if config is not None else _configuration(place, settings or {})
        token = secrets.token_urlsafe(24)
        process = _launch([*words, *_serve(file, place)], place, token)
        try:
            data_url, admin_url = _ready(process, place / "gateway.log", start_seconds)
            yield Gateway(Admin(admin_url, token), data_url, place / "gateway.log")
        finally:
            _stop(process)


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="invoice-gateway-", ignore_cleanup_errors=True)


def _configuration(folder: Path, settings: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write a configuration file. It is JSON, which every YAML reader reads, so no YAML library is needed."""
    values = {
        "log": {"requests": False},
        "guessing": {"failures_per_minute": 0},  # tests of a client may send wrong credentials as often as they like
        "dialects": {name: {"settings": dict(own)} for name, own in settings.items()},
    }
    path = folder / "gateway.yaml"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def _serve(config: Path, folder: Path) -> list[str]:
    store = f"sqlite:///{folder / 'gateway.db'}"
    ports = ["--host", "127.0.0.1", "--port", "0", "--admin-port", "0"]
    return ["serve", "--config", str(config), "--store", store, *ports]


def _launch(words: Sequence[str], folder: Path, token: str) -> subprocess.Popen[str]:
    # Neither the tests' own modules nor their settings of this product may reach the server.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INVOICE_GATEWAY_", "PYTHON"))}
    environment = {
        **kept,
        "INVOICE_GATEWAY_ADMIN_TOKEN": token,
        "INVOICE_GATEWAY_ADMIN_HOST": "127.0.0.1",
        # These belong to the store, which is another one each time, whatever the configuration file says of them.
        "INVOICE_GATEWAY_WATERMARK__PATH": str(folder.absolute() / "gateway.watermark.db"),
        "INVOICE_GATEWAY_JOURNAL__PATH": str(folder.absolute() / "gateway.journal.db"),
    }
    with (folder / "gateway.log").open("w", encoding="utf-8") as log:
        try:
            return subprocess.Popen(  # noqa: S603 - the command is the user's own
                list(words), cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        except OSError as error:
            raise ServerError(f"{words[0]} cannot be started: {error.strerror or error}") from None


def _ready(process: subprocess.Popen[str], log: Path, seconds: float) -> tuple[str, str]:
    """Both addresses, from the ready line."""
    # `readline` cannot time out, but it ends when the process does.
    overdue = threading.Timer(seconds, process.kill)
    overdue.start()
    try:
        line = process.stdout.readline() if process.stdout else ""
    finally:
        overdue.cancel()
    match = READY.match(line)
    if match is None:
        _stop(process)
        text = log.read_text(encoding="utf-8", errors="replace")[-4000:]
        raise ServerError(f"the gateway did not start (exit code {process.returncode}):\n{text}")
    return match[1], match[2]


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait(10)
    if process.stdout:
        process.stdout.close()
