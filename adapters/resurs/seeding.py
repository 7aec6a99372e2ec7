"""Puts payments into a tenant without a booking, and shows the payments that it has (ADR-73)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Final

from adapters.resurs import errors
from adapters.resurs.auth import Accounts, Representative
from adapters.resurs.errors import Fault
from adapters.resurs.operation import DIALECT, Actor
from adapters.resurs.payments.commit import Change, Draw, commit
from adapters.resurs.payments.index import payment_kind
from adapters.resurs.payments.model import Address, Customer, DiffType, Method, Payment
from adapters.resurs.payments.records import payment_key, payment_of
from adapters.resurs.payments.seed import CustomerSeed, PaymentSeed, method_of, seed_problem, seeded_payment
from adapters.resurs.payments.status import statuses_of, sums_of
from adapters.resurs.settings import Binding, Settings
from adapters.resurs.shop import PaymentMethod, Registered
from adapters.resurs.shopflow.checks import limit_of
from adapters.resurs.shopflow.cost import description_of
from adapters.resurs.shopflow.outcome import manual_control
from adapters.resurs.shopflow.persons import without_century
from adapters.resurs.shopflow.register import address_of, persona_of, registered
from adapters.resurs.texts import filled
from gateway.core.record_commands import GetRecords, RecordCursor, SearchRecords
from gateway.core.records import Record, RecordId, RecordKey
from gateway.core.values import Origin, TenantId
from gateway.core.work import ScheduleWork
from gateway.spi.adapter import Context
from gateway.spi.seeding import Seeded, SeededPage, SeedError

_NUMBERS: Final = ("invoice_id", "credit_note_id")
_ADDRESS: Final = [each.name for each in fields(Address)]
_ANYBODY: Final = Registered(
    full_name="Prov Testsson",
    first_name="Prov",
    last_name="Testsson",
    address_row1="Provgatan 1",
    postal_area="Provstad",
    postal_code="12345",
)
"""The name and address of a customer of whom nothing is said. Made up."""


class Seeding:
    """Does what a `Seeder` does, for payments."""

    def __init__(self, context: Context[Settings, Binding], accounts: Accounts) -> None:
        self._context = context
        self._accounts = accounts

    def _binding(self, tenant: TenantId) -> Binding:
        """The tenant's section. Raises SeedError when the dialect does not serve the tenant."""
        for bound in self._context.bindings:
            if bound.tenant == tenant:
                return bound.binding
        raise SeedError(0, "", "the tenant has no account of the dialect")

    async def begin(self, tenant: TenantId, by: Origin) -> None:
        """Make the payments of the tenant's section that are not there."""
        binding = self._binding(tenant)
        seeds, names = binding.payments, binding.usernames
        keys = tuple(payment_key(tenant, seed.account or names[0], seed.id or "") for seed in seeds)
        there = await self._there(tenant, keys)
        for index, (key, seed) in enumerate(zip(keys, seeds, strict=True)):
            if key not in there:
                await self._begin_one(tenant, index, seed, by)

    async def _begin_one(self, tenant: TenantId, index: int, seed: PaymentSeed, by: Origin) -> None:
        try:
            await self._make(tenant, index, seed, by)
        except SeedError as error:
            if error.field != "id":  # else another process has made it at this moment
                raise

    async def seed(self, tenant: TenantId, items: Sequence[PaymentSeed], by: Origin) -> list[Seeded]:
        """Make payments, one after the other. Raises SeedError."""
        return [shown(await self._make(tenant, index, seed, by)) for index, seed in enumerate(items)]

    async def seeded(self, tenant: TenantId, after: str, limit: int) -> SeededPage:
        """Payments by account and id. after: the account and the id where the page before ended."""
        names, items, end = self._binding(tenant).usernames, list[Seeded](), after
        account, _, last = after.partition(":")
        for name in names[names.index(account) if account in names else 0 :]:
            kind, room = payment_kind(name), limit - len(items)
            cursor = RecordCursor("", RecordId(last)) if name == account and last else None
            found = await self._context.service.read(SearchRecords(tenant, kind, after=cursor, limit=max(room, 1)))
            if found.records and not room:
                return SeededPage(items, end)
            items += [shown(payment_of(record)) for record in found.records]
            end = f"{name}:{found.end.id}" if found.end is not None else f"{name}:"
            if found.more:
                return SeededPage(items, end)
        return SeededPage(items)

    async def find(self, tenant: TenantId, payment_id: str) -> Seeded | None:
        """The payment of this id, of the first account that has one."""
        keys = tuple(payment_key(tenant, name, payment_id) for name in self._binding(tenant).usernames)
        there = await self._there(tenant, keys)
        return next((shown(payment_of(there[key])) for key in keys if key in there), None)

    async def _there(self, tenant: TenantId, keys: tuple[RecordKey, ...]) -> dict[RecordKey, Record]:
        return (await self._context.service.read(GetRecords(tenant, keys))).records if keys else {}

    async def _make(self, tenant: TenantId, index: int, seed: PaymentSeed, by: Origin) -> Payment:
        binding = self._binding(tenant)
        problem = seed_problem(seed, binding.usernames, binding.methods)
        if problem is not None:
            raise SeedError(index, *problem)
        who = self._accounts.named(seed.account or binding.usernames[0])
        method = method_of(seed, binding.methods)
        if who is None or method is None:
            raise SeedError(index, "", "the configuration was changed meanwhile")
        actor = Actor(self._context, who, by)
        change = _change(actor, seed, method)
        try:
            return await commit(actor, change)
        except Fault as fault:
            raise SeedError(index, *_reason(fault, seed)) from fault


