"""Stores on real files."""

from __future__ import annotations

from tests.stores.conftest import make_store, store_path

__all__ = ["make_store", "store_path"]
