"""A gateway from a container image, run by Docker or Podman for the time of a block."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from .process import ServerError, launch, ready, stop

ENGINES: Final = ("docker", "podman")
_CONFIG: Final = "/tmp/invoice-gateway.yaml"  # noqa: S108 - in the container, which is the gateway's alone
_PORTS: Final = {"data": 7070, "admin": 7071}
_ENVIRONMENT: Final = {
    "INVOICE_GATEWAY_ADMIN_HOST": "0.0.0.0",  # noqa: S104 - the container's own; published on loopback only
    # These belong to the store, which is another one each time, whatever the configuration file says of them.
    "INVOICE_GATEWAY_WATERMARK__PATH": "/data/gateway.watermark.db",
    "INVOICE_GATEWAY_JOURNAL__PATH": "/data/gateway.journal.db",
}
_SERVE: Final = (
    *("serve", "--config", _CONFIG, "--store", "sqlite:////data/gateway.db"),
    *("--host", "0.0.0.0", "--port", str(_PORTS["data"]), "--admin-port", str(_PORTS["admin"])),  # noqa: S104
)


@contextlib.contextmanager
def started_container(image: str, config: Path, folder: Path, token: str, seconds: float) -> Iterator[tuple[str, str]]:
    """Both addresses of a gateway that runs from an image, as they are reached from here. Raises ServerError.

    image: its name, as `docker run` takes it.
    config: a configuration file; it is copied into the container, so files that it names are not there.
    folder: where the log is written.
    token: the admin token.
    seconds: how long the start may take, the time to fetch the image not included.
    """
    engine = find_engine()
    name = f"invoice-gateway-{secrets.token_hex(6)}"
    environment = {**os.environ, **_ENVIRONMENT, "INVOICE_GATEWAY_ADMIN_TOKEN": token}
    publish = [word for port in _PORTS.values() for word in ("--publish", f"127.0.0.1::{port}")]
    # The values come from the environment of the engine's program, so that no list of processes shows the token.
    pass_on = [word for key in (*_ENVIRONMENT, "INVOICE_GATEWAY_ADMIN_TOKEN") for word in ("--env", key)]
    readable = _readable_copy(config, folder)
    _run([engine, "create", "--rm", "--name", name, *publish, *pass_on, image, *_SERVE], environment)
    try:
        _run([engine, "cp", str(readable), f"{name}:{_CONFIG}"], environment)
        log = folder / "gateway.log"
        process = launch([engine, "start", "--attach", name], folder, log, environment)
        try:
            ready(process, log, seconds)
            yield _address(engine, name, "data", environment), _address(engine, name, "admin", environment)
        finally:
            stop(process)
    finally:
        subprocess.run([engine, "rm", "--force", name], env=environment, capture_output=True, check=False)  # noqa: S603


def find_engine() -> str:
    """The program that runs containers. Raises ServerError."""
    found = next(filter(None, map(shutil.which, ENGINES)), None)
    if found is None:
        raise ServerError("an image is to be started, but there is no docker and no podman on the path")
    return found


def _readable_copy(config: Path, folder: Path) -> Path:
    """A copy that the user of the container may read, also when only few may read the file here."""
    copy = folder / "container.yaml"
    copy.write_bytes(config.read_bytes())
    copy.chmod(0o644)
    return copy


def _address(engine: str, name: str, port: str, environment: Mapping[str, str]) -> str:
    """Where a port of the container is reached: the engine has chosen a free one of this machine."""
    said = _run([engine, "port", name, f"{_PORTS[port]}/tcp"], environment).split()
    if not said:
        raise ServerError(f"{engine} does not publish the {port} port of the container")
    return f"http://127.0.0.1:{said[0].rpartition(':')[2]}"


def _run(words: Sequence[str], environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise ServerError(f"{words[0]} cannot be started: {error.strerror or error}") from None
    if done.returncode:
        raise ServerError(f"{words[0]} {words[1]} failed (exit code {done.returncode}):\n{done.stderr[-4000:]}")
    return done.stdout
