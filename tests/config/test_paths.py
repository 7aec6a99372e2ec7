"""What relative paths are relative to: the configuration file's folder, or the working directory for flags and variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.loading import load_config
from gateway.config.paths import anchored, url_beside
from gateway.config.validated import plan
from gateway.server.journal_path import journal_path
from gateway.stores.watermark.path import watermark_path

ACCOUNT = "{username: u, password_file: secrets/password, country: SE, series: main}"
TENANT = f"tenants: [{{id: a, series: [{{key: main}}], catalogue_file: c.yaml, resurs: {{accounts: [{ACCOUNT}]}}}}]\n"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The configuration's folder, and another one that is the working directory."""
    own, elsewhere = tmp_path / "etc", tmp_path / "elsewhere"
    own.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return own, elsewhere


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///data/n.db", "sqlite:////etc/gw/data/n.db"),
        ("sqlite:///../n.db", "sqlite:////etc/gw/../n.db"),
        ("sqlite:////srv/n.db", "sqlite:////srv/n.db"),
        ("sqlite:///", "sqlite:///"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("nonsense", "nonsense"),
    ],
)
def test_only_a_relative_path_of_a_file_store_moves(url: str, expected: str) -> None:
    assert url_beside(Path("/etc/gw"), url) == expected


@pytest.mark.parametrize("name", ["relative", "absolute"])
def test_the_same_configuration_finds_the_same_files_from_everywhere(folders: tuple[Path, Path], name: str) -> None:
    own, _ = folders
    (own / "secrets").mkdir()
    for secret in ("token", "password"):
        (own / "secrets" / secret).write_text(f"the {secret}\n", encoding="utf-8")
    (own / "east").write_text("sqlite:///east.db\n", encoding="utf-8")
    (own / "c.yaml").write_text("projects: [{id: 7, name: x}]\n", encoding="utf-8")
    text = "admin_token_file: secrets/token\nstore: sqlite:///n.db\nstores: {east: {url_file: east}, west: {url: sqlite:///w.db}}\n"
    path = write(own, text + "journal: {path: j/j.db}\n" + TENANT)
    config, document = load_config(path if name == "absolute" else Path("../etc/config.yaml"))
    urls = {name: section.url.get_secret_value() for name, section in config.store_sections().items()}
    folder = path.parent if name == "absolute" else Path("../etc")
    assert urls == {
        "default": f"sqlite:///{folder}/n.db",
        "east": f"sqlite:///{folder}/east.db",
        "west": f"sqlite:///{folder}/w.db",
    }
    assert journal_path(config) == folder / "j/j.db"
    assert config.admin_token.get_secret_value() == "the token"
    checked = plan(config, document)
    assert [item.id for item in checked.catalogues[config.tenants[0].id]] == [7]  # type: ignore[index]
    ((_, binding),) = checked.bindings["resurs"]
    assert "the password" in repr(binding.accounts[0].password.get_secret_value())  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["port: 1\n", "stores: {east: {url: 'sqlite:///e.db'}}\n"])
def test_a_default_is_beside_the_file_too(folders: tuple[Path, Path], text: str) -> None:
    own, _ = folders
    config, _ = load_config(write(own, text))
    assert config.default_url == f"sqlite:///{own}/data/invoice-gateway.db"
    assert journal_path(config) == own / "data/invoice-gateway.journal.db"


def test_flags_and_the_environment_mean_the_working_directory(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, elsewhere = folders
    path = write(own, "store: sqlite:///n.db\nstores: {east: {url: 'sqlite:///e.db'}}\n")
    assert load_config(path, {"store": "sqlite:///flag.db"})[0].default_url == "sqlite:///flag.db"
    (elsewhere / "token").write_text("t", encoding="utf-8")
    monkeypatch.setenv("INVOICE_GATEWAY_STORE", "sqlite:///variable.db")
    monkeypatch.setenv("INVOICE_GATEWAY_STORES__EAST__URL", "sqlite:///east.db")
    monkeypatch.setenv("INVOICE_GATEWAY_JOURNAL__PATH", "j.db")
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_TOKEN_FILE", "token")
    config, _ = load_config(path)
    assert config.default_url == "sqlite:///variable.db"
    assert config.store_sections()["east"].url.get_secret_value() == "sqlite:///east.db"
    assert journal_path(config) == Path("j.db")
    assert config.admin_token.get_secret_value() == "t"
    monkeypatch.delenv("INVOICE_GATEWAY_JOURNAL__PATH")
    assert journal_path(load_config(path)[0]) == Path("variable.journal.db")


@pytest.mark.parametrize("where", ["file", "flag", "variable", "nested variable"])
def test_a_default_beside_no_file_is_below_where_the_store_was_given(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    own, _ = folders
    url = "postgresql://u@h/db"
    path = write(own, f"store: {url}\n" if where == "file" else "port: 1\n")
    if "variable" in where:
        name = "STORE" if where == "variable" else "STORES__DEFAULT__URL"
        monkeypatch.setenv(f"INVOICE_GATEWAY_{name}", url)
    config, _ = load_config(path, {"store": url} if where == "flag" else {})
    folder = own if where == "file" else Path()
    assert config.default_url == url
    assert journal_path(config) == folder / "data/invoice-gateway.journal.db"
    assert watermark_path(config) == folder / "data/db.watermark.db"


def test_without_a_file_paths_are_relative_to_the_working_directory() -> None:
    assert load_config(None)[0].default_url == "sqlite:///data/invoice-gateway.db"


def test_a_customers_data_is_no_path() -> None:
    values = {
        "tenants": [
            {
                "catalogue": {"customers": [{"extras": {"x": {"photo_file": "a.png"}}}]},
                "catalogue_file": "",
                "resurs": {"payments": [{"metadata": {"photo_file": "a.png"}}]},
            }
        ]
    }
    assert anchored(values, Path("/etc")) == values
