"""Adapters from outside that cannot be loaded."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from gateway.spi.registry import GROUP, AdapterError, load_adapter

HIDDEN = "; import the gateway's modules from invoice_gateway"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("hidden_dialect", "from gateway.spi.not_there import x", f"No module named 'gateway.spi.not_there'{HIDDEN}"),
        ("lacking_dialect", "import not_there_at_all", "No module named 'not_there_at_all'"),
        ("empty_dialect", "adapter = 1", "has no name, title, Settings, Binding, build"),
    ],
)
def test_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str) -> None:
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(AdapterError) as refused:
        load_adapter(EntryPoint("mine", f"{name}:adapter", GROUP))
    assert str(refused.value).endswith(said)