def _change(actor: Actor, seed: PaymentSeed, own: PaymentMethod) -> Change:
    """The payment as one change, whatever its state: it is there as a whole, or not at all."""
    method = Method(own.id, description_of(own, actor.who.language), own.type, own.specific_type)
    at = actor.now() if seed.booked is None else seed.booked.astimezone(dt.UTC)
    kind = seed.customer.type or own.customer_types[0]
    government_id = seed.customer.government_id or _somebody(actor.who, kind)
    customer = _customer(actor.who, seed.customer, kind, government_id)
    limit = limit_of(own, seed.spec().total_amount)
    payment = seeded_payment(seed, method, actor.account, customer, limit, at)
    if seed.id is None:
        payment = replace(payment, id=str(uuid.uuid4()))
    draws = _draws(payment, seed, credit_notes_draw=actor.settings.credit_notes_draw)
    last = draws.pop(len(payment.diffs) - 1, None)
    work = manual_control(payment, persona_of(actor.who, government_id), actor.now()) if payment.frozen else ()
    # Work is done by the dialect that has scheduled it, and that is not the admin port.
    ours = replace(actor.by, dialect=DIALECT)
    beside = (ScheduleWork(actor.tenant, work, ours),) if work else ()
    return Change(payment, draw=last, earlier_draws=draws, silent=True, beside=beside)


def _somebody(who: Representative, kind: str) -> str | None:
    """Somebody of the account's country in the address book; None when there is nobody."""
    book = who.binding.address_book
    return next((own for own, entry in book.items() if (entry.type, entry.country) == (kind, who.country)), None)


def _customer(who: Representative, seed: CustomerSeed, kind: str, government_id: str | None) -> Customer:
    entry = registered(who, government_id) or _ANYBODY
    known = replace(address_of(entry), country=who.country if entry is _ANYBODY else entry.country)
    given = {name: getattr(seed, name) for name in _ADDRESS if getattr(seed, name) is not None}
    own = None if government_id is None else without_century(government_id, who.country)
    return Customer(replace(known, **given), own, seed.phone, seed.email, kind)


def _draws(payment: Payment, seed: PaymentSeed, *, credit_notes_draw: bool) -> dict[int, Draw]:
    """What takes a number, by the place of the diff. Source: P-60, P-61, P-69."""
    if not payment.method.invoices:
        return {}
    chosen = {DiffType.DEBIT: seed.invoice_id, DiffType.CREDIT: seed.credit_note_id}
    return {
        place: Draw(chosen[diff.type])
        for place, diff in enumerate(payment.diffs)
        if diff.type is DiffType.DEBIT
        or (diff.type is DiffType.CREDIT and (credit_notes_draw or seed.credit_note_id is not None))
    }


def _reason(fault: Fault, seed: PaymentSeed) -> tuple[str, str]:
    """The field that is wrong, and why."""
    if fault.business is errors.PAYMENT_EXISTS:
        return "id", "the account has a payment of this id"
    if fault.business is errors.NUMBER_USED:
        used = fault.facts["id"]
        given = next((name for name in _NUMBERS if getattr(seed, name) == used), None)
        if given is None:
            return "", f"the sequence stands at {used}, which is used"
        return given, "the number is used"
    return "", filled(fault.business.text, fault.facts)


def shown(payment: Payment) -> Seeded:
    """A payment for people and tests.

    amount: its present total. numbers: of its diffs, oldest first.
    """
    sums = sums_of(payment)
    return {
        "id": payment.id,
        "account": payment.account,
        "method": payment.method.id,
        "amount": str(sums.total),
        "debitable": str(sums.debitable),
        "creditable": str(sums.creditable),
        "limit": str(payment.limit),
        "status": [status.value for status in statuses_of(payment)],
        "frozen": payment.frozen,
        "booked": payment.booked.isoformat(timespec="seconds"),
        "finalized": payment.finalized.isoformat(timespec="seconds") if payment.finalized else None,
        "government_id": payment.customer.government_id,
        "metadata": dict(payment.meta_data),
        "diffs": [
            {
                "type": diff.type.value,
                "amount": str(diff.spec.total_amount),
                "created": diff.created.isoformat(timespec="seconds"),
                "number": diff.invoice_id,
                "document": diff.document or None,
            }
            for diff in payment.diffs
        ],
    }
