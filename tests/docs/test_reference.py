"""The reference names everything that the code has: options, keys, exit codes, metrics, routes, fixtures, operations."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from aiohttp.test_utils import TestClient
from pydantic import BaseModel
from typer.main import get_command

from docs.generate import (
    admin_api,
    command_line,
    configuration,
    dialects,
    exit_codes,
    metrics,
    pytest_plugin,
    vocabulary,
)
from docs.generate.pages import made
from gateway.admin.api import ROUTES
from gateway.admin.problems import KINDS
from gateway.cli import app
from gateway.cli.exit_codes import ExitCode
from gateway.config.model import Config
from gateway.core.gaps import GapReason
from gateway.simulation.fault_models import POINTS, Point
from gateway.simulation.fault_refusals import REFUSALS
from gateway.spi.adapter import Failure
from gateway.spi.findings import Finding
from gateway.spi.registry import installed_adapters, load_adapter
from gateway.testing import client
from gateway.testing.harness import subject_of
from gateway.web.metrics_help import HELP, LABELS
from tests.conftest import MakeGateway

ROOT = Path(__file__).parents[2]
NAMES = sorted(installed_adapters())


@functools.cache
def page_of(name: str) -> str:
    return dialects.text(name, "facts.md")


def section(page: str, title: str) -> str:
    """The part of a page below a heading of any level, up to the next one."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    assert match, title
    return match[1]


def commands(command: Any, words: str = "") -> Iterator[tuple[str, Any]]:
    for name, own in command.commands.items():
        path = f"{words} {name}".strip()
        yield path, own
        if hasattr(own, "commands"):
            yield from commands(own, path)


def test_every_command_with_its_options() -> None:
    page = command_line.text()
    found = list(commands(get_command(app)))
    assert len(found) > 30
    for path, own in found:
        shown = section(page, path)
        for parameter in own.params:
            written = [*parameter.opts, *parameter.secondary_opts] if parameter.param_type_name == "option" else [path]
            assert all(f"`{word}`" in shown or word == path for word in written), (path, parameter.name)
        assert own.help.split("\n")[0][:20] in shown


def keys(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str]]:
    """Every key of a model and of the models below it, with the path of its section."""
    for name, field in model.model_fields.items():
        yield path, name
        for inner, suffix in models_in(field.annotation):
            yield from keys(inner, f"{path}.{name}{suffix}".lstrip("."))


def models_in(annotation: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """The models that a field holds, and how the path goes on for them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, ""
        return
    origin = get_origin(annotation)
    is_container = isinstance(origin, type) and issubclass(origin, Collection)
    suffix = "" if not is_container else ".<name>" if issubclass(origin, Mapping) else "[]"
    for inner in get_args(annotation):
        for model, rest in models_in(inner):
            yield model, suffix + rest


def unlisted(page: str, model: type[BaseModel], path: str = "") -> set[str]:
    """Keys that have no row in the table of their section."""
    missing = set()
    for place, key in keys(model, path):
        shown = section(page, f"`{place}`" if place else "Top level")
        if f"\n| `{key}` |" not in shown:
            missing.add(f"{place}.{key}")
    return missing


def test_every_key_of_the_configuration() -> None:
    page = configuration.text()
    assert len(list(keys(Config))) > 100
    assert unlisted(page, Config) == set()
    assert "\n| `url_file` |" in section(page, "`stores.<name>`")
    assert "\n| `admin_token_env` |" in section(page, "Top level")
    for name in NAMES:
        assert f"\n| `{name}` |" in section(page, "`tenants[]`")


@pytest.mark.parametrize("name", NAMES)
def test_a_dialects_settings_operations_and_hosts(name: str) -> None:
    page, subject = page_of(name), subject_of(name)
    adapter = load_adapter(installed_adapters()[name])
    assert unlisted(page, adapter.Settings, f"dialects.{name}.settings") == set()
    assert unlisted(page, adapter.Binding, f"tenants[].{name}") == set()
    operations = section(page, "Operations")
    for one in subject.bench().dialect.operations:
        state = "served" if one.served else "declined"
        assert f"| `{one.name}` | {state} | {one.evidence.value} |" in operations, one.name
    served = [one for one in subject.bench().dialect.operations if one.served]
    assert f"serves {len(served)} of {len(subject.bench().dialect.operations)} operations" in page
    assert f"reference/dialects/{name}.md" in made()


def test_every_route_and_problem() -> None:
    page = admin_api.text()
    assert not [route.path for route in ROUTES if f"`{route.method} {route.path}`" not in page]
    assert not [kind.name for kind in KINDS if f"`{kind.type}`" not in page]
    plain = re.findall(r'add_get\("(/[^"]+)"', (ROOT / "gateway/admin/app.py").read_text(encoding="utf-8"))
    assert set(plain) == set(admin_api.PLAIN)
    assert all(f"`GET {path}`" in page for path in plain)


def test_every_fixture_option_and_member_of_the_client() -> None:
    page = pytest_plugin.text()
    source = ast.parse((ROOT / "gateway/testing/client/pytest_plugin.py").read_text(encoding="utf-8"))
    functions = [own for own in source.body if isinstance(own, ast.FunctionDef)]
    named = [own.name for own in functions if any("fixture" in ast.unparse(one) for one in own.decorator_list)]
    assert len(named) >= 2
    assert [name for name, _, _ in pytest_plugin.fixtures()] == named
    assert not [name for name in named if f"| `{name}` |" not in page]
    assert not [name for name, _ in pytest_plugin.options() if f"`{name} " not in page]
    for name in client.__all__:
        shown = section(page, name)
        members = [member for member in vars(getattr(client, name)) if not member.startswith("_")]
        wanted = [member for member in members if callable(getattr(getattr(client, name), member))]
        assert not [member for member in wanted if f"\n{member}(" not in shown], name


def exit_numbers(path: Path) -> Iterator[int]:
    """The numbers with which a module of the command line ends the program."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            given = (
                node.args[1:2] if called == "fail" else node.args[:1] if called in {"typer.Exit", "sys.exit"} else ()
            )
            yield from (own.value for own in given if isinstance(own, ast.Constant) and isinstance(own.value, int))


