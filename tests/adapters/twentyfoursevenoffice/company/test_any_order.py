"""Any order of saves, changes, deletions and searches: a plain dictionary gives the same answers."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.testing.memory_store import HandClock
from schemas.twentyfoursevenoffice.company.types import CompanyType
from tests.adapters.twentyfoursevenoffice.company.desk import Company, Desk, errors, in_memory
from tests.long_form import short_or_long

pytestmark = pytest.mark.long_form

NAMES = ["Fjord AS", "FJORD og sønner", "Ås_Fisk", "Oslo Bud"]
EMAILS = ["a@x.example", "B@x.example", "c@x.example"]
IDS = st.sampled_from([1, 1, 1, 2, 2, 3, 9])


@dataclass
class Row:
    """A company as the dictionary has it."""

    values: dict[str, Any]
    registered: dt.datetime
    changed: dt.datetime
    deleted: bool = False


@dataclass
class Model:
    """What CompanyService is, without a store."""

    clock: HandClock
    rows: dict[int, Row] = field(default_factory=dict)
    last: int = 0

    def save(self, sent: dict[str, Any]) -> tuple[int, str]:
        """The id and the error of one company."""
        now, own = self.clock.moment, sent.get("id")
        values = {name: value for name, value in sent.items() if name != "id"}
        row = self.rows.get(own) if own else None
        if row is not None and not row.deleted:
            emails = {**row.values.get("email_addresses", {}), **values.get("email_addresses", {})}
            row.values |= {**values, "email_addresses": emails}
            row.changed = now
            return int(own or 0), ""
        for name in ("type", "name"):
            if name not in values:
                return int(own or 0), f"Property {name.capitalize()} is missing."
        own = own or self.last + 1
        self.last = max(self.last, own)
        self.rows[own] = Row(values, now, now)
        return own, ""

    def delete(self, own: int) -> bool:
        """Whether there was one."""
        row = self.rows.get(own)
        if row is None or row.deleted:
            return False
        row.deleted, row.changed = True, self.clock.moment
        return True

    def found(self, where: dict[str, Any]) -> list[int]:
        """The ids that meet every filter."""
        return [own for own, row in sorted(self.rows.items()) if not row.deleted and self._meets(own, row, where)]

    def _meets(self, own: int, row: Row, where: dict[str, Any]) -> bool:
        name = where.get("company_name", "%")
        pattern = name if "%" in name else f"%{name}%"
        regex = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern.casefold())
        email = where.get("company_email")
        return (
            own in where.get("company_ids", [own])
            and re.fullmatch(regex, row.values["name"].casefold()) is not None
            and (email is None or email.casefold() in {text.casefold() for text in emails_of(row.values)})
            and row.changed > where.get("changed_after", row.changed - dt.timedelta(1))
        )

    def listed(self, active: bool | None, after: dt.datetime | None) -> list[tuple[int, bool]]:
        """The sync list."""
        return [
            (own, not row.deleted)
            for own, row in sorted(self.rows.items())
            if (active is None or active is not row.deleted) and (after is None or row.changed > after)
        ]


def emails_of(values: dict[str, Any]) -> list[str]:
    return [part["value"] for part in values.get("email_addresses", {}).values()]


COMPANY = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS,
        "name": st.sampled_from(NAMES),
        "type": st.just(CompanyType.BUSINESS),
        "email_addresses": st.sampled_from(
            [{kind: {"value": text}} for kind in ("work", "invoice", "primary") for text in EMAILS]
        ),
        "note": st.sampled_from(["x", "y"]),
    },
)
WHERE = st.fixed_dictionaries(
    {},
    optional={
        "company_ids": st.lists(IDS, min_size=1, max_size=3),
        "company_name": st.sampled_from(["%", "fjord", "FJORD%", "%sønner", "s_f", "Ås_%", "nobody"]),
        "company_email": st.sampled_from([*EMAILS, "b@X.example", "d@x.example"]),
        "changed_after": st.integers(0, 40),
    },
).filter(bool)
COMPLETE = st.builds(lambda sent: {"name": "Fjord AS", "type": CompanyType.BUSINESS, **sent}, COMPANY)
STEPS = st.one_of(
    st.tuples(st.just("save"), st.lists(COMPLETE, min_size=1, max_size=4)),
    st.tuples(st.just("save"), st.lists(COMPANY, min_size=1, max_size=4)),
    st.tuples(st.just("delete"), st.lists(IDS, min_size=1, max_size=3, unique=True)),
    st.tuples(st.just("find"), WHERE),
    st.tuples(st.just("sync"), st.tuples(st.sampled_from([None, True, False]), st.none() | st.integers(0, 40))),
)


def moment(clock: HandClock, start: dt.datetime, seconds: int | None) -> dt.datetime | None:
    return None if seconds is None else start + dt.timedelta(seconds=seconds)


async def check(desk: Desk, steps: list[tuple[str, Any]]) -> None:
    """Every answer is the one of the dictionary; a step takes a second of the tenant's time."""
    model, start = Model(desk.clock), desk.clock.moment
    for kind, given_ in steps:
        desk.clock.forward(1)
        if kind == "save":
            saved = await desk.save(*(Company.model_validate(sent) for sent in given_))
            expected = [model.save(sent) for sent in given_]
            assert errors(saved) == [error for _, error in expected]
            assert [own.id for own in saved if own.api_exception is None] == [
                own for own, error in expected if not error
            ]
        elif kind == "delete":
            failed = await desk.delete(*given_)
            assert [own.id for own in failed] == [own for own in given_ if not model.delete(own)]
        elif kind == "find":
            where = dict(given_)
            if "changed_after" in where:
                where["changed_after"] = moment(desk.clock, start, where["changed_after"])
            assert await desk.found(**where) == model.found(where)
        else:
            active, seconds = given_
            after = moment(desk.clock, start, seconds)
            await check_list(desk, model.listed(active, after), active, after)
    for own in model.found({}):
        (shown,) = await desk.get("Note", "EmailAddresses", company_id=own)
        values = model.rows[own].values
        assert (shown.name, shown.note) == (values["name"], values.get("note", ""))


async def check_list(
    desk: Desk, expected: list[tuple[int, bool]], active: bool | None, after: dt.datetime | None
) -> None:
    """All pages together are the list."""
    asked: dict[str, Any] = {"active": active} | ({} if after is None else {"changed_after": after})
    size = desk.settings.sync_page_size
    found: list[tuple[int, bool]] = []
    for number in range(1, len(expected) // size + 3):
        page = await desk.sync(page=number, **asked)
        assert (page.total_items, page.total_pages) == (len(expected), -(-len(expected) // size))
        found += [(item.company_id, item.active) for item in page.items or () if item is not None]
    assert found == expected


@settings(max_examples=short_or_long(60, 3000))
@given(st.lists(STEPS, max_size=25))
def test_in_memory(steps: list[tuple[str, Any]]) -> None:
    asyncio.run(check(in_memory(sync_page_size=2), steps))
