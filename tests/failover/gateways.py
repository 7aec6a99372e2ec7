"""Gateway processes as users run them, on a store that the test chooses; tests kill, restart or sabotage them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.conftest import example_config
from tests.failover.wire import Addresses
from tests.processes import READY, clean_environment

SABOTAGE: Final = "tests.failover.sabotage"
CONFIG: Final[Mapping[str, Any]] = {
    "journal": {"mode": "off"},
    "dialects": {
        "invoicexpress": {"settings": {"documents": {"dates_may_go_back": True}}}
    },  # clocks jump, and midnight
}
CLOCK: Final = "clock=clock"


@dataclass
class Gateway:
    """One process.

    sabotage: what `tests.failover.sabotage` breaks in it.
    """

    folder: Path
    store: str
    sabotage: Sequence[str] = ()
    process: subprocess.Popen[str] | None = None
    data_url: str = ""
    admin_url: str = ""

    def start(self) -> None:
        """Start, and wait for the ready line."""
        module = ["-m", SABOTAGE, *self.sabotage, "--"] if self.sabotage else ["-m", "gateway"]
        words = ["serve", "--config", str(self.folder / "config.yaml"), "--port", "0", "--admin-port", "0"]
        with (self.folder / "stderr.log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, *module, *words, "--store", self.store],
                cwd=self.folder,
                env=clean_environment(PYTHONPATH=str(Path(__file__).parents[2])),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        ready = READY.fullmatch(line)
        if ready is None:
            self.kill()
            raise RuntimeError(f"the gateway did not start: {line!r} {self.log()[-3000:]}")
        self.data_url, self.admin_url = ready[1], ready[2]

    def kill(self) -> None:
        """kill -9."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()

    def stop(self) -> int:
        """Ask the process to stop; returns the exit code."""
        process, self.process = self.process, None
        assert process is not None
        process.terminate()
        try:
            return process.wait(30)
        finally:
            process.kill()
            assert process.stdout is not None
            process.stdout.close()

    def log(self) -> str:
        """The output of the process so far."""
        return (self.folder / "stderr.log").read_text(encoding="utf-8")


@dataclass
class Gateways:
    """Several gateways on one store, and the addresses where clients find them."""

    members: list[Gateway] = field(default_factory=list)
    addresses: Addresses = field(default_factory=lambda: Addresses([]))

    def start(self, place: int) -> None:
        """Start a gateway, and give its address to the clients."""
        member = self.members[place]
        member.start()
        self.addresses.urls[place] = member.data_url


@contextmanager
def running_gateways(
    folder: Path, store: str, count: int = 2, sabotage: Sequence[str] = (), config: Mapping[str, Any] = CONFIG
) -> Iterator[Gateways]:
    """Gateways with the example configuration; they are stopped afterwards."""
    gateways = Gateways()
    try:
        for number in range(count):
            own = folder / f"gateway-{number}"
            own.mkdir(parents=True, exist_ok=True)
            example_config(own, config)
            (own / "clock").write_text("0", encoding="utf-8")
            gateways.members.append(Gateway(own, store, sabotage))
            gateways.addresses.urls.append("")
            gateways.start(number)
        yield gateways
    finally:
        for member in gateways.members:
            member.kill()
