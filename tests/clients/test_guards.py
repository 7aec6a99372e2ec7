"""The guards work: a client program that leaves loopback fails. The other tests rely on that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.programs import node_session, php_session, python_session

ELSEWHERE = "http://192.0.2.1:9/"
PROGRAMS: dict[str, tuple[str, Callable[..., dict[str, Any]], str]] = {
    "python": ("leave.py", python_session, f"import urllib.request; urllib.request.urlopen({ELSEWHERE!r}, timeout=5)"),
    "node": ("leave.js", node_session, f'require("http").get({ELSEWHERE!r});'),
    "php": ("leave.php", php_session, f"<?php new SoapClient({ELSEWHERE!r});"),
}


@pytest.mark.parametrize(("name", "session", "program"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_nothing_leaves_loopback(
    tmp_path: Path, name: str, session: Callable[..., dict[str, Any]], program: str
) -> None:
    path = tmp_path / name
    path.write_text(program, encoding="utf-8")
    with pytest.raises(AssertionError, match=r"no network in tests: (http://)?192\.0\.2\.1"):
        session(path)
