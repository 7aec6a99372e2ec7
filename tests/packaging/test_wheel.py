"""What is in the two wheels."""

from __future__ import annotations

import email
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from gateway.spi.registry import installed_adapters
from tests.packaging.conftest import Wheels
from tests.packaging.installed import ROOT, build

DIALECTS = sorted(installed_adapters())
PLACES = {"gateway": "invoice_gateway", "adapters": "invoice_gateway/adapters", "schemas": "invoice_gateway/schemas"}


def content(wheel: Path) -> dict[str, bytes]:
    """Every file of a wheel but those that describe it."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        return {name: archive.read(name) for name in names}


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


@pytest.fixture(scope="module")
def server(wheels: Wheels) -> dict[str, bytes]:
    return content(wheels.server)


def test_every_name_begins_with_the_products(wheels: Wheels, server: dict[str, bytes]) -> None:
    assert {name.partition("/")[0] for name in server} == {"invoice_gateway", "invoice_gateway_testing.py"}
    assert {name.partition("/")[0] for name in content(wheels.client)} == {"invoice_gateway_testing"}


def test_the_server_is_in_it_and_no_tests(server: dict[str, bytes]) -> None:
    for package, place in PLACES.items():
        for path in (ROOT / package).rglob("*.*"):
            if path.is_file() and path.suffix != ".pyc" and not path.is_relative_to(ROOT / "gateway" / "packaging"):
                name = f"{place}/{path.relative_to(ROOT / package).as_posix()}"
                assert path.suffix == ".py" or server[name] == path.read_bytes()
                assert len(server[name].splitlines()) == len(path.read_bytes().splitlines()), (
                    "a line has another number"
                )
    for dialect in DIALECTS:
        assert f"invoice_gateway/adapters/{dialect}/cases/profile.toml" in server
    assert not [name for name in server if name.endswith(".pyc") or ("/test_" in name and name.endswith(".py"))]
    assert not [name for name in server if name.startswith("invoice_gateway/packaging/")]


def test_it_is_built_the_same_each_time(wheels: Wheels, tmp_path: Path) -> None:
    assert build(ROOT, tmp_path).read_bytes() == wheels.server.read_bytes()


def test_the_client_is_the_same_in_both_and_needs_nothing(wheels: Wheels, server: dict[str, bytes]) -> None:
    inner = "invoice_gateway/testing/client/"
    of_server = {name.removeprefix(inner): text for name, text in server.items() if name.startswith(inner)}
    client = {name.removeprefix("invoice_gateway_testing/"): text for name, text in content(wheels.client).items()}
    assert client.pop("LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert client == of_server
    assert "py.typed" in client
    assert metadata(wheels.client).get_all("Requires-Dist") is None
    assert metadata(wheels.client)["Version"] == metadata(wheels.server)["Version"]


def test_no_file_is_in_both_wheels_so_either_may_be_removed(wheels: Wheels, server: dict[str, bytes]) -> None:
    assert not set(content(wheels.client)) & set(server)


def test_what_not_everybody_needs_is_an_extra(wheels: Wheels) -> None:
    needed = metadata(wheels.server).get_all("Requires-Dist") or []
    extras = {line.partition(";")[2].strip(): line for line in needed if "extra ==" in line}
    assert "asyncpg" in extras["extra == 'postgres'"]
    assert "reportlab" in extras["extra == 'pdf'"]
    assert not [line for line in needed if "extra ==" not in line and ("asyncpg" in line or "reportlab" in line)]
