"""The command `invoice-gateway` without the second that importing takes: each call is a fork of a process that has imported it.

`python -m tests.docs.warm_command DESCRIPTOR` waits for calls at a socket. `shim` is the program that readers' commands
find on their path: it hands its arguments, folder, environment, input and output over and leaves with the exit code.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from select import select
from typing import Final

from gateway.__main__ import main
from gateway.spi.registry import GROUP
from tests.processes import clean_environment

PRELOADED: Final = (
    "gateway.tenants.move",
    "gateway.tenants.store_init",
    "gateway.conformance.evidence",
    "gateway.scaffold",
)
_SHIM: Final = """#!{python} -ISE
import json, os, socket, sys
call = socket.socket(socket.AF_UNIX)
call.connect({path!r})
asked = json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(call, [len(asked).to_bytes(4, "big")], [0, 1, 2])
call.sendall(asked)
code = call.recv(1)
sys.exit(code[0] if code else 70)
"""


def shim(path: Path) -> str:
    """The text of the program that calls at a socket."""
    return _SHIM.format(python=sys.executable, path=str(path))


@contextmanager
def warm(path: Path) -> Iterator[None]:
    """A process that waits for calls at a socket. It ends with the block, and when this process dies."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.warm_command", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            env=clean_environment(),
            stdin=subprocess.PIPE,
        )
        try:
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(60)


def serve(listener: socket.socket) -> None:
    """Answer calls, one after the other, until the standard input ends."""
    for module in (*PRELOADED, *(point.module for point in entry_points(group=GROUP))):
        import_module(module)
    while sys.stdin not in select([listener, sys.stdin], [], [])[0]:
        call, _ = listener.accept()
        with call:
            size, files, _, _ = socket.recv_fds(call, 4, 3)
            asked = json.loads(_exactly(call, int.from_bytes(size, "big")))
            child = os.fork()
            if not child:
                os._exit(_run(files, *asked))
            _, status = os.waitpid(child, 0)
            for file in files:
                os.close(file)
            with suppress(BrokenPipeError):
                call.sendall(bytes([os.waitstatus_to_exitcode(status) % 256]))


def _exactly(call: socket.socket, size: int) -> bytes:
    with call.makefile("rb") as stream:
        return stream.read(size)


def _run(files: list[int], words: list[str], folder: str, environment: dict[str, str]) -> int:
    """Run the command in this process, which was made for it. Returns its exit code."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = ["invoice-gateway", *words[1:]]
    code: object = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
