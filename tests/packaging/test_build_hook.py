"""How modules move into the wheel."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook() -> Any:
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "gateway" / "packaging" / "build_hook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from gateway.spi import adapter", "from invoice_gateway.spi import adapter"),
        ("from gateway import PACKAGE", "from invoice_gateway import PACKAGE"),
        ("from adapters.resurs import adapter", "from invoice_gateway.adapters.resurs import adapter"),
        ("from schemas import resurs", "from invoice_gateway.schemas import resurs"),
        ("import gateway.clock as c, os", "import invoice_gateway.clock as c, os"),
        ("def f():\n    from gateway.core import (\n        ports,\n    )", None),
        ("é = 1; from gateway.core import ports", None),
        ("from gatewayed.core import ports", "from gatewayed.core import ports"),
        ("from . import gateway", "from . import gateway"),
        ("from .gateway import x", "from .gateway import x"),
        ("x = 'from gateway.core import ports'", "x = 'from gateway.core import ports'"),
        ("x = 'gateway.db'  # a file, and no module", "x = 'gateway.db'  # a file, and no module"),
        ("gateway = adapters = 1", "gateway = adapters = 1"),
    ],
)
def test_import_statements_change_and_nothing_else(hook: Any, before: str, after: str | None) -> None:
    expected = before.replace("gateway.core", "invoice_gateway.core") if after is None else after
    assert hook.moved(before.encode(), Path("x.py"), ROOT).decode() == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nimport gateway.clock", "x.py:2: write `from … import …` in place of `import gateway.clock`"),
        ("import schemas", "in place of `import schemas`"),
        ("x = 'gateway.clock'", "begin 'gateway.clock' with gateway.PACKAGE or __package__"),
        ("x = 'adapters.resurs'", "begin 'adapters.resurs'"),
        ("from \\\n  gateway.core import ports", "an import of gateway.core that stands in an unusual form"),
    ],
)
def test_what_cannot_move_is_refused(hook: Any, text: str, said: str) -> None:
    with pytest.raises(hook.ImportNameError) as refused:
        hook.moved(text.encode(), Path("x.py"), ROOT)
    assert said in str(refused.value)
