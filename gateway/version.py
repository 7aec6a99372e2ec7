"""The installed version of the product."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def product_version() -> str:
    """The version of the installed distribution, or `0+unknown` when run from a bare tree."""
    try:
        return version("invoice-gateway")
    except PackageNotFoundError:
        return "0+unknown"
