"""The dialect alone, without HTTP: its service remembers one number per series."""

from __future__ import annotations

from typing import Any

from multidict import CIMultiDict

from adapters.resurs import adapter
from adapters.resurs.routes import Resurs
from adapters.resurs.settings import Binding, Settings
from gateway.core.values import SeriesId, TenantId
from gateway.spi.adapter import Bound, Call, Context

COUNTRIES = {"demo-se": "SE", "demo-no": "NO", "demo-dk": "DK", "demo-fi": "FI"}
DEMO = [{"username": n, "password": "demo-secret", "country": c, "series": "main"} for n, c in COUNTRIES.items()]


class NoService:
    """Fails the test: the dialect asked for a number although it should have answered the request without one."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the service was asked to {name}")


def bound(tenant: str, *accounts: dict[str, Any]) -> Bound[Any]:
    """The accounts of one tenant, which has the series main."""
    binding = Binding.model_validate({"accounts": list(accounts)})
    return Bound(TenantId(tenant), binding, {"main": SeriesId(1)})


def make_dialect(*tenants: Bound[Any], **settings: Any) -> Resurs:
    """A dialect with the given settings."""
    bindings = tenants or (bound("demo", *DEMO),)
    nothing: Any = NoService()
    return adapter.build(Context(Settings.model_validate(settings), bindings, nothing, nothing, nothing))


def make_call(
    method: str = "POST",
    path: str = "/ws/V4/ConfigurationService",
    query: str = "",
    body: bytes = b"",
    principal: str = "",
    **headers: str,
) -> Call:
    """A request in the form in which the data port hands it over."""
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Call(method, path, query, named, body, "http://127.0.0.1:7070", "r-1", principal=principal)
