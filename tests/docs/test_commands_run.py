"""What tutorials and how-tos tell a reader to type works, in the order of the page, against one gateway for all pages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate.mounting import PAGES, ROOT, mounted, page_text
from tests.docs.commands import Step, agrees, script, steps
from tests.docs.warm_command import shim, warm
from tests.processes import EXAMPLE, Running, clean_environment, serving
from tests.skips import require_or_skip

KINDS = ("tutorials/", "how-to/")
FIRST = "tutorials/first-number.md"
"""It counts from a fresh store, so it comes first."""


def acted_on() -> dict[str, list[Step]]:
    """The pages with something to type or write, by their path in the documentation."""
    pages = {
        path.relative_to(ROOT / PAGES).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / PAGES).rglob("*.md")
    }
    pages |= {page: page_text(source) for source, page in mounted().items() if page.endswith(".md")}
    found = {page: steps(text) for page, text in pages.items() if page.startswith(KINDS)}
    order = sorted((page for page, own in found.items() if own), key=lambda page: (page != FIRST, page))
    return {page: found[page] for page in order}


ACTED_ON = acted_on()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the gateway."""
    return tmp_path_factory.mktemp("gateway") / "gateway.db"


@pytest.fixture(scope="module")
def gateway(store: Path) -> Iterator[Running]:
    """The gateway of all pages. It trusts this machine as a proxy."""
    if not shutil.which("curl"):
        require_or_skip("curl", "curl is not installed")
    with serving(store.parent, INVOICE_GATEWAY_TRUSTED_PROXIES='["127.0.0.1"]') as running:
        yield running
        assert running.stop() == 0


@pytest.fixture
def configured(gateway: Running, store: Path, tmp_path: Path) -> Path:
    """A folder with `gateway.yaml`, the configuration of the gateway that runs."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for key, value in (
        ("store", f"sqlite:///{store}"),
        ("port", gateway.data_url.rpartition(":")[2]),
        ("admin_port", gateway.admin_url.rpartition(":")[2]),
    ):
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
    folder = tmp_path / "reader"
    folder.mkdir()
    (folder / "gateway.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with programs that stand before all others on a reader's path.

    invoice-gateway: the command, from a process that has imported everything.
    pip: makes a package in a folder known to Python as an editable installation does, without a network.
    """
    folder = tmp_path_factory.mktemp("bin")
    for name, text in (("invoice-gateway", shim(folder / "socket")), ("pip", PIP.format(python=sys.executable))):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    with warm(folder / "socket"):
        yield folder


PIP = """#!{python}
import pathlib, sys, tomllib
folder = pathlib.Path(sys.argv[-1])
project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
facts = folder / (project["name"].replace("-", "_") + "-" + project["version"] + ".dist-info")
facts.mkdir()
(facts / "METADATA").write_text("Name: " + project["name"] + "\\nVersion: " + project["version"] + "\\n")
with (facts / "entry_points.txt").open("w") as file:
    for group, own in project["entry-points"].items():
        print("[" + group + "]", *(name + " = " + value for name, value in own.items()), sep="\\n", file=file)
"""


def test_every_block_says_what_comes_back_or_why_it_is_not_run() -> None:
    assert FIRST in ACTED_ON
    assert {page.split("/")[0] + "/" for page in ACTED_ON} == set(KINDS)
    run = [step for own in ACTED_ON.values() for step in own if not step.file and not step.why_not]
    assert not [step.text for step in run if "curl" in step.text and step.expected is None]


@pytest.mark.parametrize("page", [page for page, own in ACTED_ON.items() if not all(step.why_not for step in own)])
def test_a_page_works_as_written(page: str, gateway: Running, configured: Path, programs: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (tmp_path / "backup").mkdir()
    places = {
        "http://127.0.0.1:7070": gateway.data_url,
        "http://127.0.0.1:7071": gateway.admin_url,
        "/backup/": f"{tmp_path}/backup/",
    }
    found = [Step(*(_placed(value, places) for value in step)) for step in ACTED_ON[page]]
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script(found, str(outputs))],
        cwd=configured,
        env=clean_environment(
            PATH=path,
            PYTHONPATH=str(configured / "acme-dialect"),
            PYTHONDONTWRITEBYTECODE="1",
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
            INVOICE_GATEWAY_ADMIN_URL=gateway.admin_url,
            **(
                {"PYTEST_ADDOPTS": f"--invoice-gateway-admin-url={gateway.admin_url}"}
                if "contract-test" in page
                else {}
            ),
        ),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    said = "\n".join(f"{file.name}: {file.read_text(encoding='utf-8')}" for file in sorted(outputs.iterdir()))
    assert done.returncode == 0, done.stderr + said
    for number, step in enumerate(found):
        if step.expected is not None and not step.why_not:
            printed = (outputs / f"{number}.out").read_text(encoding="utf-8")
            assert agrees(step.expected, printed), (
                f"{step.text}\nmust print\n{step.expected}\nbut prints\n{printed}\n{said}"
            )


def _placed(value: str | None, places: dict[str, str]) -> str | None:
    for shown, real in places.items():
        value = value and value.replace(shown, real)
    return value
