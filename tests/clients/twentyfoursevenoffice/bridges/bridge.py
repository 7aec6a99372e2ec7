"""A SOAP client of some language that makes the calls of a test, one after the other.

The client is a program of its own, `zeep_bridge.py` and its neighbours. It loads a service's contract when the service is
first called, and keeps what it has loaded. A line to it is `[service, operation, message]` or `["cookie", session, null]`; a
line from it is `{"value": …}` or `{"fault": text, "code": code}`. Bytes are base64 on these lines.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from schemas.twentyfoursevenoffice.operations import SERVICES
from tests.clients.mono import REFERENCES, mono, require_mono
from tests.clients.programs import GUARDS, node_packages, node_program, php_program

HERE: Final = Path(__file__).parent
APPLICATION: Final = "00000000-0000-4000-8000-000000000024"
V002: Final = "AccountService V002"
_SECOND_ACCOUNT_SERVICE: Final = [each for each in SERVICES if each.name == "AccountService"][1]
PATHS: Final = {V002 if each is _SECOND_ACCOUNT_SERVICE else each.name: each.path for each in SERVICES}
Connect = Callable[..., AbstractContextManager["Bridge"]]
_Command = tuple[Sequence[str], dict[str, str]]


class Fault(Exception):
    """The fault that a client program got; its code without a prefix."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code.rpartition(":")[2]


class Bridge:
    """A client program that runs; `call` makes one call."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def call(self, service: str, operation: str, **message: Any) -> Any:
        """What the program got: the operation's result, arrays and records as the client shows them. Raises Fault."""
        return self._asked(service, operation, message)

    def log_in(self, username: str = "demo@example.com", password: str = "demo-secret") -> str:
        """Log in; every later call, to each service, shows the session."""
        credential = {"ApplicationId": APPLICATION, "Username": username, "Password": password}
        session = self.call("Authenticate", "Login", credential=credential)
        self.use(session)
        return str(session)

    def use(self, session: str) -> None:
        """Show another session from now on, "" for none."""
        self._asked("cookie", session, None)

    def _asked(self, *line: Any) -> Any:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, f"{line[:2]}: {self._log.read_text(encoding='utf-8')}"
        found = json.loads(answer)
        if "fault" in found:
            raise Fault(found["fault"], str(found["code"]))
        return found["value"]


@contextmanager
def bridge(kind: str, address: str, folder: Path, services: Sequence[str] = tuple(PATHS)) -> Iterator[Bridge]:
    """A client program, until the end of the block.

    kind: of KINDS.
    services: those that it may call.
    """
    command, more = KINDS[kind](address, folder, services)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "NO_PROXY": "*", **more}
    log = folder / "bridge.log"
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        try:
            yield Bridge(process, log)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(60)
            finally:
                process.kill()


def _python(program: str) -> Callable[[str, Path, Sequence[str]], _Command]:
    def command(address: str, _folder: Path, _services: Sequence[str]) -> _Command:
        words = [sys.executable, "-W", "ignore", str(HERE / program), address, json.dumps(PATHS)]
        return words, {"PYTHONPATH": str(GUARDS)}

    return command


def _node(address: str, _folder: Path, _services: Sequence[str]) -> _Command:
    packages = node_packages(HERE.parents[1] / "node")
    words = [node_program(), "--require", str(GUARDS / "loopback_only.js"), str(HERE / "bridge.js")]
    return [*words, address, json.dumps(PATHS)], {"NODE_PATH": str(packages)}


def _php(version: str) -> Callable[[str, Path, Sequence[str]], _Command]:
    def command(address: str, _folder: Path, _services: Sequence[str]) -> _Command:
        guard = f"auto_prepend_file={GUARDS / 'loopback_only.php'}"
        words = [php_program(), "-d", guard, "-d", "soap.wsdl_cache_enabled=0", str(HERE / "bridge.php")]
        return [*words, address, json.dumps(PATHS), version], {}

    return command


def _dotnet(version: str) -> Callable[[str, Path, Sequence[str]], _Command]:
    def command(address: str, folder: Path, services: Sequence[str]) -> _Command:
        require_mono()
        sources = []
        for service in services:
            name = service.replace(" ", "")
            with urllib.request.urlopen(f"{address}{PATHS[service]}?WSDL", timeout=30) as answer:
                (folder / f"{name}.wsdl").write_bytes(answer.read())
            sources.append(f"{name}.cs")
            mono(folder, "wsdl", f"-out:{name}.cs", f"-namespace:{name}Proxy", f"{name}.wsdl")
        mono(folder, "mcs", *REFERENCES, "-out:bridge.exe", str(HERE / "Bridge.cs"), *sources)
        program = shutil.which("mono")
        assert program is not None
        return [program, "bridge.exe", address, json.dumps(PATHS), version], {}

    return command


KINDS: Final = {
    "zeep": _python("zeep_bridge.py"),
    "suds": _python("suds_bridge.py"),
    "node-soap": _node,
    "PHP SoapClient 1.1": _php("1.1"),
    "PHP SoapClient 1.2": _php("1.2"),
    ".NET proxy 1.1": _dotnet("1.1"),
    ".NET proxy 1.2": _dotnet("1.2"),
}
"""The client programs, by the names of their libraries."""


def items(value: Any) -> list[Any]:
    """The items of an array, however a client shows it: a list, a wrapper with one list or one item, nothing at all."""
    if value in (None, "", {}, []):
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and len(value) == 1:
        (only,) = value.values()
        return only if isinstance(only, list) else [only]
    return [value]


def only(value: Any) -> Any:
    """The one item of an array. Fails when there are others."""
    (found,) = items(value)
    return found
