"""The files with which the product is deployed: compose.yaml, Dockerfile, .dockerignore."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.config.process import LimitsSection

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def gateways(compose: dict[str, Any]) -> dict[str, Any]:
    return {name: own for name, own in compose["services"].items() if name.startswith("gateway-")}


def test_prometheus_reads_and_changes_nothing(compose: dict[str, Any]) -> None:
    content = yaml.safe_load(compose["configs"]["prometheus"]["content"])
    token = content["scrape_configs"][0]["authorization"]["credentials"]
    for service in gateways(compose).values():
        assert service["environment"]["INVOICE_GATEWAY_ADMIN_READ_TOKEN"] == token
        assert service["environment"]["INVOICE_GATEWAY_ADMIN_TOKEN"] != token


def test_a_gateway_may_finish_what_it_has_begun(compose: dict[str, Any]) -> None:
    for service in gateways(compose).values():
        assert int(service["stop_grace_period"].removesuffix("s")) > LimitsSection().drain_seconds


def test_what_is_written_outlives_its_container(compose: dict[str, Any]) -> None:
    written = {"postgres": "/var/lib/postgresql/data", "prometheus": "/prometheus"} | dict.fromkeys(
        gateways(compose), "/data"
    )
    used = []
    for name, path in written.items():
        volumes = dict(volume.split(":", 2)[1::-1] for volume in compose["services"][name]["volumes"])
        used.append(volumes[path])
    assert len(set(used)) == len(used)
    assert set(used) == set(compose["volumes"])
    assert "VOLUME /data" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_is_built_from_what_it_needs_alone() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    let_in = {pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = re.findall(r"^COPY (?!--from|\. )(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    hook = wheel["hooks"]["custom"]["path"]
    needed = [*wheel["only-include"], hook, "tests/adapters", *copied, *project["project"]["license-files"]]
    for name in (*needed, project["project"]["readme"], "pyproject.toml"):
        assert any(name == own or name.startswith(f"{own}/") for own in let_in), name
    assert let_in & {".git", ".venv", "data", "tests", "."} == set()
