"""Customers that the admin port of a gateway makes for each case, exactly as the case needs them.

Their credentials are those of the cases, unless somebody else has these; then they are others of the same form. The dialect's
settings are changed to what each case needs, and restored in the end. The admin port shows the whole state afterwards.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.config.model import TenantSection
from gateway.conformance.customers import Place
from gateway.conformance.endpoint import Endpoint
from gateway.conformance.requirements import NotApplicable
from gateway.conformance.substitution import Replacement, like
from gateway.testing.client import Admin, AdminError, NoGatewayError
from gateway.testing.client.admin import segment
from gateway.testing.golden import CaseError, GoldenCase
from gateway.testing.harness import Kit
from gateway.testing.line_state import AFFIXES, compare, table_of
from gateway.testing.profile import Reference

_SECRET: Final = re.compile("password|secret")
_ANYTHING: Final = {"allow_lower": True, "allow_clear": True, "allow_when_issued": True}


@dataclass(slots=True)
class MadeCustomers:
    """Makes customers on one gateway. Use `opened`."""

    kit: Kit
    url: str
    admin: Admin
    credentials: dict[str, str]
    _settings: dict[str, Any]
    _hidden: list[Endpoint] = field(default_factory=list)

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, kit: Kit, url: str, admin: Admin) -> AsyncIterator[MadeCustomers]:
        """Ask the gateway for its settings, and restore them in the end. Raises CaseError."""
        try:
            before = admin.get(f"/v1/settings/{kit.name}")["settings"]
        except (AdminError, NoGatewayError) as error:
            raise CaseError(f"--admin-url {admin.url}: {error}") from None
        customers = cls(kit, url, admin, _own_values(kit), dict(before))
        try:
            customers._choose_credentials()
            yield customers
        finally:
            customers._set(before)

    def in_order(self, cases: Sequence[GoldenCase]) -> Sequence[GoldenCase]:
        """The cases as they come: each has customers of its own."""
        return cases

    def refuse_unfit(self, case: GoldenCase) -> None:
        """Raises NotApplicable for a case whose settings the gateway does not take."""
        settings = _with_values(case.settings, self._replaced())
        wanted = self.kit.adapter.Settings.model_validate(settings).model_dump(mode="json")
        try:
            self._set(wanted)
        except AdminError as error:
            raise NotApplicable(f"needs other settings of the dialect, which the gateway refuses: {error}") from None

    def _set(self, wanted: Mapping[str, Any]) -> None:
        patch = patch_between(self._settings, wanted)
        if patch:
            self._settings = self.admin.patch(f"/v1/settings/{self.kit.name}", patch)["settings"]

    def _choose_credentials(self) -> None:
        """Use the credentials of the cases, unless somebody else has them. Only making customers shows that."""
        try:
            made = self._make()
        except AdminError as error:
            if error.name != "credentials-taken":
                raise CaseError(f"no customer can be made for the cases: {error}") from None
            self.credentials = _made_up(self.kit)
        else:
            self._delete(made)

    def _make(self) -> list[Mapping[str, Any]]:
        made: list[Mapping[str, Any]] = []
        try:
            made.extend(self.admin.post("/v1/tenants", self._body(own)) for own in self.kit.profile.tenants)
        except AdminError:
            self._delete(made)
            raise
        return made

    def _body(self, section: Mapping[str, Any]) -> dict[str, Any]:
        catalogue = self.kit.catalogue_of(TenantSection.model_validate(dict(section)))
        return {
            "id": f"conform-{secrets.token_hex(4)}",
            "series": list(section.get("series", ())),
            "dialects": {self.kit.name: _with_values(section[self.kit.name], self._replaced())},
            **({} if catalogue is None else {"catalogue": catalogue.model_dump(mode="json", exclude_none=True)}),
        }

    def _replaced(self) -> dict[str, str]:
        return {old: self.credentials[name] for name, old in _unique_values(self.kit).items()}

    def _delete(self, made: Sequence[Mapping[str, Any]]) -> None:
        for tenant in made:
            self.admin.delete(_path(tenant), {"purge": True})

    @contextlib.contextmanager
    def _customers(self) -> Iterator[Mapping[str, Any]]:
        try:
            made = self._make()
        except AdminError as error:
            raise NotApplicable(f"the gateway makes no customer: {error}") from None
        try:
            yield made[0]
        finally:
            self._delete(made)

    @contextlib.asynccontextmanager
    async def of(self, case: GoldenCase) -> AsyncIterator[Place]:
        """A new customer for the case."""
        with self._customers() as tenant:
            async with Endpoint(self.url, self.kit.profile, self.credentials) as endpoint:
                self._hidden = [endpoint]
                if self.kit.profile.counts_series(case) and tenant["series"][0]["id"] != 1:
                    raise NotApplicable("shows ids computed from that of the first series which the gateway ever had")
                for name, reference, new in self._series(tenant, case.given):
                    endpoint.stand_for(Replacement(name, reference, new, given=True))
                await self._issue(endpoint, case)
                self._arrange(tenant, case.given)
                endpoint.replacements.apply(case)

                async def check(_: Mapping[int, int]) -> list[str]:
                    return self._differences(tenant, case.state)

                yield Place(endpoint, check)

    def _series(self, tenant: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, Reference, str]]:
        """The ids of the customer's series, to replace those in the cases. Makes the series that are missing.

        In the cases, the ids count on from that of the first series.
        """
        ids = [str(own["id"]) for own in tenant["series"]]
        known = {own["key"] for own in tenant["series"]}
        for key in given:
            if key not in known:
                made = self.admin.post(f"{_path(tenant)}/series", {"key": key, "name": key})
                ids.append(str(made["id"]))
        for name, reference in self.kit.profile.references.items():
            if reference.series:
                for index, new in enumerate(ids):
                    old = str(int(reference.value) + index)
                    where = tuple(text.replace(reference.value, old, 1) for text in reference.where)
                    yield f"{name} {old}", Reference(old, where), new

    async def _issue(self, endpoint: Endpoint, case: GoldenCase) -> None:
        """Give numbers to documents over the vendor's wire: the admin port issues none."""
        count = sum(table_of(value).get("issued", 0) for value in case.given.values())
        line = self.kit.profile.line
        if count and (line is None or not line.issue or case.given.keys() != {line.series}):
            raise NotApplicable("needs documents with numbers, and this vendor's operations make none")
        if any("held" in table_of(value) for value in case.given.values()):
            raise NotApplicable("needs numbers held by claims, and no admin port claims any")
        for _ in range(count):
            await endpoint.ask_in_turn(line.issue if line else ())

    def _arrange(self, tenant: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        for key, value in given.items():
            path = f"{_path(tenant)}/series/{segment(key)}"
            table = table_of(value)
            table.pop("issued", None)
            affixes = {name: table.pop(name) for name in sorted(AFFIXES & table.keys())}
            if affixes:
                self.admin.patch(path, affixes)
            bounds = table.pop("bounds", None)
            if bounds is not None:
                first, last = bounds
                self.admin.put(f"{path}/counters/invoice/bounds", {"first": first, "last": last})
            for line, number in table.items():
                wanted = None if number == "unset" else number
                self.admin.put(f"{path}/counters/{segment(line)}", {"next_number": wanted, "policy": _ANYTHING})

    def _differences(self, tenant: Mapping[str, Any], state: Mapping[str, Any]) -> list[str]:
        """The differences between the series and what the case expects."""
        shown = list(self.admin.pages(f"{_path(tenant)}/series")) if state else []
        return compare({own[key]: own for key in ("key", "name") for own in shown}, _shown, state)

    def hidden(self, text: str) -> str:
        """Without the credentials and tokens of the case that was run last."""
        for endpoint in self._hidden:
            text = endpoint.hidden(text)
        return text


def _path(tenant: Mapping[str, Any]) -> str:
    return f"/v1/tenants/{segment(tenant['id'])}"


def _shown(view: Mapping[str, Any], name: str) -> Any:
    if name in AFFIXES or name == "default":
        return view[name]
    number = next((own["next_number"] for own in view["counters"] if own["kind"] == name), None)
    return "unset" if number is None else number


def _own_values(kit: Kit) -> dict[str, str]:
    return {name: reference.value for name, reference in kit.profile.credentials.items()}


def _unique_values(kit: Kit) -> dict[str, str]:
    """The credentials that identify a customer, if each stands for one thing alone.

    Secrets are left out, because two customers may have the same one. A value that stands for several things cannot be
    replaced safely, so it is left out, too.
    """
    values = _own_values(kit)
    often, used = Counter(values.values()), set(_texts(kit.profile.tenants))
    return {
        name: own
        for name, own in values.items()
        if often[own] == 1 and own.lower() in used and not _SECRET.search(name)
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.lower()
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for own in value:
            yield from _texts(own)


def _made_up(kit: Kit) -> dict[str, str]:
    """The credentials with new values for those that identify a customer."""
    return {**_own_values(kit), **{name: like(value) for name, value in _unique_values(kit).items()}}


def _with_values(value: Any, known: Mapping[str, str]) -> Any:
    """A section with its credentials replaced, in any letter case."""
    if isinstance(value, Mapping):
        return {key: _with_values(own, known) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [_with_values(own, known) for own in value]
    if isinstance(value, str):
        return next((new for old, new in known.items() if value.lower() == old.lower()), value)
    return value


def patch_between(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch (RFC 7396) that turns the present values into the wanted ones."""
    patch: dict[str, Any] = {name: None for name in present if name not in wanted}
    for name, value in wanted.items():
        old = present.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            inner = patch_between(old, value)
            patch |= {name: inner} if inner else {}
        elif value != old:
            patch[name] = value
    return patch