def test_every_exit_code() -> None:
    page = exit_codes.text()
    assert all(f"| {int(own)} | `{own.name}` | {own.meaning[:10]}" in page for own in ExitCode)
    used = {number for path in (ROOT / "gateway/cli").glob("*.py") for number in exit_numbers(path)}
    assert {1, 2} <= used <= set(ExitCode)


async def test_every_metric(make_gateway: MakeGateway) -> None:
    gateway: TestClient = await make_gateway({"watermark": {"mode": "on"}, "journal": {"mode": "on"}})
    await gateway.get("/sequences.xml?api_key=demo-key")
    live = {family.name: family for family in gateway.server.gateway.metrics.collect()}  # type: ignore[attr-defined]
    page = metrics.text()
    labels: Mapping[str, set[str]] = {
        name: {label for sample in family.samples for label in sample.labels} - {"le"} for name, family in live.items()
    }
    for name, found in labels.items():
        own = HELP[name.removeprefix("invoice_gateway_")]
        assert set(own.labels) == found, name
        assert live[name].documentation == own.help
        assert live[name].type == own.kind
    assert {label for own in HELP.values() for label in own.labels} | {"worker"} == set(LABELS)
    assert figures_in_the_code() <= set(HELP)
    of_stores = {name for name in HELP if name.startswith("store_")}
    assert {name.removeprefix("invoice_gateway_") for name in live} | figures_in_the_code() | of_stores == set(HELP)
    assert not [name for name in HELP if f"| `invoice_gateway_{name}` |" not in page]


def figures_in_the_code() -> set[str]:
    """The names in every method `figures`, also those of databases that do not run here."""
    found = set()
    for path in (ROOT / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "figures":
                texts = [own for each in ast.walk(node) if isinstance(each, ast.Dict) for own in each.keys]
                found |= {own.value for own in texts if isinstance(own, ast.Constant)}
    assert len(found) > 8
    return found


def test_every_word_of_answers_and_reports() -> None:
    page = vocabulary.text()
    rows = [*(own.value for own in (*GapReason, *Point)), *REFUSALS, *(own.name.lower() for own in Failure), *POINTS]
    assert not [word for word in rows if not re.search(rf"^\| `{word}` \|.* \w.* \|$", page, re.MULTILINE)]
    assert not [own.value for own in Finding if f"`{own.value}`" not in page]
    for words in (GapReason, Point):
        assert set(vocabulary.meanings(words)) == {own.name for own in words}
