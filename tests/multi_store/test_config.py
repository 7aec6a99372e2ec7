"""Stores by name in the configuration: what is refused at which place, and what the environment and flags override."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.config.loading import load_config
from gateway.config.model import Config
from gateway.config.same_database import places_of
from gateway.config.yaml_file import ConfigError
from gateway.tenants.check import checked_plan

TENANT = "tenants:\n  - id: a\n    series: [{key: main}]\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def urls(config: Config) -> dict[str, str]:
    return {name: section.url.get_secret_value() for name, section in config.store_sections().items()}


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (
            TENANT + "    store: east\n",
            4,
            "tenants.0.store: found 'east': no store of this name; allowed: default",
        ),
        (
            "stores:\n  west: {url: 'sqlite:///w.db'}\n" + TENANT + "    store: east\n",
            6,
            "allowed: default, west",
        ),
        ("store: sqlite:///a.db\nstores:\n  default: {url: 'sqlite:///b.db'}\n", 3, "are alternatives; give one"),
        ("stores:\n  East: {url: 'sqlite:///b.db'}\n", 2, "stores.East"),
        ("stores:\n  east: {}\n", 2, "stores.east.url: is missing"),
        ("stores:\n  east: {url: 'sqlite:///b.db', x: 1}\n", 2, "unknown key; allowed: auto_migrate, first_id"),
        ("stores:\n  east: {url: 'sqlite:///b.db', first_id: 0}\n", 2, "stores.east.first_id: found 0"),
        ("stores:\n  east: {url: 'sqlite:///b.db', url_env: X}\n", 2, "are alternatives; give one"),
        ("stores:\n  east: {url_env: NO_SUCH_VARIABLE}\n", 2, "the environment has no variable NO_SUCH_VARIABLE"),
        (
            "store: sqlite:///x/../a.db\nstores:\n  east: {url: 'sqlite:///a.db'}\n",
            3,
            "stores.east: is the same database as the store 'default'",
        ),
        (
            "stores:\n  e: {url: 'postgresql://u:pw@h1,h2/db'}\n  w: {url: 'postgres://v@H2:5432/db?readers=3'}\n",
            3,
            "stores.w: is the same database as the store 'e'",
        ),
    ],
)
def test_problems_name_key_line_found_and_allowed(tmp_path: Path, text: str, line: int, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    problem = caught.value.problems[0]
    assert problem.line == line
    assert expected in str(problem)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://a@h/db", "postgresql+asyncpg://b:c@h:5432/db?sslmode=require", True),
        ("postgresql://a@h/db", "postgresql://a@h:5433/db", False),
        ("postgresql://a@h/db", "postgresql://a@h/other", False),
        ("postgresql://a@h/db?search_path=x", "postgresql://a@h/db?search_path=y", False),
        ("postgresql://a@h/db?search_path=x", "postgresql://a@h/db?search_path=x", True),
        ("postgresql:///db?host=/run/pg", "postgresql:///db?host=/run/pg&port=5432", True),
        ("postgresql://[::1]:1/db", "postgresql://[::1]:2/db", False),
        ("sqlite:////tmp/x/a.db", "sqlite:////tmp/x/../x/a.db", True),
        ("sqlite:////tmp/x/a.db", "sqlite:////tmp/x/b.db", False),
        ("sqlite:////tmp/x/a.db", "postgresql://h/a", False),
    ],
)
def test_two_urls_of_one_database_are_told(one: str, other: str, same: bool) -> None:
    assert bool(places_of(one) & places_of(other)) is same


def test_a_second_name_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    os.link(tmp_path / "a.db", tmp_path / "b.db")
    text = f"store: sqlite:///{tmp_path}/a.db\nstores:\n  east: {{url: 'sqlite:///{tmp_path}/b.db'}}\n"
    with pytest.raises(ConfigError, match="is the same database"):
        load_config(write(tmp_path, text))


def test_stores_default_may_stand_in_place_of_store(tmp_path: Path) -> None:
    text = "stores:\n  east: {url: 'sqlite:///e.db'}\n  default: {url: 'sqlite:///d.db', auto_migrate: false}\n"
    config, _ = load_config(write(tmp_path, text))
    assert urls(config) == {"default": f"sqlite:///{tmp_path}/d.db", "east": f"sqlite:///{tmp_path}/e.db"}
    assert config.store_sections()["default"].auto_migrate is False


@pytest.mark.parametrize(
    ("flags", "environment", "expected"),
    [
        ({}, {}, {"default": "sqlite:///{folder}/d.db", "east": "sqlite:///{folder}/e.db"}),
        ({"store": "sqlite:///flag.db"}, {}, {"default": "sqlite:///flag.db"}),
        ({}, {"STORE": "sqlite:///env.db"}, {"default": "sqlite:///env.db"}),
        ({"store": "sqlite:///flag.db"}, {"STORE": "sqlite:///env.db"}, {"default": "sqlite:///flag.db"}),
        ({}, {"STORES__EAST__URL": "sqlite:///env.db"}, {"east": "sqlite:///env.db"}),
        ({}, {"STORES__EAST__URL_FILE": "{folder}/url"}, {"east": "sqlite:///file.db"}),
        ({}, {"STORES__WEST__URL": "sqlite:///w.db"}, {"west": "sqlite:///w.db", "east": "sqlite:///{folder}/e.db"}),
    ],
)
def test_precedence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: dict[str, str],
    environment: dict[str, str],
    expected: dict[str, str],
) -> None:
    (tmp_path / "url").write_text("sqlite:///file.db\n", encoding="utf-8")
    (tmp_path / "east").write_text("sqlite:///e.db\n", encoding="utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(f"INVOICE_GATEWAY_{name}", value.format(folder=tmp_path))
    text = f"stores:\n  default: {{url: 'sqlite:///d.db'}}\n  east: {{url_file: '{tmp_path}/east', first_id: 7}}\n"
    config, _ = load_config(write(tmp_path, text), flags)
    assert {name: url.format(folder=tmp_path) for name, url in expected.items()}.items() <= urls(config).items()
    assert config.store_sections()["east"].first_id == 7
    assert "sqlite:///e.db" not in repr(config)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("store: postgresql://h/a\nstores:\n  east: {url: 'sqlite:///e.db'}\n", r"a SQLite store \(east\)"),
        ("store: sqlite:///e.db\n", "a SQLite store belongs"),
        ("store: postgresql://h/a\nstores:\n  east: {url: 'postgresql://h/b'}\n", ""),
    ],
)
def test_several_workers_need_every_store_to_be_shared(tmp_path: Path, text: str, refused: str) -> None:
    path = write(tmp_path, text)
    checked_plan(*load_config(path, {"workers": 1}))
    several = load_config(path, {"workers": 2})
    checked_plan(*several, serves=False)  # a command may look into any store
    if refused:
        with pytest.raises(ConfigError, match=refused):
            checked_plan(*several)
    else:
        checked_plan(*several)
