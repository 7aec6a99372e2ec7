"""The lines of vouchers and stamps that 24SevenOffice makes: in lists, ledger, gaps, journal and faults, as every line is."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final

import pytest

from gateway.testing.client import AdminError, Gateway, Tenant, start_server

NAMESPACE: Final = "http://24sevenOffice.com/webservices"
ACCOUNTING: Final = "http://24sevenoffice.com/webservices/economy/accounting/"
VOUCHERS: Final = "voucher-1-2024"
CATALOGUE: Final = {
    "accounts": [{"id": 1, "number": 1920, "name": "Bank"}, {"id": 2, "number": 3900, "name": "Gebyr"}],
    "fiscal_years": [{"id": 2024, "start": "2024-01-01", "end": "2025-01-01"}],
}


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with start_server() as gateway:
        yield gateway


@pytest.fixture
def tenant(gateway: Gateway) -> Iterator[Tenant]:
    with gateway.tenant(catalogue=CATALOGUE) as tenant:
        yield tenant


class Books:
    """A client that is logged in."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._session = ""
        given = tenant.twentyfoursevenoffice.credentials
        credential = (
            f"<credential><ApplicationId>{given['application_id']}</ApplicationId><Username>{given['username']}</Username>"
            f"<Password>{given['password']}</Password></credential>"
        )
        (self._session,) = self.call("Authenticate", "Login", credential, "LoginResult")

    def call(self, service: str, operation: str, inner: str, wanted: str) -> list[str]:
        """The texts of all elements of a name in the answer."""
        namespace = ACCOUNTING if service == "AttachmentService" else NAMESPACE
        body = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<{operation} xmlns="{namespace}">{inner}</{operation}></s:Body></s:Envelope>'
        )
        headers = {"Content-Type": "text/xml; charset=utf-8", "Cookie": f"ASP.NET_SessionId={self._session}"}
        url = self._tenant.twentyfoursevenoffice.service(service)["url"]
        with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers), timeout=60) as answer:
            return re.findall(f"<{wanted}>([^<]*)</{wanted}>", answer.read().decode())

    def number(self, year: int = 2024) -> int:
        """GetEntryId of series 1."""
        inner = f"<argEntryId><Date>{year}-03-15T00:00:00</Date><SortNo>1</SortNo><EntryNo>0</EntryNo></argEntryId>"
        (found,) = self.call("AccountService", "GetEntryId", inner, "EntryNo")
        return int(found)

    def book(self, *numbers: int) -> list[str]:
        """One bundle of vouchers with these numbers; returns the answer's type."""
        entries = "".join(
            f"<Entry><AccountNo>{account}</AccountNo><Date>2024-03-15T00:00:00</Date><Amount>{amount}</Amount></Entry>"
            for account, amount in ((1920, "70.00"), (3900, "-70.00"))
        )
        vouchers = "".join(
            f"<Voucher><TransactionNo>{number}</TransactionNo><Entries>{entries}</Entries><Sort>2</Sort></Voucher>"
            for number in numbers
        )
        bundle = f"<Bundle><YearId>2024</YearId><Vouchers>{vouchers}</Vouchers><Sort>2</Sort></Bundle>"
        inner = f"<BundleList><Bundles>{bundle}</Bundles><SaveOption>0</SaveOption></BundleList>"
        return self.call("AccountService", "SaveBundleList", inner, "Type")

    def receipt(self) -> int:
        """A file with the next stamp number, which is returned."""
        (stamp,) = self.call("AttachmentService", "GetStampNo", "", "GetStampNoResult")
        (file,) = self.call("AttachmentService", "Create", "<type>Png</type>", "Id")
        known = f"<Id>{file}</Id><Type>Png</Type><StampNo>0</StampNo>"
        self.call(
            "AttachmentService", "AppendChunk", f"<file>{known}</file><buffer>AAAA</buffer><offset>0</offset>", "x"
        )
        stamped = f"<ImageFrameInfo><Id>1</Id><StampNo>{stamp}</StampNo><Status>0</Status></ImageFrameInfo>"
        frame = f"<FrameInfo>{stamped}</FrameInfo>"
        self.call("AttachmentService", "Save", f"<file>{known}{frame}</file><location>Journal</location>", "x")
        return int(stamp)


def shown(tenant: Tenant) -> dict[str, dict[str, int | None]]:
    """Every series of the tenant with its lines and their next numbers."""
    found = tenant.admin.pages(f"/v1/tenants/{tenant.id}/series")
    return {each["key"]: {line["line"]: line["next_number"] for line in each["counters"]} for each in found}


