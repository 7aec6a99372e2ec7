"""The section of the configuration that is about what goes out: where it may go, its bounds, and work that is due."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.config.process import Seconds, Section
from gateway.spi.destinations import read_destination

Destination = Annotated[str, AfterValidator(read_destination)]


class OutboundSection(Section):
    """What the gateway sends to other servers, such as callbacks, and work that is due later.

    allowed_hosts: where requests may go: host names, addresses and networks. ".example.com" stands for every name below
        example.com, localhost for the loopback addresses. A name must not have an address of this machine. Link-local
        addresses, those of a cloud's metadata and the admin port are refused in any case.
    connect_seconds: time for a connection.
    total_seconds: time for a whole request with its answer.
    max_request_bytes: size of a request's body.
    max_answer_bytes: size of an answer's body.
    max_connections: connections at the same time, for each list of allowed hosts.
    max_connections_per_host: of these, connections to one host and port.
    max_at_once: items of work that one process works on at the same time.
    max_of_tenant: of these, items of one tenant.
    attempt_seconds: time for one attempt at an item.
    lease_seconds: after so long without a sign of life of the process that works on an item, others may take it.
    kept_items: items that have ended and are kept for each tenant, so that lists still show them.
    """

    allowed_hosts: list[Destination] = Field(default_factory=lambda: ["localhost"])
    connect_seconds: Seconds = 10.0
    total_seconds: Seconds = 30.0
    max_request_bytes: Annotated[int, Field(ge=0, le=1 << 30)] = 16 * 1024 * 1024
    max_answer_bytes: Annotated[int, Field(ge=0, le=1 << 30)] = 1024 * 1024
    max_connections: Annotated[int, Field(ge=1, le=10_000)] = 100
    max_connections_per_host: Annotated[int, Field(ge=1, le=10_000)] = 20
    max_at_once: Annotated[int, Field(ge=1, le=10_000)] = 64
    max_of_tenant: Annotated[int, Field(ge=1, le=10_000)] = 16
    attempt_seconds: Seconds = 60.0
    lease_seconds: Annotated[float, Field(ge=3, le=3600)] = 30.0
    kept_items: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
