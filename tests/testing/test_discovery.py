"""Where the gateway under test comes from: one that runs, a command, a container image; and what is said when there is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.testing.client import GatewayUnusableError, ServerError, connect, open_gateway, start_server
from tests.processes import Running, serving
from tests.until import until

FAKE_ENGINE = Path(__file__).with_name("fake_engine.py")
TOKEN = "a-token-of-somebody"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    config = folder / "gateway.yaml"
    config.write_text(f"admin_token: {TOKEN}\n", encoding="utf-8")
    with serving(folder, config) as running:
        yield running


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "ADMIN_URL", "ADMIN_TOKEN", "ADMIN_TOKEN_FILE", "COMMAND", "IMAGE"):
        monkeypatch.delenv(f"INVOICE_GATEWAY_{name}", raising=False)


def put(folder: Path, name: str, text: str) -> Path:
    """A program."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_one_that_runs_is_named_by_the_environment(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = running.data_url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("INVOICE_GATEWAY_URL", elsewhere)
    with pytest.raises(GatewayUnusableError, match=r"\$INVOICE_GATEWAY_ADMIN_URL goes with \$INVOICE_GATEWAY_URL"):
        open_gateway().__enter__()
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_URL", running.admin_url)
    with pytest.raises(GatewayUnusableError, match="unauthorized"):
        open_gateway().__enter__()
    file = tmp_path / "token"
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_TOKEN_FILE", str(file))
    with pytest.raises(GatewayUnusableError, match=r"\$INVOICE_GATEWAY_ADMIN_TOKEN_FILE: .*token cannot be read"):
        open_gateway().__enter__()
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    with open_gateway() as gateway, gateway.tenant() as tenant:
        assert tenant.resurs.url.startswith(elsewhere)
    assert connect(running.admin_url, token=TOKEN).data_url == ""
    assert running.process.poll() is None


def test_a_command_is_named_by_the_environment_before_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    program = put(tmp_path, "my-gateway", f'#!/bin/sh\nprintf "%s\\n" "$@" >{asked}\nexit 7\n')
    monkeypatch.setenv("INVOICE_GATEWAY_COMMAND", f"{program} --first")
    monkeypatch.setenv("INVOICE_GATEWAY_IMAGE", "an-image")
    with pytest.raises(ServerError, match="exit code 7"):
        open_gateway().__enter__()
    assert asked.read_text(encoding="utf-8").split()[:2] == ["--first", "serve"]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that stands for Docker. Returns the folder where it keeps what it is asked."""
    put(tmp_path / "bin", "docker", f'#!/bin/sh\nexec {sys.executable} {FAKE_ENGINE} "$@"\n')
    folder = tmp_path / "engine"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("FAKE_ENGINE", str(folder))
    return folder


async def test_an_image_is_named_by_the_environment(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOICE_GATEWAY_IMAGE", "an-image")
    with open_gateway(settings={"resurs": {"zero": "accept"}}) as gateway:
        assert gateway.admin.get("/v1/settings/resurs")["settings"]["zero"] == "accept"
        with gateway.tenant() as tenant:
            assert tenant.resurs.url.startswith(gateway.data_url)
        token = gateway.admin.token
    text = (engine / "asked").read_text(encoding="utf-8")
    asked = [json.loads(line) for line in text.splitlines()]
    assert [words[0] for words in asked] == ["create", "cp", "start", "port", "port", "rm"]
    names = {word.partition(":")[0] for words in asked for word in words if word.startswith("invoice-gateway-")}
    assert len(names) == 1
    assert token not in text, "a list of processes would show it"
    process = Path("/proc") / (engine / "pid").read_text(encoding="utf-8")
    await until(lambda: not process.exists())


def test_an_engine_that_fails_is_shown_in_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "bin", "docker", "#!/bin/sh\necho 'no such image' >&2\nexit 125\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(ServerError, match=r"docker create failed \(exit code 125\):\nno such image"):
        start_server(image="an-image").__enter__()


def test_what_is_said_when_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match="no docker and no podman on the path"):
        start_server(image="an-image").__enter__()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ServerError) as refused:
        open_gateway().__enter__()
    for way in ("$INVOICE_GATEWAY_COMMAND", "$INVOICE_GATEWAY_IMAGE", "$INVOICE_GATEWAY_URL"):
        assert way in str(refused.value)
