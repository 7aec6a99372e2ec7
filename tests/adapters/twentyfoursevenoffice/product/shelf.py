"""Operations of ProductService and PersonService on any sequence service, without HTTP and XML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from adapters.twentyfoursevenoffice.person.service import HANDLERS as PERSON_HANDLERS
from adapters.twentyfoursevenoffice.product.service import HANDLERS as PRODUCT_HANDLERS
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Employee
from gateway.core.commands import CreateSeries, SaveCatalogue
from gateway.core.ports import SequenceService
from gateway.core.records import RecordQuota
from gateway.core.values import Origin, TenantId
from gateway.spi.adapter import Bound
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from schemas.twentyfoursevenoffice.product import messages as m
from schemas.twentyfoursevenoffice.product import types as t

DEMO = TenantId("demo")
BY = Origin("test", "shelf", "")
HANDLERS = {**PRODUCT_HANDLERS, **PERSON_HANDLERS}
ALL = "%"
IDENTITY = {"id": "00000000-0000-4000-8000-000000002401", "client": 24}
USER = {"username": "demo@example.com", "password": "demo-secret", "identities": [IDENTITY]}


def bound(*users: dict[str, Any]) -> Bound[Binding]:
    """The section of the tenant. users: what differs from a plain user."""
    section = {
        "applications": ["00000000-0000-4000-8000-000000000024"],
        "clients": [{"id": 24, "name": "Demo AS", "series": "main"}],
        "users": [{**USER, **own} for own in users or ({},)],
    }
    return Bound(DEMO, Binding.model_validate(section), {})


@dataclass
class Shelf:
    """Somebody at work in one company of the tenant `demo`."""

    service: SequenceService
    clock: HandClock = field(default_factory=HandClock)
    settings: Settings = field(default_factory=Settings)
    section: Bound[Binding] = field(default_factory=bound)

    def work(self) -> Work:
        """One call."""
        context: Any = SimpleNamespace(
            service=self.service, clock=self.clock, settings=self.settings, bindings=(self.section,)
        )
        client = self.section.binding.clients[0]
        member: Any = SimpleNamespace(tenant=DEMO, client=client, caller=SimpleNamespace(principal="demo"))
        call: Any = SimpleNamespace(request_id="r-1", number=None)
        return Work(context, self.settings, member, call)

    async def ask(self, message: Any) -> Any:
        """The result of an operation."""
        answer: Any = await HANDLERS[type(message).__name__](self.work(), message)
        return answer.result

    async def save(self, *products: t.Product) -> list[t.Product]:
        """SaveProducts."""
        found: list[t.Product] = await self.ask(m.SaveProducts(products=list(products)))
        return found

    async def delete(self, *ids: int) -> list[t.Product]:
        """DeleteProducts."""
        found: list[t.Product] = await self.ask(m.DeleteProducts(products=[t.Product(id=own) for own in ids]))
        return found

    async def get(self, *names: str, **filters: Any) -> list[t.Product]:
        """GetProducts."""
        where = t.ProductSearchParameters(**filters)
        found: list[t.Product] = await self.ask(m.GetProducts(search_params=where, return_properties=list(names)))
        return found

    async def stock(self, product: int, quantity: Any) -> bool:
        """SetStockQuantity."""
        done: bool = await self.ask(m.SetStockQuantity(product_id=product, stock_quantity=quantity))
        return done


async def with_demo(service: SequenceService, *employees: Employee) -> None:
    """Make the tenant."""
    await service.execute(CreateSeries(DEMO, "main", BY, key="main", make_default=True))
    if employees:
        await service.execute(SaveCatalogue(DEMO, BY, items=employees))


def in_memory(quota: RecordQuota | None = None, **settings: Any) -> Shelf:
    """A shelf on a store in memory, with nothing on it."""
    clock = HandClock()
    state = MemoryState(clock)
    if quota is not None:
        state.record_quota = quota
    return Shelf(MemoryStore(state), clock, Settings.model_validate(settings))


def product(name: str = "Sykkel", **own: Any) -> t.Product:
    """A new product that may be saved."""
    return t.Product(name=name, category_id=own.pop("category_id", 1), **own)


def errors(items: Sequence[Any]) -> list[str]:
    """The error of each; "" for none."""
    return ["" if own.api_exception is None else own.api_exception.message or "" for own in items]
