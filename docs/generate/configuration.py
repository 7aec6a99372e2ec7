"""The page of the configuration: every key that is no dialect's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from docs.generate.markdown import page
from docs.generate.settings import Schema, resolved, schema, section
from gateway.spi.registry import installed_adapters

_INTRO: Final = """\
One YAML file holds the configuration of a gateway. A flag counts more than an environment variable, that more than the
file, and that more than the default. `invoice-gateway check-config --config FILE` checks a file without starting anything:
it builds everything that `serve` builds, except sockets and what the stores hold, and names every problem with its line.
`invoice-gateway config schema` prints the JSON Schema of all this for editors. The [example
configuration](files/config-example.md) is complete and commented.

Every key that is in no list can be set by the environment: `INVOICE_GATEWAY_PORT`,
`INVOICE_GATEWAY_LIMITS__MAX_BODY_BYTES`. A secret can stand in a file (`<key>_file`) or in an environment variable
(`<key>_env`) instead. Unknown keys are refused. A word means itself (`country: NO`); quote secrets, and text that is made
of digits. A relative path in the file begins from the file's folder, one in a flag or the environment from the current
directory. A first number in `numbers` that is changed after the line has begun is not applied; the start warns with both
figures.

The settings of each dialect, and its section of a tenant, stand on the dialect's page:"""


def text() -> str:
    """The page."""
    names = sorted(installed_adapters())
    intro = f"{_INTRO} {', '.join(f'[{name}](dialects/{name}.md)' for name in names)}."
    whole = schema()
    return page(
        "Configuration",
        intro,
        ["## Top level", ""],
        section({**whole, "description": ""}, "", 1, frozenset({"dialects", "tenants"})),
        _dialects(whole, names),
        _tenants(whole, names),
    )


def _dialects(whole: Schema, names: list[str]) -> Iterator[str]:
    """How any dialect is served: all but its own settings."""
    found = whole["properties"]["dialects"]["properties"]
    if names:
        yield from section(found[names[0]], "dialects.<name>", 2, frozenset({"settings"}))


def _tenants(whole: Schema, names: list[str]) -> Iterator[str]:
    tenant = resolved(whole["properties"]["tenants"]["items"])
    yield from section(tenant, "tenants[]", 2, frozenset(names))
