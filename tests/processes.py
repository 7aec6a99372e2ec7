"""Starts real gateway processes and waits for their ready line; always stops them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = re.compile(r"invoice-gateway ready data=(http://\S+) admin=(http://\S+)\n")
EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"


@dataclass
class Running:
    """A gateway process that is ready."""

    process: subprocess.Popen[str]
    data_url: str
    admin_url: str

    def stop(self) -> int:
        """Ask it to stop and wait; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


def command(*words: str) -> list[str]:
    """The command line of the product, as installed beside this Python."""
    return [sys.executable, "-m", "gateway", *words]


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without this product's variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INVOICE_GATEWAY_")}
    return {**kept, **extra}


def run(*words: str, folder: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=clean_environment(**extra),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def serving(
    folder: Path, config: Path = EXAMPLE, more: Sequence[str] = (), program: Sequence[str] = (), **extra: str
) -> Iterator[Running]:
    """A gateway on free ports with its store in `folder`; it is stopped at the end.

    program: how it is started; the product as installed beside this Python when not given.
    """
    words = ["serve", "--config", str(config), "--port", "0", "--admin-port", "0", *more]
    if "--store" not in more:
        words += ["--store", f"sqlite:///{folder / 'gateway.db'}"]
    # tests share the configuration's folder, and databases have equal names: each test needs a watermark of its own
    extra = {"INVOICE_GATEWAY_WATERMARK__PATH": str(folder / "gateway.watermark.db"), **extra}
    with (folder / "stderr.log").open("a", encoding="utf-8") as log:
        line, environment = [*(program or command()), *words], clean_environment(**extra)
        process = subprocess.Popen(line, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        match = READY.fullmatch(process.stdout.readline())
        assert match, (folder / "stderr.log").read_text(encoding="utf-8")
        yield Running(process, match[1], match[2])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(120)
        if process.stdout:
            process.stdout.close()
