"""`check-config` and `serve` agree: each fault has its line, all are found at once, and what is called fine can be served."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.loading import load_config
from gateway.config.yaml_file import ConfigError, Problem
from gateway.server.wiring import Gateway
from gateway.stores import migrate_store
from gateway.stores.errors import StoreOpenError
from gateway.tenants.check import checked_plan
from tests.conftest import example_values

TENANT = "tenants:\n  - id: a\n    series: [{key: main}]\n"


def problems_of(folder: Path, text: str) -> list[Problem]:
    """What `check-config` says; `serve` must say the same."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as checked:
        checked_plan(*load_config(path))
    with pytest.raises(ConfigError) as served:
        Gateway(*load_config(path))
    assert served.value.problems == checked.value.problems
    return checked.value.problems


def two(section: str) -> str:
    """Two tenants with the same section for a dialect."""
    return "tenants:\n" + "".join(f"  - id: {own}\n    series: [{{key: main}}]\n    {section}\n" for own in "ab")


RESURS = "resurs: {accounts: [{username: u, password: p, series: %s}]}"
OFFICE = (
    "twentyfoursevenoffice: {applications: [00000000-0000-4000-8000-000000000024], clients: [{id: 1, name: x, series: %s}], "
    "users: [{username: u, password: p, identities: [{id: 00000000-0000-4000-8000-000000002401, client: 1}]}]}"
)
QQ = "qqsolutions: {clients: [{id: c, secret: s}], locations: [{id: '1', series: %s}]}"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (
            TENANT + f"    {RESURS % 'mian'}\n",
            4,
            "tenants.0.resurs.accounts.0.series: found 'mian': the tenant has no such",
        ),
        (TENANT + f"    {RESURS % 'mian'}\n", 4, "series (did you mean main?); it has: main"),
        (TENANT + f"    {QQ % 'other'}\n", 4, "tenants.0.qqsolutions.locations.0.series: found 'other'"),
        (TENANT + f"    {OFFICE % 'other'}\n", 4, "tenants.0.twentyfoursevenoffice.clients.0.series: found 'other'"),
        (two(RESURS % "main"), 7, "tenants.1.resurs: user name 'u' is given twice"),
        (two(QQ % "main"), 7, "tenants.1.qqsolutions: client 'c' is given twice"),
        (
            two(OFFICE % "main"),
            7,
            "tenants.1.twentyfoursevenoffice: identity 00000000-0000-4000-8000-000000002401 is given",
        ),
        (
            two("invoicexpress: {account: x, api_key: k}"),
            7,
            "tenants.1.invoicexpress: account 'x' belongs to more than one",
        ),
        (
            "dialects:\n  twentyfoursevenoffice:\n    settings: {fault_texts: {nonsense: x}}\n",
            3,
            "dialects.twentyfoursevenoffice.settings: fault_texts: unknown nonsense",
        ),
        ("store: mysql://h/db\n", 1, "store: found a 'mysql' URL: not a store address; give sqlite:///"),
        ("store: postgress://h/db\n", 1, "found a 'postgress' URL: not a store address (did you mean postgres?)"),
        ("store: numbers.db\n", 1, "store: not a store address"),
        ("stores:\n  east:\n    url: sqlite://e.db\n", 3, "stores.east.url: not a store address"),
        ("stores:\n  east: {url: 'postgresql://h/db?readers=0'}\n", 2, "stores.east.url: readers=0: not a number"),
        ("store: postgresql://h:x/db\n", 1, "store: a port in the address is not a number"),
        ("store: postgresql://[h/db\n", 1, "store: the address cannot be read"),
        ("store: postgresql://h/db?sslmode=maybe\n", 1, "store: sslmode: not one of disable, allow"),
        (
            "store: postgresql://h/db?sslrootcert=/no/file\n",
            1,
            "store: sslrootcert: the file '/no/file' cannot be read: No such",
        ),
        ("workers: 2\nstore: sqlite:///a.db\n", 1, "workers: found 2: a SQLite store belongs to one process"),
        (
            "tenants:\n  - id: a\n    series:\n      - key: m\n        numbers:\n          invoce: 1\n",
            6,
            "did you mean invoice?",
        ),
        ("port: 7071\n", 1, "port: found 7071: both ports are the same"),
        ("host: 0.0.0.0\nadmin_port: 7070\n", 2, "admin_port: found 7070: both ports are the same"),
        ("journal:\n  path: data/invoice-gateway.db\n", 2, "journal.path: is the file of the store 'default'"),
        ("watermark:\n  path: data/invoice-gateway.db\n", 2, "watermark.path: is the file of the store 'default'"),
        ("journal:\n  path: data/invoice-gateway.watermark.db\n", 2, "journal.path: is the file of the watermark"),
        (
            "dialects:\n  resurs:\n    prefix: /_gateway\n",
            3,
            "dialects.resurs.prefix: found '/_gateway': must not hold /_gat",
        ),
        (
            "dialects:\n  resurs:\n    prefix: /a/%5Fgateway/b\n",
            3,
            "must not hold /_gateway: the gateway's own pages stand",
        ),
        (
            "dialects:\n  resurs:\n    public_url: http://h/_gateway\n",
            3,
            "dialects.resurs.public_url: must not hold /_gat",
        ),
        ("dialects:\n  resurs:\n    host: https://api.example.com\n", 3, "must be a host name without scheme"),
        ("dialects:\n  resurs:\n    host: api.example.com:80\n", 3, "must be a host name without scheme"),
        ("dialects:\n  resurs:\n    public_url: http://u:p@h\n", 3, "without user, password and query"),
        ("dialects:\n  resurs:\n    prefix: /a/\n", 3, "must begin with / and not end with it"),
        ('admin_token: "a\\nb"\n', 1, "admin_token: begins or ends with a space, or holds a control character"),
        ("admin_token: x\nadmin_read_token: 'y '\n", 2, "admin_read_token: begins or ends with a space"),
        ("admin_token_file: empty\n", 1, "admin_token_file: the file empty is empty"),
        ("admin_token_file: blank\n", 1, "admin_token_file: the file blank is empty"),
        ("admin_token_file: none\n", 1, "admin_token_file: the file none cannot be read: No such file"),
        ("admin_token_file: ['x']\n", 1, "admin_token_file: must be text"),
        ("admin_token_env: NO_SUCH_ONE\n", 1, "admin_token_env: the environment has no variable NO_SUCH_ONE"),
        ("admin_token: x\nadmin_read_token: x\n", 2, "admin_read_token: is the same as admin_token"),
        ("stores:\n  east:\n    url_file: empty\n", 3, "stores.east.url_file: the file empty is empty"),
        (
            TENANT + "    resurs:\n      accounts:\n        - username: u\n          password_file: blank\n",
            7,
            "password_file",
        ),
        ("log:\n  levle: info\n", 2, "log.levle: unknown key (did you mean level?); allowed: format, level, requests"),
        ("stroe: x\n", 1, "stroe: unknown key (did you mean store?)"),
        ("admin_tokn_file: x\n", 1, "admin_tokn_file: unknown key (did you mean admin_token_file?)"),
        (
            "stores:\n  east:\n    ulr: x\n    url: 'sqlite:///e.db'\n",
            3,
            "stores.east.ulr: unknown key (did you mean url?)",
        ),
        ("dialects:\n  resurs:\n    setings: {}\n", 3, "setings: unknown key (did you mean settings?)"),
        (
            "dialects:\n  resurs:\n    settings:\n      zerro: reject\n",
            4,
            "settings.zerro: unknown key (did you mean zero?)",
        ),
        ("dialects:\n  resource: {}\n", 2, "dialects.resource: no adapter of this name is installed"),
        (TENANT + "    profil: strict\n", 4, "tenants.0.profil: unknown key (did you mean profile?)"),
        ("tenants:\n  - id: a\n    series:\n      - key: m\n        defalt: true\n", 5, "did you mean default?"),
        (TENANT + "    resurs:\n      accounts:\n        - usrname: u\n", 6, "did you mean username?"),
        (
            TENANT + "    catalogue:\n      custmers: []\n",
            5,
            "catalogue.custmers: unknown key (did you mean customers?)",
        ),
        (
            TENANT + "    catalogue:\n      customers:\n        - {id: 1, name: x, adresses: {}}\n",
            6,
            "did you mean addresses?",
        ),
        (TENANT + "    catalogue_file: bad.yaml\n", 4, "line 1: custmers: unknown key (did you mean customers?)"),
        ("trusted_proxies: [10.0.0.0/8, 10.0.0.1/8]\n", 1, "trusted_proxies.1: found '10.0.0.1/8': must be an address"),
        (
            "tenants:\n  - id: a\n    series: [{key: m, name: x}, {key: n, name: x}]\n",
            3,
            "series.1.name: found 'x': two series",
        ),
    ],
)
def test_a_fault_that_only_serving_would_meet_has_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: int, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in (("empty", ""), ("blank", " \t\r\n"), ("bad.yaml", "custmers: []\n")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    shown = [(each.line, str(each).replace(f"{tmp_path}{os.sep}", "")) for each in problems_of(tmp_path, text)]
    assert [at for at, problem in shown if expected in problem] == [line]


def test_postgresql_without_its_driver_is_said_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    (problem,) = problems_of(tmp_path, "port: 1\nstore: postgresql://u:secret@h/db\n")
    assert problem.line == 2
    assert problem.text == "PostgreSQL needs asyncpg, which is not installed: pip install 'invoice-gateway[postgres]'"
    with pytest.raises(StoreOpenError, match="needs asyncpg"):
        migrate_store("postgresql://h/db")


EVERYTHING = """\
port: seventy
prot: 1
store: sqlite:///a.db
store: sqlite:///b.db
limits: {max_body: 1}
dialects:
  resurs: {settings: {zero: maybe}}
  resource: {}
tenants:
  - id: a b
    series: [{key: main, numbers: {invoce: 1}}]
    resurs: {accounts: [{username: u, password: 5, series: main}]}
    qqsolutions: {clients: [{id: c, secret: s}], locations: [{id: x, series: mian}]}
    catalogue_file: none.yaml
    invoicexpres: {}
"""


def test_all_problems_of_a_file_are_found_in_one_run(tmp_path: Path) -> None:
    found = problems_of(tmp_path, EVERYTHING)
    lines = [problem.line for problem in found]
    assert lines == sorted(lines)
    assert set(lines) == {1, 2, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15}


def test_every_tenant_that_contradicts_another_is_named(tmp_path: Path) -> None:
    sections = [f"  - id: t{n}\n    series: [{{key: main}}]\n    {RESURS % 'main'}\n" for n in range(9)]
    found = problems_of(tmp_path, "tenants:\n" + "".join(sections))
    assert [problem.path for problem in found] == [("tenants", n, "resurs") for n in range(1, 9)]


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places_in(inner, (*path, key))


PLACES = [path for path in places_in(example_values()) if "catalogue" not in path]
OTHERS: list[Any] = [
    None,
    True,
    0,
    -1,
    7,
    1e9,
    "",
    "x",
    "main",
    "é\u202e",
    "sqlite:///x.db",
    [],
    ["x"],
    {},
    {"x": 1},
    [{}],
]


def changed(path: tuple[Any, ...], how: str, other: Any) -> dict[str, Any]:
    """The example with another value, without a key, or with another name of a key."""
    values = json.loads(json.dumps(example_values()))
    del values["tenants"][0]["catalogue"]
    inner = values
    for part in path[:-1]:
        inner = inner[part]
    if how == "change":
        inner[path[-1]] = other
    else:
        old = inner.pop(path[-1])
        if how == "rename" and isinstance(inner, dict):
            inner[f"{path[-1]}s"] = old
        elif how == "double" and isinstance(inner, list):
            inner += [old, copy.deepcopy(old)]
    return values


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("changed")


@settings(max_examples=80)
@given(
    path=st.sampled_from(PLACES),
    how=st.sampled_from(["change", "rename", "double", "drop"]),
    other=st.sampled_from(OTHERS),
)
def test_what_is_called_fine_can_be_built(folder: Path, path: tuple[Any, ...], how: str, other: Any) -> None:
    file = folder / "config.yaml"
    file.write_text(json.dumps(changed(path, how, other), ensure_ascii=False), encoding="utf-8")
    try:
        config, document = load_config(file, {"store": f"sqlite:///{folder}/x.db"})
        checked_plan(config, document)
    except ConfigError as error:
        assert all(str(problem).isprintable() for problem in error.problems)  # noqa: PT017 - a fault is as good as none
        return
    gateway = Gateway(config, document)
    for name, bound in gateway.plan.bindings.items():
        assert {tenant for tenant, _ in bound} <= {tenant.id for tenant in config.tenants}, name


async def started(gateway: Gateway) -> set[str]:
    async with gateway:
        return set(gateway.dialects.current)


@settings(max_examples=12)
@given(path=st.sampled_from(PLACES), how=st.sampled_from(["change", "drop"]), other=st.sampled_from(OTHERS))
def test_what_is_called_fine_starts(folder: Path, path: tuple[Any, ...], how: str, other: Any) -> None:
    file = folder / "config.yaml"
    file.write_text(json.dumps(changed(path, how, other), ensure_ascii=False), encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as place, contextlib.suppress(ConfigError):
        gateway = Gateway(*load_config(file, {"store": f"sqlite:///{place}/x.db"}))
        assert asyncio.run(started(gateway)) == set(gateway.plan.adapters)
