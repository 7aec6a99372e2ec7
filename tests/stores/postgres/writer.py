"""A gateway's store in a process of its own, for tests that kill it: it issues numbers and prints each one once it is durable.

Arguments: the URL, a prefix for keys, how many keys, how many at a time. Each acknowledged number is a line `key number`.
"""

from __future__ import annotations

import asyncio
import sys

from gateway.core.ports import StoreUnavailableError
from gateway.stores import open_store
from gateway.stores.postgres import PostgresStore
from tests.stores.commands import number_for


async def run(url: str, prefix: str, count: int, clients: int) -> None:
    store = open_store(url)
    assert isinstance(store, PostgresStore)
    await store.start()
    keys = iter(range(count))

    async def client() -> None:
        for key in keys:
            name = f"{prefix}-{key}"
            while True:
                try:
                    number = await number_for(store, name)
                except StoreUnavailableError:
                    continue  # the key may be repeated, whether it has a number or not
                sys.stdout.write(f"{name} {number}\n")
                sys.stdout.flush()
                break

    await asyncio.gather(*(client() for _ in range(clients)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
