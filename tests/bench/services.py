"""The requests of 24SevenOffice's services around InvoiceService, and the store that answers them: one with many customers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg

from gateway.stores import migrate_store
from tests.bench.bulk import PostgresTables, SqliteTables
from tests.bench.customers import add_records
from tests.bench.load import Request
from tests.bench.workloads import OFFICE, Workload, office_envelope, office_headers
from tests.pg import in_thread

CUSTOMERS: Final = 100_000
_COMPANY: Final = "/CRM/Company/V001/CompanyService.asmx"
_ACCOUNT: Final = "/Economy/Account/V004/Accountservice.asmx"
_FIELDS: Final = (
    "OrganizationNumber",
    "Addresses",
    "PhoneNumbers",
    "EmailAddresses",
    "Type",
    "PaymentTime",
    "DateChanged",
)
_YEAR: Final = 2024


def prepare_customers(folder: Path, store: str, count: int) -> None:
    """Fill the store that `gateway_server(folder, store)` opens. No gateway may have it open."""
    folder.mkdir(parents=True, exist_ok=True)
    migrate_store(store or f"sqlite:///{folder / 'bench.db'}")
    if store:
        in_thread(_on_postgres(store, count))
        return
    tables = SqliteTables(folder / "bench.db")
    asyncio.run(add_records(tables, count))
    tables.close()


async def _on_postgres(store: str, count: int) -> None:
    connection = await asyncpg.connect(store)
    await add_records(PostgresTables(connection), count)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _call(address: str, path: str, operation: str, content: str, start: int = 1) -> Request:
    body = office_envelope(f'<{operation} xmlns="{OFFICE}">{content}</{operation}>')
    return Request(path, "POST", office_headers(address, operation), body, start=start)


def get_companies(address: str, numbers: Sequence[int] = (4711,)) -> Request:
    """GetCompanies by ids, with the properties that clients ask for."""
    ids = "".join(f"<int>{number}</int>" for number in numbers)
    fields = "".join(f"<string>{name}</string>" for name in _FIELDS)
    content = (
        f"<searchParams><CompanyIds>{ids}</CompanyIds></searchParams><returnProperties>{fields}</returnProperties>"
    )
    return _call(address, _COMPANY, "GetCompanies", content)


def get_companies_1000(address: str) -> Request:
    """GetCompanies of a page of the synchronisation list."""
    return get_companies(address, range(1, 1001))


def save_companies(address: str, companies: int = 1) -> Request:
    """SaveCompanies of new customers."""
    mail = "<EmailAddresses><Invoice><Value>c{n}@example.net</Value></Invoice></EmailAddresses>"
    one = f"<Company><Name>New {{n}} AS</Name>{mail}<Type>Business</Type></Company>"
    return _call(address, _COMPANY, "SaveCompanies", f"<companies>{one * companies}</companies>")


def save_companies_100(address: str) -> Request:
    """SaveCompanies of 100 new customers."""
    return save_companies(address, 100)


def get_entry_id(address: str) -> Request:
    """GetEntryId: each call hands out the next voucher number of series 1."""
    content = f"<argEntryId><Date>{_YEAR}-03-15T00:00:00</Date><SortNo>1</SortNo><EntryNo>0</EntryNo></argEntryId>"
    return _call(address, _ACCOUNT, "GetEntryId", content)


def save_bundle_list(address: str, vouchers: int = 100) -> Request:
    """SaveBundleList of vouchers of two lines each, straight into the ledger, with numbers of series 2 that grow."""
    content = "".join(map(_voucher, range(vouchers)))
    bundle = f"<Bundle><YearId>{_YEAR}</YearId><Vouchers>{content}</Vouchers><Sort>4</Sort></Bundle>"
    wrapped = f"<BundleList><Bundles>{bundle}</Bundles><SaveOption>0</SaveOption></BundleList>"
    return _call(address, _ACCOUNT, "SaveBundleList", wrapped)


def _voucher(place: int) -> str:
    """Its number ends with two digits of its own, so the numbers of all requests are one row."""
    lines = "".join(
        f"<Entry><AccountNo>{account}</AccountNo><Date>{_YEAR}-03-15T00:00:00</Date><Amount>{amount}</Amount>"
        "<Comment>Purregebyr</Comment></Entry>"
        for account, amount in ((1500, "70.00"), (3900, "-70.00"))
    )
    return f"<Voucher><TransactionNo>{{n}}{place:02}</TransactionNo><Entries>{lines}</Entries><Sort>4</Sort></Voucher>"


GET_COMPANIES: Final = Workload("24SevenOffice GetCompanies, 1 customer", get_companies)
GET_COMPANIES_1000: Final = Workload("24SevenOffice GetCompanies, 1,000 customers", get_companies_1000)
SAVE_COMPANIES: Final = Workload("24SevenOffice SaveCompanies, 1 new", save_companies, writes=True)
SAVE_COMPANIES_100: Final = Workload("24SevenOffice SaveCompanies, 100 new", save_companies_100, writes=True)
GET_ENTRY_ID: Final = Workload("24SevenOffice GetEntryId", get_entry_id, writes=True)
SAVE_BUNDLE_LIST: Final = Workload("24SevenOffice SaveBundleList, 100 vouchers", save_bundle_list, writes=True)
SMALL: Final = (GET_COMPANIES, SAVE_COMPANIES, GET_ENTRY_ID)
"""Requests for one item."""
LARGE: Final = (GET_COMPANIES_1000, SAVE_COMPANIES_100, SAVE_BUNDLE_LIST)
"""Requests for many items."""
