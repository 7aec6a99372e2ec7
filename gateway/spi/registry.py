"""Finds dialects by entry point, so that anybody can add one by installing a package."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points

from gateway.spi.adapter import Adapter

GROUP = "invoice_gateway.adapters"


class AdapterError(Exception):
    """An installed adapter cannot be used; the text is for people."""


def installed_adapters() -> dict[str, EntryPoint]:
    """The entry points of all installed adapters by name. Nothing is imported yet."""
    return {point.name: point for point in _points()}


@cache
def _points() -> EntryPoints:
    """Looked up once, because reading the metadata of all installed packages is slow and they do not change meanwhile."""
    return entry_points(group=GROUP)


def load_adapter(point: EntryPoint) -> Adapter:
    """Import an adapter. Raises AdapterError naming the entry point when that fails."""
    try:
        adapter = point.load()
    except (ImportError, AttributeError) as error:
        raise AdapterError(f"adapter {point.name} ({point.value}) cannot be loaded: {error}{_hint(error)}") from error
    missing = [name for name in ("name", "title", "Settings", "Binding", "build") if not hasattr(adapter, name)]
    if missing:
        raise AdapterError(f"adapter {point.name} ({point.value}) has no {', '.join(missing)}")
    return adapter  # type: ignore[no-any-return]


def _hint(error: Exception) -> str:
    """What to do where a module of somebody else hides `gateway`, the name of version 0.1 (ADR-68)."""
    name = error.name if isinstance(error, ImportError) else None
    return "; import the gateway's modules from invoice_gateway" if (name or "").startswith("gateway.") else ""