def test_vouchers_that_are_all_booked_leave_no_hole(tenant: Tenant) -> None:
    books = Books(tenant)
    numbers = [books.number() for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert books.book(*numbers) == ["Ok"]
    tenant.assert_gapless(series=VOUCHERS, line="voucher")
    tenant.assert_next(4, series=VOUCHERS, line="voucher")
    assert shown(tenant)[VOUCHERS] == {"voucher": 4}
    moves = tenant.ledger(VOUCHERS, "voucher")
    assert {entry["dialect"] for entry in moves} == {"twentyfoursevenoffice"}
    tenant.assert_gapless()  # the invoices' line is another one


def test_a_number_that_was_handed_out_and_never_booked_is_a_named_hole(tenant: Tenant) -> None:
    books = Books(tenant)
    assert [books.number(), books.number()] == [1, 2]
    assert books.book(2) == ["Ok"]
    with pytest.raises(AssertionError, match=r"number 1 is missing \(voucher: reserved\)"):
        tenant.assert_gapless(series=VOUCHERS, line="voucher")
    tenant.assert_gapless(series=VOUCHERS, line="voucher", allow=["reserved"])
    assert books.book(1) == ["Ok"]
    tenant.assert_gapless(series=VOUCHERS, line="voucher")


def test_years_are_lines_of_their_own(tenant: Tenant) -> None:
    books = Books(tenant)
    assert (books.number(), books.number(2091)) == (1, -1)
    assert set(shown(tenant)) == {"main", VOUCHERS}


def test_stamps(tenant: Tenant) -> None:
    books = Books(tenant)
    assert [books.receipt(), books.receipt()] == [1, 2]
    tenant.assert_gapless(series="stamp", line="stamp")
    tenant.assert_next(3, series="stamp", line="stamp")
    assert shown(tenant)["stamp"] == {"stamp": 3}


def test_the_journal_shows_what_was_handed_out(tenant: Tenant) -> None:
    books = Books(tenant)
    books.number()
    books.receipt()
    (entry,) = tenant.requests.find(operation="GetEntryId")
    assert (entry.number, entry.dialect) == (1, "twentyfoursevenoffice")
    (saved,) = tenant.requests.find(operation="Save")
    assert saved.number == 1


def test_an_answer_that_is_lost_leaves_a_named_hole(tenant: Tenant) -> None:
    books = Books(tenant)
    with tenant.fault("lost_reply", operation="GetEntryId", nth=1) as fault:
        with pytest.raises((ConnectionError, urllib.error.URLError)):
            books.number()
        assert fault.hits == 1
    assert books.number() == 2
    assert books.book(2) == ["Ok"]
    with pytest.raises(AssertionError, match=r"number 1 is missing \(voucher: reserved\)"):
        tenant.assert_gapless(series=VOUCHERS, line="voucher")


def test_a_save_whose_answer_is_lost_is_found_again(tenant: Tenant) -> None:
    books = Books(tenant)
    number = books.number()
    with tenant.fault("lost_reply", operation="SaveBundleList", nth=1), pytest.raises(OSError):
        books.book(number)
    assert books.book(number) == ["DataAlreadySaved"]
    tenant.assert_gapless(series=VOUCHERS, line="voucher")


def test_the_admin_port_may_set_a_line_that_a_dialect_owns(tenant: Tenant) -> None:
    """The dialect goes on from there, and what was passed over has a name."""
    books = Books(tenant)
    books.number()
    tenant.set_next(100, series=VOUCHERS, line="voucher")
    assert books.number() == 100
    with pytest.raises(AssertionError, match=r"numbers 2 to 99 are missing \(voucher: set\)"):
        tenant.assert_gapless(series=VOUCHERS, line="voucher", allow=["reserved"])


def test_a_snapshot_brings_the_lines_back(tenant: Tenant) -> None:
    books = Books(tenant)
    books.number()
    tenant.snapshot("before")
    assert books.number() == 2
    tenant.restore("before")
    assert Books(tenant).number() == 2


def test_a_reset_tenant_begins_with_its_first_numbers(tenant: Tenant) -> None:
    books = Books(tenant)
    assert (books.number(), books.receipt()) == (1, 1)
    tenant.reset()
    with pytest.raises(AdminError, match="series-unknown"):
        tenant.next_number(VOUCHERS, "voucher")
    books = Books(tenant)
    assert (books.number(), books.receipt()) == (1, 1)
