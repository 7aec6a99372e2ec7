"""Starts a gateway on free ports, with a store of its own, and ends it: a command, or a container image."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .admin import Admin
from .container import started_container
from .process import ServerError, launch, ready, stop
from .requests import Requests
from .tenant import Tenant

START_SECONDS = 30.0
COMMAND: Final = "INVOICE_GATEWAY_COMMAND"
IMAGE: Final = "INVOICE_GATEWAY_IMAGE"
_NOT_FOUND: Final = (
    "there is no gateway to test against: no command invoice-gateway is beside this Python or on the path. Install the "
    f"server in an environment of its own, or name a command that starts it (${COMMAND}), a container image (${IMAGE}), "
    "or a gateway that runs ($INVOICE_GATEWAY_URL and $INVOICE_GATEWAY_ADMIN_URL)"
)


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
        raise ServerError(_NOT_FOUND)
    return [found]


@contextlib.contextmanager
def start_server(
    *,
    command: str | Sequence[str] = "",
    image: str = "",
    config: str | Path | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    folder: str | Path | None = None,
    start_seconds: float = START_SECONDS,
) -> Iterator[Gateway]:
    """A gateway for the time of a block. Raises ServerError.

    Without `command` and `image` the environment says what is started: $INVOICE_GATEWAY_COMMAND, else
    $INVOICE_GATEWAY_IMAGE, else the command invoice-gateway beside this Python or on the path.

    command: how to start it.
    image: a container image to start it from, with Docker or Podman.
    config: a configuration file; its ports, token, store, and the store's watermark and journal are not used.
    settings: settings of dialects, when there is no file.
    folder: where store and log are; a temporary folder that is deleted at the end when not given. The store of a container is
        in the container.
    start_seconds: how long the start may take.
    """
    if not command and not image:
        command = os.environ.get(COMMAND, "")
        image = "" if command else os.environ.get(IMAGE, "")
    with contextlib.ExitStack() as stack:
        place = Path(folder) if folder is not None else Path(stack.enter_context(_temporary_folder()))
        file = Path(config) if config is not None else _configuration(place, settings or {})
        token = secrets.token_urlsafe(24)
        if command or not image:
            words = find_command(command) if isinstance(command, str) else list(command)
            running = _started_command(words, file, place, token, start_seconds)
        else:
            running = started_container(image, file, place, token, start_seconds)
        data_url, admin_url = stack.enter_context(running)
        yield Gateway(Admin(admin_url, token), data_url, place / "gateway.log")


@contextlib.contextmanager
def _started_command(
    words: Sequence[str], config: Path, folder: Path, token: str, seconds: float
) -> Iterator[tuple[str, str]]:
    """Both addresses of a gateway that runs in a process of its own, on free ports."""
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
    log = folder / "gateway.log"
    process = launch([*words, *_serve(config, folder)], folder, log, environment)
    try:
        yield ready(process, log, seconds)
    finally:
        stop(process)


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
