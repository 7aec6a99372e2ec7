"""Fixtures for every test: a gateway in this process on a real store, with the example configuration or a variation of it."""

from __future__ import annotations

import copy
import functools
import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestClient
from hypothesis import HealthCheck, settings

from gateway.config.loading import load_config
from gateway.config.model import ENV_PREFIX, Config
from gateway.config.yaml_file import Document, read_document
from gateway.server.wiring import Gateway
from gateway.spi.registry import installed_adapters
from gateway.stores import migrate_store
from tests.needs import Needs

# Hypothesis sets no time limit for an example: a test must not fail because the machine is busy.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that runs in this process sets the logs up."""
    yield
    structlog.reset_defaults()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Needs())


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A deep merge; lists are replaced."""
    result = copy.deepcopy(dict(base))
    for key, value in changes.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return result


@functools.cache
def example_values() -> Mapping[str, Any]:
    """The example configuration as it stands in the file; callers must not change it."""
    values: Mapping[str, Any] = json.loads(json.dumps(read_document(EXAMPLE).values))
    return values


_LOADED: dict[object, tuple[str, Config, Document]] = {}
"""Loaded configurations, by changes and environment. Thousands of tests share a few hundred, and loading one takes
milliseconds.
"""


def example_config(path: Path, changes: Mapping[str, Any] | None = None) -> tuple[Config, Document]:
    """The example configuration with changes, written to a folder of the test and loaded from there."""
    file, store = path / "config.yaml", f"sqlite:///{path / 'gateway.db'}"
    key = repr(changes), *(entry for entry in os.environ.items() if entry[0].startswith(ENV_PREFIX))
    if key in _LOADED:
        text, config, document = _LOADED[key]
        file.write_text(text, encoding="utf-8")
    else:
        values = merged(example_values(), changes or {})
        values["log"] = {**values.get("log", {}), "requests": False}
        if "watermark" not in (changes or {}):
            values["watermark"] = {"mode": "off"}  # thousands of gateways would each make, sync and close one more file
        text = yaml.dump(values, Dumper=yaml.CSafeDumper, sort_keys=False)
        file.write_text(text, encoding="utf-8")
        config, document = load_config(file, {"store": store})
        _LOADED[key] = text, config, document
    return config.model_copy(update={"store": store}), replace(document, name=str(file))


class GatewayServer(BaseTestServer):
    """The data port of a gateway, on a free port."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self.gateway = gateway

    async def _make_runner(self, **_: Any) -> web.BaseRunner:
        return web.ServerRunner(self.gateway.server)


MakeGateway = Callable[..., Awaitable[TestClient]]


@pytest.fixture(scope="session")
def blank_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty store file. Each gateway gets a copy, because making a store is slow."""
    path = tmp_path_factory.mktemp("blank") / "gateway.db"
    migrate_store(f"sqlite:///{path}")
    return path


@pytest.fixture
async def make_gateway(tmp_path: Path, blank_store: Path, aiohttp_client: Any) -> AsyncIterator[MakeGateway]:
    """Makes gateways: `client = await make_gateway({"dialects": …})`; `client.server.gateway` is the gateway itself."""
    running: list[Gateway] = []

    async def make(changes: Mapping[str, Any] | None = None) -> TestClient:
        folder = tmp_path / f"gateway-{len(running)}"
        folder.mkdir()
        shutil.copy(blank_store, folder / "gateway.db")
        config, document = example_config(folder, changes)
        gateway = await Gateway(config, document).__aenter__()
        running.append(gateway)
        client: TestClient = await aiohttp_client(GatewayServer(gateway))
        return client

    yield make
    for gateway in running:
        await gateway.__aexit__(None, None, None)


def base_url(client: TestClient) -> str:
    """The address of the data port, without a slash at the end."""
    return str(client.make_url("/")).rstrip("/")


def only(dialect: str) -> dict[str, Any]:
    """Changes to the example configuration that leave one dialect enabled."""
    others = {name: {"enabled": False} for name in installed_adapters() if name != dialect}
    return {"dialects": others}
