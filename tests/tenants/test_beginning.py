"""Who begins in a store that holds nothing of him: production tenants only when somebody says so, others with one warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.cli.offline import SetRequest, set_next
from gateway.config.loading import load_config
from gateway.config.model import Config
from gateway.config.validated import plan
from gateway.config.yaml_file import Document
from gateway.core.commands import ListSeries
from gateway.core.values import TenantId
from gateway.server.wiring import Gateway
from gateway.stores.engine.fences import Fence
from gateway.tenants.beginning import NotBegunError, beginning
from gateway.tenants.store_init import begin
from tests.conftest import only

pytestmark = pytest.mark.database
SHOP, TEST = TenantId("shop"), TenantId("try")
OFF = "".join(
    f"  {name}: {{enabled: false}}\n" for name, own in only("resurs")["dialects"].items() if not own["enabled"]
)


def tenant(name: str, more: str = "") -> str:
    return f"  - {{id: {name}, series: [{{key: main, numbers: {{invoice: 10001}}}}]{more}}}\n"


def written(folder: Path, *tenants: str, more: str = "store: sqlite:///n.db\n") -> tuple[Config, Document]:
    path = folder / "config.yaml"
    text = f"{more}journal: {{mode: off}}\nwatermark: {{mode: off}}\ndialects:\n{OFF}tenants:\n{''.join(tenants)}"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


async def first_numbers(config: Config, document: Document) -> dict[str, int | None]:
    """Where each tenant's line stands in a gateway that is started for it."""
    async with Gateway(config, document) as gateway:
        views = {own.id: (await gateway.store.read(ListSeries(own.id))).views[0] for own in gateway.directory.all()}
        return {own: view.next_number("invoice") for own, view in views.items()}  # type: ignore[arg-type]


def warned(logs: list[Any]) -> list[tuple[str, str, int, str]]:
    return [(log["event"], log["store"], log["tenants"], log["first"]) for log in logs if "first" in log]


PRODUCTION = tenant("shop", ", production: true")


async def test_a_production_tenant_begins_only_on_purpose(tmp_path: Path) -> None:
    config, document = written(tmp_path, PRODUCTION)
    for _ in range(2):
        with pytest.raises(NotBegunError) as caught:
            await first_numbers(config, document)
        for part in (
            "tenant shop is marked",
            f"'default' (sqlite:///{tmp_path}/n.db)",
            f"store init --config {document.name}",
        ):
            assert part in str(caught.value)
        assert not (tmp_path / "n.db").exists(), "what is refused makes no file"
    (done,) = await begin(plan(config, document))
    assert (done.made, done.tenants) == (True, ["shop"])
    (again,) = await begin(plan(config, document))
    assert (again.made, again.tenants) == (False, [])
    with capture_logs() as logs:
        assert await first_numbers(config, document) == {"shop": 10001}
    assert not warned(logs)


async def test_an_emptied_store_is_refused(tmp_path: Path) -> None:
    """The file is lost, cut to nothing, or another one stands in its place: the numbers do not begin anew."""
    config, document = written(tmp_path, PRODUCTION)
    await begin(plan(config, document))
    for file in (b"", None):
        for path in tmp_path.glob("n.db*"):
            path.unlink()
        if file is not None:
            (tmp_path / "n.db").write_bytes(file)
        with pytest.raises(NotBegunError):
            await first_numbers(config, document)
    with pytest.raises(NotBegunError):
        await set_next(config, document, SetRequest("shop", "main", "invoice", 5, False, ""))


async def test_a_production_tenant_that_a_reload_adds_is_refused(tmp_path: Path) -> None:
    config, document = written(tmp_path, tenant("try"))
    assert await first_numbers(config, document) == {"try": 10001}
    config, document = written(tmp_path, tenant("try"), PRODUCTION, tenant("shop-2", ", production: true"))
    with pytest.raises(NotBegunError, match="tenants shop, shop-2 are marked"):
        await first_numbers(config, document)


async def test_other_tenants_begin_with_one_warning_for_each_store(tmp_path: Path) -> None:
    more = "store: sqlite:///n.db\nstores: {east: {url: 'sqlite:///e.db', first_id: 1000}}\n"
    names = [f"t{number}" for number in range(7)]
    config, document = written(tmp_path, *map(tenant, names), more=more)
    with capture_logs() as logs:
        await first_numbers(config, document)
    assert warned(logs) == [
        ("made a new store", "default", 7, "t0, t1, t2, t3, t4 and 2 more"),
        ("made a new store", "east", 0, ""),
    ]
    config, document = written(tmp_path, *map(tenant, [*names, "t9"]), more=more)
    with capture_logs() as logs:
        await first_numbers(config, document)
    assert warned(logs) == [("tenants begin in a store that held nothing of them", "default", 1, "t9")]
    with capture_logs() as logs:
        await first_numbers(config, document)
    assert not warned(logs)


async def test_a_production_tenant_made_at_run_time_is_withheld_when_its_store_has_lost_it(tmp_path: Path) -> None:
    more = "store: sqlite:///n.db\nstores: {east: {url: 'sqlite:///e.db', first_id: 1000}}\n"
    config, document = written(tmp_path, tenant("try"), more=more)
    async with Gateway(config, document) as gateway:
        section = config.tenants[0].model_copy(update={"id": "shop", "store": "east", "production": True})
        made = await gateway.directory.create(section, {})
        assert made.series, "making it through the admin port is a deliberate act"
    for path in tmp_path.glob("e.db*"):
        path.unlink()
    async with Gateway(config, document) as gateway:
        assert "numbers would begin anew" in gateway.directory.get(SHOP).trouble
        assert not (await gateway.store.stores["east"].read(ListSeries(SHOP))).views
    done = {one.store: one.tenants for one in await begin(plan(config, document))}
    assert done == {"default": [], "east": ["shop"]}
    async with Gateway(config, document) as gateway:
        assert not gateway.directory.get(SHOP).trouble


@pytest.mark.parametrize(
    ("held", "begins"),
    [
        ({"default": (set(), {})}, True),
        ({"default": ({SHOP}, {})}, False),
        ({"default": (set(), {}), "east": ({SHOP}, {})}, False),
        ({"default": (set(), {SHOP: Fence("arriving", "east", "m", "t")})}, False),
        ({"default": (set(), {}), "east": (set(), {SHOP: Fence("moving", "default", "m", "t")})}, False),
        ({"default": (set(), {}), "east": (set(), {SHOP: Fence("moved", "west", "m", "t")})}, False),
        ({"default": (set(), {}), "east": (set(), {SHOP: Fence("moved", "default", "m", "t")})}, True),
        ({"east": (set(), {})}, False),
    ],
)
def test_a_tenant_begins_where_no_store_knows_it_or_its_own_has_lost_it(
    held: Any, begins: bool, tmp_path: Path
) -> None:
    config, _ = written(tmp_path, PRODUCTION)
    assert bool(beginning(config.tenants, held)) is begins
