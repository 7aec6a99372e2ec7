"""Starts each of the other servers on a free loopback port, and checks that it answers the peek."""

from __future__ import annotations

import os
import shutil
import urllib.error
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.load import Request
from tests.bench.missing import NotHere
from tests.bench.peers import install, mappings
from tests.bench.servers import ROOT, Server, other_server
from tests.bench.workloads import RESURS_PATH, send
from tests.pg import free_port

HERE: Final = Path(__file__).parent


@dataclass
class Peers:
    """Starts the other servers.

    request: the peek.
    answer: what the gateway answers to it.
    """

    folder: Path
    stack: ExitStack
    request: Request
    answer: str
    fetch: bool
    skipped: dict[str, str] = field(default_factory=dict)

    def start(self, wanted: Sequence[str] = ()) -> dict[str, Server]:
        """Start every server that can be had; returns them by name. The others are in `skipped`."""
        found: dict[str, Server] = {}
        for name, make in STARTERS.items():
            if wanted and not any(word.lower() in name.lower() for word in wanted):
                continue
            own = self.folder / name.split()[0].lower() / str(len(found))
            own.mkdir(parents=True, exist_ok=True)
            try:
                found[name] = self._checked(make(self, own))
            except (NotHere, RuntimeError, OSError) as error:
                self.skipped[name] = str(error)
        return found

    def _checked(self, server: Server) -> Server:
        try:
            answer = send(server.address, self.request)
        except urllib.error.HTTPError as error:
            raise NotHere(f"answers the peek with {error.code}") from error
        if b"nextInvoiceNumber" not in answer:
            raise NotHere("does not answer the peek")
        return server

    def launch(self, words: Sequence[str], port: int, own: Path, **environment: str) -> Server:
        """Start a program and wait until it listens; it is stopped with everything else."""
        return self.stack.enter_context(other_server(words, port, own, environment))

    def _wiremock(self, own: Path, *, by_xpath: bool) -> Server:
        java = shutil.which("java")
        if java is None:
            raise NotHere("no java on this machine")
        build = install.installed("wiremock", fetch=self.fetch) / "node_modules" / "wiremock" / "build"
        (jar,) = build.glob("wiremock-standalone-*.jar")
        mappings.wiremock(own, self.answer, by_xpath=by_xpath)
        port = free_port()
        options = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(own)]
        quick = ["--no-request-journal", "--disable-request-logging", "--async-response-enabled", "false"]
        return self.launch([java, "-jar", str(jar), *options, *quick], port, own)

    def wiremock_substring(self, own: Path) -> Server:
        """WireMock, which searches the body for a word."""
        return self._wiremock(own, by_xpath=False)

    def wiremock_xpath(self, own: Path) -> Server:
        """WireMock, which parses the body and searches it by XPath."""
        return self._wiremock(own, by_xpath=True)

    def node_soap(self, own: Path) -> Server:
        """node-soap, on the gateway's own WSDL."""
        folder = install.installed("node-soap", fetch=self.fetch)
        for name in ("node_modules", "package.json"):
            (own / name).symlink_to(folder / name)
        port, wsdl = free_port(), ROOT / "schemas" / "resurs" / "ConfigurationService.wsdl"
        words = [install.node(), str(HERE / "node_soap.js"), str(port), RESURS_PATH, str(wsdl)]
        return self.launch(words, port, own, NODE_ENV="production")

    def mountebank(self, own: Path) -> Server:
        """mountebank with one imposter."""
        program = install.installed("mountebank", fetch=self.fetch) / "node_modules" / ".bin" / "mb"
        port = free_port()
        mappings.mountebank(own / "imposters.json", self.answer, port)
        control = ["--port", str(free_port()), "--configfile", str(own / "imposters.json"), "--localOnly"]
        quiet = ["--nologfile", "--loglevel", "error", "--pidfile", str(own / "pid")]
        return self.launch([install.node(), os.path.realpath(program), *control, *quiet], port, own)

    def mockoon(self, own: Path) -> Server:
        """Mockoon with one environment."""
        program = install.installed("mockoon", fetch=self.fetch) / "node_modules" / ".bin" / "mockoon-cli"
        port = free_port()
        mappings.mockoon(own / "environment.json", self.answer, port)
        data = ["start", "--data", str(own / "environment.json"), "--port", str(port), "--repair"]
        quiet = ["--disable-log-to-file", "--disable-admin-api"]
        return self.launch([install.node(), os.path.realpath(program), *data, *quiet], port, own)

    def flask(self, own: Path) -> Server:
        """Flask under gunicorn: one worker, eight threads (the plain worker closes every connection)."""
        return self._gunicorn("flask", "flask_mock:app", own)

    def spyne(self, own: Path) -> Server:
        """spyne under gunicorn, in the same way."""
        return self._gunicorn("spyne", "spyne_mock:app", own)

    def _gunicorn(self, name: str, application: str, own: Path) -> Server:
        python = self._python(name)
        port = free_port()
        how = ["--worker-class", "gthread", "--threads", "8", "--workers", "1", "--keep-alive", "30"]
        words = [python, "-m", "gunicorn", "--chdir", str(HERE), "--bind", f"127.0.0.1:{port}", *how, application]
        return self.launch(words, port, own, PYTHONDONTWRITEBYTECODE="1")

    def fastapi(self, own: Path) -> Server:
        """FastAPI under uvicorn with uvloop and httptools, one worker, no access log."""
        python = self._python("fastapi")
        port = free_port()
        how = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning"]
        words = [python, "-m", "uvicorn", "--app-dir", str(HERE), *how, "fastapi_mock:app"]
        return self.launch(words, port, own, PYTHONDONTWRITEBYTECODE="1")

    def _python(self, name: str) -> str:
        return str(install.installed(name, fetch=self.fetch) / "venv" / "bin" / "python")


STARTERS: Final[dict[str, Callable[[Peers, Path], Server]]] = {
    "WireMock, body by substring": Peers.wiremock_substring,
    "WireMock, body by XPath": Peers.wiremock_xpath,
    "node-soap": Peers.node_soap,
    "FastAPI and ElementTree under uvicorn": Peers.fastapi,
    "Flask and ElementTree under gunicorn": Peers.flask,
    "spyne under gunicorn": Peers.spyne,
    "mountebank": Peers.mountebank,
    "Mockoon CLI": Peers.mockoon,
}
