"""A page for each installed dialect: its operations, addresses, hosts, settings, and a tenant's section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from docs.generate.markdown import code, page, prose, table
from docs.generate.settings import schema, section
from gateway.spi.adapter import Evidence
from gateway.spi.hosts import vendor_hosts
from gateway.testing.harness import Subject, subject_of

_BASE: Final = "http://HOST:7070"
_MARKS: Final = {
    Evidence.DOCUMENTED: "a page, WSDL or schema of the vendor says so",
    Evidence.RECORDED: "seen in an exchange with the vendor's system or its framework",
    Evidence.CLIENT_DERIVED: "a client program relies on it",
    Evidence.INFERRED: "a guess, and where more than one answer is plausible, a setting",
}


def text(name: str, facts: str) -> str:
    """The page of a dialect.

    facts: the link to the page with its facts and deliberate differences; "" when there is none.
    """
    subject = subject_of(name)
    served = sum(one.served for one in subject.bench().dialect.operations)
    intro = (
        f"`{name}` serves {served} of {len(subject.bench().dialect.operations)} operations. A declined operation is refused in"
        " the vendor's words."
    )
    if facts:
        intro += f" What is known of the vendor, and from where, stands in [facts and differences]({facts})."
    return page(
        subject.adapter.title,
        intro,
        _operations(subject),
        _addresses(subject),
        _settings(name),
    )


def _operations(subject: Subject) -> Iterator[str]:
    cases = Counter(subject.profile.operation_of(case) for case in subject.cases)
    yield from ["## Operations", ""]
    yield from [f"- **{mark.value}**: {_MARKS[mark]}" for mark in Evidence]
    yield ""
    rows = (
        (
            code(one.name),
            "served" if one.served else "declined",
            one.evidence.value,
            str(cases[one.name] or ""),
            prose(one.note),
        )
        for one in subject.bench().dialect.operations
    )
    yield from table(("Operation", "State", "Mark", "Golden cases", "Note"), rows)


def _addresses(subject: Subject) -> Iterator[str]:
    bench = subject.bench()
    found = {
        own.url: own for own in reversed(bench.dialect.endpoints(_BASE, bench.tenant))
    }  # the first account of each
    yield from ["## Addresses", "", f"As a client reaches them; `{_BASE}` stands for the gateway's address.", ""]
    rows = (
        (prose(own.title), code(own.url), code(own.wsdl_url or ""), ", ".join(map(code, own.credentials)))
        for own in reversed(found.values())
    )
    yield from table(("Service", "Address", "WSDL", "Credentials"), rows)
    hosts = list(vendor_hosts(subject.adapter, subject.adapter.Settings()))
    if hosts:
        yield f"Every request for these hosts is this dialect's, whatever its path: {', '.join(map(code, hosts))}."
        yield from ["A name that begins with a dot stands for every name below it.", ""]


def _settings(name: str) -> Iterator[str]:
    whole = schema()
    own = whole["properties"]["dialects"]["properties"][name]["properties"]["settings"]
    yield from ["## Settings", "", f"The section `dialects.{name}.settings` of the configuration.", ""]
    yield from section({**own, "description": ""}, f"dialects.{name}.settings", 3)
    tenant = whole["$defs"]["TenantSection"]["properties"][name]
    yield from [
        "## A tenant's section",
        "",
        f"The section `{name}` of a tenant holds the credentials of one customer.",
        "",
    ]
    yield from section(tenant, f"tenants[].{name}", 3)
