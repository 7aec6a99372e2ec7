"""One gateway for all clients of the dialect, and a tenant of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.testing.client.discovery import connect
from tests.processes import Running, serving


@dataclass(frozen=True)
class Shop:
    """What a client program is given.

    url: the address of the gateway.
    base: the address of the test system, with a slash at its end.
    user, password: of a Swedish account whose sequence is not set.
    """

    url: str
    base: str
    user: str
    password: str

    def words(self) -> tuple[str, str, str]:
        """The arguments of a client program."""
        return self.base, self.user, self.password


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway process with the example configuration."""
    with serving(tmp_path_factory.mktemp("clients")) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture
def shop(served: Running) -> Shop:
    """A tenant that nobody has used."""
    tenant = connect(served.admin_url, url=served.data_url).new_tenant()
    login = tenant.resurs.credentials
    return Shop(served.data_url, f"{served.data_url}/ecommerce-test/ws/V4/", login["username"], login["password"])
