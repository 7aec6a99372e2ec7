"""No message about a configuration shows a secret, wherever it stands and whatever it looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.config.loading import load_config
from gateway.config.yaml_file import ConfigError
from gateway.tenants.check import checked_plan
from tests.conftest import example_values

WORD = "Xq7hunter2Zz"
NUMBER = 834771293012
SECRETS: list[tuple[Any, ...]] = [
    ("admin_token",),
    ("admin_read_token",),
    ("store",),
    ("stores", "east", "url"),
    ("tenants", 0, "resurs", "accounts", 0, "password"),
    ("tenants", 0, "qqsolutions", "clients", 0, "secret"),
    ("tenants", 0, "qqsolutions", "users", 0, "password"),
    ("tenants", 0, "invoicexpress", "api_key"),
    ("tenants", 0, "twentyfoursevenoffice", "users", 0, "password"),
    ("tenants", 0, "twentyfoursevenoffice", "users", 0, "tokens", 0, "id"),
]
SHAPES: list[Any] = [NUMBER, float(NUMBER) / 100, [WORD], {"value": WORD}, [[WORD]], {"x": [NUMBER]}, None, True]
URL = f"postgresql://user:{WORD}@h:5432x/db"


def example_with(path: tuple[Any, ...], value: Any, key: str | None = None) -> dict[str, Any]:
    """The example with another value at a place, or with a further key beside it."""
    values: dict[str, Any] = json.loads(json.dumps(example_values()))
    values["stores"] = {"east": {"url": "postgresql://h/db"}}
    del values["tenants"][0]["catalogue"]
    inner: Any = values
    for part in path[:-1]:
        inner = inner[part]
    if key is not None:
        inner.pop(path[-1], None)
    inner[path[-1] if key is None else key] = value
    return values


def said(folder: Path, text: str) -> str:
    """Everything that is said about a configuration that is refused."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        checked_plan(*load_config(file))
    found = str(caught.value)
    assert WORD not in found
    assert str(NUMBER)[:9] not in found
    return found


@pytest.mark.parametrize("path", SECRETS, ids=lambda path: ".".join(map(str, path)))
def test_a_secret_of_another_shape_is_not_shown(tmp_path: Path, path: tuple[Any, ...]) -> None:
    for shape in SHAPES:
        found = said(tmp_path, json.dumps(example_with(path, shape)))
        assert str(path[-1]) in found, shape


@pytest.mark.parametrize("path", SECRETS, ids=lambda path: ".".join(map(str, path)))
def test_a_secret_under_another_key_is_not_shown(tmp_path: Path, path: tuple[Any, ...]) -> None:
    own = path[-1]
    for key in (f"{own}x", f"{own}_file", f"{own}_env", "passwrd", "apikey", own.upper(), f"{own}-file"):
        for value in ([WORD], {"x": WORD}, WORD, NUMBER):
            given = [value] if key.endswith(("_file", "_env")) else value  # the name of a file may be shown
            said(tmp_path, json.dumps(example_with(path, given, key)))


@pytest.mark.parametrize(
    "form",
    ["834771293012", "0834771293012", "0x834771293012", "834771293012e5", "83:47:29", "2024-02-29", "no", "8_347"],
)
def test_a_bare_number_as_a_secret_is_to_be_quoted(tmp_path: Path, form: str) -> None:
    text = (
        f"tenants:\n  - id: a\n    series: [{{key: m}}]\n    invoicexpress:\n      account: x\n      api_key: {form}\n"
    )
    found = said(tmp_path, text)
    assert "line 6: tenants.0.invoicexpress.api_key: quote it" in found
    assert form not in found.replace(str(tmp_path), "")


@pytest.mark.parametrize(
    "text",
    [
        f"store: {URL}\n",
        f"stores:\n  east: {{url: '{URL}'}}\n",
        f"store: [{URL}]\n",
        f"workers: {URL}\n",
        f"host: [{URL}]\n",
        f"log: {{level: '{URL}'}}\n",
        f"dialects: {{resurs: {{public_url: 'http://user:{WORD}@h'}}}}\n",
        f"dialects: {{resurs: {{settings: {{zero: '{URL}'}}}}}}\n",
        f"store: postgresql//user:{WORD}@h/db\n",
        f"store: '{WORD}'\n",
        f"store: postgresql://user:{WORD}@[h/db\n",
        f"store: postgresql://user:{WORD}@h/db?readers=x\n",
        f"store: postgresql://user:a@{WORD}:x@h:y/db\n",
        f"trusted_proxies: ['{URL}']\n",
        f"tenants: [{{id: '{URL}', series: [{{key: m}}]}}]\n",
        f"tenants: [{{id: a, series: [{{key: m}}], resurs: {{accounts: [{{username: 'u:{WORD}', password: x}}]}}}}]\n",
        f"tenants: [{{id: a, series: [{{key: m}}], resurs: '{WORD}'}}]\n",
        f"tenants: [{{id: a, series: [{{key: m}}], resurs: {{accounts: '{WORD}'}}}}]\n",
        f"tenants: [{{id: a, series: [{{key: m}}], store: '{URL}'}}]\n",
        f"admin_token: {WORD}\nadmin_read_token: {WORD}\n",
        f"admin_read_token: {WORD}\n",
        f"admin_token: &t {WORD}\nadmin_read_token: *t\n",
        f'admin_token: "{WORD}\\q"\n',
        f"admin_token: {WORD}: x\n",
        f"admin_token: '{WORD}\n",
    ],
)
def test_a_password_in_an_address_or_elsewhere_is_not_shown(tmp_path: Path, text: str) -> None:
    said(tmp_path, text)


def test_an_environment_that_is_not_understood_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TENANTS", WORD), ("LOG", WORD), ("PORT", f"{WORD}"), ("STORES", f'{{"east": "{URL}"')):
        with monkeypatch.context() as patch:
            patch.setenv(f"INVOICE_GATEWAY_{name}", value)
            with pytest.raises(ConfigError) as caught:
                load_config(None)
            assert name == "PORT" or WORD not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b" \r\n", b"a\nb\n", b"a\0b", b"\xff\xfea\0", b"\xe5"])
def test_a_file_of_a_secret_holds_one_line_of_text(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "secret").write_bytes(data)
    found = said(tmp_path, f"admin_token_file: {tmp_path}/secret\n")
    assert "line 1: admin_token_file: the file" in found


@pytest.mark.parametrize("data", [f"{WORD}\n", f"\ufeff{WORD}\r\n", WORD])
def test_a_byte_order_mark_is_no_part_of_a_secret(tmp_path: Path, data: str) -> None:
    (tmp_path / "secret").write_bytes(data.encode())
    (tmp_path / "c.yaml").write_text(f"admin_token_file: {tmp_path}/secret\n", encoding="utf-8")
    assert load_config(tmp_path / "c.yaml")[0].admin_token.get_secret_value() == WORD
