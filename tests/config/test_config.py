"""The configuration: precedence, refusals by key and line, secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.loading import load_config
from gateway.config.model import Config
from gateway.config.validated import plan
from gateway.config.yaml_file import ConfigError, parse_document

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_complete_and_loads() -> None:
    config, document = load_config(EXAMPLE)
    assert set(document.values) | {"admin_token", "admin_read_token"} == set(Config.model_fields)
    assert config.port == 7070
    assert [tenant.id for tenant in config.tenants] == ["demo"]


def test_precedence_flag_environment_file_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "port: 1\nadmin_port: 2\nhost: 127.0.0.9\n")
    monkeypatch.setenv("INVOICE_GATEWAY_PORT", "11")
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_PORT", "12")
    monkeypatch.setenv("INVOICE_GATEWAY_LIMITS__MAX_BODY_BYTES", "2048")
    config, _ = load_config(path, {"port": 21, "admin_port": None})
    assert (config.port, config.admin_port, config.host) == (21, 12, "127.0.0.9")
    assert config.limits.max_body_bytes == 2048
    assert config.limits.max_in_flight == 2000


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "tcp://10.0.0.1:7070", "port: found 'tcp://10.0.0.1:7070': .* \\(given by INVOICE_GATEWAY_PORT\\)"),
        ("LIMITS__MAX_BDY", "1", "limits.max_bdy: unknown key .* \\(given by INVOICE_GATEWAY_LIMITS__MAX_BDY\\)"),
        ("ADMIN_TOKEN_FILE", "missing.txt", "admin_token_file: .* \\(given by INVOICE_GATEWAY_ADMIN_TOKEN_FILE\\)"),
        ("JOURNAL__MODE", "off", "line 3: workers: found -1"),
        ("HOST", "127.0.0.1", "workers: found -2: .* \\(given by --workers\\)"),
    ],
)
def test_a_fault_is_shown_where_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    path = write(tmp_path, "port: 1\nlimits: {max_body_bytes: 2048}\nworkers: -1\n")
    monkeypatch.setenv(f"INVOICE_GATEWAY_{name}", value)
    with pytest.raises(ConfigError) as caught:
        load_config(path, {"workers": -2 if "--workers" in expected else None})
    assert [text for text in map(str, caught.value.problems) if re.fullmatch(expected + "(:.*)?", text)]


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("port: 7070\nprot: 1\n", 2, "prot: unknown key (did you mean port?); allowed: admin_host"),
        (
            "limits:\n  max_body: 1\n",
            2,
            "limits.max_body: unknown key (did you mean max_body_bytes?); allowed: body_timeout_seconds",
        ),
        ("port: many\n", 1, "port: found 'many'"),
        ("port: 70700\n", 1, "port: found 70700: Input should be less than or equal to 65535"),
        ("log:\n  format: xml\n", 2, "log.format: found 'xml': Input should be 'text' or 'json'"),
        ("port: 1\nport: 2\n", 2, "port: is given twice (first on line 1)"),
        ("port: [1\n", 2, "is not YAML"),
        ("- 1\n", 1, "must be a mapping"),
        ("tenants:\n  - id: a\n    series: []\n", 3, "tenants.0.series"),
        ("tenants:\n  - id: 'a b'\n    series: [{key: main}]\n", 2, "tenants.0.id: found 'a b': not a tenant id"),
        ("tenants:\n  - id: a\n    series: [{key: m}, {key: m}]\n", 3, "two series have the same key"),
        ("trusted_proxies: [everybody]\n", 1, "trusted_proxies"),
        ("admin_host: 0.0.0.0\n", 1, "admin_token"),
        (
            "dialects:\n  resurs:\n    prefix: legacy/\n",
            3,
            "dialects.resurs.prefix: found 'legacy/': must begin with /",
        ),
    ],
)
def test_problems_name_key_line_and_what_is_allowed(tmp_path: Path, text: str, line: int, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    problem = caught.value.problems[0]
    assert problem.line == line
    assert expected in str(problem)
    assert str(tmp_path) in caught.value.source


def test_unknown_dialects_and_tenant_sections_are_refused(tmp_path: Path) -> None:
    text = "dialects:\n  resorce: {}\ntenants:\n  - id: a\n    series: [{key: main}]\n    resurz: {}\n"
    config, document = load_config(write(tmp_path, text))
    with pytest.raises(ConfigError) as caught:
        plan(config, document)
    found = [str(problem) for problem in caught.value.problems]
    assert found[0].startswith("line 2: dialects.resorce: no adapter of this name is installed")
    expected = "line 6: tenants.0.resurz: unknown key (did you mean resurs?); allowed: catalogue, catalogue_file, id,"
    assert any(problem.startswith(expected) for problem in found)


def test_a_missing_file_is_a_problem_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "nothing.yaml")


def test_secrets_come_from_files_and_never_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_TOKEN_FILE", str(tmp_path / "token"))
    config, _ = load_config(write(tmp_path, "admin_host: 0.0.0.0\n"))
    assert config.admin_token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(config)


def test_a_secret_in_place_and_in_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="are alternatives"):
        load_config(write(tmp_path, "admin_token: a\nadmin_token_file: b\n"))


def test_lines_of_nested_keys_are_remembered() -> None:
    document = parse_document("x", "a:\n  - b: 1\n    c:\n      d: 2\n")
    assert document.line_of(("a", 0, "c", "d")) == 4
    assert document.line_of(("a", 0, "c", "missing")) == 3
