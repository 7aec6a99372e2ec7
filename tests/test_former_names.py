"""Modules under their other names: those of version 0.1, and those of the wheel in a checkout.

`tests/packaging` has the same for the wheel: there the names of a checkout are the other ones.
"""

from __future__ import annotations

import importlib

import pytest

import gateway
from gateway import FORMER_NAMES, present_name

FORMER = sorted(FORMER_NAMES.items())


@pytest.mark.parametrize("package", ["gateway", "invoice_gateway"])
@pytest.mark.parametrize(("former", "present"), FORMER)
def test_a_former_name_gives_the_module_itself(package: str, former: str, present: str) -> None:
    module = importlib.import_module(f"{package}.{former}")
    assert module is importlib.import_module(f"gateway.{present}")
    assert module.__spec__ is not None
    assert module.__spec__.name == module.__name__ == f"gateway.{present}"


@pytest.mark.parametrize(
    ("name", "present"),
    [
        ("invoice_gateway.spi.adapter", "gateway.spi.adapter"),
        ("invoice_gateway.testing.adapter_suite", "gateway.testing.adapter_suite"),
        ("invoice_gateway.adapters.resurs.routes", "adapters.resurs.routes"),
        ("invoice_gateway.schemas.resurs.messages", "schemas.resurs.messages"),
    ],
)
def test_a_name_of_the_wheel_gives_the_module_itself(name: str, present: str) -> None:
    assert present_name(name) == present
    assert importlib.import_module(name) is importlib.import_module(present)


def test_a_package_has_all_it_has_under_both_names() -> None:
    package = importlib.import_module("invoice_gateway.adapters.resurs")
    present = importlib.import_module("adapters.resurs")
    assert (package.adapter, package.__file__) == (present.adapter, present.__file__)
    assert importlib.import_module("invoice_gateway").PACKAGE == gateway.PACKAGE == "gateway"
    with pytest.raises(AttributeError):
        package.no_such_thing


@pytest.mark.parametrize("name", ["gateway.wire.no_such_module", "invoice_gateway.wire.no_such_module"])
def test_any_other_missing_module_is_missing(name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(name)
